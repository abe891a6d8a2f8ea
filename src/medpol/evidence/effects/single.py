"""One comparison of two groups: the effect with every interval and test a trial report may carry."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from medpol.evidence.effects.faults import faults_of
from medpol.evidence.effects.means import hedges_correction
from medpol.evidence.effects.sizes import as_problem, effects_of
from medpol.problems import PolicyRejected

Array = NDArray[np.float64]
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberNeeded:
    """1/RD as a number needed to treat, with its interval turned over (Altman 1998, BMJ 317:1309-1312).

    `kind` is "benefit" (more events in the first group), "harm" or "none" (RD = 0: infinite). Where the
    RD interval holds 0 the NNT interval runs through infinity: from `benefit` to infinity to `harm`, the
    numbers needed at the two ends; otherwise the other one is None.
    """

    kind: str
    value: float
    benefit: float | None
    harm: float | None
    through_infinity: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A ratio on its log scale, with its interval on the ratio scale (Wald on the log)."""

    log: float
    variance: float
    estimate: float
    ci: Interval
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoProportions:
    """x1 of n1 against x2 of n2. Tests that do not exist (a margin is 0) are None."""

    rd: float
    wald: Interval
    newcombe: Interval
    score: Interval
    p1_wilson: Interval
    p2_wilson: Interval
    p1_clopper_pearson: Interval
    p2_clopper_pearson: Interval
    rr: Ratio
    odds: Ratio
    nnt: NumberNeeded
    chi2_p: float | None
    chi2_yates_p: float | None
    fisher_p: float
    fisher_or: float | None
    fisher_ci: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanTest:
    """A t test of two means; `ci` is for the difference."""

    se: float
    df: float
    p: float
    ci: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoMeans:
    """Two means with standard deviations; Glass's delta divides by the second group's SD."""

    md: float
    z_ci: Interval
    welch: MeanTest
    pooled: MeanTest
    pooled_sd: float
    cohen_d: float
    hedges_g: float
    hedges_g_variance: float
    glass_delta: float


def _z(level: float) -> float:
    return float(special.ndtri(0.5 + level / 2))


def wilson_interval(x: float, n: float, level: float = 0.95) -> Interval:
    """Score interval of one proportion (Wilson 1927, JASA 22:209-212); 0 and n give exact ends."""
    z, p = _z(level), x / n
    centre, half = p + z**2 / (2 * n), z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    return (0.0 if x == 0 else (centre - half) / scale, 1.0 if x == n else (centre + half) / scale)


def clopper_pearson_interval(x: float, n: float, level: float = 0.95) -> Interval:
    """Exact interval of one proportion (Clopper & Pearson 1934)."""
    tail = (1 - level) / 2
    low = 0.0 if x == 0 else float(special.betaincinv(x, n - x + 1, tail))
    high = 1.0 if x == n else float(special.betaincinv(x + 1, n - x, 1 - tail))
    return low, high


def newcombe_interval(x1: float, n1: float, x2: float, n2: float, level: float = 0.95) -> Interval:
    """Interval of the risk difference from two Wilson intervals (Newcombe 1998, method 10)."""
    p1, p2 = x1 / n1, x2 / n2
    (low1, high1), (low2, high2) = wilson_interval(x1, n1, level), wilson_interval(x2, n2, level)
    return (
        p1 - p2 - math.hypot(p1 - low1, high2 - p2),
        p1 - p2 + math.hypot(high1 - p1, p2 - low2),
    )


def score_interval(x1: float, n1: float, x2: float, n2: float, level: float = 0.95) -> Interval:
    """Score interval of the risk difference (Miettinen & Nurminen 1985, Stat Med 4:213-226)."""
    difference, critical = x1 / n1 - x2 / n2, _z(level) ** 2

    def excess(delta: float) -> float:
        return score_statistic(x1, n1, x2, n2, delta) - critical

    edge = 1 - 1e-14
    low = -1.0 if difference <= -edge else _end(excess, -1.0, difference)
    high = 1.0 if difference >= edge else _end(excess, 1.0, difference)
    return low, high


def _end(excess: Callable[[float], float], edge: float, inner: float) -> float:
    """Where the statistic crosses the critical value between the estimate and ±1."""
    outer = edge * (1 - 1e-13)
    if excess(outer) <= 0:
        return edge
    return float(optimize.brentq(excess, outer, inner, xtol=1e-15, rtol=1e-14))


