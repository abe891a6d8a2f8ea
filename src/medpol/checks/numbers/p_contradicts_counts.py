"""A printed p is not what the printed counts give.

Responders and patients of two arms determine the p of their difference. A marker that says otherwise was set by another
test, on other numbers, or by mistake.

Source: statcheck, Nuijten et al. 2016, Behav Res Methods 48:1205; here Pearson's chi-square without correction.

Bad:

    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,confidence,as_printed,note
        ash,traction,ODI,1 y,failures,50,,28.0,,,,,,<.001,care,ash-2021,high,,
        ash,care,ODI,1 y,failures,50,,24.0,,,,,,,,ash-2021,high,,

Good:

    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,confidence,as_printed,note
        ash,traction,ODI,1 y,failures,50,,60.0,,,,,,<.001,care,ash-2021,high,,
        ash,care,ODI,1 y,failures,50,,24.0,,,,,,,,ash-2021,high,,
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.numbers.warned import warned
from medpol.checks.subject import Subject

CODE = "NU108"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    yield from warned(subject, "EV023")
