"""A name is written in several ways.

A search for `MiDAS ENCORE` does not find `MIDAS Encore`, and a reader may take them for two trials. The form that
occurs most is taken for the right one.

Bad:

    text/background.md
        The MiDAS ENCORE trial is the largest. In MiDAS ENCORE nobody was blinded, and MIDAS Encore had two arms.

Good:

    text/background.md
        The MiDAS ENCORE trial is the largest. In MiDAS ENCORE nobody was blinded, and MiDAS ENCORE had two arms.
"""

import re
from collections import Counter
from collections.abc import Iterator

from medpol.checks.finding import Edit, Finding, Level
from medpol.checks.language.words import Prose, prose
from medpol.checks.subject import Subject
from medpol.problems import Place

CODE = "LA107"
LEVEL: Level = "warning"

_NAME = re.compile(r"(?<![\w-])(?:[A-Z][\w]*[A-Z]\w*)(?:[ -][A-Z]\w*[A-Za-z])*(?![\w-])")


def check(subject: Subject) -> Iterator[Finding]:
    items = list(prose(subject, tables=True, headings=True, lists=True))
    names = _names(subject, items)
    if not names:
        return
    pattern = re.compile(
        rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(names, key=len, reverse=True)))})(?![\w-])", re.I
    )
    written: dict[str, dict[str, list[Place]]] = {}
    for item in items:
        for match in pattern.finditer(item.text):
            if sum(c.isupper() for c in match[0]) > 1:  # `motion` in a sentence is no trial
                written.setdefault(match[0].casefold(), {}).setdefault(match[0], []).append(item.at(match.start()))
    for ways in written.values():
        usual = max(ways, key=lambda way: (len(ways[way]), way))
        for way, places in ways.items():
            if way != usual and not _in_capitals(way, usual):
                times = "once" if len(places) == 1 else f"{len(places)} times"
                fix = tuple(Edit(place, len(way), usual) for place in places)
                message = f"'{way}' ({times}) is written '{usual}' elsewhere ({len(ways[usual])} times)"
                yield Finding(places[0], message, fix=fix, related=tuple(places[1:]))


def _names(subject: Subject, items: list[Prose]) -> set[str]:
    """Names of studies, and whatever has capitals inside a word and occurs more than once, in small letters."""
    studies = {s.name.casefold() for s in (subject.evidence.studies if subject.evidence else ()) if " " in s.name}
    seen = Counter(match[0] for item in items for match in _NAME.finditer(item.text))
    inner = {
        name.casefold() for name, times in seen.items() if times > 1 and re.search(r"[a-z][A-Z]|[A-Z]{2}[a-z]", name)
    }
    return {name for name in studies | inner if not re.search(r"\d{4}$", name)}


def _in_capitals(way: str, usual: str) -> bool:
    """A heading all in capitals is no other spelling, if the name has one word."""
    return way.isupper() and " " not in usual and not re.search(r"[a-z][A-Z]", usual)
