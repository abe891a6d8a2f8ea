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
    """Dates as typed compare as text at the precision of the shorter one; a date that is only assumed does not."""
    for version in subject.policy.versions:
        published = version.published.isoformat()
        for key, what, day in (
            ("reviewed", "reviewed", version.reviewed),
            ("literature_through", "literature through", version.literature_through),
        ):
            late = bool(day) and day > published[: len(day)]
            if late and subject.version_place(version, "published") != subject.version_place(version):
                place = subject.version_place(version, key)
                yield Finding(place, f"{what} {day}, after it was published on {published}")
