"""A named scale or body is spelled in two ways.

`Numeric Rating Scale` and `Numerical Rating Scale` are one instrument; written twofold they look like two.

Bad:

    text/background.md
        Pain was measured on the Numeric Rating Scale. A fall of 2 on the Numerical Rating Scale is a response.

Good:

    text/background.md
        Pain was measured on the Numeric Rating Scale. A fall of 2 on the Numeric Rating Scale is a response.
"""

import re
from collections.abc import Iterator

from rapidfuzz.fuzz import ratio

from medpol.checks.finding import Finding, Level
from medpol.checks.language.words import prose
from medpol.checks.subject import Subject
from medpol.problems import Place

CODE = "LA108"
LEVEL: Level = "warning"

_PHRASE = re.compile(r"(?<![\w-])[A-Z][a-z]+(?:[ -](?:(?:of|for|and|the|in) )?[A-Z][a-z]+){1,6}(?![\w-])")
_NEAR = 75  # per cent of two words' letters that agree; numeric/numerical have 88, minimal/optimal 57


def check(subject: Subject) -> Iterator[Finding]:
    seen: dict[str, list[Place]] = {}
    for item in prose(subject, tables=True):
        for match in _PHRASE.finditer(item.text):
            words = match[0].removeprefix("The ").split()
            for start in range(len(words) - 1):
                seen.setdefault(" ".join(words[start:]), []).append(item.at(match.start()))
    names = sorted(seen, key=lambda name: (-len(seen[name]), seen[name][0]))
    reported: set[str] = set()
    for index, name in enumerate(names):
        usual = next(
            (other for other in names[:index] if other not in reported and _differ_by_one_form(name, other)), None
        )
        if usual and not any(name in longer for longer in reported):
            reported.add(name)
            message = f"'{name}' is '{usual}' elsewhere"
            yield Finding(seen[name][0], message, related=(*seen[name][1:], seen[usual][0]))


def _differ_by_one_form(one: str, other: str) -> bool:
    """Equal but for one word that has another ending; a plural is no other spelling."""
    words, others = re.split(r"[ -]", one), re.split(r"[ -]", other)
    if len(words) != len(others):
        return False
    different = [(a, b) for a, b in zip(words, others, strict=True) if a != b]
    if len(different) != 1:
        return False
    a, b = sorted(different[0], key=len)
    return a[:4] == b[:4] and ratio(a, b) >= _NEAR and b not in (f"{a}s", f"{a}es", f"{a[:-1]}ies")
