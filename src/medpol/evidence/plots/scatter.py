"""Pictures of a set of effects as points: funnel, Baujat, radial (Galbraith)."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from medpol.evidence.plots.picture import BLUE, INK, RUST, SOFT, Picture, Transform, canvas, number, transformed_ticks

Array = NDArray[np.float64]
# From p < .01 inwards: the shading of a contour-enhanced funnel (Peters et al. 2008, J Clin Epidemiol 61:991).
OUTSIDE = "#aebfcc"
CONTOURS = ((0.01, "#c9d6e0", ".01 < p ≤ .05"), (0.05, "#e0e8ee", ".05 < p ≤ .1"), (0.1, "#ffffff", "p > .1"))


def _arrays(labels: Sequence[str], *columns: ArrayLike) -> list[Array]:
    """Equal-length finite columns. Raises ValueError otherwise."""
    arrays = [np.asarray(column, dtype=np.float64) for column in columns]
    if not labels or any(a.shape != (len(labels),) for a in arrays):
        raise ValueError("every study needs a label and one value per column")
    if not all(np.isfinite(a).all() for a in arrays):
        raise ValueError("values must be finite")
    return arrays


def funnel(
    labels: Sequence[str],
    yi: ArrayLike,
    sei: ArrayLike,
    *,
    pooled: float,
    null: float = 0.0,
    filled: Sequence[tuple[float, float]] = (),
    title: str = "Funnel plot",
    effect: str = "Effect",
    transform: Transform | None = None,
) -> Picture:
    """Effect against standard error, with significance contours about `null` and the 95% funnel about `pooled`.

    `filled` are (effect, SE) of studies that trim-and-fill supposes missing. Analysis scale throughout;
    `transform` labels the axis.
    """
    y, se = _arrays(labels, yi, sei)
    if (se <= 0).any():
        raise ValueError("standard errors must be above 0")
    top = 1.08 * max([float(se.max()), *(s for _, s in filled)])
    reach = max(float(np.abs(y - null).max()), 1.96 * top, *(abs(v - null) for v, _ in filled), abs(pooled - null))
    low, high = null - 1.12 * reach, null + 1.12 * reach
    with canvas(6.8, 5.2) as figure:
        axes = figure.add_axes((0.11, 0.17, 0.85, 0.73))
        axes.set_facecolor(OUTSIDE)
        for p, colour, _ in CONTOURS:
            half = float(ndtri(1 - p / 2)) * top
            axes.fill([null, null - half, null + half], [0, top, top], facecolor=colour, lw=0, zorder=0)
        axes.plot([pooled, pooled], [0, top], color=RUST, lw=1, zorder=2)
        for sign in (-1, 1):
            axes.plot([pooled, pooled + sign * 1.96 * top], [0, top], color=RUST, lw=1, ls=(0, (4, 3)), zorder=2)
        axes.scatter(y, se, s=34, color=BLUE, edgecolor="white", lw=0.7, zorder=3)
        if filled:
            extra = np.asarray(filled)
            axes.scatter(extra[:, 0], extra[:, 1], s=34, facecolor="white", edgecolor=BLUE, zorder=3)
        axes.set(xlim=(low, high), ylim=(top, 0), xlabel=effect, ylabel="Standard error")
        if transform is not None:
            transformed_ticks(axes, transform)
        _significance_key(figure, bool(filled))
        figure.text(0.02, 0.975, title, fontsize=11, fontweight="bold", va="top")
    shown = transform or (lambda value: value)
    rows = [(name, f"{shown(v):.6g}", f"{s:.6g}", "study") for name, v, s in zip(labels, y, se, strict=True)]
    rows += [("supposed missing", f"{shown(v):.6g}", f"{s:.6g}", "filled") for v, s in filled]
    rows.append(("pooled", f"{shown(pooled):.6g}", "", "pooled"))
    return Picture(title, figure, ("row", effect, "standard error", "kind"), tuple(rows))


def _significance_key(figure: Figure, filled: bool) -> None:
    shades = [(OUTSIDE, "p ≤ .01"), *((colour, name) for _, colour, name in CONTOURS)]
    marks: list[Artist] = [Rectangle((0, 0), 1, 1, facecolor=colour, edgecolor=SOFT, lw=0.6) for colour, _ in shades]
    names = [name for _, name in shades]
    if filled:
        marks.append(Line2D([], [], marker="o", ls="", markerfacecolor="white", markeredgecolor=BLUE))
        names.append("supposed missing")
    figure.legend(marks, names, loc="lower center", ncols=len(names), frameon=False, fontsize=8)


def baujat_points(yi: ArrayLike, vi: ArrayLike, tau2: float = 0.0) -> tuple[Array, Array]:
    """Each study's share of Q, and how far (squared, standardized) the pooled effect moves without it.

    Baujat et al. 2002, Stat Med 21:2641. Weights 1/(vi + tau2), tau2 held when a study is left out.
    """
    y, v = np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64)
    if len(y) < 2:
        raise ValueError("a Baujat plot needs two studies")
    w = 1 / (v + tau2)
    mean = float(w @ y / w.sum())
    without = (w @ y - w * y) / (w.sum() - w)
    return w * (y - mean) ** 2, (mean - without) ** 2 * (w.sum() - w)


def baujat(
    labels: Sequence[str], contribution: ArrayLike, influence: ArrayLike, *, title: str = "Baujat plot"
) -> Picture:
    """Which studies make the heterogeneity (right) and the result (up); see `baujat_points`."""
    x, y = _arrays(labels, contribution, influence)
    with canvas(6.4, 5.0) as figure:
        axes = figure.add_axes((0.12, 0.12, 0.84, 0.78))
        axes.scatter(x, y, s=28, color=BLUE, zorder=3, clip_on=False)
        axes.set_xlim(0, 1.15 * (float(x.max()) or 1))
        axes.set_ylim(0, 1.12 * (float(y.max()) or 1))
        _name_outstanding(axes, labels, x, y)
        axes.set(xlabel="Contribution to Q", ylabel="Influence on the pooled effect")
        _open(axes)
        figure.text(0.02, 0.975, title, fontsize=11, fontweight="bold", va="top")
    rows = tuple((n, f"{a:.6g}", f"{b:.6g}") for n, a, b in zip(labels, x, y, strict=True))
    return Picture(title, figure, ("study", "contribution to Q", "influence"), rows)


def _name_outstanding(axes: Axes, labels: Sequence[str], x: Array, y: Array) -> None:
    """Write names beside the points, farthest first, as long as they stand out and do not run into each other."""
    across, up = axes.get_xlim()[1], axes.get_ylim()[1]
    place = np.column_stack([x / across, y / up])
    written: list[tuple[float, float, float]] = []
    for at in sorted(range(len(labels)), key=lambda i: (-float(place[i].max()), i)):
        px, py = (float(value) for value in place[at])
        if max(px, py) < 0.12:
            break
        width = 0.0115 * len(labels[at]) + 0.02
        left = px + width > 0.99
        start = px - width if left else px
        if any(start < s + w and s < start + width and abs(py - q) < 0.03 for s, q, w in written):
            continue
        written.append((start, py, width))
        offset = (-5, 2) if left else (5, 2)
        align = "right" if left else "left"
        axes.annotate(labels[at], (x[at], y[at]), offset, textcoords="offset points", ha=align, va="center", fontsize=8)


def radial(
    labels: Sequence[str],
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    pooled: float,
    tau2: float = 0.0,
    title: str = "Radial (Galbraith) plot",
    effect: str = "Effect",
    transform: Transform | None = None,
) -> Picture:
    """Standardized effect against precision: a study's effect is the slope of the line from the origin to it.

    Galbraith 1988, Stat Med 7:889. The band is ±1.96 about the pooled slope; the arc reads slopes as effects.
    """
    y, v = _arrays(labels, yi, vi)
    if ((v + tau2) <= 0).any():
        raise ValueError("variances must be above 0")
    se = np.sqrt(v + tau2)
    x, z = 1 / se, y / se
    reach = 1.08 * float(x.max())
    shown = transform or (lambda value: value)
    with canvas(6.8, 5.2) as figure:
        axes = figure.add_axes((0.11, 0.12, 0.74, 0.78))
        line = np.array([0, reach])
        axes.fill_between(line, pooled * line - 1.96, pooled * line + 1.96, color="#e0e8ee", lw=0, zorder=0)
        axes.plot(line, pooled * line, color=RUST, lw=1.2, zorder=2)
        axes.axhline(0, color=SOFT, lw=0.8, zorder=1)
        axes.scatter(x, z, s=30, color=BLUE, edgecolor="white", lw=0.7, zorder=3)
        limits = [float(z.min()), float(z.max()), pooled * reach - 1.96, pooled * reach + 1.96, -2.2, 2.2]
        axes.set(xlim=(0, reach), ylim=(min(limits) - 0.4, max(limits) + 0.4))
        axes.set(xlabel="Precision, 1 / √(v + τ²)", ylabel="Standardized effect, y / √(v + τ²)")
        _open(axes)
        _arc(axes, reach, shown, effect)
        figure.text(0.02, 0.975, title, fontsize=11, fontweight="bold", va="top")
    rows = [
        (n, f"{shown(a):.6g}", f"{b:.6g}", f"{c:.6g}", "inside" if abs(c - pooled * b) <= 1.96 else "outside")
        for n, a, b, c in zip(labels, y, x, z, strict=True)
    ]
    rows.append(("pooled", f"{shown(pooled):.6g}", "", "", ""))
    return Picture(title, figure, ("study", effect, "precision", "standardized", "95% band"), tuple(rows))


def _arc(axes: Axes, reach: float, shown: Transform, effect: str) -> None:
    """A scale at the right edge whose marks are slopes: where the line of an effect leaves the picture."""
    low, high = axes.get_ylim()
    step = _nice((high - low) / reach / 8)
    first = math.ceil(low / reach / step)
    for at in range(first, math.floor(high / reach / step) + 1):
        slope = at * step
        spot = slope * reach
        axes.plot([reach, 1.015 * reach], [spot, spot], color=INK, lw=0.8, clip_on=False)
        axes.text(1.025 * reach, spot, number(shown(slope)), va="center", fontsize=8, clip_on=False)
    axes.text(1.13, 0.5, effect, rotation=90, va="center", ha="center", transform=axes.transAxes)
    axes.spines["right"].set_visible(True)


def _nice(step: float) -> float:
    scale = 10.0 ** math.floor(math.log10(step))
    return next(m * scale for m in (1, 2, 2.5, 5, 10) if m * scale >= step)


def _open(axes: Axes) -> None:
    axes.spines["top"].set_visible(False)
    axes.spines["right"].set_visible(False)
