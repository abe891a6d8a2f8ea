"""A year passed without a review.

The history shows two reviews with more than 15 months between them. Either a review was missed, which an auditor
will ask about, or its entry was.

Bad:

    policy.yaml
        history:
          - {date: 2024-01, action: original effective date, note: policy created}
          - {date: 2024-06, action: annual review, note: renewed}
          - {date: 2026-01, action: annual review, note: revised}

Good:

    policy.yaml
        history:
          - {date: 2024-01, action: original effective date, note: policy created}
          - {date: 2025-01, action: annual review, note: renewed}
          - {date: 2026-01, action: annual review, note: revised}
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.months import months
from medpol.checks.structure.history import reviews
from medpol.checks.subject import Subject

CODE = "ST103"
LEVEL: Level = "warning"
MONTHS = 15


def check(subject: Subject) -> Iterator[Finding]:
    """Neighbours among all dated entries, the later of which is a review."""
    for earlier, later in reviews(subject):
        apart = later.month - earlier.month
        if apart > MONTHS:
            message = f"no review for {months(apart)}: {earlier.entry.date} to {later.entry.date}"
            yield Finding(later.place, message, related=(earlier.place,))
