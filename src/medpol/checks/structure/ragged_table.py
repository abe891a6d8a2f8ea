"""A row has not as many cells as the table has columns.

What stands right of the missing or surplus cell is read under the wrong heading.

Bad:

    text/codes.md
        | Codes | Number | Description |
        |---|---|---|
        | CPT | 97012 |

Good:

    text/codes.md
        | Codes | Number | Description |
        |---|---|---|
        | CPT | 97012 | mechanical traction |
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.checks.text_tables import tables

CODE = "ST117"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    for _, _, table in tables(subject):
        for row in table.rows:
            if len(row) != len(table.header) and row:
                message = f"the row has {len(row)} cells, the table {len(table.header)} columns"
                yield Finding(row[0].place, message)
