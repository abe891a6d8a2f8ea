"""Forest and cumulative forest plots."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.special import ndtri

from medpol.evidence.plots.picture import (
    BLUE,
    INK,
    PALE,
    RUST,
    SOFT,
    Picture,
    Transform,
    bare,
    canvas,
    number,
    text_width,
    transformed_ticks,
)

ROW = 0.27  # inches per line
PLOT = 3.4  # inches of the plotting column
GAP = 0.18


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestRow:
    """One study on the analysis scale (log for ratios). `columns` are texts such as `83/143`; `group` a subgroup."""

    label: str
    estimate: float
    low: float
    high: float
    weight_pct: float | None = None
    columns: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diamond:
    """A pooled effect on the analysis scale; `prediction` its interval for a new study; `note` heterogeneity."""

    label: str
    estimate: float
    low: float
    high: float
    prediction: tuple[float, float] | None = None
    note: str = ""


def rows_of(
    labels: Sequence[str],
    yi: Sequence[float],
    vi: Sequence[float],
    weights_pct: Sequence[float] | None = None,
    *,
    groups: Sequence[str] | None = None,
    columns: Sequence[tuple[str, ...]] | None = None,
    level: float = 0.95,
) -> list[ForestRow]:
    """Rows from effects and variances, with normal intervals."""
    z = float(ndtri((1 + level) / 2))
    return [
        ForestRow(
            label=label,
            estimate=float(y),
            low=float(y) - z * math.sqrt(v),
            high=float(y) + z * math.sqrt(v),
            weight_pct=None if weights_pct is None else float(weights_pct[at]),
            columns=() if columns is None else columns[at],
            group="" if groups is None else groups[at],
        )
        for at, (label, y, v) in enumerate(zip(labels, yi, vi, strict=True))
    ]


def forest(
    rows: Sequence[ForestRow],
    *,
    pooled: Diamond | None = None,
    subgroups: Mapping[str, Diamond] | None = None,
    title: str = "Forest plot",
    effect: str = "Effect",
    column_names: Sequence[str] = (),
    transform: Transform | None = None,
    null: float | None = 0.0,
    favours: tuple[str, str] | None = None,
    decimals: int = 2,
    level: float = 0.95,
) -> Picture:
    """Studies as squares sized by weight, pooled effects as diamonds, prediction intervals as bars.

    Values are on the analysis scale; `transform` (math.exp for ratios) turns them into what is printed and
    labelled; `level` only names the intervals. `null` is the line of no effect on the analysis scale.
    Raises ValueError without rows or for a value that is not finite.
    """
    if not rows:
        raise ValueError("a forest plot needs at least one study")
    for row in rows:
        if not all(map(math.isfinite, (row.estimate, row.low, row.high))):
            raise ValueError(f"'{row.label}' has no finite estimate and interval")
    lines = _lines(rows, pooled, subgroups or {})
    shown = transform or (lambda value: value)
    texts = [_texts(line, shown, decimals, len(column_names)) for line in lines]
    weighted = any(row.weight_pct is not None for row in rows)
    head = ("Study", *column_names, f"{effect} [{100 * level:g}% CI]", *(["Weight"] if weighted else []))
    cells = [t if weighted else t[:-1] for t in texts]
    with canvas(8, 4) as figure:
        axes = _layout(figure, [head, *cells], len(column_names), lines, title=title, foot=favours is not None)
        for at, line in enumerate(lines):
            _draw(axes, at, line, rows)
        _scale(axes, lines, transform=transform, null=null, effect=effect, favours=favours)
        if pooled is not None:
            axes.axvline(pooled.estimate, color=RUST, lw=0.7, ls=(0, (4, 3)), zorder=0)
    return Picture(title, figure, _twin_head(column_names, effect), _twin(lines, shown, len(column_names)))


Line = ForestRow | Diamond | str


def _lines(rows: Sequence[ForestRow], pooled: Diamond | None, subgroups: Mapping[str, Diamond]) -> list[Line]:
    lines: list[Line] = []
    groups = list(dict.fromkeys(row.group for row in rows))
    for group in groups:
        if group:
            lines.append(group)
        lines.extend(row for row in rows if row.group == group)
        if group in subgroups:
            lines.append(subgroups[group])
    if pooled is not None:
        lines.append(pooled)
    return lines


def _interval(line: ForestRow | Diamond, shown: Transform, decimals: int) -> str:
    value, low, high = (number(shown(x), decimals) for x in (line.estimate, line.low, line.high))
    return f"{value} [{low}, {high}]"


def _texts(line: Line, shown: Transform, decimals: int, columns: int) -> tuple[str, ...]:
    if isinstance(line, str):
        return (line, *[""] * columns, "", "")
    if isinstance(line, Diamond):
        return (line.label, *[""] * columns, _interval(line, shown, decimals), "")
    extra = (*line.columns, *[""] * columns)[:columns]
    weight = "" if line.weight_pct is None else f"{line.weight_pct:.1f}%"
    indent = "   " if line.group else ""
    return (indent + line.label, *extra, _interval(line, shown, decimals), weight)


def _layout(
    figure: Figure, table: Sequence[Sequence[str]], columns: int, lines: Sequence[Line], *, title: str, foot: bool
) -> Axes:
    """Size the figure, write every text, and return the plotting axes (y = line number, downwards)."""
    widths = [text_width(figure, [row[at] for row in table], bold=True) for at in range(len(table[0]))]
    left = sum(widths[: columns + 1]) + GAP * (columns + 1)
    right = sum(widths[columns + 1 :]) + GAP * (len(widths) - columns - 1)
    notes = [line.note for line in lines if isinstance(line, Diamond) and line.note]
    width = max(GAP + left + PLOT + GAP + right + GAP, text_width(figure, [title, *notes], size=11, bold=True) + 0.5)
    top, bottom = 0.72, (0.85 if foot else 0.6) + 0.19 * len(notes)
    height = top + ROW * len(lines) + bottom
    figure.set_size_inches(width, height)
    figure.text(GAP / width, 1 - 0.16 / height, title, fontsize=11, fontweight="bold", va="top")
    starts = _starts(widths, columns, width - GAP - right)
    for at, row in enumerate(table):
        y = 1 - (top - ROW / 2 if at == 0 else top + ROW * (at - 0.5)) / height
        heavy = at == 0 or not isinstance(lines[at - 1], ForestRow)
        for column, text in enumerate(row):
            x, align = starts[column]
            weight = "bold" if heavy else "normal"
            figure.text(x / width, y, text, ha=align, va="center", fontweight=weight)
    for at, note in enumerate(notes):
        figure.text(GAP / width, (0.1 + 0.19 * (len(notes) - 1 - at)) / height, note, fontsize=8, color=INK)
    box = ((GAP + left) / width, bottom / height, PLOT / width, ROW * len(lines) / height)
    axes = figure.add_axes(box)
    axes.set_ylim(len(lines) - 0.5, -0.5)
    bare(axes, keep=("bottom",))
    return axes


def _starts(widths: Sequence[float], columns: int, right: float) -> list[tuple[float, str]]:
    """Where each column is written: studies flush left, the others flush right."""
    starts: list[tuple[float, str]] = [(GAP, "left")]
    x = GAP + widths[0]
    for width in widths[1 : columns + 1]:
        x += GAP + width
        starts.append((x, "right"))
    x = right - GAP
    for width in widths[columns + 1 :]:
        x += GAP + width
        starts.append((x, "right"))
    return starts


def _draw(axes: Axes, y: int, line: Line, rows: Sequence[ForestRow]) -> None:
    if isinstance(line, str):
        return
    if isinstance(line, Diamond):
        if line.prediction is not None:
            axes.plot(line.prediction, [y, y], color=RUST, lw=2.2, alpha=0.45, solid_capstyle="butt", zorder=1)
        corners = [(line.low, y), (line.estimate, y - 0.3), (line.high, y), (line.estimate, y + 0.3)]
        axes.fill(*zip(*corners, strict=True), facecolor=RUST, edgecolor=RUST, lw=0.8, zorder=3)
        return
    most = max((row.weight_pct or 0 for row in rows), default=0)
    size = 26.0 if line.weight_pct is None or most == 0 else 8 + 92 * line.weight_pct / most
    axes.plot([line.low, line.high], [y, y], color=INK, lw=1.1, zorder=2)
    axes.scatter([line.estimate], [y], s=size, marker="s", color=BLUE, zorder=3, linewidths=0)


def _scale(
    axes: Axes,
    lines: Sequence[Line],
    *,
    transform: Transform | None,
    null: float | None,
    effect: str,
    favours: tuple[str, str] | None,
) -> None:
    """Limits, ticks, the line of no effect. Intervals far wider than the rest are cut and marked with arrows."""
    ends = [(x.low, x.high) for x in lines if not isinstance(x, str)]
    ends += [x.prediction for x in lines if isinstance(x, Diamond) and x.prediction is not None]
    centres = [x.estimate for x in lines if not isinstance(x, str)] + ([] if null is None else [null])
    spread = (max(centres) - min(centres)) or max(high - low for low, high in ends) or 1.0
    low = max(min(x for x, _ in ends), min(centres) - 1.5 * spread)
    high = min(max(x for _, x in ends), max(centres) + 1.5 * spread)
    low, high = min(low, *centres), max(high, *centres)
    pad = 0.04 * (high - low)
    axes.set_xlim(low - pad, high + pad)
    for y, line in enumerate(lines):
        if isinstance(line, ForestRow):
            _arrows(axes, y, line, low - pad, high + pad)
    if transform is not None:
        transformed_ticks(axes, transform)
    if null is not None:
        axes.axvline(null, color=SOFT, lw=1.1, zorder=1.5)
    axes.set_axisbelow(True)
    axes.grid(axis="x", color=PALE, lw=0.8)
    axes.set_xlabel(effect, fontsize=9)
    if favours is not None and null is not None:
        below = -0.52 / (ROW * len(lines))
        axes.text(0, below, f"← {favours[0]}", ha="left", va="top", fontsize=8, transform=axes.transAxes)
        axes.text(1, below, f"{favours[1]} →", ha="right", va="top", fontsize=8, transform=axes.transAxes)


def _arrows(axes: Axes, y: int, line: ForestRow, low: float, high: float) -> None:
    if line.low < low:
        axes.plot([low], [y], marker="<", color=INK, ms=5, clip_on=False, zorder=4)
    if line.high > high:
        axes.plot([high], [y], marker=">", color=INK, ms=5, clip_on=False, zorder=4)


def _twin_head(columns: Sequence[str], effect: str) -> tuple[str, ...]:
    return ("row", "kind", *columns, effect, "low", "high", "weight %", "prediction low", "prediction high")


def _twin(lines: Sequence[Line], shown: Transform, columns: int) -> tuple[tuple[str, ...], ...]:
    rows = []
    for line in lines:
        if isinstance(line, str):
            rows.append((line, "subgroup", *[""] * (columns + 6)))
            continue
        values = tuple(f"{shown(x):.6g}" for x in (line.estimate, line.low, line.high))
        if isinstance(line, Diamond):
            span = ("", "") if line.prediction is None else tuple(f"{shown(x):.6g}" for x in line.prediction)
            rows.append((line.label, "pooled", *[""] * columns, *values, "", *span))
            if line.note:
                rows.append((line.note, "note", *[""] * (columns + 6)))
        else:
            extra = (*line.columns, *[""] * columns)[:columns]
            weight = "" if line.weight_pct is None else f"{line.weight_pct:.2f}"
            rows.append((line.label, "study", *extra, *values, weight, "", ""))
    return tuple(rows)


def cumulative(steps: Sequence[ForestRow], *, title: str = "Cumulative meta-analysis", **options: object) -> Picture:
    """The pooled effect after each study, oldest first: a row per step (label: the study added), no weights.

    `options` as for `forest`.
    """
    plain = [
        ForestRow(label=f"+ {s.label}" if at else s.label, estimate=s.estimate, low=s.low, high=s.high)
        for at, s in enumerate(steps)
    ]
    return forest(plain, title=title, **options)  # type: ignore[arg-type]
