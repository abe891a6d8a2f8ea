"""Between two versions nothing is in force.

A version that says when it ends leaves the days until the next one without a policy: a request of those days is
answered by the next layer, or by nobody.

Bad:

    2024-01-01.yaml
        ends: 2025-06-01

Good:

    2024-01-01.yaml
        ends: 2026-01-01
"""

from collections.abc import Iterator
from itertools import pairwise

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.model.policy import Status

CODE = "ST108"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """Neighbours among the approved versions. (An overlap is refused when the library is read: MP403.)"""
    approved = [version for version in subject.policy.versions if version.status is Status.APPROVED]
    for earlier, later in pairwise(approved):
        if earlier.ends is not None and earlier.ends < later.effective:
            days = (later.effective - earlier.ends).days
            message = f"nothing is in force for {days} days, from {earlier.ends} until {later.effective}"
            yield Finding(subject.version_place(earlier, "ends"), message)
