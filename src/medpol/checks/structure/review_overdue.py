"""A policy's yearly review is overdue.

Plans review each medical policy once a year; published histories show an annual review as the most frequent entry. A
policy of the plan's own whose last review lies further back may rest on withdrawn guidelines and retired codes.

Bad:

    version.yaml
        reviewed: 2025-02
    policy.yaml
        history:
          - {date: 2024-01, action: original effective date, note: policy created}
          - {date: 2025-02, action: annual review, note: renewed}

Good:

    version.yaml
        reviewed: 2025-11
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.months import month_number, month_of, months
from medpol.checks.subject import Subject
from medpol.model.policy import Status

CODE = "ST102"
LEVEL: Level = "warning"
MONTHS = 13  # a year, and the month in which the review falls


def check(subject: Subject) -> Iterator[Finding]:
    """The newest version of the plan's own medical policies, by its `reviewed` and by the reviews in the history."""
    version = subject.newest
    if version is None or version.status is not Status.APPROVED:
        return
    if subject.policy.authority != "medical_policy" or subject.policy.kind != "own":
        return
    typed = [version.reviewed, *(e.date for e in subject.policy.history if "review" in e.action.lower())]
    reviews = [number for text in typed if text and (number := month_number(text)) is not None]
    if reviews and month_of(subject.today) - max(reviews) > MONTHS:
        since = months(month_of(subject.today) - max(reviews))
        place = subject.version_place(version, "reviewed")
        yield Finding(place, f"the last review was {since} ago ({version.reviewed or 'see the history'})")
