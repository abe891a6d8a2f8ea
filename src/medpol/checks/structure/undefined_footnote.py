"""A footnote mark in a table is explained nowhere.

The reader is sent to a note that is not there: a significance level, a rule, or the key of a limitation is lost.

Bad:

    text/summary-of-evidence.md
        | outcome | 1 year, % |
        |---|---|
        | ODI | 60.0\\* |

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

CODE = "ST120"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """Each mark once, where it stands first."""
    for parts in whole_tables(subject):
        explained = {mark.sign for table in parts for mark in marks_defined(table)}
        for mark in (mark for table in parts for mark in marks_used(table)):
            if mark.sign not in explained:
                explained.add(mark.sign)
                yield Finding(mark.place, f"'{mark.sign}' is explained nowhere under the table")
