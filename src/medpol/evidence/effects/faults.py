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


def _bad(
    columns: Columns, column: str, wrong: NDArray[np.bool_], code: str, says: str, remedy: str
) -> Iterator[Fault]:
    for row in np.nonzero(wrong)[0]:
        value = columns[column][row]
        yield Fault(int(row), column, code, f"{column} is {value:g}: {says}", remedy)


def _counts(columns: Columns, events: str, size: str, least: int = 1) -> Iterator[Fault]:
    x, n = columns[events], columns[size]
    for name, values in ((events, x), (size, n)):
        wrong = (values < 0) | (np.abs(values - np.round(values)) > 1e-9)
        remedy = "give the number of patients, not a percentage"
        yield from _bad(columns, name, wrong, "EV105", "a count must be a whole number, 0 or more", remedy)
    yield from _bad(
        columns, events, x > n, "EV106", f"more events than {size}", f"check {events} and {size}"
    )
    yield from _sizes(columns, size, least)


def _sizes(columns: Columns, size: str, least: int) -> Iterator[Fault]:
    n = columns[size]
    wrong = (n >= 0) & (n < least)
    yield from _bad(columns, size, wrong, "EV107", f"needs {least} or more", "leave the row out, or correct it")


def _two_by_two(columns: Columns) -> Iterator[Fault]:
    yield from _counts(columns, "ai", "n1i")
    yield from _counts(columns, "ci", "n2i")


def _two_means(columns: Columns) -> Iterator[Fault]:
    for sd, size in (("sd1i", "n1i"), ("sd2i", "n2i")):
        says = "a standard deviation must be above 0"
        remedy = "a standard error times √n is the SD; see sd_from_se"
        yield from _bad(columns, sd, columns[sd] <= 0, "EV108", says, remedy)
        whole = np.abs(columns[size] - np.round(columns[size])) > 1e-9
        says = "a group size must be a whole number"
        yield from _bad(columns, size, whole, "EV105", says, "give the number analysed")
        small = columns[size] < 2
        yield from _bad(columns, size, small, "EV107", "needs 2 or more", "leave the row out, or correct it")


def _ratio_of_means(columns: Columns) -> Iterator[Fault]:
    yield from _two_means(columns)
    wrong = columns["m1i"] * columns["m2i"] <= 0
    yield from _bad(
        columns, "m1i", wrong, "EV111", "both means must have the same sign", "use MD or SMD instead"
    )


def _two_rates(columns: Columns) -> Iterator[Fault]:
    for events, time in (("x1i", "t1i"), ("x2i", "t2i")):
        x = columns[events]
        wrong = (x < 0) | (np.abs(x - np.round(x)) > 1e-9)
        says = "a count must be a whole number, 0 or more"
        yield from _bad(columns, events, wrong, "EV105", says, "give the number of events")
        says = "person-time must be above 0"
        yield from _bad(columns, time, columns[time] <= 0, "EV109", says, "give the time at risk")


def _one_proportion(columns: Columns) -> Iterator[Fault]:
    yield from _counts(columns, "xi", "ni")


def _correlation(columns: Columns) -> Iterator[Fault]:
    wrong = np.abs(columns["ri"]) > 1
    yield from _bad(columns, "ri", wrong, "EV110", "a correlation lies between −1 and 1", "check the sign and the point")
    yield from _sizes(columns, "ni", 4)


def _fisher_z(columns: Columns) -> Iterator[Fault]:
    yield from _correlation(columns)
    wrong = np.abs(columns["ri"]) == 1
    says = "a correlation of ±1 has no Fisher z"
    yield from _bad(columns, "ri", wrong, "EV110", says, "use COR, or check the value")


def _given(columns: Columns) -> Iterator[Fault]:
    says = "a variance must be above 0"
    remedy = "the variance is the standard error squared"
    yield from _bad(columns, "vi", columns["vi"] <= 0, "EV108", says, remedy)


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
