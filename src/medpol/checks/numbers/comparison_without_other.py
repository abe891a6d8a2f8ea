"""A p compares an arm with itself or with nothing.

A p belongs to two arms. Without `versus`, or with the arm's own name there, nobody can compute it again.

Source: CONSORT 2010 item 17a, Schulz et al. 2010, BMJ 340:c332 (results for each group and the effect).

Bad:

    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,confidence,as_printed,note
        ash,traction,ODI,1 y,failures,50,,60.0,,,,,,<.001,traction,ash-2021,high,,

Good:

    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,confidence,as_printed,note
        ash,traction,ODI,1 y,failures,50,,60.0,,,,,,<.001,care,ash-2021,high,,
        ash,care,ODI,1 y,failures,50,,24.0,,,,,,,,ash-2021,high,,
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.evidence import Result

CODE = "NU115"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    results = subject.evidence.results if subject.evidence else ()
    given = {(*_about(row), row.arm) for row in results}
    for row in results:
        if row.versus == row.arm:
            yield Finding(row.place, f"'{row.arm}' is compared with itself")
        elif row.p is not None and row.versus is not None and (*_about(row), row.versus) not in given:
            yield Finding(
                row.place, f"p {row.p} against '{row.versus}', which has no row for {row.outcome} at {row.timepoint}"
            )
        elif row.p is not None and row.versus is None:
            yield Finding(row.place, f"p {row.p} names no arm in `versus`")
        elif row.versus is not None and row.p is None and row.ci_low is None:
            yield Finding(row.place, f"compared with '{row.versus}', but no p and no interval is given")


def _about(row: Result) -> tuple[str, str, str]:
    return row.study, row.outcome, row.timepoint
