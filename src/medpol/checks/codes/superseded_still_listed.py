"""A code is listed although the policy itself says that another replaced it.

policy.yaml names the code, its successor and the day; the code table goes on listing the old code after that day, or
lacks the successor.

Bad:

    policy.yaml
        technology:
          name: traction
          codes:
            superseded: [{code: "97012", by: "97140", from: 2025-01-01}]

Good:

    policy.yaml
        technology:
          name: traction
          codes:
            superseded: [{code: "97014", by: "97012", from: 2025-01-01}]
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.model.codes import normal

CODE = "CO116"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """The newest version, if it is in force after the day. An entry with `until` is in order."""
    technology, version = subject.policy.technology, subject.newest
    if technology is None or version is None:
        return
    for pairs in technology.superseded_codes:
        entry = dict(pairs)
        since, old, new = entry.get("from", ""), normal(entry.get("code", "")), normal(entry.get("by", ""))
        if not since or version.effective.isoformat() < since:
            continue
        for code in version.codes:
            if code.pattern.low == old and code.until is None:
                yield Finding(
                    code.place, f"{old} was replaced by {new or 'another code'} on {since}; end it, or remove it"
                )
        if new and not any(code.pattern.matches(new) for code in version.codes):
            place = subject.version_place(version, "codes")
            yield Finding(place, f"{new}, which replaced {old} on {since}, is not listed")
