"""From what studies report to one effect and variance each."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medpol.evidence.effects import counts, means, rates
from medpol.evidence.effects.faults import Fault, faults_of
from medpol.evidence.effects.measures import MEASURES, Measure, inverse_freeman_tukey
from medpol.problems import Place, PolicyRejected, Problem

Array = NDArray[np.float64]
Columns = Mapping[str, Array]


def computable(yi: Array, vi: Array) -> NDArray[np.bool_]:
    """Finite, and of a size whose powers neither overflow nor vanish; a variance of 0 passes."""
    with np.errstate(invalid="ignore"):
        out: NDArray[np.bool_] = (np.abs(yi) < 1e30) & (vi < 1e60) & ((vi > 1e-60) | (vi == 0))
    return out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Effects:
    """One effect `yi` with variance `vi` per study, on the measure's analysis scale.

    `vi` and `yi` are NaN where no effect can be computed; `left_out` says why, by row. Those rows are
    never pooled. `columns` keeps what was reported, for the methods that pool the tables themselves.
    """

    measure: Measure
    study: tuple[str, ...]
    yi: Array
    vi: Array
    columns: Columns = field(default_factory=dict)
    left_out: Mapping[int, str] = field(default_factory=dict)
    conventions: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.yi)

    @property
    def sei(self) -> Array:
        """Standard errors."""
        out: Array = np.sqrt(self.vi)
        return out

    @property
    def included(self) -> NDArray[np.bool_]:
        """Which rows can be pooled by inverse variance."""
        return computable(self.yi, self.vi) & (self.vi > 0)

    @property
    def reported(self) -> NDArray[np.bool_]:
        """Which rows report every number, whether or not an effect can be computed from them."""
        out: NDArray[np.bool_] = np.all([np.isfinite(values) for values in self.columns.values()], axis=0)
        return out

    def take(self, rows: Iterable[int] | NDArray[np.intp] | NDArray[np.bool_]) -> "Effects":
        """The same, only those rows, in that order."""
        picked = np.asarray(rows if isinstance(rows, np.ndarray) else list(rows))
        index = np.arange(len(self))[picked]
        return Effects(
            measure=self.measure,
            study=tuple(self.study[i] for i in index),
            yi=self.yi[index],
            vi=self.vi[index],
            columns={name: values[index] for name, values in self.columns.items()},
            left_out={new: self.left_out[old] for new, old in enumerate(index) if old in self.left_out},
            conventions=self.conventions,
        )

    def back(self, value: ArrayLike) -> Array:
        """`value` on the scale readers know: exp of a log ratio, a proportion, a correlation."""
        x = np.asarray(value, dtype=float)
        if self.measure.name == "PFT":
            n = self.columns["ni"][self.included]
            return inverse_freeman_tukey(x, float(1.0 / np.mean(1.0 / n)))
        return self.measure.back(x)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """The choices between formulas that carry the same name; the defaults are metafor 3.8's.

    zero_cells: one of `counts.ZERO_CELL_RULES`. md_variance: "separate" or "pooled" SDs.
    smd_variance: "large_sample" or "unbiased". smdh_variance: "shrunk" (metafor < 4.6) or "plain".
    rom_bias_correction: as metafor ≥ 5.0 does.
    """

    zero_cells: str = "only_zero"
    add: float = 0.5
    md_variance: str = "separate"
    smd_variance: str = "large_sample"
    smdh_variance: str = "shrunk"
    rom_bias_correction: bool = False


def _from_table(
    formula: Callable[[Array, Array, Array, Array], tuple[Array, Array]], c: Columns, variant: Variant
) -> tuple[Array, Array]:
    cells = counts.corrected_cells(c["ai"], c["n1i"], c["ci"], c["n2i"], rule=variant.zero_cells, add=variant.add)
    return formula(*cells)


def _from_rates(
    formula: Callable[[Array, Array, Array, Array], tuple[Array, Array]], c: Columns, variant: Variant
) -> tuple[Array, Array]:
    x1, x2 = rates.corrected_events(c["x1i"], c["x2i"], rule=variant.zero_cells, add=variant.add)
    return formula(x1, c["t1i"], x2, c["t2i"])


def _from_proportion(
    formula: Callable[[Array, Array], tuple[Array, Array]], c: Columns, variant: Variant
) -> tuple[Array, Array]:
    return formula(*rates.corrected_proportion(c["xi"], c["ni"], rule=variant.zero_cells, add=variant.add))


def _two(c: Columns) -> tuple[Array, Array, Array, Array]:
    return c["ai"], c["n1i"], c["ci"], c["n2i"]


def _groups(c: Columns) -> means.Groups:
    return means.Groups(c["m1i"], c["sd1i"], c["n1i"], c["m2i"], c["sd2i"], c["n2i"])


FORMULAS: dict[str, Callable[[Columns, Variant], tuple[Array, Array]]] = {
    "OR": lambda c, v: _from_table(counts.log_odds_ratio, c, v),
    "RR": lambda c, v: _from_table(counts.log_risk_ratio, c, v),
    "RD": lambda c, v: _from_table(counts.risk_difference, c, v),
    "AS": lambda c, _: counts.arcsine_difference(*_two(c)),
    "PETO": lambda c, v: _from_table(counts.peto_log_odds_ratio, c, v),
    "MD": lambda c, v: means.mean_difference(_groups(c), pooled=v.md_variance == "pooled"),
    "SMD": lambda c, v: means.standardized_mean_difference(_groups(c), unbiased=v.smd_variance == "unbiased"),
    "SMDH": lambda c, v: means.standardized_mean_difference_unequal(_groups(c), shrunk=v.smdh_variance == "shrunk"),
    "ROM": lambda c, v: means.log_ratio_of_means(_groups(c), bias_corrected=v.rom_bias_correction),
    "IRR": lambda c, v: _from_rates(rates.log_rate_ratio, c, v),
    "IRD": lambda c, v: _from_rates(rates.rate_difference, c, v),
    "IRSD": lambda c, _: rates.root_rate_difference(c["x1i"], c["t1i"], c["x2i"], c["t2i"]),
    "PR": lambda c, v: _from_proportion(rates.proportion, c, v),
    "PLN": lambda c, v: _from_proportion(rates.log_proportion, c, v),
    "PLO": lambda c, v: _from_proportion(rates.logit_proportion, c, v),
    "PAS": lambda c, _: rates.arcsine_proportion(c["xi"], c["ni"]),
    "PFT": lambda c, _: rates.freeman_tukey_proportion(c["xi"], c["ni"]),
    "COR": lambda c, _: rates.correlation(c["ri"], c["ni"]),
    "ZCOR": lambda c, _: rates.fisher_z(c["ri"], c["ni"]),
    "GEN": lambda c, _: (c["yi"], c["vi"]),
}

_CORRECTED = {"OR", "RR", "RD", "PETO", "IRR", "IRD", "PR", "PLN", "PLO"}


def _conventions(measure: str, variant: Variant) -> dict[str, str]:
    named = {}
    if measure in _CORRECTED:
        named["zero_cells"] = counts.ZERO_CELL_RULES[variant.zero_cells].replace("1/2", f"{variant.add:g}")
    if measure in {"AS", "IRSD", "PAS", "PFT"}:
        named["zero_cells"] = "no correction: the measure needs none"
    if measure == "MD":
        named["md_variance"] = f"{variant.md_variance} standard deviations"
    if measure == "SMD":
        named["smd_variance"] = f"Hedges g, exact J; {variant.smd_variance.replace('_', '-')} variance"
    if measure == "SMDH":
        named["smdh_variance"] = f"Bonett 2009, {variant.smdh_variance}"
    if measure == "ROM":
        named["rom"] = "bias-corrected" if variant.rom_bias_correction else "not bias-corrected"
    return named


def _left_out(columns: Columns, yi: Array, vi: Array, variant: Variant) -> dict[int, str]:
    reported = np.all([np.isfinite(values) for values in columns.values()], axis=0)
    defined = computable(yi, vi) & (vi > 0)
    reasons = {}
    for row in np.nonzero(~defined)[0]:
        if not reported[row]:
            reasons[int(row)] = "not all numbers are reported"
        elif np.isfinite(yi[row]) and np.isfinite(vi[row]) and vi[row] > 0:
            reasons[int(row)] = "its effect or variance is too large or too small to compute with"
        else:
            rule = variant.zero_cells.replace("_", " ")
            reasons[int(row)] = f"no effect can be computed (zero cells; rule: {rule})"
    return reasons


def effect_sizes(
    measure: str,
    *,
    study: Sequence[str] | None = None,
    variant: Variant | None = None,
    zero_cells: str | None = None,
    **columns: ArrayLike,
) -> Effects:
    """The effects of one measure, from the columns metafor users know.

    >>> trials = effect_sizes("OR", ai=[4, 6], n1i=[123, 306], ci=[11, 29], n2i=[139, 303])
    >>> trials.yi.round(4).tolist()
    [-0.9387, -1.6662]
    >>> trials.back(trials.yi).round(2).tolist()
    [0.39, 0.19]

    Raises PolicyRejected with every bad cell. A NaN is "not reported": the row is kept but not pooled.
    """
    variant = variant or Variant()
    if zero_cells is not None:
        variant = replace(variant, zero_cells=zero_cells)
    return effects_of(measure, columns, study=study, variant=variant)


def effects_of(
    measure: str,
    columns: Mapping[str, ArrayLike],
    *,
    study: Sequence[str] | None = None,
    variant: Variant | None = None,
) -> Effects:
    """`effect_sizes` for columns in a mapping, such as a data frame; columns it does not need are ignored."""
    variant = variant or Variant()
    if measure not in MEASURES:
        raise _unknown("measure", measure, MEASURES)
    if variant.zero_cells not in counts.ZERO_CELL_RULES:
        raise _unknown("zero-cell rule", variant.zero_cells, counts.ZERO_CELL_RULES)
    needed = MEASURES[measure].columns
    missing = [name for name in needed if name not in columns]
    if missing:
        raise PolicyRejected(_missing_column(name, measure) for name in missing)
    arrays = {name: np.atleast_1d(np.asarray(columns[name], dtype=float)) for name in needed}
    faults = faults_of(measure, arrays)
    if faults:
        raise PolicyRejected(as_problem(fault, "input") for fault in faults)
    with np.errstate(divide="ignore", invalid="ignore"):
        yi, vi = FORMULAS[measure](arrays, variant)
    left_out = _left_out(arrays, yi, vi, variant)
    undefined = ~computable(yi, vi)
    yi, vi = np.where(undefined, np.nan, yi), np.where(undefined, np.nan, vi)
    return Effects(
        measure=MEASURES[measure],
        study=tuple(study) if study is not None else tuple(f"Study {i + 1}" for i in range(len(yi))),
        yi=yi,
        vi=vi,
        columns=arrays,
        left_out=left_out,
        conventions=_conventions(measure, variant),
    )


def as_problem(fault: Fault, file: str, line: int = 0) -> Problem:
    """The fault with its file; rows are counted from 1."""
    place = Place(file=file, line=line, path=f"row {fault.row + 1}, column {fault.column}")
    return Problem(place=place, code=fault.code, message=fault.message, remedy=fault.remedy)


def _missing_column(name: str, measure: str) -> Problem:
    needed = ", ".join(MEASURES[measure].columns)
    return Problem(
        place=Place(file="input", path=f"column {name}"),
        code="EV102",
        message=f"{measure} needs the column {name}",
        remedy=f"give {needed}",
    )


def _unknown(what: str, value: str, known: Iterable[str]) -> PolicyRejected:
    problem = Problem(
        place=Place(file="input"),
        code="EV103",
        message=f"there is no {what} {value!r}",
        remedy=f"use one of {', '.join(known)}",
    )
    return PolicyRejected([problem])
