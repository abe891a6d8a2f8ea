"""Many meta-analyses without moderators at once: bootstraps, leave-one-out, cumulative, simulations."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from medpol.evidence.effects.sizes import computable
from medpol.evidence.pooling.model import Array, Means
from medpol.evidence.pooling.tau2 import ESTIMATORS, WORK_ARRAY, estimate_tau2
from medpol.problems import Place, PolicyRejected, Problem

METHODS = ("EE", *ESTIMATORS)
INTERVALS = {
    "z": "Wald, normal",
    "t": "Wald, t with k - p degrees of freedom",
    "knha": "Knapp-Hartung, t with k - p degrees of freedom, no floor",
    "adhoc": "Knapp-Hartung with the ad hoc floor (never narrower than Wald's SE), t with k - p",
}
ROUNDING = 8 * np.finfo(float).eps
"""Residuals this small next to the mean are rounding: equal effects have a Knapp-Hartung SE of exactly 0."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fits:
    """Results of many meta-analyses, one array element each. `df` is ∞ for normal intervals."""

    estimate: Array
    se: Array
    stat: Array
    p: Array
    ci_low: Array
    ci_high: Array
    df: Array
    tau2: Array
    i2: Array
    h2: Array
    q: Array
    q_p: Array
    k: Array

    def prediction(self, level: float = 0.95, df: ArrayLike | None = None) -> tuple[Array, Array]:
        """Prediction intervals with those degrees of freedom (by default those of the interval)."""
        spread = np.sqrt(self.tau2 + self.se**2)
        half = quantile(level, self.df if df is None else np.asarray(df, dtype=float)) * spread
        return self.estimate - half, self.estimate + half


def quantile(level: float, df: Array) -> Array:
    """The two-sided critical value; df = ∞ is the normal, df < 1 has none (NaN)."""
    tail = 0.5 + level / 2
    distinct, place = np.unique(df, return_inverse=True)
    values = np.full(distinct.shape, float(special.ndtri(tail)))
    finite = np.isfinite(distinct)
    usable = finite & (distinct >= 1)
    values[finite] = np.nan
    values[usable] = special.stdtrit(distinct[usable], tail)
    out: Array = values[place.reshape(df.shape)]
    return out


def two_sided_p(stat: Array, df: Array) -> Array:
    """Two-sided p of a z (df = ∞) or t statistic."""
    normal = ~np.isfinite(df)
    out = 2.0 * special.ndtr(-np.abs(stat))
    if not normal.all():
        out = np.where(normal, out, 2.0 * special.stdtr(np.where(normal, 1.0, df), -np.abs(stat)))
    return np.asarray(out, dtype=float)


