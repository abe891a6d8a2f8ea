"""The text's code table has a code that the version does not list.

Readers take the printed table for the rule. A code that only the text has is governed by nothing.

Bad:

    text/codes.md
        | Codes | Number | Description |
        |---|---|---|
        | CPT | 97012 | mechanical traction |
        | CPT | 97140 | manual therapy |

Good:

    text/codes.md
        | Codes | Number | Description |
        |---|---|---|
        | CPT | 97012 | mechanical traction |
"""

import re
from collections.abc import Iterator

from medpol.checks.codes.text import codes_in_text
from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject

CODE = "CO111"
LEVEL: Level = "error"
_SERVICE = re.compile(r"\d{4}[0-9AFTUM]|[A-V]\d{4}")


def check(subject: Subject) -> Iterator[Finding]:
    """Cells of the section of codes that hold a procedure code and nothing else."""
    version = subject.newest
    for code, place in codes_in_text(subject) if version else ():
        listed = version is not None and any(entry.pattern.matches(code) for entry in version.codes)
        if _SERVICE.fullmatch(code) and not listed:
            yield Finding(place, f"{code} is in the text's code table, but not among the version's codes")
