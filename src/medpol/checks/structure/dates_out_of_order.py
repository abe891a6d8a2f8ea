"""The dates of a version contradict each other.

A version is written, reviewed and published, and only then in force. Where the review lies after the day of
publication, or the version was published after it took effect without saying so, nobody can tell which text was
known on which day, and a decision made in between cannot be defended.

Bad:

    version.yaml
        effective: 2026-01-01
        reviewed: 2026-03
        published: 2025-12-01

Good:

    version.yaml
        effective: 2026-01-01
        reviewed: 2025-11
        published: 2025-12-01
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject

CODE = "ST101"
LEVEL: Level = "error"


def check(subject: Subject) -> Iterator[Finding]:
    """Dates as typed compare as text at the precision of the shorter one."""
    for version in subject.policy.versions:
        published, reviewed = version.published.isoformat(), version.reviewed
        if reviewed and reviewed > published[: len(reviewed)]:
            place = subject.version_place(version, "reviewed")
            yield Finding(place, f"reviewed {reviewed}, after it was published on {published}")
        until = version.literature_through
        if until and until > published[: len(until)]:
            place = subject.version_place(version, "literature_through")
            yield Finding(place, f"literature through {until}, after it was published on {published}")
