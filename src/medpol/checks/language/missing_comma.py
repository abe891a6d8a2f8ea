"""A word or a comma is missing after the subject.

"The primary endpoint the share of responders was higher": two nouns with their articles stand side by side, with
nothing between them.

Bad:

    text/background.md
        The primary endpoint the share of responders was higher after traction.

Good:

    text/background.md
        The primary endpoint, the share of responders, was higher after traction.
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.language.words import prose
from medpol.checks.prose import sentences
from medpol.checks.subject import Subject

CODE = "LA116"
LEVEL: Level = "warning"

_SIDE_BY_SIDE = re.compile(
    r"^\W*(?:The|A|An|This)\s+(?:[a-z-]+\s+){0,3}(?:endpoint|outcome|measure|procedure|technique|device|trial|study|review|"
    r"policy|treatment|group|comparator|population|result|finding|limitation|method)s?\s+(?:the|a|an)\s"
)


def check(subject: Subject) -> Iterator[Finding]:
    for item in prose(subject):
        for sentence in sentences(item.passage):
            if match := _SIDE_BY_SIDE.match(sentence.text):
                said = " ".join(match[0].split())
                place = sentence.at(match.end(0) - 1 - len(match[0].split()[-1]))
                yield Finding(place, f"'{said} …': a comma or a verb is missing before '{match[0].split()[-1]}'")
