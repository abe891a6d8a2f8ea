"""A whole meta-analysis of one set of effects, and its one JSON shape."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from medpol.evidence.bias import (
    Begg,
    Egger,
    TrimFill,
    begg,
    egger,
    excess_significance,
    orwin,
    rosenberg,
    rosenthal,
    trim_and_fill,
)
from medpol.evidence.effects import Effects
from medpol.evidence.pooling import (
    HeterogeneityInterval,
    MetaRegression,
    Pooled,
    Row,
    Subgroups,
    cumulative,
    leave_one_out,
    meta_regression,
    pool,
    q_profile,
    subgroups,
)
from medpol.evidence.pooling.many import quantile

COMMON_EFFECT = ("EE", "MH", "PETO")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MetaAnalysis:
    """Everything computed from one set of effects; `as_json` is what `medpol meta --json` prints."""

    effects: Effects
    pooled: Pooled
    heterogeneity: HeterogeneityInterval | None
    leave_one_out: Sequence[Row]
    cumulative: Sequence[Row]
    egger: Egger
    begg: Begg
    trim_fill: TrimFill | None
    subgroups: Subgroups | None
    meta_regression: MetaRegression | None
    order: str

    @property
    def conventions(self) -> dict[str, str]:
        fit = self.pooled
        bias_model = _bias_method(fit.method)
        named = {
            "scale": f"{self.effects.measure.title}, analysed on the {self.effects.measure.scale} scale",
            **fit.conventions,
            "cumulative": f"in the order of {self.order}",
            "egger": "linear regression on the standard error, weights 1/vi, t with k - 2",
            "begg": "Kendall tau-b; exact without ties, else normal without continuity correction",
            "trim_fill": f"estimator L0, side by the slope on the standard error, model {bias_model}",
            "weights": "percent; null where a study is not pooled",
        }
        if self.heterogeneity is not None and fit.method not in COMMON_EFFECT:
            named["tau2_ci"] = f"Q-profile, {100 * fit.level:g}%"
        return named

    @property
    def warnings(self) -> tuple[str, ...]:
        extra = [self.subgroups.warnings if self.subgroups else ()]
        extra.append(self.meta_regression.warnings if self.meta_regression else ())
        missing = [f"no Egger test: {self.egger.why}"] if self.egger.why else []
        missing += [f"no Begg test: {self.begg.why}"] if self.begg.why else []
        missing += [] if self.trim_fill else ["no trim and fill: fewer than three studies, or equal effects"]
        unique = dict.fromkeys([*self.pooled.warnings, *missing, *(w for part in extra for w in part)])
        return tuple(unique)

    def as_json(self) -> dict[str, Any]:
        """On the analysis scale, `back_transformed` beside it. What does not exist is null."""
        fit = self.pooled
        common = fit.method in COMMON_EFFECT
        interval = None if common or self.heterogeneity is None else list(self.heterogeneity.tau2)
        out = {
            "measure": self.effects.measure.name,
            "method": fit.method,
            "ci_method": fit.ci,
            "level": fit.level,
            "k": fit.k,
            "estimate": fit.estimate,
            "se": fit.se,
            "stat": fit.stat,
            "df": fit.df,
            "ci_low": fit.ci_low,
            "ci_high": fit.ci_high,
            "p": fit.p,
            "tau2": fit.tau2,
            "se_tau2": fit.se_tau2,
            "tau2_ci": interval,
            "q": fit.q,
            "q_df": fit.q_df,
            "q_p": fit.q_p,
            "i2": fit.i2,
            "h2": fit.h2,
            "prediction_low": fit.prediction_low,
            "prediction_high": fit.prediction_high,
            "back_transformed": self._back_transformed(),
            "conventions": self.conventions,
            "effects": self._effects(),
            "weights_pct": self._weights(),
            "leave_one_out": [asdict(row) for row in self.leave_one_out],
            "cumulative": [asdict(row) for row in self.cumulative],
            "egger": asdict(self.egger),
            "begg": asdict(self.begg),
            "trim_fill": _trim_fill_json(self.trim_fill),
            "fail_safe": {
                test.kind: asdict(test) for test in (rosenthal(fit.effects), orwin(fit.effects), rosenberg(fit.effects))
            }
            if fit.effects.included.any()
            else {},
            "excess_significance": _excess_json(fit.effects),
            "subgroups": _subgroups_json(self.subgroups),
            "meta_regression": _regression_json(self.meta_regression),
            "warnings": list(self.warnings),
        }
        return {name: jsonable(value) for name, value in out.items()}

    def _back_transformed(self) -> dict[str, Any]:
        measure = self.effects.measure
        return {"scale": measure.back_title or measure.title, **self.pooled.back_transformed}

    def _effects(self) -> list[dict[str, Any]]:
        effects, z = self.effects, float(quantile(self.pooled.level, np.array([math.inf]))[0])
        rows = []
        for i, study in enumerate(effects.study):
            yi, vi = float(effects.yi[i]), float(effects.vi[i])
            half = z * math.sqrt(vi) if vi >= 0 else math.nan
            rows.append(
                {
                    "study": study,
                    "yi": yi,
                    "vi": vi,
                    "sei": math.sqrt(vi) if vi >= 0 else math.nan,
                    "ci_low": yi - half,
                    "ci_high": yi + half,
                    "left_out": effects.left_out.get(i),
                }
            )
        return rows

    def _weights(self) -> list[float | None]:
        """One per row of the input: the fit's weights, in order, and None for rows not pooled."""
        fit = self.pooled
        pooled_rows = self.effects.included if fit.method not in {"MH", "PETO"} else self.effects.reported
        weights = iter(fit.weights_pct.tolist())
        return [next(weights) if there else None for there in pooled_rows]


