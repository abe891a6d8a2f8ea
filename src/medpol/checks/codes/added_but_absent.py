"""The history says that a code was added, and the code table lacks it.

The code was dropped without a word, or it never reached the table. Either way the history promises a position on a
code about which the policy is silent. (Seen in a published carotid policy.)

Bad:

    policy.yaml
        history:
          - {date: 2024-01, action: original effective date, note: policy created}
          - {date: 2025-01, action: annual review, note: "code 97140 added"}
          - {date: 2026-01, action: annual review, note: revised}

Good:

    policy.yaml
        history:
          - {date: 2024-01, action: original effective date, note: policy created}
          - {date: 2025-01, action: annual review, note: "code 97012 added"}
          - {date: 2026-01, action: annual review, note: revised}
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.structure.history import dated
from medpol.checks.subject import Subject
from medpol.model.codes import normal

CODE = "CO110"
LEVEL: Level = "warning"
_CODE = re.compile(r"(?<![\w.-])(\d{4}[0-9AFTU]|[A-V]\d{4})(?![\w-]|\.\d)")
_ADDED = re.compile(r"\b(add(?:ed|ing|s)?|new codes?)\b", re.IGNORECASE)
_CODES = re.compile(r"\b(codes?|CPT|HCPCS)\b")
_GONE = re.compile(r"\b(remov|delet|retir|replac|terminat|discontinu)", re.IGNORECASE)


def check(subject: Subject) -> Iterator[Finding]:
    """An entry that adds codes; a later entry may say that one of them went again."""
    version = subject.newest
    if version is None:
        return
    entries = sorted(dated(subject), key=lambda entry: entry.month)
    for index, added in enumerate(entries):
        text = f"{added.entry.action} {added.entry.note}"
        if not _ADDED.search(text) or not _CODES.search(text) or _GONE.search(text):
            continue
        for code in dict.fromkeys(_CODE.findall(text)):
            later = [f"{entry.entry.action} {entry.entry.note}" for entry in entries[index:]]
            gone = any(code in text and _GONE.search(text) for text in later)
            if not gone and not any(listed.pattern.matches(normal(code)) for listed in version.codes):
                yield Finding(
                    added.place, f"the history adds {code} on {added.entry.date}, but the code table lacks it"
                )
