"""What can be wrong with the numbers a study reports, cell by cell.

Every check looks at whole columns and reports every bad cell; the caller adds the file. Codes:

| code | meaning |
|---|---|
| EV101 | the file cannot be read as a table, or has no rows |
| EV102 | a column the measure needs is missing |
| EV103 | an option or a combination of options that does not exist |
| EV104 | a cell is not a number |
| EV105 | a count is negative or not whole |
| EV106 | more events than patients |
| EV107 | a group size too small for the measure |
| EV108 | a standard deviation, variance or standard error that is negative (or zero) |
| EV109 | person-time that is not positive |
| EV110 | a correlation outside −1 to 1 |
| EV111 | means whose ratio has no logarithm |
| EV112 | a confidence interval that does not contain its estimate, or is upside down |
| EV113 | a percentage that no count of that size can give |
| EV114 | a moderator or grouping column that cannot be used |
| EV115 | a percentage outside 0 to 100 |
| EV116 | too few studies left to answer the question |
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Columns = Mapping[str, Array]


class Fault(NamedTuple):
    """One bad cell: row from 0, column name, code, what is wrong, what to do."""

    row: int
    column: str
    code: str
    message: str
    remedy: str


class Rule(NamedTuple):
    code: str
    says: str
    remedy: str


RULES = {
    "count": Rule("EV105", "a count is a whole number from 0 to 1e12", "give patients or events, not a percentage"),
    "size": Rule("EV105", "a group size is a whole number", "give the number analysed"),
    "events": Rule("EV106", "there are more events than patients", "check both columns"),
    "one": Rule("EV107", "a group needs 1 patient or more", "correct it, or leave the row out"),
    "two": Rule("EV107", "a group needs 2 patients or more for its SD", "correct it, or leave the row out"),
    "four": Rule("EV107", "a correlation needs 4 patients or more", "correct it, or leave the row out"),
    "sd": Rule("EV108", "a standard deviation is above 0", "a standard error times the root of n is the SD"),
    "variance": Rule("EV108", "a variance is above 0", "the variance is the standard error squared"),
    "time": Rule("EV109", "person-time is above 0", "give the time at risk"),
    "correlation": Rule("EV110", "a correlation lies between -1 and 1", "check the sign and the decimal point"),
    "fisher": Rule("EV110", "a correlation of 1 or -1 has no Fisher z", "use COR, or check the value"),
    "signs": Rule("EV111", "the ratio of two means needs the same sign in both", "use MD or SMD instead"),
}


def _bad(columns: Columns, column: str, wrong: NDArray[np.bool_], rule: str) -> Iterator[Fault]:
    code, says, remedy = RULES[rule]
    for row in np.nonzero(wrong)[0]:
        yield Fault(int(row), column, code, f"{column} is {columns[column][row]:g}: {says}", remedy)


def _broken(values: Array) -> NDArray[np.bool_]:
    """Negative, not whole, or beyond any trial."""
    out: NDArray[np.bool_] = (values < 0) | (values > 1e12) | (np.abs(values - np.round(values)) > 1e-9)
    return out


def _counts(columns: Columns, events: str, size: str) -> Iterator[Fault]:
    x, n = columns[events], columns[size]
    yield from _bad(columns, events, _broken(x), "count")
    yield from _bad(columns, size, _broken(n), "count")
    yield from _bad(columns, events, x > n, "events")
    yield from _bad(columns, size, n == 0, "one")


def _two_by_two(columns: Columns) -> Iterator[Fault]:
    yield from _counts(columns, "ai", "n1i")
    yield from _counts(columns, "ci", "n2i")


def _two_means(columns: Columns) -> Iterator[Fault]:
    for sd, size in (("sd1i", "n1i"), ("sd2i", "n2i")):
        n = columns[size]
        yield from _bad(columns, sd, columns[sd] <= 0, "sd")
        yield from _bad(columns, size, _broken(n), "size")
        yield from _bad(columns, size, (n >= 0) & (n < 2), "two")


def _ratio_of_means(columns: Columns) -> Iterator[Fault]:
    yield from _two_means(columns)
    yield from _bad(columns, "m1i", columns["m1i"] * columns["m2i"] <= 0, "signs")


def _two_rates(columns: Columns) -> Iterator[Fault]:
    for events, time in (("x1i", "t1i"), ("x2i", "t2i")):
        yield from _bad(columns, events, _broken(columns[events]), "count")
        yield from _bad(columns, time, columns[time] <= 0, "time")


def _one_proportion(columns: Columns) -> Iterator[Fault]:
    yield from _counts(columns, "xi", "ni")


def _correlation(columns: Columns) -> Iterator[Fault]:
    yield from _bad(columns, "ri", np.abs(columns["ri"]) > 1, "correlation")
    yield from _bad(columns, "ni", columns["ni"] < 4, "four")


def _fisher_z(columns: Columns) -> Iterator[Fault]:
    yield from _correlation(columns)
    yield from _bad(columns, "ri", np.abs(columns["ri"]) == 1, "fisher")


def _given(columns: Columns) -> Iterator[Fault]:
    yield from _bad(columns, "vi", columns["vi"] <= 0, "variance")


CHECKS: dict[str, Callable[[Columns], Iterator[Fault]]] = {
    "OR": _two_by_two,
    "RR": _two_by_two,
    "RD": _two_by_two,
    "AS": _two_by_two,
    "PETO": _two_by_two,
    "MD": _two_means,
    "SMD": _two_means,
    "SMDH": _two_means,
    "ROM": _ratio_of_means,
    "IRR": _two_rates,
    "IRD": _two_rates,
    "IRSD": _two_rates,
    "PR": _one_proportion,
    "PLN": _one_proportion,
    "PLO": _one_proportion,
    "PAS": _one_proportion,
    "PFT": _one_proportion,
    "COR": _correlation,
    "ZCOR": _fisher_z,
    "GEN": _given,
}


def faults_of(measure: str, columns: Columns) -> list[Fault]:
    """Every bad cell for that measure, by row; cells that are NaN (not reported) are not judged."""
    with np.errstate(invalid="ignore"):
        return sorted(CHECKS[measure](columns))
