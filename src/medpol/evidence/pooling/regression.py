"""Meta-regression: effects explained by moderators, with residual heterogeneity."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from medpol.evidence.effects import Effects
from medpol.evidence.pooling.many import INTERVALS, METHODS, ROUNDING, check_choice, quantile, two_sided_p
from medpol.evidence.pooling.model import Array, Means, Regression
from medpol.evidence.pooling.precision import tau2_standard_error
from medpol.evidence.pooling.tau2 import estimate_tau2
from medpol.problems import Place, PolicyRejected, Problem

R2 = ("100 (tau2 without - tau2 with)/without, not below 0", "adjusted R2 of the weighted regression")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MetaRegression:
    """Coefficients on the analysis scale; `i2` (residual) and `r2` in percent.

    `qm` tests all coefficients but the intercept: χ² with `qm_df[0]`, or F with both. `r2` is the share of
    τ² explained (for EE the adjusted R² of the weighted regression), not below 0; None where there was no
    τ² to explain.
    """

    names: tuple[str, ...]
    coef: Array
    se: Array
    stat: Array
    p: Array
    ci_low: Array
    ci_high: Array
    vcov: Array
    method: str
    ci: str
    level: float
    k: int
    tau2: float
    se_tau2: float | None
    i2: float
    h2: float
    r2: float | None
    qe: float
    qe_df: int
    qe_p: float
    qm: float
    qm_df: tuple[int, int | None]
    qm_p: float
    conventions: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def design_matrix(
    moderators: Mapping[str, ArrayLike | Sequence[str]], rows: int, *, file: str = "input"
) -> tuple[Array, tuple[str, ...]]:
    """Intercept, one column per number, one indicator per category but the first in alphabetical order."""
    columns, names = [np.ones(rows)], ["intercept"]
    for name, values in moderators.items():
        listed = np.asarray(values)
        if len(listed) != rows:
            raise _refused(file, name, f"{name} has {len(listed)} values for {rows} effects")
        if np.issubdtype(listed.dtype, np.number):
            numbers = listed.astype(float)
            if not np.isfinite(numbers).all():
                raise _refused(file, name, f"{name} is missing for some studies")
            columns.append(numbers)
            names.append(name)
        else:
            levels = sorted({str(value) for value in listed})
            columns += [np.array([float(str(v) == level) for v in listed]) for level in levels[1:]]
            names += [f"{name}: {level}" for level in levels[1:]]
    x = np.column_stack(columns)
    scaled = x / np.maximum(np.linalg.norm(x, axis=0), 1e-300)
    if np.linalg.matrix_rank(scaled) < x.shape[1]:
        raise _refused(file, " + ".join(moderators), "the moderators determine each other, or do not vary")
    return x, tuple(names)


def _refused(file: str, column: str, message: str) -> PolicyRejected:
    place = Place(file=file, path=f"column {column}")
    remedy = "drop the moderator, or the rows without it"
    return PolicyRejected([Problem(place=place, code="EV114", message=message, remedy=remedy)])


def meta_regression(
    effects: Effects,
    moderators: Mapping[str, ArrayLike | Sequence[str]],
    *,
    method: str = "REML",
    ci: str = "z",
    level: float = 0.95,
) -> MetaRegression:
    """Regress the effects on moderators (one value per row of `effects`); text becomes indicators.

    >>> from medpol.evidence import effect_sizes, meta_regression
    >>> trials = effect_sizes("GEN", yi=[0.1, 0.9, 0.4, 0.6], vi=[0.02, 0.03, 0.05, 0.04])
    >>> fit = meta_regression(trials, {"dose": [1, 4, 2, 3]}, method="EE")
    >>> fit.names, fit.coef.round(3).tolist()
    (('intercept', 'dose'), [-0.159, 0.263])

    I² of the residual heterogeneity uses the typical variance (k − p)/tr(P); EE uses (QE − df)/QE.
    """
    check_choice("method", method, METHODS)
    check_choice("interval", ci, INTERVALS)
    rows = np.nonzero(effects.included)[0]
    used = effects.take(rows)
    picked = {name: np.asarray(values)[rows] for name, values in moderators.items()}
    x, names = design_matrix(picked, len(used))
    k, p = x.shape
    if k <= p:
        raise _refused("input", " + ".join(moderators), f"{k} studies cannot carry {p} coefficients")
    model = Regression.of(used.yi, used.vi, x)
    tau2 = float(estimate_tau2(model, method)[0])
    coef, vcov, q_weighted = _solve(used.yi, used.vi + tau2, x)
    _, _, qe = _solve(used.yi, used.vi, x)
    factor = _variance_factor(ci, q_weighted / (k - p))
    se = np.sqrt(np.diagonal(vcov) * factor)
    df = np.full(p, math.inf if ci == "z" else float(k - p))
    stat = _ratio(coef, se, used.yi)
    half = quantile(level, df) * se
    qm, qm_df, qm_p = _test_of_moderators(coef, vcov * factor, k, ci)
    typical = (k - p) / float(model.slope(np.zeros((1, 1))).trace_p[0, 0])
    return MetaRegression(
        names=names,
        coef=coef,
        se=se,
        stat=stat,
        p=two_sided_p(stat, df),
        ci_low=coef - half,
        ci_high=coef + half,
        vcov=vcov * factor,
        method=method,
        ci=ci,
        level=level,
        k=k,
        tau2=tau2,
        se_tau2=tau2_standard_error(method, used.yi, used.vi, x, tau2),
        i2=max(0.0, 100 * (qe - (k - p)) / qe) if method == "EE" and qe > 0 else 100 * tau2 / (tau2 + typical),
        h2=qe / (k - p) if method == "EE" else 1 + tau2 / typical,
        r2=_explained(used, method, tau2, qe, p),
        qe=qe,
        qe_df=k - p,
        qe_p=float(special.chdtrc(k - p, qe)),
        qm=qm,
        qm_df=qm_df,
        qm_p=qm_p,
        conventions={**effects.conventions, "ci": INTERVALS[ci], "r2": R2[method == "EE"]},
        warnings=tuple(_warnings(effects, exact=factor == 0)),
    )


def _warnings(effects: Effects, *, exact: bool) -> list[str]:
    out = [f"{effects.study[row]} is not used: {why}" for row, why in effects.left_out.items()]
    if exact:
        out.append("the moderators fit the effects exactly: Knapp-Hartung standard errors are 0; consider --ci adhoc")
    return out


def _ratio(coef: Array, se: Array, y: Array) -> Array:
    """coef/se; where se is 0, infinite, or 0 for a coefficient that is 0 but for rounding."""
    tiny = ROUNDING * float(np.abs(y).max())
    exact = np.where(np.abs(coef) <= tiny, 0.0, np.copysign(math.inf, coef))
    out: Array = np.where(se > 0, coef / np.where(se > 0, se, 1.0), exact)
    return out


def _solve(y: Array, variance: Array, x: Array) -> tuple[Array, Array, float]:
    """Weighted least squares: coefficients, (X'WX)⁻¹, weighted residual sum of squares."""
    root = 1.0 / np.sqrt(variance)
    basis, upper = np.linalg.qr(root[:, None] * x)
    inverse = np.linalg.inv(upper)
    scaled = root * y
    residual = scaled - basis @ (basis.T @ scaled)
    square = float(residual @ residual)
    if square <= len(y) * (ROUNDING * float(np.abs(scaled).max())) ** 2:
        square = 0.0
    return inverse @ (basis.T @ scaled), inverse @ inverse.T, square


def _variance_factor(ci: str, mean_square: float) -> float:
    """What multiplies the covariance: the weighted mean square for Knapp & Hartung 2003, else 1."""
    return {"knha": mean_square, "adhoc": max(1.0, mean_square)}.get(ci, 1.0)


def _test_of_moderators(coef: Array, vcov: Array, k: int, ci: str) -> tuple[float, tuple[int, int | None], float]:
    m = len(coef) - 1
    if m and not vcov.any():
        return math.inf, (m, k - len(coef)), 0.0
    wald = float(coef[1:] @ np.linalg.solve(vcov[1:, 1:], coef[1:])) if m else 0.0
    if ci == "z":
        return wald, (m, None), float(special.chdtrc(m, wald)) if m else 1.0
    df = k - len(coef)
    return wald / max(m, 1), (m, df), float(special.fdtrc(m, df, wald / m)) if m else 1.0


def _explained(used: Effects, method: str, tau2: float, qe: float, p: int) -> float | None:
    y, v = used.yi, used.vi
    if method == "EE":
        _, _, q = _solve(y, v, np.ones((len(y), 1)))
        adjusted = 1 - (qe / (len(y) - p)) / (q / (len(y) - 1)) if q > 0 else 0.0
        return max(0.0, 100 * adjusted)
    without = float(estimate_tau2(Means.of(y[:, None].copy(), v[:, None].copy()), method)[0])
    return max(0.0, 100 * (without - tau2) / without) if without > 0 else None
