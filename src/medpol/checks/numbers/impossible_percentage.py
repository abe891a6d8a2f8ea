"""No whole number of patients gives a percentage.

Patients are whole, so of 98 patients 59.2% or 60.2% can respond, not 59.6%. A percentage that no count gives has a
wrong denominator or is a slip. Where a row has no n, the arm's treated (else randomized) patients are tried, and of a
trial whose arms have no sizes the patients randomized, split evenly.

Source: the GRIM test, Brown and Heathers 2017, Soc Psychol Personal Sci 8:363, applied to percentages.

Bad:

    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,confidence,as_printed,note
        ash,traction,ODI,1 y,unstated,,,1.3,,,,,,,,ash-2021,high,,
        ash,care,ODI,1 y,failures,50,,24.3,,,,,,,,ash-2021,high,yes,as printed

Good:

    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,confidence,as_printed,note
        ash,traction,ODI,1 y,unstated,,,2,,,,,,,,ash-2021,high,,
        ash,care,ODI,1 y,failures,50,,24.0,,,,,,,,ash-2021,high,,
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.numbers.warned import warned
from medpol.checks.subject import Subject
from medpol.evidence import Result, Study, possible_counts

CODE = "NU101"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    yield from warned(subject, "EV010")
    for result in subject.evidence.results if subject.evidence else ():
        if result.percent is None or result.n is not None or subject.evidence is None:
            continue
        tried = _denominators(subject.evidence.study(result.study), result)
        if tried and not any(possible_counts(result.percent, n) for n in tried):
            message = (
                f"{result.percent}% has no n, and no whole number of {' or '.join(map(str, tried))} patients is that"
            )
            yield Finding(result.place, message)


def _denominators(study: Study, result: Result) -> list[int]:
    """The patients that a rate of this arm may be of, as far as the evidence tells."""
    arm = study.arm(result.arm)
    own = arm.treated or arm.randomized
    if own is not None:
        return [own]
    if study.design == "rct" and study.randomized and len(study.arms) > 1:
        even, odd = divmod(study.randomized, len(study.arms))
        return [even, even + 1] if odd else [even]
    return []
