"""Two values stand in one cell without anything between them.

`71.73.6` is 71.7 and 3.6; `N=143 (A)N=129 (B)` is two groups. The cell boundary was lost when the table was made, and
a reader, or a program, takes the wrong number.

Bad:

    text/summary-of-evidence.md
        | outcome | 2 years |
        |---|---|
        | ODI | 71.73.6 |

Good:

    text/summary-of-evidence.md
        | outcome | 2 years, % | 2 years, change |
        |---|---|---|
        | ODI | 71.7 | 3.6 |
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.checks.text_tables import tables

CODE = "ST116"
LEVEL: Level = "error"
_MERGED = re.compile(
    r"(?<![\d.])\d{1,3}\.\d{1,2}\.\d{1,2}(?![\d.])"  # 71.73.6
    r"|(?<![\d.])\d{1,2}\.\d{2}\d{1,2}\.\d(?![\d.])"  # 72.422.7
    r"|\)\s?[Nn]\s?=|\d\)\d"  # (A)N=129
)


def check(subject: Subject) -> Iterator[Finding]:
    """Cells of tables outside the code and history tables, where numbers with two points are section numbers."""
    for section, _, table in tables(subject):
        if section.key in ("codes", "history", "references"):
            continue
        for row in table.rows:
            for cell in row:
                match = _MERGED.search(cell.text)
                if match:
                    yield Finding(cell.at(match.start()), f"two values in one cell: '{_shown(cell.text)}'")


def _shown(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}…"
