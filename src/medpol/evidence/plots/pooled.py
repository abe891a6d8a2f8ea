"""Pictures straight from a pooled result: the joint between pooling and plots."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy.special import ndtri

from medpol.evidence.plots.forest import Diamond, ForestRow, cumulative, forest
from medpol.evidence.plots.picture import Picture, Transform
from medpol.evidence.plots.scatter import baujat, baujat_points, funnel, radial
from medpol.evidence.pooling import Pooled, Row, Subgroups


def forest_of(
    pooled: Pooled, *, groups: Sequence[str] | None = None, subgroups: Subgroups | None = None, title: str = ""
) -> Picture:
    """The forest plot of a meta-analysis; `groups` names each pooled study's subgroup, in the order of its effects."""
    effects = pooled.effects
    z = float(ndtri(0.5 + pooled.level / 2))
    names, counts = _counts(pooled)
    rows = []
    for at in map(int, np.nonzero(effects.included)[0]):
        y, half = float(effects.yi[at]), z * float(effects.sei[at])
        weight = float(pooled.weights_pct[at])
        rows.append(
            ForestRow(
                label=effects.study[at],
                estimate=y,
                low=y - half,
                high=y + half,
                weight_pct=weight if math.isfinite(weight) else None,
                columns=counts[at] if counts else (),
                group=str(groups[at]) if groups else "",
            )
        )
    found = subgroups.groups if subgroups is not None else {}
    return forest(
        rows,
        pooled=_diamond(pooled, f"All studies ({pooled.method})", note=True),
        subgroups={name: _diamond(fit, f"{name}, pooled") for name, fit in found.items()},
        title=title or f"Forest plot: {_effect(pooled)}",
        effect=_effect(pooled),
        column_names=names,
        transform=_transform(pooled),
        null=effects.measure.null,
        level=pooled.level,
    )


def funnel_of(pooled: Pooled, *, filled: Sequence[tuple[float, float]] = (), title: str = "") -> Picture:
    """The contour funnel of a meta-analysis; `filled` are (effect, SE) from trim-and-fill."""
    labels, y, v = _used(pooled)
    return funnel(
        labels,
        y,
        np.sqrt(v),
        pooled=pooled.estimate,
        null=pooled.effects.measure.null or 0.0,
        filled=filled,
        title=title or f"Funnel plot: {_effect(pooled)}",
        effect=_effect(pooled),
        transform=_transform(pooled),
    )


def baujat_of(pooled: Pooled, *, title: str = "Baujat plot") -> Picture:
    """Which studies make the heterogeneity and the result, with the model's own weights."""
    labels, y, v = _used(pooled)
    return baujat(labels, *baujat_points(y, v, pooled.tau2), title=title)


def radial_of(pooled: Pooled, *, title: str = "Radial (Galbraith) plot") -> Picture:
    """The radial plot of a meta-analysis, with the model's own tau²."""
    labels, y, v = _used(pooled)
    transform = _transform(pooled)
    return radial(
        labels, y, v, pooled=pooled.estimate, tau2=pooled.tau2, title=title, effect=_effect(pooled), transform=transform
    )


def cumulative_of(pooled: Pooled, steps: Sequence[Row], *, title: str = "Cumulative meta-analysis") -> Picture:
    """The pooled effect after each study; `steps` come from `medpol.evidence.cumulative`."""
    rows = [ForestRow(label=s.study, estimate=s.estimate, low=s.ci_low, high=s.ci_high) for s in steps]
    return cumulative(
        rows,
        title=title,
        effect=_effect(pooled),
        transform=_transform(pooled),
        null=pooled.effects.measure.null,
        level=pooled.level,
    )


OF_POOLED: Mapping[str, Callable[[Pooled], Picture]] = {
    "forest": forest_of,
    "funnel": funnel_of,
    "baujat": baujat_of,
    "radial": radial_of,
}


def _used(pooled: Pooled) -> tuple[list[str], np.ndarray, np.ndarray]:
    effects = pooled.effects
    rows = np.nonzero(effects.included)[0]
    return [effects.study[at] for at in rows], effects.yi[rows], effects.vi[rows]


def _effect(pooled: Pooled) -> str:
    measure = pooled.effects.measure
    name = measure.back_title or measure.title
    return name[:1].upper() + name[1:]


def _transform(pooled: Pooled) -> Transform | None:
    measure = pooled.effects.measure
    if measure.scale == "log":
        return math.exp
    return pooled.back if measure.back_title else None


def _diamond(fit: Pooled, label: str, *, note: bool = False) -> Diamond:
    span = None
    if fit.prediction_low is not None and fit.prediction_high is not None:
        span = (fit.prediction_low, fit.prediction_high)
    text = f"τ² = {fit.tau2:.3g}, I² = {fit.i2:.1f}%, Q = {fit.q:.2f} (df {fit.q_df}, p {_p(fit.q_p)})"
    if span is not None:
        text += f"; bar: {100 * fit.level:g}% prediction interval"
    return Diamond(
        label=label,
        estimate=fit.estimate,
        low=fit.ci_low,
        high=fit.ci_high,
        prediction=span,
        note=text if note and fit.k > 1 else "",
    )


def _p(value: float) -> str:
    return "< .001" if value < 0.001 else f"= {value:.3f}"


def _counts(pooled: Pooled) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The count columns a reader expects beside two-by-two tables and proportions."""
    columns = pooled.effects.columns
    pairs = [(x, n) for x, n in (("ai", "n1i"), ("ci", "n2i"), ("xi", "ni")) if x in columns and n in columns]
    names = {"ai": "Group 1", "ci": "Group 2", "xi": "Events"}
    texts = [tuple(f"{columns[x][at]:g}/{columns[n][at]:g}" for x, n in pairs) for at in range(len(pooled.effects))]
    return tuple(names[x] for x, _ in pairs), texts if pairs else []
