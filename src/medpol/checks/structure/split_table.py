"""A table is split in two.

The same header stands twice in a section, and the second part has no caption: a page break of the printed document
became a break of the table. The second half has lost its caption and its notes.

Bad:

    text/codes.md
        | Codes | Number | Description |
        |---|---|---|
        | CPT | 97012 | mechanical traction |

        | Codes | Number | Description |
        |---|---|---|
        | CPT | 97110 | exercise |

Good:

    text/codes.md
        | Codes | Number | Description |
        |---|---|---|
        | CPT | 97012 | mechanical traction |
        | CPT | 97110 | exercise |
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.checks.text_tables import names, tables
from medpol.model.narrative import Table

CODE = "ST115"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """Tables of one section with equal headers, the later without a caption of its own; or a header among the rows."""
    before: dict[tuple[str, tuple[str, ...]], Table] = {}
    for section, _, table in tables(subject):
        header = names(table.header)
        first = before.setdefault((section.key, header), table)
        if first is not table and table.caption is None:
            message = "this table repeats the header of the one before it: join the two"
            yield Finding(table.place, message, related=(first.place,))
        for row in table.rows:
            if names(row) == header and any(header):
                yield Finding(row[0].place, "the header stands again among the rows: remove it")
