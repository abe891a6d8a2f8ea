"""One footnote mark stands for two things.

A reader who meets the mark cannot know which note is meant. (In a published table `*` is both a note on the trial's
name and p = .001.)

Bad:

    text/summary-of-evidence.md
        | outcome | 1 year, % |
        |---|---|
        | ODI\\* | 60.0\\* |

        \\* Oswestry Disability Index.

        \\* p = .001.

Good:

    text/summary-of-evidence.md
        | outcome | 1 year, % |
        |---|---|
        | ODI\\* | 60.0† |

        \\* Oswestry Disability Index.

        † p = .001.
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.checks.text_tables import marks_defined, whole_tables
from medpol.problems import Place

CODE = "ST118"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    for parts in whole_tables(subject):
        first: dict[str, Place] = {}
        for mark in (mark for table in parts for mark in marks_defined(table)):
            if mark.sign in first:
                message = f"'{mark.sign}' is explained twice under this table"
                yield Finding(mark.place, message, related=(first[mark.sign],))
            first.setdefault(mark.sign, mark.place)
