"""Standard deviations and counts from what a paper prints instead of them.

Formulas: Cochrane Handbook for Systematic Reviews of Interventions, version 6, chapter 6, sections
6.5.2.2 (SE, interval and p to SD) and 6.5.2.8 (SD of changes).
"""

import math

from scipy import special

from medpol.problems import Place, PolicyRejected, Problem


def sd_from_se(se: float, n: float) -> float:
    """SD of one group from the standard error of its mean."""
    _positive(se=se, n=n)
    return se * math.sqrt(n)


def sd_from_ci(low: float, high: float, n: float, *, level: float = 0.95, t: bool | None = None) -> float:
    """SD of one group from the confidence interval of its mean.

    Normal from 60 patients on, t with n − 1 below (the Handbook's rule), unless `t` says which.

    >>> round(sd_from_ci(4.8, 6.2, 100), 3)
    3.571
    """
    _positive(n=n)
    _ordered(low, high)
    return (high - low) / (2 * _critical(level, n - 1, n < 60 if t is None else t)) * math.sqrt(n)


def se_from_ci(low: float, high: float, *, level: float = 0.95, ratio: bool = False) -> float:
    """Standard error of an effect from its normal interval; `ratio` takes logs of both ends first."""
    if ratio:
        _positive(low=low, high=high)
        low, high = math.log(low), math.log(high)
    _ordered(low, high)
    return (high - low) / (2 * _critical(level, math.inf, t=False))


def sd_from_difference_p(difference: float, p: float, n1: float, n2: float) -> float:
    """The SD both groups are taken to share, from the two-sided p of a t test of their means."""
    _positive(n1=n1, n2=n2, p=p)
    if p >= 1 or difference == 0:
        raise _refused("EV112", f"a difference of {difference:g} with p = {p:g} fixes no SD", "report the SD")
    statistic = -float(special.stdtrit(n1 + n2 - 2, p / 2))
    return abs(difference) / statistic / math.sqrt(1 / n1 + 1 / n2)


def sd_of_change(sd_before: float, sd_after: float, correlation: float) -> float:
    """SD of the change within patients, given the correlation of before and after."""
    _positive(sd_before=sd_before, sd_after=sd_after)
    if not -1 <= correlation <= 1:
        raise _refused("EV110", f"correlation is {correlation:g}", "a correlation lies between −1 and 1")
    return math.sqrt(sd_before**2 + sd_after**2 - 2 * correlation * sd_before * sd_after)


def count_from_percent(percent: float, n: int, *, decimals: int = 1) -> int:
    """The count whose percentage of n prints as `percent`; the nearest where several do.

    >>> count_from_percent(58.0, 143)
    83

    Raises EV113 where no count does (the GRIM test: Brown & Heathers 2017), EV115 outside 0 to 100.
    """
    if not 0 <= percent <= 100:
        raise _refused("EV115", f"{percent:g}% is not between 0 and 100", "check the point and the column")
    _positive(n=n)
    nearest = round(percent / 100 * n)
    tolerance = 0.5 * 10.0**-decimals + 1e-9
    if abs(100 * nearest / n - percent) > tolerance:
        around = sorted({max(nearest - 1, 0), nearest, min(nearest + 1, n)})
        possible = ", ".join(f"{x}/{n} = {100 * x / n:.{decimals}f}%" for x in around)
        raise _refused("EV113", f"no count of {n} is {percent:g}%", f"possible are {possible}; check n")
    return nearest


def _critical(level: float, df: float, t: bool) -> float:
    return float(special.stdtrit(df, 0.5 + level / 2) if t else special.ndtri(0.5 + level / 2))


def _positive(**values: float) -> None:
    problems = [
        _problem("EV108", f"{name} is {value:g}", "it must be above 0")
        for name, value in values.items()
        if not value > 0
    ]
    if problems:
        raise PolicyRejected(problems)


def _ordered(low: float, high: float) -> None:
    if not low < high:
        raise _refused("EV112", f"the interval runs from {low:g} to {high:g}", "give the lower end first")


def _problem(code: str, message: str, remedy: str) -> Problem:
    return Problem(place=Place(file="input"), code=code, message=message, remedy=remedy)


def _refused(code: str, message: str, remedy: str) -> PolicyRejected:
    return PolicyRejected([_problem(code, message, remedy)])