def fit_means(model: Means, method: str, *, ci: str = "z", level: float = 0.95) -> Fits:
    """Pool every meta-analysis of the model.

    With one study there is no degree of freedom: normal interval, Q and I² 0, H² and the p of Q 1.
    """
    tau2 = estimate_tau2(model, method)
    w = 1.0 / (model.v + tau2)
    total = np.add.reduce(w)
    estimate = np.einsum("kb,kb->b", w, model.y) / total
    df = model.k - 1.0
    free = df > 0
    se = np.sqrt(1.0 / total)
    if ci in {"knha", "adhoc"}:
        residual = model.y - estimate
        factor = np.einsum("kb,kb,kb->b", w, residual, residual) / np.where(free, df, 1.0)
        factor = np.where(factor <= (ROUNDING * estimate) ** 2 * total, 0.0, factor)
        factor = np.maximum(factor, 1.0) if ci == "adhoc" else factor
        se = np.where(free, se * np.sqrt(factor), se)
    t_df = np.where(free & (ci != "z"), df, np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        stat = np.where(se > 0, estimate / se, np.sign(estimate) * np.inf)
    stat = np.where(np.isnan(stat), 0.0, stat)
    half = quantile(level, t_df) * se
    at_zero = model.slope(np.zeros((1, tau2.size)))
    q = np.where(free, at_zero.q[0], 0.0)
    i2, h2 = _inconsistency(method, tau2, q, df, at_zero.trace_p[0])
    return Fits(
        estimate=estimate,
        se=se,
        stat=stat,
        p=two_sided_p(stat, t_df),
        ci_low=estimate - half,
        ci_high=estimate + half,
        df=t_df,
        tau2=tau2,
        i2=i2,
        h2=h2,
        q=q,
        q_p=np.where(free, special.chdtrc(np.where(free, df, 1.0), q), 1.0),
        k=model.k,
    )


def _inconsistency(method: str, tau2: Array, q: Array, df: Array, trace_p: Array) -> tuple[Array, Array]:
    """I² (percent) and H²: Higgins & Thompson 2002 (Stat Med 21:1539-1558).

    Random effects: from τ² and the typical variance (k − 1)/tr(P); EE: from Q.
    """
    free = df > 0
    if method == "EE":
        excess = np.maximum(0.0, 100.0 * (q - df) / np.where(q > 0, q, 1.0))
        return np.where(free & (q > 0), excess, 0.0), np.where(free, q / np.where(free, df, 1.0), 1.0)
    with np.errstate(divide="ignore"):  # tr(P) may vanish next to one overwhelming weight
        typical = np.where(free, df, 1.0) / np.where(free, trace_p, 1.0)
    return np.where(free, 100.0 * tau2 / (typical + tau2), 0.0), np.where(free, 1.0 + tau2 / typical, 1.0)


def pool_many(yi: ArrayLike, vi: ArrayLike, *, method: str = "REML", ci: str = "z", level: float = 0.95) -> Fits:
    """Pool each row of `yi` and `vi` (meta-analyses × studies); vi = ∞ marks an absent study.

    The same numbers as `pool`, row by row, a few hundred times faster.

    >>> fits = pool_many([[0.1, 0.9], [0.4, 0.5]], [[0.02, 0.03], [0.02, 0.03]], method="DL")
    >>> fits.tau2.round(3).tolist()
    [0.295, 0.0]
    """
    check_choice("method", method, METHODS)
    check_choice("interval", ci, INTERVALS)
    y = np.atleast_2d(np.asarray(yi, dtype=float))
    v = np.atleast_2d(np.asarray(vi, dtype=float))
    _check_rows(y, v)
    y = np.where(np.isfinite(v), y, 0.0)
    size = max(1, WORK_ARRAY // y.shape[1])
    parts = [
        fit_means(
            Means.of(np.ascontiguousarray(y[i : i + size].T), np.ascontiguousarray(v[i : i + size].T)),
            method,
            ci=ci,
            level=level,
        )
        for i in range(0, len(y), size)
    ]
    return Fits(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Fits)})


def _check_rows(y: NDArray[np.float64], v: NDArray[np.float64]) -> None:
    problems = []
    if y.shape != v.shape:
        message = f"yi is {y.shape[0]} × {y.shape[1]} and vi {v.shape[0]} × {v.shape[1]}"
        problems.append(_problem("input", "EV103", message, "give one variance for each effect"))
    else:
        wrong = ~(np.isposinf(v) | (computable(y, v) & (v > 0)))
        for row, column in zip(*np.nonzero(wrong), strict=True):
            where = f"row {row + 1}, study {column + 1}"
            message = f"effect {y[row, column]:g} with variance {v[row, column]:g}"
            problems.append(_problem(where, "EV108", message, "a variance must be above 0, an effect finite"))
        for row in np.nonzero(~np.isfinite(v).any(axis=1))[0]:
            problems.append(_problem(f"row {row + 1}", "EV116", "no studies", "leave the row out"))
    if problems:
        raise PolicyRejected(problems)


def _problem(path: str, code: str, message: str, remedy: str) -> Problem:
    return Problem(place=Place(file="input", path=path), code=code, message=message, remedy=remedy)


def check_choice(what: str, value: str, known: tuple[str, ...] | dict[str, str]) -> None:
    """Raise PolicyRejected (EV103) unless `value` is one of `known`."""
    if value not in known:
        remedy = f"use one of {', '.join(known)}"
        raise PolicyRejected([_problem("", "EV103", f"there is no {what} {value!r}", remedy)])
