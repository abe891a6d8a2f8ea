"""Fail-safe N: how many unseen studies without effect would undo the result; and excess significance."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from medpol.evidence.effects import Effects
from medpol.evidence.pooling.model import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class FailSafe:
    """`n` studies; `p` of the result as it stands (None for Orwin); `target` effect (Orwin only)."""

    kind: str
    n: int
    p: float | None
    target: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExcessSignificance:
    """Observed and expected numbers of significant studies, with both tests of observed > expected."""

    observed: int
    expected: float
    ratio: float
    p_exact: float
    p_chi2: float
    theta: float
    power: Array


def rosenthal(effects: Effects, *, alpha: float = 0.05) -> FailSafe:
    """Rosenthal 1979 (Psychol Bull 86:638-641): Stouffer's sum of z, one-tailed."""
    used = effects.take(np.nonzero(effects.included)[0])
    k, sum_z = len(used), float((used.yi / used.sei).sum())
    needed = (sum_z / float(special.ndtri(alpha))) ** 2 - k
    p = float(special.ndtr(-abs(sum_z) / math.sqrt(k)))
    return FailSafe(kind="Rosenthal", n=_at_least_zero(needed), p=p, target=None)


def orwin(effects: Effects, *, target: float | None = None, weighted: bool = False) -> FailSafe:
    """Orwin 1983 (J Educ Stat 8:157-159): studies of effect 0 that bring the mean down to `target`.

    The target is half the mean by default. `weighted` uses the common-effect mean (metafor ≥ 5).
    """
    used = effects.take(np.nonzero(effects.included)[0])
    mean = float(np.average(used.yi, weights=1 / used.vi) if weighted else used.yi.mean())
    goal = mean / 2 if target is None else target
    needed = math.inf if goal == 0 else len(used) * (mean - goal) / goal
    if not math.isfinite(needed):
        needed = 0.0
    kind = "Orwin, weighted" if weighted else "Orwin"
    return FailSafe(kind=kind, n=_at_least_zero(needed), p=None, target=goal)


def rosenberg(effects: Effects, *, alpha: float = 0.05) -> FailSafe:
    """Rosenberg 2005 (Evolution 59:464-468), with the normal distribution: studies of effect 0 and average
    weight that make the common-effect result not significant, two-tailed."""
    used = effects.take(np.nonzero(effects.included)[0])
    w = 1 / used.vi
    weighted = float((w * used.yi).sum())
    p = float(2 * special.ndtr(-abs(weighted / math.sqrt(float(w.sum())))))
    needed = ((weighted / float(special.ndtri(alpha / 2))) ** 2 - float(w.sum())) / float(w.mean())
    return FailSafe(kind="Rosenberg", n=_at_least_zero(needed), p=p, target=None)


def _at_least_zero(needed: float) -> int:
    """Rounded up; a hair above a whole number is rounding."""
    return max(0, math.ceil(needed - 1e-9 * max(1.0, abs(needed))))


def excess_significance(effects: Effects, *, alpha: float = 0.05) -> ExcessSignificance:
    """Ioannidis & Trikalinos 2007 (Clin Trials 4:245-253), power at the common-effect estimate.

    The exact p is the upper tail of the Poisson-binomial distribution of the significant count.
    """
    used = effects.take(np.nonzero(effects.included)[0])
    theta = float(np.average(used.yi, weights=1 / used.vi))
    z = float(special.ndtri(1 - alpha / 2))
    power = special.ndtr(theta / used.sei - z) + special.ndtr(-theta / used.sei - z)
    significant = 2 * special.ndtr(-np.abs(used.yi / used.sei)) <= alpha
    observed, expected, k = int(significant.sum()), float(power.sum()), len(used)
    counts = np.array([1.0])
    for chance in power:
        counts = np.append(counts * (1 - chance), 0.0) + np.append(0.0, counts * chance)
    spread = expected * (k - expected) / k
    excess = (observed - expected) / math.sqrt(spread) if spread > 0 else 0.0
    return ExcessSignificance(
        observed=observed,
        expected=expected,
        ratio=observed / expected,
        p_exact=min(1.0, float(counts[observed:].sum())),
        p_chi2=float(special.ndtr(-excess)),
        theta=theta,
        power=power,
    )
