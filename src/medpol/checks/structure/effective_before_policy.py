"""A version is older than its policy.

The original effective date is the day of the first version, or earlier. A version from before it belongs to another
policy, or one of the dates is wrong.

Bad:

    policy.yaml
        original_effective: 2025-01

Good:

    policy.yaml
        original_effective: 2024-01
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject

CODE = "ST109"
LEVEL: Level = "error"


def check(subject: Subject) -> Iterator[Finding]:
    """Compared at the precision at which the original date is known."""
    original = subject.policy.original_effective
    for version in subject.policy.versions:
        effective = version.effective.isoformat()
        if original and effective[: len(original)] < original:
            message = f"effective {effective}, before the policy's original effective date {original}"
            yield Finding(subject.version_place(version, "effective"), message)
