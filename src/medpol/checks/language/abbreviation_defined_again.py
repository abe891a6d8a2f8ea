"""An abbreviation is explained more than once in the body.

One explanation at the first use is enough; a second one makes the reader ask whether something else is meant. It may
be wanted where a section is read by itself: the editor decides.

Bad:

    text/background.md
        The Roland-Morris Disability Questionnaire (RMDQ) has 24 items. A fall of the Roland-Morris Disability
        Questionnaire (RMDQ) is an improvement.

Good:

    text/background.md
        The Roland-Morris Disability Questionnaire (RMDQ) has 24 items. A fall of the RMDQ is an improvement.
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.language.words import abbreviations, kind_of
from medpol.checks.subject import Subject

CODE = "LA105"
LEVEL: Level = "question"


def check(subject: Subject) -> Iterator[Finding]:
    for short, explained in abbreviations(subject).explained.items():
        body = [spot for spot in explained if kind_of(spot.section) == "body" and not spot.in_table]
        if len(body) > 1:
            message = f"{short} is explained {len(body)} times in the body, first in '{body[0].section}'"
            yield Finding(body[1].place, message, related=tuple(s.place for s in explained if s is not body[1]))
