"""A change is not the difference of the means it lies between.

Baseline and change determine the mean at follow-up: 47 less 14.0 is 33. Where the three do not agree, one of them was
taken from other patients or is a slip.

Source: arithmetic; Cochrane Handbook 6.5.2.8 (Higgins et al. 2023) on changes from baseline.

Bad:

    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,confidence,as_printed,note
        ash,traction,ODI,baseline,observed,50,,,45.2,10.1,,,,,,ash-2021,high,,
        ash,traction,ODI,1 y,observed,50,,,33.0,,-14.0,,,,,ash-2021,high,,

Good:

    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,confidence,as_printed,note
        ash,traction,ODI,baseline,observed,50,,,45.2,10.1,,,,,,ash-2021,high,,
        ash,traction,ODI,1 y,observed,50,,,31.2,,-14.0,,,,,ash-2021,high,,
"""

from collections.abc import Iterator
from decimal import Decimal

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject

CODE = "NU114"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    results = subject.evidence.results if subject.evidence else ()
    start = {(r.study, r.arm, r.outcome): r for r in results if r.timepoint == "baseline" and r.mean is not None}
    for row in results:
        first = start.get((row.study, row.arm, row.outcome))
        if first is None or first.mean is None or row.mean is None or row.change is None or row is first:
            continue
        numbers = (first.mean, row.mean, row.change)
        slack = sum(Decimal(1).scaleb(int(number.as_tuple().exponent)) / 2 for number in numbers)
        if abs(first.mean + row.change - row.mean) > slack:
            message = f"{first.mean} at baseline with a change of {row.change} is not {row.mean}"
            yield Finding(row.place, message, related=(first.place,))
