"""A bracket or a quotation mark is opened and not closed, or closed and not opened.

What belongs into the bracket is then open, and with it what a condition applies to.

Bad:

    text/background.md
        Traction (manual or mechanical is given daily.

Good:

    text/background.md
        Traction (manual or mechanical) is given daily.
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.language.words import prose
from medpol.checks.subject import Subject

CODE = "LA119"
LEVEL: Level = "warning"

_PAIRS = {")": "(", "]": "[", "”": "“"}
_ENUMERATION = re.compile(r"(?:^|(?<=\s))(?:[a-z]|\d{1,2}|[ivx]+)\)")  # a) b) 1) ii)


def check(subject: Subject) -> Iterator[Finding]:
    for item in prose(subject, tables=True):
        numbers = {match.end() - 1 for match in _ENUMERATION.finditer(item.text)}
        opened: list[tuple[str, int]] = []
        for offset, mark in enumerate(item.text):
            if mark in _PAIRS.values():
                opened.append((mark, offset))
            elif mark in _PAIRS:
                if opened and opened[-1][0] == _PAIRS[mark]:
                    opened.pop()
                elif offset not in numbers:
                    yield Finding(item.at(offset), f"'{mark}' closes what was not opened")
        for mark, offset in opened:
            yield Finding(item.at(offset), f"'{mark}' is not closed")
