"""Two sentences that say the same have different numbers.

A summary repeats the body. When a number is put right in one and not in the other, the document contradicts itself, and
the reader cannot tell which of the two is true.

Source: the rule of a package that nothing is said twice.

Bad:

    text/background.md
        After 12 months of exercise most patients are well again, as surveys of 40 clinics show.
    text/description.md
        After 12 months of exercise most patients are well again, as surveys of 45 clinics show.

Good:

    text/background.md
        After 12 months of exercise most patients are well again, as surveys of 40 clinics show.
    text/description.md
        After 12 months of exercise most patients are well again, as surveys of 40 clinics show.
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.prose import Sentence, sentences
from medpol.checks.subject import Subject

CODE = "NU206"
LEVEL: Level = "warning"
WORDS = 8
"""Shorter sentences may be alike by chance."""
_NUMBER = re.compile(r"(?<![\w.])\d[\d.,]*(?<![.,])")


def check(subject: Subject) -> Iterator[Finding]:
    seen: dict[str, Sentence] = {}
    for section, passage in subject.narrative.passages:
        if section.key in ("references", "history", "codes") or passage.kind == "heading":
            continue
        for sentence in sentences(passage):
            words = re.findall(r"\w+", _NUMBER.sub(" 0 ", sentence.text).lower())
            if len(words) < WORDS or not _NUMBER.search(sentence.text):
                continue
            twin = seen.setdefault(" ".join(words), sentence)
            mine, other = _NUMBER.findall(sentence.text), _NUMBER.findall(twin.text)
            if mine != other:
                at = next(i for i, (a, b) in enumerate(zip(mine, other, strict=True)) if a != b)
                place = sentence.at(list(_NUMBER.finditer(sentence.text))[at].start())
                message = (
                    f"'{mine[at]}' here, '{other[at]}' in the same sentence of {twin.at().file.rsplit('/', 1)[-1]}"
                )
                yield Finding(place, message, related=(twin.at(),))
