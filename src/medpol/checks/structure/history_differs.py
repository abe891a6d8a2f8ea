"""The printed history and the policy's own differ.

The published table says when the policy was reviewed; policy.yaml says it to the program. An auditor who finds a
review in one and not in the other cannot tell which text was in force.

Bad:

    text/history.md
        | Date | Action |
        |---|---|
        | January 2026 | Annual review |
        | March 2025 | Annual review |
        | January 2024 | Original effective date |

Good:

    text/history.md
        | Date | Action |
        |---|---|
        | January 2026 | Annual review |
        | January 2025 | Annual review |
        | January 2024 | Original effective date |
"""

import re
from calendar import month_name
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.structure.history import dated
from medpol.checks.subject import Subject
from medpol.model.narrative import Passage, Table

CODE = "ST129"
LEVEL: Level = "error"

_MONTHS = [name[:3].lower() for name in month_name[1:]]
_NAMED, _ISO = r"(?P<name>[a-z]{3,9})\.?\s+(?:\d{1,2},?\s+)?(?P<year>\d{4})", r"(?P<iso>\d{4})-(?P<number>\d{2})"
_DATE = re.compile(rf"(?i)\b(?:{_NAMED}|{_ISO})\b")


def check(subject: Subject) -> Iterator[Finding]:
    """Months that one has and the other lacks; the adoption may be missing from the table (ST105 asks for it)."""
    section = subject.narrative.section("history")
    rows = [row for block in (section.blocks if section else ()) if isinstance(block, Table) for row in block.rows]
    printed = {month: cell for row in rows if (found := _month(row)) for month, cell in [found]}
    entries = dated(subject)
    if not printed or not entries:
        return
    known = {entry.month for entry in entries}
    for month, cell in printed.items():
        if month not in known:
            yield Finding(cell.place, f"{cell.text}: policy.yaml has no entry of that month")
    for entry in entries:
        if entry.month not in printed and "original" not in entry.entry.action.lower():
            yield Finding(entry.place, f"{entry.entry.date}: the printed history has no entry of that month")


def _month(row: tuple[Passage, ...]) -> tuple[int, Passage] | None:
    """The month of a row's first cell, counted from year 0, and the cell."""
    match = _DATE.search(row[0].text) if row else None
    if match is None:
        return None
    if match["iso"]:
        return int(match["iso"]) * 12 + int(match["number"]) - 1, row[0]
    name = match["name"][:3].lower()
    return (int(match["year"]) * 12 + _MONTHS.index(name), row[0]) if name in _MONTHS else None
