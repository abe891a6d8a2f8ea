"""The history does not have the last review.

The version says when it was reviewed; the history, which members and auditors read, has no entry for it.

Bad:

    version.yaml
        reviewed: 2025-11
    policy.yaml
        history:
          - {date: 2024-01, action: original effective date, note: policy created}
          - {date: 2025-01, action: annual review, note: renewed}

Good:

    version.yaml
        reviewed: 2025-11
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.months import month_number, month_of
from medpol.checks.structure.history import dated
from medpol.checks.subject import Subject
from medpol.model.policy import Status

CODE = "ST107"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """No entry from the month of the review to the month the version took effect or was published, if later."""
    version, entries = subject.newest, dated(subject)
    if version is None or version.status is not Status.APPROVED or not entries or not version.reviewed:
        return
    reviewed = month_number(version.reviewed)
    until = max(month_of(version.effective), month_of(version.published))
    if reviewed is not None and not any(reviewed <= entry.month <= max(until, reviewed) for entry in entries):
        place = subject.version_place(version, "reviewed")
        yield Finding(place, f"reviewed {version.reviewed}, but the history has no entry of that time")
