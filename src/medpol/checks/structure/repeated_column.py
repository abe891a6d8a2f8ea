"""Two columns of a table have one name.

Nobody can cite the column or read it into a data set, and usually a name was lost when the table was made. (A
published history has the columns Date, Action and Action.)

Bad:

    text/codes.md
        | Codes | Codes | Description |
        |---|---|---|
        | CPT | 97012 | mechanical traction |

Good:

    text/codes.md
        | Codes | Number | Description |
        |---|---|---|
        | CPT | 97012 | mechanical traction |
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.checks.text_tables import names, plain, tables

CODE = "ST114"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """Names that are there, compared without case; a column may be without one."""
    for _, _, table in tables(subject):
        seen = set()
        for name, cell in zip(names(table.header), table.header, strict=True):
            if name and name in seen:
                yield Finding(cell.place, f"a second column is called '{plain(cell.text)}'")
            seen.add(name)
