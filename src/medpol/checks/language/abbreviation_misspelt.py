"""An abbreviation looks like a misspelling of another.

`IG-MD` beside twenty times `IG-MLD`: a reader takes it for another group of patients, and a search misses it.

Bad:

    text/background.md
        The Oswestry Disability Index (ODI) is a scale. An ODI of 40 is severe, an ODI of 20 is not. The OID fell.

Good:

    text/background.md
        The Oswestry Disability Index (ODI) is a scale. An ODI of 40 is severe, an ODI of 20 is not. The ODI fell.
"""

from collections.abc import Iterator

from rapidfuzz.distance import OSA

from medpol.checks.finding import Finding, Level
from medpol.checks.language.words import Abbreviations, abbreviations
from medpol.checks.subject import Subject

CODE = "LA103"
LEVEL: Level = "error"


def check(subject: Subject) -> Iterator[Finding]:
    found = abbreviations(subject)
    for short, uses in found.uses.items():
        if meant := intended(short, found):
            for use in uses:
                yield Finding(use.place, f"{short} is explained nowhere; is {meant} meant?")


def intended(short: str, found: Abbreviations) -> str:
    """The explained abbreviation, used more often, that one slip makes into this one; '' if there is none."""
    if short in found.explained:
        return ""
    uses = len(found.uses[short])
    near = [
        other
        for other in found.explained
        if len(other) > 2
        and OSA.distance(short, other) == 1
        and not (short[-1:].isdigit() or other[-1:].isdigit())
        and len(found.uses.get(other, ())) > uses
    ]
    return near[0] if near else ""
