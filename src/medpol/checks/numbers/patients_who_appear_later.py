"""More patients are counted later than before.

Patients leave a trial; they do not join it after the start. Where n grows from one time to the next, one of the two
numbers is wrong, or a patient without a baseline was counted as changed.

Source: CONSORT 2010 item 13, Schulz et al. 2010, BMJ 340:c332 (numbers at each stage).

Bad:

    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,confidence,as_printed,note
        ash,traction,ODI,baseline,observed,49,,,45.2,10.1,,,,,,ash-2021,high,,
        ash,traction,ODI,1 y,failures,50,,60.0,,,,,,,,ash-2021,high,yes,as printed

Good:

    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,confidence,as_printed,note
        ash,traction,ODI,baseline,observed,50,,,45.2,10.1,,,,,,ash-2021,high,,
        ash,traction,ODI,1 y,failures,50,,60.0,,,,,,,,ash-2021,high,,
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.numbers.warned import warned
from medpol.checks.subject import Subject

CODE = "NU104"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    yield from warned(subject, "EV015")
