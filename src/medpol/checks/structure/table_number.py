"""A table is numbered twice, or the text speaks of one that is not there.

A reader who is sent to Table 3 must find one table. Tables are renumbered when one is added or dropped, and the text
that speaks of them is not.

Bad:

    text/background.md
        The baseline is in Table 7.

Good:

    text/background.md
        The results are in Table 1.
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.checks.text_tables import tables
from medpol.problems import Place

CODE = "ST127"
LEVEL: Level = "warning"
_CAPTION = re.compile(r"Table\s+(\d+)\b")
_SPOKEN = re.compile(r"\bTables?\s+(\d+)(?:\s*(?:,|and|or|to|-|–)\s*(?:Table\s+)?(\d+))?")


def check(subject: Subject) -> Iterator[Finding]:
    """Captions give the numbers; a text without numbered captions is not judged."""
    numbered: dict[int, Place] = {}
    captions = set()
    for _, _, table in tables(subject):
        match = _CAPTION.match(table.caption.text) if table.caption else None
        if match and table.caption:
            captions.add(table.caption.place)
            if int(match[1]) in numbered:
                message = f"a second table is numbered {match[1]}"
                yield Finding(table.caption.place, message, related=(numbered[int(match[1])],))
            numbered.setdefault(int(match[1]), table.caption.place)
    for _, passage in subject.narrative.passages if numbered else ():
        if passage.place in captions:
            continue
        for match in _SPOKEN.finditer(passage.text):
            for number in (int(n) for n in match.groups() if n):
                if number not in numbered:
                    yield Finding(passage.at(match.start()), f"there is no Table {number}")
