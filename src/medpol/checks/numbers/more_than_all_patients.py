"""A rate that counts those who left as failures is not of all the treated patients.

Then n is the number treated at least for one outcome and never more; and responders and withdrawals are different
patients, together not more than n.

Source: the failures rule itself (docs/evidence.md: n = treated).

Bad:

    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,confidence,as_printed,note
        ash,traction,ODI,1 y,failures,50,48,96.0,,,,,,,,ash-2021,high,,

Good:

    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,confidence,as_printed,note
        ash,traction,ODI,1 y,failures,50,45,90.0,,,,,,,,ash-2021,high,,
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.evidence import Result

CODE = "NU112"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    yield from _treated(subject)
    for row in subject.evidence.results if subject.evidence else ():
        if subject.evidence is None or row.rule != "failures" or row.n is None:
            continue
        arm = subject.evidence.study(row.study).arm(row.arm)
        left = arm.withdrew_after if arm.withdrew_by == row.timepoint else None
        if row.count is not None and left is not None and row.count + left > row.n:
            message = f"{row.count} responders and {left} who left are more than {row.n} patients"
            yield Finding(row.place, message, related=(arm.place,))


def _treated(subject: Subject) -> Iterator[Finding]:
    """Arms whose largest n under this rule is not the number treated."""
    largest: dict[tuple[str, str], Result] = {}
    for row in subject.evidence.results if subject.evidence else ():
        if row.rule == "failures" and row.n is not None:
            before = largest.setdefault((row.study, row.arm), row)
            if row.n > (before.n or 0):
                largest[row.study, row.arm] = row
    for row in largest.values():
        arm = subject.evidence.study(row.study).arm(row.arm) if subject.evidence else None
        if arm is not None and arm.treated is not None and row.n != arm.treated:
            message = f"n is {row.n} at most, but {arm.treated} patients of '{arm.key}' were treated"
            yield Finding(row.place, message, related=(arm.place,))
