"""A word is written with a hyphen here and without it there.

`non-surgical` and `nonsurgical` in one document: a search for the one does not find the other.

Bad:

    text/background.md
        Non-surgical care comes first. Most nonsurgical treatments help, and nonsurgical care is safe.

Good:

    text/background.md
        Nonsurgical care comes first. Most nonsurgical treatments help, and nonsurgical care is safe.
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.language.words import prose
from medpol.checks.subject import Subject
from medpol.problems import Place

CODE = "LA113"
LEVEL: Level = "warning"

_WORD = re.compile(r"(?<![\w@/.-])[A-Za-z]{2,}(?:-[a-z]{2,})?(?![\w@-])")


def check(subject: Subject) -> Iterator[Finding]:
    """Compares one-word and hyphenated forms; two words apart are grammar (`follow up` is a verb)."""
    ways: dict[str, dict[str, list[Place]]] = {}
    for item in prose(subject):
        for match in _WORD.finditer(item.text):
            word = match[0].lower()
            ways.setdefault(word.replace("-", ""), {}).setdefault(word, []).append(item.at(match.start()))
    for written in ways.values():
        usual, *others = sorted(written, key=lambda way: (-len(written[way]), "-" in way))
        for way in others:
            message = f"'{way}' is written '{usual}' elsewhere ({len(written[usual])} times)"
            yield Finding(written[way][0], message, related=tuple(written[way][1:]))