def score_statistic(x1: float, n1: float, x2: float, n2: float, delta: float) -> float:
    """χ² of H0: p1 − p2 = delta, with the maximum-likelihood risks under H0 (their appendix I).

    Those are found numerically: the closed form of the cubic loses digits near the edges.
    """
    difference = x1 / n1 - x2 / n2 - delta
    p2 = _restricted_risk(x1, n1, x2, n2, delta)
    p1 = min(max(p2 + delta, 0.0), 1.0)
    n = n1 + n2
    variance = (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * n / (n - 1)
    if variance <= 0:
        return 0.0 if abs(difference) < 1e-15 else math.inf
    return difference**2 / variance


def _restricted_risk(x1: float, n1: float, x2: float, n2: float, delta: float) -> float:
    """The p2 that maximizes the likelihood of p2 + delta and p2: where its falling slope is 0, or an end."""
    low, high = max(0.0, -delta), min(1.0, 1.0 - delta)

    def slope(p2: float) -> float:
        p1 = p2 + delta
        return _pull(x1, p1) - _pull(n1 - x1, 1 - p1) + _pull(x2, p2) - _pull(n2 - x2, 1 - p2)

    if high <= low or slope(low) <= 0:
        return low
    if slope(high) >= 0:
        return high
    return float(optimize.brentq(slope, low, high, xtol=1e-16, rtol=1e-14))


def _pull(count: float, risk: float) -> float:
    """count/risk; a count of 0 pulls nowhere, and at the edge any other count pulls as hard as can be."""
    if count == 0:
        return 0.0
    return count / risk if risk > 1e-300 else 1e300


def number_needed(rd: float, ci: Interval) -> NumberNeeded:
    """The NNT of a risk difference with its interval.

    >>> number_needed(0.2, (0.0524, 0.3339)).value
    5.0
    """
    through = ci[0] < 0 < ci[1] or 0 in ci
    return NumberNeeded(
        kind="none" if rd == 0 else "benefit" if rd > 0 else "harm",
        value=math.inf if rd == 0 else abs(1 / rd),
        benefit=1 / ci[1] if ci[1] > 0 else None,
        harm=-1 / ci[0] if ci[0] < 0 else None,
        through_infinity=through,
    )


def compare_proportions(x1: float, n1: float, x2: float, n2: float, *, level: float = 0.95) -> TwoProportions:
    """Everything about x1 of n1 against x2 of n2.

    >>> trial = compare_proportions(83, 143, 35, 129)
    >>> [round(100 * v, 1) for v in (trial.rd, *trial.newcombe)]
    [30.9, 19.3, 41.3]
    >>> round(trial.nnt.value, 1)
    3.2

    Zero cells: 1/2 is added for RR and OR only. Raises PolicyRejected for impossible counts.
    """
    columns = {"ai": [x1], "n1i": [n1], "ci": [x2], "n2i": [n2]}
    problems = faults_of("RD", {name: np.array(v, dtype=float) for name, v in columns.items()})
    if problems:
        raise PolicyRejected(as_problem(fault, "input") for fault in problems)
    p1, p2 = x1 / n1, x2 / n2
    half = _z(level) * math.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    newcombe = newcombe_interval(x1, n1, x2, n2, level)
    rr, odds = (_ratio(measure, columns, level) for measure in ("RR", "OR"))
    table = np.array([[x1, n1 - x1], [x2, n2 - x2]], dtype=float)
    chi2, yates = (_chi2_p(table, corrected=corrected) for corrected in (False, True))
    fisher = _fisher(table, level)
    return TwoProportions(
        rd=p1 - p2,
        wald=(p1 - p2 - half, p1 - p2 + half),
        newcombe=newcombe,
        score=score_interval(x1, n1, x2, n2, level),
        p1_wilson=wilson_interval(x1, n1, level),
        p2_wilson=wilson_interval(x2, n2, level),
        p1_clopper_pearson=clopper_pearson_interval(x1, n1, level),
        p2_clopper_pearson=clopper_pearson_interval(x2, n2, level),
        rr=rr,
        odds=odds,
        nnt=number_needed(p1 - p2, newcombe),
        chi2_p=chi2,
        chi2_yates_p=yates,
        fisher_p=_fisher_p(table),
        fisher_or=fisher[0],
        fisher_ci=fisher[1],
    )


def _fisher_p(table: Array) -> float:
    """Fisher's exact test, two-sided."""
    from scipy import stats  # takes half a second, and few commands need it

    return float(stats.fisher_exact(table.astype(int)).pvalue)


def _ratio(measure: str, columns: dict[str, list[float]], level: float) -> Ratio:
    effect = effects_of(measure, columns)
    log, variance = float(effect.yi[0]), float(effect.vi[0])
    half = _z(level) * math.sqrt(variance)
    return Ratio(
        log=log,
        variance=variance,
        estimate=math.exp(log),
        ci=(math.exp(log - half), math.exp(log + half)),
        p=float(2 * special.ndtr(-abs(log) / math.sqrt(variance))),
    )


def _chi2_p(table: Array, *, corrected: bool) -> float | None:
    """Pearson's χ², or Yates's; the correction never exceeds |O − E|."""
    if (table.sum(axis=0) == 0).any() or (table.sum(axis=1) == 0).any():
        return None
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    distance = np.abs(table - expected)
    shift = min(0.5, float(distance.min())) if corrected else 0.0
    return float(special.chdtrc(1, float(((distance - shift) ** 2 / expected).sum())))


def _fisher(table: Array, level: float) -> tuple[float | None, Interval]:
    """Conditional maximum-likelihood odds ratio (None where infinite) and its exact interval.

    With no events at all nothing is known: (0, ∞), and 0 for the estimate as R prints it.
    """
    (a, b), (c, d) = table.astype(int).tolist()
    support = np.arange(max(0, a - d), min(a + b, a + c) + 1)
    if len(support) == 1:
        return 0.0, (0.0, math.inf)
    log_weight = -(
        special.gammaln(support + 1)
        + special.gammaln(a + b - support + 1)
        + special.gammaln(a + c - support + 1)
        + special.gammaln(d - a + support + 1)
    )

    def chances(log_odds: float) -> Array:
        value = log_weight + support * log_odds
        weight = np.exp(value - value.max())
        out: Array = weight / weight.sum()
        return out

    def solve(gap: Callable[[float], float]) -> float:
        return math.exp(float(optimize.brentq(gap, -60.0, 60.0, xtol=1e-14, rtol=1e-14)))

    tail = (1 - level) / 2
    at_low, at_high = a == support[0], a == support[-1]
    estimate: float | None
    if at_low or at_high:
        estimate = 0.0 if at_low else None
    else:
        estimate = solve(lambda t: float((support * chances(t)).sum()) - a)
    low = 0.0 if at_low else solve(lambda t: float(chances(t)[support >= a].sum()) - tail)
    high = math.inf if at_high else solve(lambda t: float(chances(t)[support <= a].sum()) - tail)
    return estimate, (low, high)


def compare_means(
    *, m1: float, sd1: float, n1: float, m2: float, sd2: float, n2: float, level: float = 0.95
) -> TwoMeans:
    """Everything about two means.

    >>> round(compare_means(m1=10, sd1=2, n1=5, m2=8, sd2=3, n2=6).hedges_g, 4)
    0.7021
    """
    columns = {"m1i": [m1], "sd1i": [sd1], "n1i": [n1], "m2i": [m2], "sd2i": [sd2], "n2i": [n2]}
    smd = effects_of("SMD", columns)
    first, second = sd1**2 / n1, sd2**2 / n2
    se, md = math.sqrt(first + second), m1 - m2
    welch_df = (first + second) ** 2 / (first**2 / (n1 - 1) + second**2 / (n2 - 1))
    sd = math.sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / (n1 + n2 - 2))
    half = _z(level) * se
    return TwoMeans(
        md=md,
        z_ci=(md - half, md + half),
        welch=_t_test(md, se, welch_df, level),
        pooled=_t_test(md, sd * math.sqrt(1 / n1 + 1 / n2), n1 + n2 - 2, level),
        pooled_sd=sd,
        cohen_d=md / sd,
        hedges_g=float(smd.yi[0]),
        hedges_g_variance=float(smd.vi[0]),
        glass_delta=float(hedges_correction(np.array([n2 - 1.0]))[0]) * md / sd2,
    )


def _t_test(md: float, se: float, df: float, level: float) -> MeanTest:
    half = float(special.stdtrit(df, 0.5 + level / 2)) * se
    return MeanTest(se=se, df=df, p=float(2 * special.stdtr(df, -abs(md) / se)), ci=(md - half, md + half))
