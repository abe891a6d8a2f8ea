"""An adjective stands where an adverb belongs.

"Clinical significant difference" for "clinically significant difference": copied from table to table, it marks text
that nobody read again.

Bad:

    text/background.md
        The trial set no clinical significant difference beforehand.

Good:

    text/background.md
        The trial set no clinically significant difference beforehand.
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Edit, Finding, Level
from medpol.checks.language.words import prose
from medpol.checks.subject import Subject

CODE = "LA115"
LEVEL: Level = "warning"

_PAIR = re.compile(
    r"\b([Cc]linical|[Ss]tatistical|[Mm]edical|[Ss]urgical)(?=\s+(?:significant|relevant|important|meaningful|necessary|indicated)\b)"
)


def check(subject: Subject) -> Iterator[Finding]:
    for item in prose(subject, tables=True, headings=True):
        for match in _PAIR.finditer(item.text):
            place = item.at(match.start())
            yield Finding(place, f"'{match[1]}' for '{match[1]}ly'", fix=(Edit(place, len(match[1]), f"{match[1]}ly"),))
