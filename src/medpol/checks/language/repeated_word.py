"""A word stands twice in a row.

"The the patients", "score scores": a slip that a spelling checker passes, mostly left over from an earlier wording.

Bad:

    text/background.md
        The mean pain score scores were above 3 in the the second year.

Good:

    text/background.md
        The mean pain scores were above 3 in the second year.
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Edit, Finding, Level
from medpol.checks.language.words import prose
from medpol.checks.subject import Subject

CODE = "LA111"
LEVEL: Level = "error"

_TWICE = re.compile(r"\b([A-Za-z]{2,})(\s+)(\1(?:s|es)?)\b", re.I)
_MEANT = frozenset(("had", "that", "is", "blah"))  # "had had", "that that" can be right


def check(subject: Subject) -> Iterator[Finding]:
    for item in prose(subject, tables=True, headings=True):
        for match in _TWICE.finditer(item.text):
            if match[1].lower() in _MEANT or match[1].isupper() != match[3].isupper():
                continue
            same = match[1].lower() == match[3].lower() and "\n" not in item.passage.text[match.start() : match.end()]
            fix = (Edit(item.at(match.start()), len(match[0]), match[1]),) if same else ()
            yield Finding(item.at(match.start()), f"'{match[1]} {match[3]}': a word too many", fix=fix)
