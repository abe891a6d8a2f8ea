"""No scores of so many patients give a mean.

Scores of a scale in whole points add up to a whole number, so 12 patients can have a mean of 4.1 (49 of 12) or 4.2,
and 7 patients cannot have 4.2. The test tells something while the patients are fewer than the decimals can resolve:
fewer than 10 with one decimal, fewer than 100 with two.

Source: the GRIM test, Brown and Heathers 2017, Soc Psychol Personal Sci 8:363.

Bad:

    evidence/studies.yaml
        outcomes:
          ODI: {label: pain, domain: symptoms, instrument: nrs}
    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,confidence,as_printed,note
        ash,traction,ODI,1 y,observed,7,,,4.2,,,,,,,ash-2021,high,,

Good:

    evidence/studies.yaml
        outcomes:
          ODI: {label: pain, domain: symptoms, instrument: nrs}
    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,confidence,as_printed,note
        ash,traction,ODI,1 y,observed,7,,,4.3,,,,,,,ash-2021,high,,
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.numbers.granularity import WHOLE_POINTS, possible_sums
from medpol.checks.subject import Subject

CODE = "NU102"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    for result in subject.evidence.results if subject.evidence else ():
        if subject.evidence is None or result.mean is None or not result.n or result.note:
            continue
        if subject.evidence.outcome(result.outcome).instrument not in WHOLE_POINTS:
            continue
        if not possible_sums(result.mean, result.n):
            yield Finding(result.place, f"no whole scores of {result.n} patients have a mean of {result.mean}")
