"""A change is given of something that has no baseline.

Satisfaction with a treatment is asked after it. What is printed as its improvement can only be a score, and a reader
who takes it for a change compares unlike things.

Bad:

    evidence/studies.yaml
        outcomes:
          ODI: {label: satisfaction, domain: satisfaction, instrument: odi, after_treatment_only: yes}
    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,confidence,as_printed,note
        ash,traction,ODI,1 y,failures,50,,60.0,,,-2.0,-2.2,-1.8,,,ash-2021,high,yes,as printed

Good:

    evidence/studies.yaml
        outcomes:
          ODI: {label: satisfaction, domain: satisfaction, instrument: odi, after_treatment_only: yes}
    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,confidence,as_printed,note
        ash,traction,ODI,1 y,failures,50,,60.0,2.0,,,,,,,ash-2021,high,,
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.numbers.warned import warned
from medpol.checks.subject import Subject

CODE = "NU105"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    yield from warned(subject, "EV016")
