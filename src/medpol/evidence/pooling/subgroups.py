"""Subgroups: one meta-analysis each, and the test of their difference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import special

from medpol.evidence.effects import Effects
from medpol.evidence.pooling.fit import Pooled, pool
from medpol.evidence.pooling.regression import meta_regression
from medpol.problems import PolicyRejected


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subgroups:
    """`q_between` compares the subgroup estimates by inverse variance; 0 with p 1 for a single subgroup.

    Both are None where a subgroup has a standard error of 0: nothing can be compared.
    """

    groups: Mapping[str, Pooled]
    q_between: float | None
    df: int
    p: float | None
    warnings: tuple[str, ...] = field(default=())


def subgroups(
    effects: Effects,
    by: Sequence[object],
    *,
    method: str = "REML",
    ci: str = "z",
    level: float = 0.95,
    prediction: str = "auto",
) -> Subgroups:
    """Pool each subgroup with its own τ² (Borenstein et al. 2009, ch. 19, method "separate").

    Subgroups come in alphabetical order. One without a usable study is left out, with a warning.
    """
    labels = np.array([str(value) for value in by])
    groups, warnings = {}, []
    for label in sorted(set(labels)):
        members = effects.take(np.nonzero(labels == label)[0])
        try:
            groups[str(label)] = pool(members, method=method, ci=ci, level=level, prediction=prediction)
        except PolicyRejected as rejected:
            if {problem.code for problem in rejected.problems} != {"EV116"}:
                raise
            warnings.append(f"subgroup {label} has no study that can be pooled")
    estimates = np.array([g.estimate for g in groups.values()])
    variances = np.array([g.se**2 for g in groups.values()])
    df = len(groups) - 1
    if len(groups) == 1:
        warnings.append("one subgroup: there is no difference to test")
    q = p = None
    if not groups:
        return Subgroups(groups={}, q_between=None, df=0, p=None, warnings=tuple(warnings))
    if (variances > 0).all():
        mean = (estimates / variances).sum() / (1 / variances).sum()
        q = float(((estimates - mean) ** 2 / variances).sum()) if df else 0.0
        p = float(special.chdtrc(df, q)) if df else 1.0
    else:
        warnings.append("a subgroup has a standard error of 0: the subgroups cannot be compared")
    return Subgroups(groups=groups, q_between=q, df=df, p=p, warnings=tuple(warnings))


def subgroup_test_common_tau2(
    effects: Effects, by: Sequence[object], *, method: str = "REML", ci: str = "z"
) -> tuple[float, float, float]:
    """τ², QM and p of the subgroup difference with one τ² for all: meta-regression on the group."""
    fit = meta_regression(effects, {"group": [str(value) for value in by]}, method=method, ci=ci)
    return fit.tau2, fit.qm, fit.qm_p
