"""Pooling the tables themselves: Mantel-Haenszel and Peto, with the tests that go with them.

Both keep every table, zero cells or not, without correction: a table with no information gets weight 0.
Q compares the study effects that exist with the pooled one; its df counts only those.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import special

from medpol.evidence.effects import Effects, Variant, effects_of
from medpol.evidence.pooling.model import Array
from medpol.problems import Place, PolicyRejected, Problem

STRATIFIED = ("MH", "PETO")
Estimate = tuple[float, float, Array]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stratified:
    """A stratified estimate; `k` tables, of which `q_df` + 1 have an effect of their own."""

    effects: Effects
    estimate: float
    se: float
    stat: float
    p: float
    q: float
    q_df: int
    q_p: float
    k: int
    weights_pct: Array
    conventions: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableTests:
    """Tests over the strata of 2×2 tables; None where every table is without information."""

    cmh: float | None  # Cochran-Mantel-Haenszel χ², df 1
    cmh_p: float | None
    breslow_day: float | None
    breslow_day_p: float | None
    tarone: float | None
    tarone_p: float | None
    df: int


def _odds_ratio(a: Array, b: Array, c: Array, d: Array) -> Estimate:
    """Mantel & Haenszel 1959; variance of Robins, Breslow & Greenland 1986."""
    n = a + b + c + d
    p, q, r, s = (a + d) / n, (b + c) / n, a * d / n, b * c / n
    total_r, total_s = r.sum(), s.sum()
    variance = (
        (p * r).sum() / (2 * total_r**2)
        + (p * s + q * r).sum() / (2 * total_r * total_s)
        + (q * s).sum() / (2 * total_s**2)
    )
    return math.log(total_r / total_s), math.sqrt(variance), s


def _risk_ratio(a: Array, b: Array, c: Array, d: Array) -> Estimate:
    """Variance of Greenland & Robins 1985. Tables where everyone has the event are kept."""
    n1, n2, n = a + b, c + d, a + b + c + d
    r, s = a * n2 / n, c * n1 / n
    variance = ((n1 * n2 * (a + c) - a * c * n) / n**2).sum() / (r.sum() * s.sum())
    return math.log(r.sum() / s.sum()), math.sqrt(variance), s


def _risk_difference(a: Array, b: Array, c: Array, d: Array) -> Estimate:
    """Variance of Sato, Greenland & Robins 1989 (Biometrics 45:1323-1324)."""
    n1, n2, n = a + b, c + d, a + b + c + d
    weight = n1 * n2 / n
    estimate = float(((a * n2 - c * n1) / n).sum() / weight.sum())
    p = (n1**2 * c - n2**2 * a + n1 * n2 * (n2 - n1) / 2) / n**2
    q = (a * d + b * c) / (2 * n)
    variance = (estimate * p.sum() + q.sum()) / weight.sum() ** 2
    return estimate, math.sqrt(variance), weight


def _rate_ratio(x1: Array, t1: Array, x2: Array, t2: Array) -> Estimate:
    """Rothman, Greenland & Lash 2008, Modern Epidemiology, ch. 15."""
    t = t1 + t2
    r, s = x1 * t2 / t, x2 * t1 / t
    variance = (t1 * t2 * (x1 + x2) / t**2).sum() / (r.sum() * s.sum())
    return math.log(r.sum() / s.sum()), math.sqrt(variance), s


def _rate_difference(x1: Array, t1: Array, x2: Array, t2: Array) -> Estimate:
    """Greenland & Robins 1985."""
    t = t1 + t2
    weight = t1 * t2 / t
    estimate = float(((x1 * t2 - x2 * t1) / t).sum() / weight.sum())
    variance = ((x1 * t2**2 + x2 * t1**2) / t**2).sum() / weight.sum() ** 2
    return estimate, math.sqrt(variance), weight


MANTEL_HAENSZEL: dict[str, Callable[[Array, Array, Array, Array], Estimate]] = {
    "OR": _odds_ratio,
    "RR": _risk_ratio,
    "RD": _risk_difference,
    "IRR": _rate_ratio,
    "IRD": _rate_difference,
}


def combine_tables(effects: Effects, method: str) -> Stratified:
    """Mantel-Haenszel (OR, RR, RD, IRR, IRD) or Peto (OR, PETO) over the reported tables."""
    measure = effects.measure.name
    fits = {"MH": measure in MANTEL_HAENSZEL, "PETO": measure in {"OR", "PETO"}}[method]
    if not fits:
        raise _refused(
            "EV103",
            f"{method} cannot pool the measure {measure}",
            "MH takes OR, RR, RD, IRR, IRD; PETO takes PETO or OR; or use EE",
        )
    reported = effects.reported
    used = effects.take(reported)
    if not len(used):
        raise _refused("EV116", "no study reports all counts", "report the counts")
    result = _peto(used) if method == "PETO" else _mantel_haenszel(used)
    unreported = tuple(
        f"{study} is not pooled: not all numbers are reported"
        for study, there in zip(effects.study, reported, strict=True)
        if not there
    )
    return replace(result, warnings=(*unreported, *result.warnings))


def _mantel_haenszel(effects: Effects) -> Stratified:
    measure, c = effects.measure.name, effects.columns
    if "ai" in c:
        table = (c["ai"], c["n1i"] - c["ai"], c["ci"], c["n2i"] - c["ci"])
    else:
        table = (c["x1i"], c["t1i"], c["x2i"], c["t2i"])
    with np.errstate(divide="ignore", invalid="ignore"):
        try:
            estimate, se, weights = MANTEL_HAENSZEL[measure](*table)
        except (ValueError, ZeroDivisionError):
            estimate, se, weights = math.nan, math.nan, np.zeros(len(effects))
    if not (math.isfinite(estimate) and math.isfinite(se) and se > 0):
        raise _refused(
            "EV116",
            "Mantel-Haenszel has no estimate: one side of every table is empty",
            "use RD, or EE with a zero-cell rule",
        )
    yi, vi = _own_effects(effects)
    conventions = {
        "zero_cells": "Mantel-Haenszel: no correction; every table is kept",
        "q": "over study effects, 1/2 added where a cell is zero, without tables with no or only events",
    }
    return _stratified(effects, (estimate, se, weights), (yi, vi), conventions)


def _own_effects(effects: Effects) -> tuple[Array, Array]:
    """Study effects with 1/2 added to tables with a zero; NaN where both arms have no, or only, events."""
    again = effects_of(effects.measure.name, effects.columns, variant=Variant(zero_cells="drop_double"))
    return again.yi, again.vi


def _peto(effects: Effects) -> Stratified:
    c = effects.columns
    n1, n2 = c["n1i"], c["n2i"]
    total, events = n1 + n2, c["ai"] + c["ci"]
    expected = n1 * events / total
    variance = n1 * n2 * events * (total - events) / (total**2 * (total - 1))
    if variance.sum() <= 0:
        raise _refused("EV116", "Peto has no estimate: no table has both events and non-events", "use RD")
    estimate = float((c["ai"] - expected).sum() / variance.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        yi, vi = (c["ai"] - expected) / variance, 1 / variance
    undefined = ~np.isfinite(vi)
    yi, vi = np.where(undefined, np.nan, yi), np.where(undefined, np.nan, vi)
    conventions = {
        "zero_cells": "Peto: no correction; every table is kept",
        "q": "over the tables with an effect of their own, df their number - 1",
    }
    pooled = (estimate, float(variance.sum() ** -0.5), variance)
    return _stratified(effects, pooled, (yi, vi), conventions)


def _stratified(
    effects: Effects, pooled: Estimate, own: tuple[Array, Array], conventions: Mapping[str, str]
) -> Stratified:
    (estimate, se, weights), (yi, vi) = pooled, own
    there = np.isfinite(yi)
    q = float(((yi[there] - estimate) ** 2 / vi[there]).sum())
    df = max(int(there.sum()) - 1, 0)
    stat = estimate / se
    empty = tuple(
        f"{study} has no effect of its own: it counts in k but not in Q"
        for study, exists in zip(effects.study, there, strict=True)
        if not exists
    )
    return Stratified(
        effects=effects,
        estimate=estimate,
        se=se,
        stat=stat,
        p=float(2 * special.ndtr(-abs(stat))),
        q=q,
        q_df=df,
        q_p=float(special.chdtrc(df, q)) if df > 0 else 1.0,
        k=len(effects),
        weights_pct=100.0 * weights / weights.sum(),
        conventions=conventions,
        warnings=empty,
    )


def table_tests(effects: Effects, *, continuity: bool = True) -> TableTests:
    """Cochran-Mantel-Haenszel, Breslow-Day and Tarone tests of 2×2 tables (OR columns).

    The CMH χ² with the continuity correction of 1/2 by default, also where |O − E| < 1/2 (as metafor).
    Breslow & Day 1980, pp. 142-143; the
    correction of Tarone 1985 (Biometrika 72:91-95). Tables without information are left out of both.
    """
    c = effects.columns
    a, n1, n2 = c["ai"], c["n1i"], c["n2i"]
    events, total = a + c["ci"], n1 + n2
    variance = n1 * n2 * events * (total - events) / (total**2 * (total - 1))
    informative = variance > 0
    if not informative.any():
        return TableTests(cmh=None, cmh_p=None, breslow_day=None, breslow_day_p=None, tarone=None, tarone_p=None, df=0)
    distance = abs(float((a - n1 * events / total).sum()))
    cmh = (distance - (0.5 if continuity else 0.0)) ** 2 / float(variance.sum())
    df = int(informative.sum()) - 1
    breslow_day = tarone = None
    odds = _common_odds_ratio(effects)
    if odds is not None and df > 0:
        fitted = _fitted_cell(odds, n1[informative], n2[informative], events[informative])
        breslow_day, tarone = _breslow_day(
            a[informative], fitted, n1[informative], n2[informative], events[informative]
        )
    return TableTests(
        cmh=cmh,
        cmh_p=float(special.chdtrc(1, cmh)),
        breslow_day=breslow_day,
        breslow_day_p=None if breslow_day is None else float(special.chdtrc(df, breslow_day)),
        tarone=tarone,
        tarone_p=None if tarone is None else float(special.chdtrc(df, tarone)),
        df=df,
    )


def _common_odds_ratio(effects: Effects) -> float | None:
    c = effects.columns
    a, b, d = c["ai"], c["n1i"] - c["ai"], c["n2i"] - c["ci"]
    n = c["n1i"] + c["n2i"]
    r, s = float((a * d / n).sum()), float((b * c["ci"] / n).sum())
    return r / s if r > 0 and s > 0 else None


def _fitted_cell(odds: float, n1: Array, n2: Array, events: Array) -> Array:
    """The cell a with the given odds ratio and the table's margins: the root of a quadratic."""
    if abs(odds - 1.0) < 1e-12:
        out: Array = n1 * events / (n1 + n2)
        return out
    linear = n2 - events + odds * (n1 + events)
    root = np.sqrt(linear**2 - 4 * (odds - 1) * odds * n1 * events)
    fitted: Array = 2 * odds * n1 * events / (linear + root)
    return fitted


def _breslow_day(a: Array, fitted: Array, n1: Array, n2: Array, events: Array) -> tuple[float, float]:
    b, c, d = n1 - fitted, events - fitted, n2 - events + fitted
    variance = 1 / (1 / fitted + 1 / b + 1 / c + 1 / d)
    breslow_day = float(((a - fitted) ** 2 / variance).sum())
    return breslow_day, breslow_day - float((a - fitted).sum()) ** 2 / float(variance.sum())


def _refused(code: str, message: str, remedy: str) -> PolicyRejected:
    return PolicyRejected([Problem(place=Place(file="input"), code=code, message=message, remedy=remedy)])