def _bias_method(method: str) -> str:
    return "EE" if method in COMMON_EFFECT else method


def meta_analysis(
    effects: Effects,
    *,
    method: str = "REML",
    ci: str = "z",
    level: float = 0.95,
    prediction: str = "auto",
    order: ArrayLike | None = None,
    order_name: str = "the file",
    by: Sequence[object] | None = None,
    moderators: Mapping[str, ArrayLike | Sequence[str]] | None = None,
) -> MetaAnalysis:
    """Pool, and look at heterogeneity, sensitivity and bias, in one go.

    >>> from medpol.evidence import effect_sizes, meta_analysis
    >>> trials = effect_sizes("GEN", yi=[0.1, 0.9, 0.4], vi=[0.02, 0.03, 0.05])
    >>> report = meta_analysis(trials, method="DL")
    >>> [round(row.estimate, 2) for row in report.leave_one_out]
    [0.67, 0.2, 0.49]

    `order` (a value per row) sorts the cumulative analysis; `by` and `moderators` have a value per row.
    """
    fit = pool(effects, method=method, ci=ci, level=level, prediction=prediction)
    bias_method = _bias_method(method)
    return MetaAnalysis(
        effects=effects,
        pooled=fit,
        heterogeneity=q_profile(effects, level=level),
        leave_one_out=leave_one_out(effects, method=method, ci=ci, level=level),
        cumulative=cumulative(effects, order=order, method=method, ci=ci, level=level),
        egger=egger(effects, level=level),
        begg=begg(effects),
        trim_fill=trim_and_fill(effects, method=bias_method, ci=ci, level=level),
        subgroups=None
        if by is None
        else subgroups(effects, by, method=method, ci=ci, level=level, prediction=prediction),
        meta_regression=None
        if not moderators
        else meta_regression(effects, moderators, method=bias_method, ci=ci, level=level),
        order=order_name,
    )


def _trim_fill_json(result: TrimFill | None) -> dict[str, Any]:
    if result is None:
        return {}
    fit = result.pooled
    return {
        "estimator": result.estimator,
        "k0": result.k0,
        "se_k0": result.se_k0,
        "side": result.side,
        "k": fit.k,
        "estimate": fit.estimate,
        "se": fit.se,
        "ci_low": fit.ci_low,
        "ci_high": fit.ci_high,
        "p": fit.p,
        "tau2": fit.tau2,
        "filled_yi": result.filled_yi.tolist(),
        "filled_vi": result.filled_vi.tolist(),
    }


def _excess_json(effects: Effects) -> dict[str, Any]:
    if not effects.included.any():
        return {}
    result = asdict(excess_significance(effects))
    result["power"] = result["power"].tolist()
    return result


def _summary(fit: Pooled) -> dict[str, Any]:
    names = ("k", "estimate", "se", "ci_low", "ci_high", "p", "tau2", "i2", "h2", "q", "q_df", "q_p")
    limits = ("prediction_low", "prediction_high")
    return {name: getattr(fit, name) for name in (*names, *limits)} | {"back_transformed": fit.back_transformed}


def _subgroups_json(result: Subgroups | None) -> dict[str, Any] | None:
    if result is None:
        return None
    groups = [{"group": name, **_summary(fit)} for name, fit in result.groups.items()]
    test = {"q_between": result.q_between, "df": result.df, "p": result.p}
    return {"groups": groups, **test, "tau2": "separate in each subgroup"}


def _regression_json(fit: MetaRegression | None) -> dict[str, Any] | None:
    if fit is None:
        return None
    columns = ("coef", "se", "stat", "p", "ci_low", "ci_high")
    coefficients = [
        {"name": name, **{column: float(getattr(fit, column)[i]) for column in columns}}
        for i, name in enumerate(fit.names)
    ]
    scalars = ("k", "tau2", "se_tau2", "i2", "h2", "r2", "qe", "qe_df", "qe_p", "qm", "qm_df", "qm_p")
    return {"coefficients": coefficients, **{name: getattr(fit, name) for name in scalars}}


def jsonable(value: Any) -> Any:
    """Plain JSON: NaN and infinities become null, tuples lists."""
    if isinstance(value, Mapping):
        return {str(key): jsonable(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(member) for member in value]
    if isinstance(value, np.ndarray):
        return jsonable(value.tolist())
    if isinstance(value, np.generic):
        return jsonable(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
