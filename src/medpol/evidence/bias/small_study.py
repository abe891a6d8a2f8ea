"""Funnel-plot asymmetry: Egger's regressions and Begg's rank correlation."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from medpol.evidence.effects import Effects
from medpol.evidence.pooling.many import quantile
from medpol.evidence.pooling.regression import meta_regression


@dataclass(frozen=True, slots=True, kw_only=True)
class Egger:
    """The test that the slope is 0. `limit` is the effect of an infinitely precise study.

    All but `model` are None where the test does not exist (see `why`).
    """

    model: str
    stat: float | None
    df: float | None
    p: float | None
    slope: float | None
    limit: float | None
    limit_low: float | None
    limit_high: float | None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begg:
    """Kendall's τ-b between standardized effect and variance; `p` exact where `exact`."""

    tau: float | None
    p: float | None
    exact: bool
    why: str = ""


def _no_egger(model: str, why: str) -> Egger:
    return Egger(
        model=model, stat=None, df=None, p=None, slope=None, limit=None, limit_low=None, limit_high=None, why=why
    )


def egger(effects: Effects, *, model: str = "lm", predictor: ArrayLike | None = None, level: float = 0.95) -> Egger:
    """Regress the effects on their standard errors, or on `predictor` (one value per row).

    `model` "lm" is the classical test (Egger et al. 1997, BMJ 315:629-634): weights 1/v, multiplicative
    dispersion, t with k − 2. "REML" is a mixed-effects meta-regression with a normal test (Sterne & Egger
    2005). Needs three studies and standard errors that differ.
    """
    used = effects.take(np.nonzero(effects.included)[0])
    x = used.sei if predictor is None else np.asarray(predictor, dtype=float)[effects.included]
    if len(used) < 3:
        return _no_egger(model, "fewer than three studies")
    if np.ptp(x) <= 1e-12 * np.abs(x).max():
        return _no_egger(model, "the predictor does not vary")
    if model != "lm":
        fit = meta_regression(used, {"predictor": x}, method=model, level=level)
        return Egger(
            model=model,
            stat=float(fit.stat[1]),
            df=math.inf,
            p=float(fit.p[1]),
            slope=float(fit.coef[1]),
            limit=float(fit.coef[0]),
            limit_low=float(fit.ci_low[0]),
            limit_high=float(fit.ci_high[0]),
        )
    fit = meta_regression(used, {"predictor": x}, method="EE", ci="knha", level=level)
    df = float(len(used) - 2)
    no_spread = float(fit.se[1]) <= 1e-12 * float(np.abs(used.yi).max()) / float(np.abs(x).max())
    if no_spread:
        half = 0.0
        stat, p = None, None
        why = "the effects lie on a line: there is no residual to test against"
    else:
        half = float(quantile(level, np.array([df]))[0]) * float(fit.se[0])
        stat, p, why = float(fit.stat[1]), float(fit.p[1]), ""
    limit = float(fit.coef[0])
    return Egger(
        model="lm",
        stat=stat,
        df=df,
        p=p,
        slope=float(fit.coef[1]),
        limit=limit,
        limit_low=limit - half,
        limit_high=limit + half,
        why=why,
    )


def begg(effects: Effects, *, exact: bool | None = None) -> Begg:
    """Begg & Mazumdar 1994 (Biometrics 50:1088-1101).

    Exact p by default where there are no ties and fewer than 170 studies; else normal, without continuity
    correction.
    """
    used = effects.take(np.nonzero(effects.included)[0])
    if len(used) < 3:
        return Begg(tau=None, p=None, exact=False, why="fewer than three studies")
    y, v = used.yi, used.vi
    w = 1.0 / v
    deviation = y - (w * y).sum() / w.sum()
    deviation[np.abs(deviation) <= 8 * np.finfo(float).eps * np.abs(y).max()] = 0.0
    spread = v - 1.0 / w.sum()
    standardized = deviation / np.sqrt(spread)
    if np.ptp(standardized) == 0 or np.ptp(v) == 0:
        return Begg(tau=None, p=None, exact=False, why="all effects, or all variances, are equal")
    untied = len(set(standardized)) == len(set(v)) == len(y)
    use_exact = untied and len(y) < 170 if exact is None else exact and untied
    from scipy import stats  # takes half a second, and few commands need it

    result = stats.kendalltau(standardized, v, method="exact" if use_exact else "asymptotic")
    return Begg(tau=float(result.statistic), p=float(result.pvalue), exact=use_exact)
