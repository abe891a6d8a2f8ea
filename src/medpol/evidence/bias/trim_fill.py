"""Trim and fill: how many studies are missing on one side, and the pooled effect with them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from medpol.evidence.effects import Effects, effect_sizes
from medpol.evidence.pooling.fit import Pooled, pool
from medpol.evidence.pooling.many import check_choice
from medpol.evidence.pooling.model import Array
from medpol.evidence.pooling.regression import meta_regression
from medpol.problems import PolicyRejected

Count = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrimFill:
    """`k0` studies filled in on `side`; `pooled` is the model over all studies, the filled included.

    `p` tests that none is missing; only the estimator R0 gives it.
    """

    estimator: str
    k0: int
    se_k0: float
    side: str
    p: float | None
    filled_yi: Array
    filled_vi: Array
    pooled: Pooled


def _rank_spread(k: int, k0: float) -> float:
    """Variance of the sum of positive ranks (Duval & Tweedie 2000, JASA 95:89-98)."""
    cubic = 10 * k0**3 + 27 * k0**2 + 17 * k0 - 18 * k * k0**2 - 18 * k * k0 + 6 * k**2 * k0
    return (k * (k + 1) * (2 * k + 1) + cubic) / 24


def _l0(signed: Array) -> Count:
    k, positive = len(signed), float(signed[signed > 0].sum())
    k0 = (4 * positive - k * (k + 1)) / (2 * k - 1)
    return k0, 4 * max(_rank_spread(k, k0), 0.0) ** 0.5 / (2 * k - 1)


def _r0(signed: Array) -> Count:
    k, negative = len(signed), signed[signed < 0]
    k0 = k - (float(-negative.min()) if negative.size else 0.0) - 1
    return k0, (2 * max(k0, 0.0) + 2) ** 0.5


def _q0(signed: Array) -> Count:
    k, positive = len(signed), float(signed[signed > 0].sum())
    inner = 2 * k**2 - 4 * positive + 0.25
    k0 = k - 0.5 - max(inner, 0.0) ** 0.5
    scale = (k - 0.5) ** 2 - k0 * (2 * k - k0 - 1)
    return k0, 2 * max(_rank_spread(k, k0), 0.0) ** 0.5 / scale**0.5 if scale > 0 else 0.0


ESTIMATORS: dict[str, Callable[[Array], Count]] = {"L0": _l0, "R0": _r0, "Q0": _q0}


def trim_and_fill(
    effects: Effects,
    *,
    method: str = "REML",
    estimator: str = "L0",
    side: str | None = None,
    ci: str = "z",
    level: float = 0.95,
) -> TrimFill | None:
    """Duval & Tweedie 2000 (Biometrics 56:455-463), under the same model as the pooled effect.

    `side`, where studies are missing, is by default opposite to the slope on the standard errors.
    None with fewer than three studies, or where all effects are equal.
    """
    check_choice("trim-and-fill estimator", estimator, tuple(ESTIMATORS))
    used = effects.take(np.nonzero(effects.included)[0])
    if len(used) < 3 or np.ptp(used.yi) == 0:
        return None
    side = side or _side(used, method)
    check_choice("side", side, ("left", "right"))
    sign = -1.0 if side == "right" else 1.0
    order = np.argsort(sign * used.yi, kind="stable")
    y, v = sign * used.yi[order], used.vi[order]
    k0, se, centre = _iterate(y, v, method, ESTIMATORS[estimator])
    k = len(y)
    filled_y, filled_v = 2 * centre - y[k - k0 :], v[k - k0 :]
    study = [*(used.study[i] for i in order), *(f"Filled {i + 1}" for i in range(k0))]
    completed = effect_sizes(
        "GEN", study=study, yi=sign * np.concatenate([y, filled_y]), vi=np.concatenate([v, filled_v])
    )
    return TrimFill(
        estimator=estimator,
        k0=k0,
        se_k0=max(0.0, se),
        side=side,
        p=0.5 ** (k0 + 1) if estimator == "R0" else None,
        filled_yi=sign * filled_y,
        filled_vi=filled_v,
        pooled=pool(completed, method=method, ci=ci, level=level),
    )


def _side(used: Effects, method: str) -> str:
    try:
        slope = float(meta_regression(used, {"se": used.sei}, method=method).coef[1])
    except PolicyRejected:  # equal standard errors: no slope
        return "left"
    return "right" if slope < 0 else "left"


def _iterate(y: Array, v: Array, method: str, count: Callable[[Array], Count]) -> tuple[int, float, float]:
    """Trim the k0 largest, find the centre, count again, until k0 stays: k0, its SE, the centre."""
    k, k0, seen = len(y), 0, set[int]()
    while True:
        kept = effect_sizes("GEN", yi=y[: k - k0], vi=v[: k - k0])
        centre = pool(kept, method=method).estimate
        deviation = y - centre
        rank = np.empty(k)
        rank[np.argsort(np.abs(deviation), kind="stable")] = np.arange(1, k + 1)
        missing, se = count(np.sign(deviation) * rank)
        found = min(max(0, round(missing)), k - 1)
        if found == k0 or found in seen:
            return found, se, centre
        seen.add(k0)
        k0 = found
