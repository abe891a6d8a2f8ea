"""A sentence is too long to be followed.

A criterion inside a sentence of seventy words is read wrongly. Sentences of more than 25 words are hard for most
adults (Federal Plain Language Guidelines, 2011, "Write short sentences"); this rule speaks at 60.

Bad:

    text/background.md
        Traction, which stretches the spine with a table or with a belt and which has been in use for more than a
        century in many countries, often together with exercise, heat, massage and other measures whose effects
        are hard to tell from those of traction itself, is proposed for people with low back pain, with or without
        pain in the leg, who have not improved with rest, with medicines or with advice to stay active.

Good:

    text/background.md
        Traction stretches the spine with a table or with a belt. It is proposed for people with low back pain who
        have not improved with other care.
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.language.words import prose
from medpol.checks.prose import sentences
from medpol.checks.subject import Subject

CODE = "LA121"
LEVEL: Level = "question"

_MOST = 60  # words


def check(subject: Subject) -> Iterator[Finding]:
    for item in prose(subject):
        if item.in_table:
            continue
        for sentence in sentences(item.passage):
            count = len(sentence.text.split())
            if count > _MOST:
                yield Finding(sentence.at(0), f"a sentence of {count} words; part it")
