"""A count and a percentage beside it do not agree.

"12 of 45 (30%)" says the same twice; 12 of 45 are 27%.

Source: arithmetic at the printed decimals; GRIM, Brown and Heathers 2017, Soc Psychol Personal Sci 8:363.

Bad:

    text/background.md
        In a survey 12 of 45 patients (30%) had tried traction.

Good:

    text/background.md
        In a survey 12 of 45 patients (27%) had tried traction.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from medpol.checks.finding import Finding, Level
from medpol.checks.prose import plain
from medpol.checks.subject import Subject
from medpol.evidence import possible_counts

CODE = "NU210"
LEVEL: Level = "warning"
_OF = re.compile(
    r"(?P<x>\d+)\s*(?:of|/|out of)\s*(?:the\s+|all\s+)?(?P<n>\d+)\s*(?:[a-z]+\s+){0,2}"
    r"\(\s*(?P<p>\d+(?:\.\d+)?)\s*%\s*\)"
    r"|(?P<x2>\d+)\s*\((?P<p2>\d+(?:\.\d+)?)\s*%\)\s+(?:of|out of)\s+(?:the\s+|all\s+)?(?P<n2>\d+)\b"
)


def check(subject: Subject) -> Iterator[Finding]:
    for _, passage in subject.narrative.passages:
        for found in _OF.finditer(plain(passage.text)):
            count, n = int(found["x"] or found["x2"]), int(found["n"] or found["n2"])
            percent = Decimal(found["p"] or found["p2"])
            if n and count not in possible_counts(percent, n):
                place = passage.at(found.start())
                yield Finding(place, f"{count} of {n} is {100 * count / n:.3g}%, not {percent}%")
