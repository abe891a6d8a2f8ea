"""The parts of a count do not add up to it.

"In ten studies, in 9 by the one scale and in 1 by the other": nine and one are ten. Where they are not, a study was
counted twice or forgotten.

Source: arithmetic.

Bad:

    text/background.md
        Function was measured in ten studies, in 8 by one scale and in 1 by another.

Good:

    text/background.md
        Function was measured in ten studies, in 9 by one scale and in 1 by another.
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.prose import COUNT, count_of, sentences
from medpol.checks.subject import Subject

CODE = "NU213"
LEVEL: Level = "warning"
_SPLIT = re.compile(
    rf"(?i)\b(?P<whole>{COUNT})\s+(?:studies|trials|reviews|patients|individuals|participants),\s+"
    rf"(?P<word>in|of)\s+(?P<one>{COUNT})\s[^.;,]*?\band (?:(?P=word) )?(?P<two>{COUNT})\s"
)


def check(subject: Subject) -> Iterator[Finding]:
    for _, passage in subject.narrative.passages:
        for sentence in sentences(passage):
            for found in _SPLIT.finditer(sentence.text):
                whole, one, two = (count_of(found[name]) for name in ("whole", "one", "two"))
                if whole is not None and one is not None and two is not None and one + two != whole:
                    yield Finding(sentence.at(found.start("one")), f"{one} and {two} are not {whole}")
