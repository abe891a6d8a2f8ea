"""The history begins after the policy took effect.

The first entry should be the adoption. Where the history begins later than the original effective date, nobody can
say what the policy said in between, or the date is wrong.

Bad:

    policy.yaml
        original_effective: 2023-01

Good:

    policy.yaml
        original_effective: 2024-01
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.months import month_number
from medpol.checks.structure.history import dated
from medpol.checks.subject import Subject

CODE = "ST105"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """Compared by month; a year alone says too little."""
    begins = month_number(subject.policy.original_effective) if subject.policy.original_effective else None
    entries = dated(subject)
    if begins is None or not entries:
        return
    first = min(entries, key=lambda entry: entry.month)
    if first.month > begins:
        message = (
            f"the history begins on {first.entry.date}, but the policy took effect on "
            f"{subject.policy.original_effective}: an entry for its adoption is missing"
        )
        yield Finding(first.place, message)
