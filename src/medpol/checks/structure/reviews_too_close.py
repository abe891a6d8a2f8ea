"""Two annual reviews stand within three months of each other.

A yearly review does not come twice in a season. One of the dates is a slip, or one of the entries was an interim
revision and should say so.

Bad:

    policy.yaml
        history:
          - {date: 2024-01, action: original effective date, note: policy created}
          - {date: 2025-01, action: annual review, note: renewed}
          - {date: 2025-03, action: annual review, note: revised}
          - {date: 2026-01, action: annual review, note: revised}

Good:

    policy.yaml
        history:
          - {date: 2024-01, action: original effective date, note: policy created}
          - {date: 2025-01, action: annual review, note: renewed}
          - {date: 2025-03, action: interim revision, note: revised}
          - {date: 2026-01, action: annual review, note: revised}
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.months import months
from medpol.checks.structure.history import reviews
from medpol.checks.subject import Subject

CODE = "ST104"
LEVEL: Level = "question"
MONTHS = 3


def check(subject: Subject) -> Iterator[Finding]:
    """Neighbours that both call themselves annual."""
    for earlier, later in reviews(subject):
        both = "annual" in earlier.entry.action.lower() and "annual" in later.entry.action.lower()
        if both and later.month - earlier.month <= MONTHS:
            apart = months(later.month - earlier.month)
            message = f"two annual reviews {apart} apart: {earlier.entry.date} and {later.entry.date}"
            yield Finding(later.place, message, related=(earlier.place,))
