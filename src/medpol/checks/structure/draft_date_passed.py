"""A draft's effective date has passed.

Only approved versions decide. A draft that should be in force by now was either not approved in time, or somebody
forgot to say that it was; requests are decided by the version before it.

Bad:

    version.yaml
        status: draft

Good:

    version.yaml
        status: approved
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.model.policy import Status

CODE = "ST110"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    for version in subject.policy.versions:
        if version.status is Status.DRAFT and version.effective <= subject.today:
            message = f"a draft, but it was to take effect on {version.effective}; approve it, or move its date"
            yield Finding(subject.version_place(version, "status"), message)
