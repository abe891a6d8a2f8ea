"""One meta-analysis without moderators."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from medpol.evidence.effects import Effects
from medpol.evidence.pooling.many import INTERVALS, METHODS, check_choice, fit_means, quantile
from medpol.evidence.pooling.model import Array, Means
from medpol.evidence.pooling.precision import tau2_standard_error
from medpol.evidence.pooling.stratified import STRATIFIED, Stratified, combine_tables
from medpol.problems import Place, PolicyRejected, Problem

PREDICTION = {
    "auto": "the distribution of the confidence interval: normal for z, t(k - 1) for t, knha and adhoc",
    "z": "normal quantile (metafor with z tests)",
    "t_kminus1": "t with k - 1 degrees of freedom (R meta ≥ 7, Cochrane)",
    "t_kminus2": "t with k - 2 degrees of freedom (Higgins, Thompson & Spiegelhalter 2009)",
}

TAU2_CONVENTION = {
    "EB": "empirical Bayes, root of Q(tau2) = k - p, converged",
    "PM": "Paule-Mandel, root of Q(tau2) = k - p, converged",
    "PMM": "median-unbiased Paule-Mandel, converged",
    "ML": "maximum likelihood, highest of all peaks, converged",
    "REML": "restricted maximum likelihood, highest of all peaks, converged",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pooled:
    """A pooled effect on the analysis scale; i2 in percent; `effects` are the rows pooled.

    What the data cannot give is None, and `warnings` says why: prediction limits of a common-effect
    model, se_tau2 of a single study.
    """

    effects: Effects
    method: str
    ci: str
    level: float
    k: int
    estimate: float
    se: float
    stat: float
    p: float
    ci_low: float
    ci_high: float
    df: float
    tau2: float
    se_tau2: float | None
    i2: float
    h2: float
    q: float
    q_df: int
    q_p: float
    prediction_low: float | None
    prediction_high: float | None
    weights_pct: Array
    conventions: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()

    def prediction(self, convention: str = "auto") -> tuple[float, float] | None:
        """The prediction interval by one of the three conventions (see `PREDICTION`)."""
        check_choice("prediction interval", convention, PREDICTION)
        if self.method in {"EE", "MH", "PETO"}:
            return None
        df = {"auto": self.df, "z": math.inf, "t_kminus1": self.k - 1.0, "t_kminus2": self.k - 2.0}[convention]
        if df < 1:
            return None
        half = float(quantile(self.level, np.array([df]))[0]) * math.sqrt(self.tau2 + self.se**2)
        return self.estimate - half, self.estimate + half

    def back(self, value: float) -> float:
        """`value` on the scale readers know (odds ratio, proportion, …)."""
        return float(self.effects.back(value))

    @property
    def back_transformed(self) -> dict[str, float | None]:
        """Estimate, interval and prediction interval on the scale readers know."""
        limits = {
            "estimate": self.estimate,
            "ci_low": self.ci_low,
            "ci_high": self.ci_high,
            "prediction_low": self.prediction_low,
            "prediction_high": self.prediction_high,
        }
        return {name: None if value is None else self.back(value) for name, value in limits.items()}


def pool(
    effects: Effects, *, method: str = "REML", ci: str = "z", level: float = 0.95, prediction: str = "auto"
) -> Pooled:
    """Pool the effects by one of EE, MH, PETO, DL, HE, HS, HSk, SJ, ML, REML, EB, PM, PMM.

    >>> from medpol.evidence import effect_sizes, pool
    >>> trials = effect_sizes("GEN", yi=[0.1, 0.9, 0.4], vi=[0.02, 0.03, 0.05])
    >>> fit = pool(trials, method="DL", ci="knha")
    >>> round(fit.estimate, 4), round(fit.ci_low, 4), round(fit.ci_high, 4)
    (0.4621, -0.5587, 1.4829)
    >>> round(fit.tau2, 4), round(fit.i2, 1)
    (0.1675, 84.4)

    MH and PETO pool the tables themselves and need counts (MH also takes rates).
    """
    check_choice("method", method, (*METHODS, *STRATIFIED))
    check_choice("interval", ci, INTERVALS)
    check_choice("prediction interval", prediction, PREDICTION)
    if method in STRATIFIED:
        return _pool_tables(effects, method, level)
    rows = np.nonzero(effects.included)[0]
    if not rows.size:
        raise no_studies(effects)
    used = effects.take(rows)
    y, v = used.yi, used.vi
    fits = fit_means(Means.of(y[:, None].copy(), v[:, None].copy()), method, ci=ci, level=level)
    k, tau2 = len(used), float(fits.tau2[0])
    w = 1.0 / (v + tau2)
    fit = Pooled(
        estimate=float(fits.estimate[0]),
        se=float(fits.se[0]),
        stat=float(fits.stat[0]),
        p=float(fits.p[0]),
        ci_low=float(fits.ci_low[0]),
        ci_high=float(fits.ci_high[0]),
        df=float(fits.df[0]),
        tau2=tau2,
        i2=float(fits.i2[0]),
        h2=float(fits.h2[0]),
        q=float(fits.q[0]),
        q_p=float(fits.q_p[0]),
        effects=used,
        method=method,
        ci=ci,
        level=level,
        k=k,
        se_tau2=tau2_standard_error(method, y, v, np.ones((k, 1)), tau2),
        q_df=k - 1,
        prediction_low=None,
        prediction_high=None,
        weights_pct=100.0 * w / w.sum(),
    )
    return _described(fit, effects, prediction)


def no_studies(effects: Effects) -> PolicyRejected:
    """EV116: nothing to pool, with the reason for each row."""
    reasons = "; ".join(f"{effects.study[row]}: {why}" for row, why in effects.left_out.items())
    return PolicyRejected(
        [
            Problem(
                place=Place(file="input"),
                code="EV116",
                message=f"no study can be pooled ({reasons or 'no rows'})",
                remedy="report the missing numbers, or choose another measure or zero-cell rule",
            )
        ]
    )


def _described(fit: Pooled, effects: Effects, prediction: str) -> Pooled:
    """The same fit with its prediction interval, conventions and warnings."""
    limits = fit.prediction(prediction)
    random = fit.method not in {"EE", "MH", "PETO"}
    conventions = {
        **effects.conventions,
        "ci": INTERVALS[fit.ci] if fit.k > 1 else "Wald, normal (one study: no degrees of freedom)",
        "i2": "percent, from tau2 and the typical variance" if random else "percent, (Q - df)/Q, not below 0",
        "h2": "tau2/typical variance + 1" if random else "Q/df",
        "q": "Cochran's Q about the common-effect mean, df k - 1",
    }
    if random:
        conventions["tau2"] = TAU2_CONVENTION.get(fit.method, f"{fit.method}, cut at 0")
        conventions["prediction"] = PREDICTION[prediction]
    left_out = tuple((effects.study[row], why) for row, why in effects.left_out.items())
    return replace(
        fit,
        prediction_low=limits[0] if limits else None,
        prediction_high=limits[1] if limits else None,
        conventions=conventions,
        warnings=tuple(_warnings(fit, left_out, random=random, predicted=limits is not None)),
        left_out=left_out,
    )


def _warnings(fit: Pooled, left_out: tuple[tuple[str, str], ...], *, random: bool, predicted: bool) -> list[str]:
    out = [f"{study} is not pooled: {why}" for study, why in left_out]
    if fit.k == 1:
        out.append("one study: tau2 is set to 0, there is nothing to pool")
    elif random and fit.ci == "z" and fit.k < 10:
        out.append(f"normal interval with only {fit.k} studies is too narrow on average; consider --ci knha")
    if fit.k > 1 and fit.ci == "knha" and fit.se == 0:
        out.append("all effects are equal: the Knapp-Hartung standard error is 0; consider --ci adhoc")
    elif fit.k > 1 and fit.ci == "knha" and fit.se < float(np.sum(1 / (fit.effects.vi + fit.tau2)) ** -0.5):
        out.append("the Knapp-Hartung interval rests on a smaller SE than Wald's; consider --ci adhoc")
    if random and not predicted:
        out.append(f"no prediction interval: too few degrees of freedom with {fit.k} studies")
    return out


def _pool_tables(effects: Effects, method: str, level: float) -> Pooled:
    result: Stratified = combine_tables(effects, method)
    half = float(quantile(level, np.array([math.inf]))[0]) * result.se
    df = result.q_df
    fit = Pooled(
        effects=result.effects,
        method=method,
        ci="z",
        level=level,
        k=result.k,
        estimate=result.estimate,
        se=result.se,
        stat=result.stat,
        p=result.p,
        ci_low=result.estimate - half,
        ci_high=result.estimate + half,
        df=math.inf,
        tau2=0.0,
        se_tau2=None,
        i2=max(0.0, 100.0 * (result.q - df) / result.q) if result.q > 0 and df > 0 else 0.0,
        h2=result.q / df if df > 0 else 1.0,
        q=result.q,
        q_df=df,
        q_p=result.q_p,
        prediction_low=None,
        prediction_high=None,
        weights_pct=result.weights_pct,
    )
    described = _described(fit, replace(result.effects, left_out={}), "auto")
    return replace(
        described,
        conventions={**described.conventions, **result.conventions},
        warnings=(*described.warnings, *result.warnings),
    )
