"""A later report of a study has no row in the results.

A trial is published again when its follow-up is longer. Where the newest report of a study gives no row of results.csv,
the review speaks of the older follow-up; an editor has to say whether the newer one changes anything.

Source: Cochrane Handbook 4.6.2 (Higgins et al. 2023): all reports of a study are linked and used.

Bad:

    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,percent,reference
        ash,traction,ODI,1 y,failures,50,60.0,ash-2021

Good:

    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,percent,reference
        ash,traction,ODI,1 y,failures,50,60.0,ash-2021
        ash,traction,ODI,2 y,failures,50,56.0,cedar-2024
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.references.printed import entries
from medpol.checks.subject import Subject
from medpol.evidence import Reference

CODE = "RE116"
LEVEL: Level = "question"


def check(subject: Subject) -> Iterator[Finding]:
    evidence = subject.evidence
    if evidence is None:
        return
    printed = {entry.number: entry for entry in entries(subject)}
    for study in evidence.studies:
        reports = [r for r in evidence.references if r.key in study.references]
        used = {row.reference for row in evidence.results if row.study == study.key}
        newest = max(reports, key=_dated, default=None)
        if (
            newest is None
            or newest.key in used
            or not any(r.key in used and _dated(r) < _dated(newest) for r in reports)
        ):
            continue
        places = tuple(printed[number].place for number in newest.printed_as if number in printed)
        message = f"'{newest.key}' is the newest report of {study.name}, and no row of results.csv is from it"
        yield Finding(newest.place, message, related=(*places, study.place))


def _dated(reference: Reference) -> tuple[int, int]:
    return reference.year or 0, reference.month or 0
