"""A confidence interval does not stand around its estimate.

The interval of a mean or of a change is symmetric: its middle is the estimate, but for rounding. Where it is not, an
end or the estimate is a slip, or they belong to different analyses. An interval that leaves its estimate out is one.

Source: Cochrane Handbook 6.5.2.2 (Higgins et al. 2023), after which half the interval is 1.96 standard errors.

Bad:

    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,confidence,as_printed,note
        ash,traction,ODI,1 y,observed,50,,,,,-12.7,-16.9,-10.5,,,ash-2021,high,,

Good:

    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,confidence,as_printed,note
        ash,traction,ODI,1 y,observed,50,,,,,-13.7,-16.9,-10.5,,,ash-2021,high,,
"""

from collections.abc import Iterator
from decimal import Decimal

from medpol.checks.finding import Finding, Level
from medpol.checks.numbers.tables import result_cells, typed_in
from medpol.checks.numbers.warned import warned
from medpol.checks.subject import Subject
from medpol.evidence import Result

CODE = "NU109"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    yield from warned(subject, "EV013")
    for result in subject.evidence.results if subject.evidence else ():
        numbers = (_estimate(result), result.ci_low, result.ci_high)
        known = [number for number in numbers if number is not None]
        if len(known) == len(numbers) and not centred(*known):
            yield Finding(result.place, _message(*known))
    for cell in result_cells(subject):
        for typed in typed_in(cell.passage):
            if typed.what == "interval" and not centred(*typed.values):
                yield Finding(cell.passage.at(typed.start), _message(*typed.values))


def centred(estimate: Decimal, low: Decimal, high: Decimal) -> bool:
    """Whether the middle is the estimate, given that all three were rounded at their own decimals."""
    slack = _half_step(estimate) + (_half_step(low) + _half_step(high)) / 2
    return abs((low + high) / 2 - estimate) <= slack


def _half_step(number: Decimal) -> Decimal:
    return Decimal(1).scaleb(int(number.as_tuple().exponent)) / 2


def _estimate(result: Result) -> Decimal | None:
    return result.change if result.change is not None else result.mean


def _message(estimate: Decimal, low: Decimal, high: Decimal) -> str:
    return f"the interval {low} to {high} has its middle at {(low + high) / 2}, not at {estimate}"
