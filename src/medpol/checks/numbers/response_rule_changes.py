"""A rate counts patients by another rule than the rates beside it.

Where those who left count as failures at 1 year and are left out at 2 years, a rate can rise though nobody got better:
58% of 143 and 72% of the 98 still there are 83 and 71 patients. The same holds between two arms, and between two
outcomes of one visit.

Source: CONSORT 2010 item 16, Schulz et al. 2010, BMJ 340:c332 (denominators and the groups analysed).

Bad:

    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,confidence,as_printed,note
        ash,traction,ODI,1 y,failures,50,,60.0,,,,,,,,ash-2021,high,,
        ash,traction,ODI,2 y,completers,40,,70.0,,,,,,,,cedar-2024,high,,

Good:

    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,confidence,as_printed,note
        ash,traction,ODI,1 y,failures,50,,60.0,,,,,,,,ash-2021,high,,
        ash,traction,ODI,2 y,failures,50,,56.0,,,,,,,,cedar-2024,high,,
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.evidence import Evidence, Result

CODE = "NU111"
LEVEL: Level = "warning"
MANY = 3
"""So many other rows make a rule the usual one of a visit."""


def check(subject: Subject) -> Iterator[Finding]:
    if subject.evidence is not None:
        yield from _over_time(subject.evidence)
        yield from _side_by_side(subject.evidence)


def _over_time(evidence: Evidence) -> Iterator[Finding]:
    changes: dict[tuple[str, str, str, str], list[tuple[Result, Result]]] = {}
    series: dict[tuple[str, str, str], list[Result]] = {}
    for result in evidence.results:
        if result.percent is not None and result.rule != "unstated":
            series.setdefault((result.study, result.arm, result.outcome), []).append(result)
    for rows in series.values():
        rows.sort(key=lambda row: evidence.timepoints[row.timepoint])
        for before, after in pairwise(rows):
            if before.rule != after.rule:
                changes.setdefault((after.study, after.arm, after.timepoint, after.rule), []).append((before, after))
    for (study, arm, time, rule), pairs in changes.items():
        before, after = pairs[0]
        outcomes = ", ".join(row.outcome for _, row in pairs)
        message = (
            f"{study}, {arm}, {outcomes}: at {time} '{rule}' (n={after.n}), at {before.timepoint} '{before.rule}' "
            f"(n={before.n}): the rates cannot be compared"
        )
        yield Finding(after.place, message, related=tuple(row.place for pair in pairs for row in pair)[2:])


def _side_by_side(evidence: Evidence) -> Iterator[Finding]:
    """A rule that differs from the other arm's, or alone from those of the other outcomes of the visit."""
    visits: dict[tuple[str, str, bool], list[Result]] = {}
    for result in evidence.results:
        visits.setdefault((result.study, result.timepoint, result.percent is None), []).append(result)
    for rows in visits.values():
        for at, row in enumerate(rows):
            before = [r for r in rows[:at] if r.outcome == row.outcome and r.rule != row.rule]
            usual = _usual(rows, row)
            if usual is None and any(_usual(rows, other) is None for other in before):
                usual = before[0].rule
            if usual is not None:
                message = f"{row.study}, {row.arm}, {row.outcome}, {row.timepoint}: '{row.rule}' beside '{usual}'"
                yield Finding(row.place, message, related=tuple(other.place for other in before))


def _usual(rows: Sequence[Result], row: Result) -> str | None:
    """The one rule that all the other rows of a visit have, where this one has another."""
    others = [other for other in rows if other is not row and other.rule != "unstated"]
    rules = {other.rule for other in others}
    return others[0].rule if len(others) >= MANY and len(rules) == 1 and row.rule not in (*rules, "unstated") else None
