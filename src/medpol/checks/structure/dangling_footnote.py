"""A footnote belongs to nothing.

The note under the table explains a mark that the table does not have: the mark was lost, or the note was left behind.
In a limitation table it is a key that no column has.

Bad:

    text/summary-of-evidence.md
        | outcome | 1 year, % |
        |---|---|
        | ODI | 60.0 |

        \\* p = .001.

Good:

    text/summary-of-evidence.md
        | outcome | 1 year, % |
        |---|---|
        | ODI | 60.0\\* |

        \\* p = .001.
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.checks.text_tables import marks_defined, marks_used, whole_tables

CODE = "ST119"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """Letters count as marks only where the table has some: `a.` may else begin a list."""
    for parts in whole_tables(subject):
        used = {mark.sign for table in parts for mark in marks_used(table)}
        for mark in (mark for table in parts for mark in marks_defined(table)):
            letters = any(sign.isalpha() for sign in used)
            if mark.sign not in used and (letters or not mark.sign.isalpha()):
                yield Finding(mark.place, f"the note '{mark.sign}' belongs to nothing in the table")
