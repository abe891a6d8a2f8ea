"""What one study, or the order of the studies, does to the pooled effect."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from medpol.evidence.effects import Effects
from medpol.evidence.pooling.fit import pool
from medpol.evidence.pooling.many import Fits, fit_means, pool_many
from medpol.evidence.pooling.model import Array, Means
from medpol.problems import PolicyRejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The pooled effect after leaving a study out, or after adding one."""

    study: str
    k: int
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    p: float
    tau2: float
    i2: float
    h2: float
    q: float
    q_p: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Influence:
    """Case diagnostics (Viechtbauer & Cheung 2010, Res Synth Methods 1:112-125), one element per study.

    Flagged `influential`: |DFFITS| > 3√(1/(k − 1)), or Cook's distance past the median of χ²(1), or
    leverage > 3/k, or |DFBETAS| > 1.
    """

    study: tuple[str, ...]
    rstudent: Array
    dffits: Array
    cook: Array
    cov_ratio: Array
    tau2_deleted: Array
    qe_deleted: Array
    hat: Array
    weight_pct: Array
    dfbetas: Array
    influential: NDArray[np.bool_]


def leave_one_out(effects: Effects, *, method: str = "REML", ci: str = "z", level: float = 0.95) -> list[Row]:
    """Pool again without each study in turn; empty with fewer than two.

    With MH and PETO a study has no row where the others carry no information.
    """
    if method in {"MH", "PETO"}:
        tables = effects.take(effects.reported)
        every = np.arange(len(tables))
        return _table_rows(tables.study, [tables.take(np.delete(every, i)) for i in every], method, level)
    used = effects.take(np.nonzero(effects.included)[0])
    if len(used) < 2:
        return []
    return _rows(used.study, _deleted(used, method, ci, level))


def _deleted(used: Effects, method: str, ci: str, level: float = 0.95) -> Fits:
    k = len(used)
    vi = np.tile(used.vi, (k, 1))
    np.fill_diagonal(vi, np.inf)
    return pool_many(np.tile(used.yi, (k, 1)), vi, method=method, ci=ci, level=level)


def cumulative(
    effects: Effects,
    *,
    order: ArrayLike | None = None,
    method: str = "REML",
    ci: str = "z",
    level: float = 0.95,
) -> list[Row]:
    """Pool the first study, the first two, … in the order of `order` (a value per row; ties as listed)."""
    key = np.arange(len(effects)) if order is None else np.asarray(order)
    ordered = effects.take(np.argsort(key, kind="stable"))
    if method in {"MH", "PETO"}:
        tables = ordered.take(ordered.reported)
        steps = [tables.take(range(i + 1)) for i in range(len(tables))]
        return _table_rows(tables.study, steps, method, level)
    used = ordered.take(np.nonzero(ordered.included)[0])
    k = len(used)
    vi = np.where(np.tri(k, dtype=bool), used.vi, np.inf)
    return _rows(used.study, pool_many(np.tile(used.yi, (k, 1)), vi, method=method, ci=ci, level=level))


def _rows(study: Sequence[str], fits: Fits) -> list[Row]:
    names = [name for name in Row.__slots__ if name not in {"study", "k"}]
    columns = {name: getattr(fits, name) for name in names}
    return [
        Row(study=one, k=int(fits.k[i]), **{name: float(values[i]) for name, values in columns.items()})
        for i, one in enumerate(study)
    ]


def _table_rows(study: Sequence[str], steps: Sequence[Effects], method: str, level: float) -> list[Row]:
    """A step whose tables carry no information has no row."""
    names = [name for name in Row.__slots__ if name not in {"study", "k"}]
    rows = []
    for one, step in zip(study, steps, strict=True):
        try:
            fit = pool(step, method=method, level=level)
        except PolicyRejected:
            continue
        rows.append(Row(study=one, k=fit.k, **{name: getattr(fit, name) for name in names}))
    return rows


def influence(effects: Effects, *, method: str = "REML") -> Influence | None:
    """How much each study moves the model without moderators; None with fewer than three studies."""
    used = effects.take(np.nonzero(effects.included)[0])
    k = len(used)
    if k < 3:
        return None
    y, v = used.yi, used.vi
    full = fit_means(Means.of(y[:, None].copy(), v[:, None].copy()), method)
    tau2, estimate, variance = float(full.tau2[0]), float(full.estimate[0]), float(full.se[0] ** 2)
    w = 1.0 / (v + tau2)
    hat = w / w.sum()
    without = _deleted(used, method, "z")
    shift = estimate - without.estimate
    deleted_variance = without.se**2
    rstudent = (y - without.estimate) / np.sqrt(v + without.tau2 + deleted_variance)
    dffits = shift / np.sqrt(hat * (without.tau2 + v))
    cook = shift**2 / variance
    dfbetas = shift / _scale_of_dfbetas(without.tau2, v)
    flagged = (
        (np.abs(dffits) > 3 * np.sqrt(1 / (k - 1)))
        | (special.chdtr(1, cook) > 0.5)
        | (hat > 3 / k)
        | (np.abs(dfbetas) > 1)
    )
    return Influence(
        study=used.study,
        rstudent=rstudent,
        dffits=dffits,
        cook=cook,
        cov_ratio=deleted_variance / variance,
        tau2_deleted=without.tau2,
        qe_deleted=without.q,
        hat=hat,
        weight_pct=100 * hat,
        dfbetas=dfbetas,
        influential=flagged,
    )


def _scale_of_dfbetas(tau2_deleted: Array, v: Array) -> Array:
    """The SE the full estimate would have with each deleted τ²."""
    out: Array = (1.0 / (v[None, :] + tau2_deleted[:, None])).sum(axis=1) ** -0.5
    return out
