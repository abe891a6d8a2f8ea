"""A paragraph ends without a full stop.

Either the stop was forgotten, or the rest of the sentence was lost, perhaps with the condition in it.

Bad:

    text/background.md
        Traction stretches the spine. Its limits are summarized in

        It is given daily.

Good:

    text/background.md
        Traction stretches the spine. Its limits are summarized below.

        It is given daily.
"""

import re
from collections.abc import Iterator
from itertools import zip_longest

from medpol.checks.finding import Finding, Level
from medpol.checks.language.words import LISTS
from medpol.checks.prose import is_note
from medpol.checks.subject import Subject
from medpol.model.narrative import Block, Passage

CODE = "LA118"
LEVEL: Level = "warning"

_LEAST = 6  # words: what is shorter may be a label or a line of an address


def check(subject: Subject) -> Iterator[Finding]:
    for section in subject.narrative.sections:
        if section.key in LISTS:
            continue
        for block, after in zip_longest(section.blocks, section.blocks[1:]):
            if not isinstance(block, Passage) or block.kind != "paragraph" or is_note(block):
                continue
            text = re.sub(r"(?:\[@[^\]]*\]|[⁰¹²³⁴-⁹]|[*_”\"’')\]])+$", "", block.text.rstrip())
            if text.endswith((".", "!", "?", ":", "}}")) or len(text.split()) < _LEAST or _goes_on(after):
                continue
            place = block.at(len(text) - 1)
            yield Finding(place, f"the paragraph ends without a full stop: '… {' '.join(text.split()[-4:])}'")


def _goes_on(after: Block | None) -> bool:
    """Whether what follows is the rest of the sentence (a list, or a paragraph that begins small): another rule's."""
    return isinstance(after, Passage) and (after.kind == "item" or after.text[:1].islower())
