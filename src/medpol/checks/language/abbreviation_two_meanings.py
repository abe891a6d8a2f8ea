"""One abbreviation stands for two things, or two abbreviations for one.

`PS` as patient satisfaction and as physical score, or MILD and IG-MLD for the same operation: the reader has to guess.

Bad:

    text/background.md
        Mechanical lumbar traction (MLT) is old. Powered mechanical lumbar traction is not. The
        mechanical lumbar traction (MLTR) of today has a motor.

Good:

    text/background.md
        Mechanical lumbar traction (MLT) is old. The MLT of today has a motor.
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.language.words import Spot, abbreviations
from medpol.checks.prose import content_words
from medpol.checks.subject import Subject

CODE = "LA106"
LEVEL: Level = "question"


def check(subject: Subject) -> Iterator[Finding]:
    explained = abbreviations(subject).explained
    firsts = [spots[0] for spots in explained.values() if spots[0].long]
    for index, spot in enumerate(firsts):
        for earlier in firsts[:index]:
            if _same(spot, earlier):
                message = f"'{spot.long}' is called {spot.short} here and {earlier.short} in '{earlier.section}'"
                yield Finding(spot.place, message, related=(earlier.place,))
    for short, spots in explained.items():
        other = next((s for s in spots[1:] if s.long and not _alike(s.long, spots[0].long)), None)
        if other is not None:
            message = f"{short} is '{other.long}' here and '{spots[0].long}' in '{spots[0].section}'"
            yield Finding(other.place, message, related=(spots[0].place,))


def _same(one: Spot, other: Spot) -> bool:
    """Long forms of which one ends with all the words of the other: `lumbar decompression` with or without a prefix."""
    words, others = content_words(one.long), content_words(other.long)
    return (
        min(len(words), len(others)) > 1 and (words <= others or others <= words) and abs(len(words) - len(others)) < 4
    )


def _alike(one: str, other: str) -> bool:
    return bool(content_words(one) & content_words(other))
