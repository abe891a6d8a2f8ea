"""A result is taken from a publication of another study, or from another one than its neighbours.

A number can be found again only in the publication that prints it. The reference of a row is one of its study's, and
the arms of one outcome at one time are printed side by side.

Source: docs/evidence.md, one number, one row, one reference.

Bad:

    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,confidence,as_printed,note
        ash,traction,ODI,1 y,failures,50,,60.0,,,,,,<.001,care,ash-2021,high,,
        ash,care,ODI,1 y,failures,50,,24.0,,,,,,,,cedar-2024,high,,

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

CODE = "NU116"
LEVEL: Level = "warning"
MANY = 4
"""So many other rows of a visit with one reference make a single other one odd."""


def check(subject: Subject) -> Iterator[Finding]:
    visits: dict[tuple[str, str], list[Result]] = {}
    for row in subject.evidence.results if subject.evidence else ():
        visits.setdefault((row.study, row.timepoint), []).append(row)
        if subject.evidence and row.reference and row.reference not in subject.evidence.study(row.study).references:
            yield Finding(row.place, f"'{row.reference}' is no publication of '{row.study}'")
    for rows in visits.values():
        for row in rows:
            before = [r for r in rows[: rows.index(row)] if r.outcome == row.outcome and r.arm != row.arm]
            others = {r.reference for r in rows if r is not row}
            alone = len(rows) > MANY and len(others) == 1 and row.reference not in others
            unlike = any(r.reference != row.reference for r in before)
            if alone or unlike:
                message = (
                    f"{row.outcome}, {row.timepoint}, {row.arm}: from '{row.reference}', its neighbours from others"
                )
                yield Finding(row.place, message, related=tuple(r.place for r in before))
