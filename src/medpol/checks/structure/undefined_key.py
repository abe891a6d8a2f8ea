"""A limitation table uses a key that its notes do not define.

Tables of study limitations hold numbers that the notes explain, column by column. A number without an explanation is
a limitation nobody can read.

Bad:

    text/summary-of-evidence.md
        | study | population^a^ |
        |---|---|
        | ASH | 1, 5 |

        ^a^ 1. Population unclear; 2. Context unclear; 3. Not representative.

Good:

    text/summary-of-evidence.md
        | study | population^a^ |
        |---|---|
        | ASH | 1, 3 |

        ^a^ 1. Population unclear; 2. Context unclear; 3. Not representative.
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.checks.text_tables import tables
from medpol.model.narrative import Table

CODE = "ST121"
LEVEL: Level = "error"
_LETTER = re.compile(r"(?:\^|<sup>)([a-z])(?:\^|</sup>)")
_NOTE = re.compile(r"(?:^|(?<=[\s.;]))(?:\^|<sup>)?([a-z])(?:\^|</sup>|\.)\s")
_KEY = re.compile(r"(?<![\d.])(\d{1,2})\.?\s")
_CELL = re.compile(r"\d{1,2}(?:\s*[-–]\s*\d{1,2})?(?:\s*[,;]\s*\d{1,2}(?:\s*[-–]\s*\d{1,2})?)*")


def check(subject: Subject) -> Iterator[Finding]:
    """Cells that hold only keys, in columns whose header has a letter with a note of numbered keys."""
    for _, _, table in tables(subject):
        known = _keys(table)
        for column, header in enumerate(table.header):
            letter = _LETTER.search(header.text)
            defined = known.get(letter[1]) if letter else None
            for row in table.rows if defined else ():
                cell = row[column] if column < len(row) else None
                if cell is None or not _CELL.fullmatch(cell.text):
                    continue
                for number in _numbers(cell.text):
                    if defined is not None and number not in defined:
                        message = f"key {number} is not among those of '{letter[1] if letter else ''}'"
                        yield Finding(cell.place, message)


def _keys(table: Table) -> dict[str, set[int]]:
    """The numbers that the notes define for each letter."""
    found: dict[str, set[int]] = {}
    for note in table.notes:
        starts = [*_NOTE.finditer(note.text)]
        ends = [*(match.start() for match in starts[1:]), len(note.text)]
        for match, end in zip(starts, ends, strict=False):
            numbers = {int(number) for number in _KEY.findall(note.text[match.end() : end])}
            if numbers:
                found[match[1]] = numbers
    return found


def _numbers(text: str) -> Iterator[int]:
    for part in re.split(r"[,;]", text):
        first, _, last = part.replace("–", "-").partition("-")
        yield from range(int(first), int(last or first) + 1)
