"""Risk of bias: the traffic light (study by domain) and the summary bars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

from medpol.evidence.appraisal import TOOLS, Tool
from medpol.evidence.plots.picture import INK, Picture, bare, canvas, text_width

# Colour never speaks alone: every level has its own sign.
LEVELS: Mapping[str, tuple[str, str, str]] = {
    "low": ("#3d9a5f", "+", "low"),
    "some_concerns": ("#f0c23b", "–", "some concerns"),
    "moderate": ("#f0c23b", "–", "moderate"),
    "high": ("#c7402d", "×", "high"),
    "serious": ("#d9702b", "!", "serious"),
    "critical": ("#8c1d18", "×", "critical"),
    "no_information": ("#9aa5ae", "?", "no information"),
}
DARK_SIGN = frozenset({"some_concerns", "moderate"})


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasRow:
    """One study's (or result's) judgements: a level per domain of the tool, and overall."""

    label: str
    levels: Mapping[str, str]
    overall: str


def _columns(tool: Tool) -> list[tuple[str, str]]:
    return [(f"D{at}", name) for at, name in enumerate(TOOLS[tool][0].values(), start=1)]


def _check(rows: Sequence[BiasRow], tool: Tool) -> None:
    domains, order = TOOLS[tool]
    if not rows:
        raise ValueError("no risk-of-bias judgement to show")
    for row in rows:
        wrong = [d for d in domains if row.levels.get(d) not in (*order, "no_information")]
        if wrong or row.overall not in (*order, "no_information"):
            raise ValueError(f"'{row.label}' lacks a valid judgement for: {', '.join(wrong) or 'overall'}")


def traffic_light(rows: Sequence[BiasRow], *, tool: Tool = "rob2", title: str = "Risk of bias") -> Picture:
    """A row per study, a light per domain, the overall judgement apart. Raises ValueError for missing levels."""
    _check(rows, tool)
    domains, order = TOOLS[tool]
    columns = _columns(tool)
    with canvas(6, 4) as figure:
        names = text_width(figure, [row.label for row in rows]) + 0.35
        legend = [f"{code}  {name}" for code, name in columns]
        step = 0.46
        width = max(names + step * (len(columns) + 1.5) + 0.3, text_width(figure, [title], size=11, bold=True) + 0.6)
        width = max(width, text_width(figure, legend) + 2.1)
        top, foot = 0.85, 0.35 + 0.19 * max(len(legend), len(order) + 1)
        height = top + step * len(rows) + foot
        figure.set_size_inches(width, height)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, width), ylim=(height, 0))
        bare(axes)
        axes.text(0.15, 0.14, title, fontsize=11, fontweight="bold", va="top")
        places = [names + step * (at + 0.5) for at in range(len(columns))] + [names + step * (len(columns) + 1)]
        for x, head in zip(places, [*(code for code, _ in columns), "Overall"], strict=True):
            axes.text(x, top - 0.13, head, ha="center", va="center", fontweight="bold")
        for at, row in enumerate(rows):
            y = top + step * (at + 0.5)
            if at % 2 == 0:
                axes.add_patch(Rectangle((0.1, y - step / 2), width - 0.2, step, facecolor="#f4f6f8", lw=0))
            axes.text(0.18, y, row.label, va="center")
            for x, level in zip(places, [*(row.levels[d] for d in domains), row.overall], strict=True):
                _light(axes, x, y, level, 0.16)
        start = top + step * len(rows) + 0.3
        for at, text in enumerate(legend):
            axes.text(0.18, start + 0.19 * at, text, va="center", fontsize=8)
        for at, level in enumerate((*order, "no_information")):
            _light(axes, width - 1.45, start + 0.19 * at, level, 0.07)
            axes.text(width - 1.3, start + 0.19 * at, LEVELS[level][2], va="center", fontsize=8)
    header = ("study", *TOOLS[tool][0].values(), "overall")
    twin = tuple((row.label, *(LEVELS[row.levels[d]][2] for d in domains), LEVELS[row.overall][2]) for row in rows)
    return Picture(title, figure, header, twin)


def _light(axes: Axes, x: float, y: float, level: str, radius: float) -> None:
    colour, sign, _ = LEVELS[level]
    axes.add_patch(Circle((x, y), radius, facecolor=colour, edgecolor=INK, lw=0.5))
    axes.text(
        x,
        y,
        sign,
        ha="center",
        va="center_baseline",
        fontsize=62 * radius,
        fontweight="bold",
        color="white" if level not in DARK_SIGN else INK,
    )


def bias_summary(
    rows: Sequence[BiasRow],
    *,
    tool: Tool = "rob2",
    weights: Sequence[float] | None = None,
    title: str = "Risk of bias, summary",
) -> Picture:
    """The share of studies at each level per domain, in percent; `weights` (one per row) weigh the studies."""
    _check(rows, tool)
    domains, order = TOOLS[tool]
    shares = list(weights) if weights is not None else [1.0] * len(rows)
    if len(shares) != len(rows) or sum(shares) <= 0 or min(shares) < 0:
        raise ValueError("weights must be one per study, none negative, not all zero")
    levels = (*order, "no_information")
    bars = [(name, [row.levels[d] for row in rows]) for d, name in domains.items()]
    bars.append(("overall", [row.overall for row in rows]))
    percents = [
        [100 * sum(s for s, x in zip(shares, found, strict=True) if x == level) / sum(shares) for level in levels]
        for _, found in bars
    ]
    with canvas(7.4, 0.36 * len(bars) + 1.25) as figure:
        names = text_width(figure, [name for name, _ in bars], bold=True) + 0.4
        width, height = figure.get_size_inches()
        axes = figure.add_axes((names / width, 0.75 / height, 0.96 - names / width, 0.36 * len(bars) / height))
        for at, row in enumerate(percents):
            _bar(axes, at, levels, row)
        bare(axes, keep=("bottom",))
        axes.set(xlim=(0, 100), ylim=(len(bars) - 0.4, -0.6))
        axes.set_xticks([0, 25, 50, 75, 100], ["0%", "25%", "50%", "75%", "100%"])
        axes.set_yticks(range(len(bars)), [name for name, _ in bars])
        axes.get_yticklabels()[-1].set_fontweight("bold")
        axes.tick_params(axis="y", length=0)
        figure.text(0.02, 1 - 0.14 / height, title, fontsize=11, fontweight="bold", va="top")
        marks = [Rectangle((0, 0), 1, 1, color=LEVELS[level][0]) for level in levels]
        named = [LEVELS[level][2] for level in levels]
        figure.legend(marks, named, loc="lower center", ncols=len(levels), frameon=False, fontsize=8)
    twin = tuple((name, *(f"{p:.1f}" for p in row)) for (name, _), row in zip(bars, percents, strict=True))
    return Picture(title, figure, ("domain", *(f"{LEVELS[x][2]} %" for x in levels)), twin)


def _bar(axes: Axes, at: int, levels: Sequence[str], percents: Sequence[float]) -> None:
    start = 0.0
    for level, percent in zip(levels, percents, strict=True):
        axes.barh(at, percent, left=start, color=LEVELS[level][0], edgecolor="white", height=0.7)
        if percent >= 9:
            ink = INK if level in DARK_SIGN else "white"
            axes.text(start + percent / 2, at, f"{percent:.0f}%", ha="center", va="center", color=ink, fontsize=8)
        start += percent
