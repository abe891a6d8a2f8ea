"""Confidence intervals of τ², and of τ, I² and H² with it."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from medpol.evidence.effects import Effects
from medpol.evidence.pooling.model import Array, Means, Model, Regression
from medpol.evidence.pooling.tau2 import estimate_tau2, root_of_q, upper_bound


@dataclass(frozen=True, slots=True, kw_only=True)
class HeterogeneityInterval:
    """τ² with its interval; I² (percent) and H² follow from it and the typical variance."""

    kind: str
    level: float
    tau2: tuple[float, float]
    i2: tuple[float, float]
    h2: tuple[float, float]

    @property
    def tau(self) -> tuple[float, float]:
        return math.sqrt(self.tau2[0]), math.sqrt(self.tau2[1])


def q_profile(effects: Effects, *, level: float = 0.95, x: Array | None = None) -> HeterogeneityInterval | None:
    """Viechtbauer 2007 (Stat Med 26:37-52): where Q(τ²) meets the χ² quantiles; the same for every method.

    Both ends are 0 where even Q(0) is below the lower quantile: the studies agree better than chance.
    None with no degree of freedom.
    """
    if not effects.included.any():
        return None
    model = _model(effects, x)
    df = float(model.k[0] - model.p)
    if df < 1:
        return None
    tails = ((1 - level) / 2, (1 + level) / 2)
    low, high = (float(root_of_q(model, np.array([special.chdtri(df, tail)]))[0]) for tail in tails)
    return _interval("Q-profile", level, low, high, model)


def profile_likelihood(
    effects: Effects, *, method: str = "REML", level: float = 0.95, x: Array | None = None
) -> HeterogeneityInterval | None:
    """Hardy & Thompson 1996 (Stat Med 15:619-629): τ² whose likelihood ratio the data do not reject.

    Where the likelihood has several peaks this is the smallest interval that holds all such τ².
    `method` is ML or REML. None with no degree of freedom.
    """
    if not effects.included.any():
        return None
    model = _model(effects, x)
    if model.k[0] <= model.p:
        return None
    restricted = method == "REML"
    best = float(estimate_tau2(model, method)[0])

    def height(tau2: float) -> float:
        return float(model.log_likelihood(np.array([[tau2]]), restricted=restricted)[0, 0])

    drop = 0.5 * float(special.chdtri(1, 1 - level))
    floor = height(best) - drop

    def above(tau2: float) -> float:
        return height(tau2) - floor

    v_min = float(model.v_min[0])
    far = max(float(upper_bound(model)[0]), best, v_min)
    while above(far) > 0:
        far *= 2.0
    grid = v_min * np.expm1(np.linspace(0.0, math.log1p(far / v_min), 200))
    grid = np.unique(np.append(grid, best))
    inside = np.nonzero([above(t) > 0 for t in grid])[0]
    first, last = int(inside[0]), int(inside[-1])
    low = 0.0 if first == 0 else optimize.brentq(above, grid[first - 1], grid[first], xtol=1e-300, rtol=1e-14)
    high = optimize.brentq(above, grid[last], grid[last + 1], xtol=1e-300, rtol=1e-14)
    return _interval(f"profile likelihood ({method})", level, float(low), float(high), model)


def _model(effects: Effects, x: Array | None) -> Model:
    used = effects.take(np.nonzero(effects.included)[0])
    if x is not None:
        return Regression.of(used.yi, used.vi, x)
    return Means.of(used.yi[:, None].copy(), used.vi[:, None].copy())


def _interval(kind: str, level: float, low: float, high: float, model: Model) -> HeterogeneityInterval:
    trace_p = float(model.slope(np.zeros((1, 1))).trace_p[0, 0])
    typical = float(model.k[0] - model.p) / trace_p
    ends = (low, high)
    return HeterogeneityInterval(
        kind=kind,
        level=level,
        tau2=ends,
        i2=(100 * low / (typical + low), 100 * high / (typical + high)),
        h2=(1 + low / typical, 1 + high / typical),
    )
