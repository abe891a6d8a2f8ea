"""A section says nothing.

A heading without text, or with a dash only, makes the reader wonder whether something was lost. If there is nothing
to say, say so ("None") or leave the section out.

Bad:

    text/related.md
        # Related policies

        \\-

Good:

    text/related.md
        # Related policies

        None.
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.checks.text_tables import plain
from medpol.model.narrative import Passage, Section

CODE = "ST113"
LEVEL: Level = "question"


def check(subject: Subject) -> Iterator[Finding]:
    """A section whose blocks hold no letter or digit, or a heading directly followed by one as high."""
    for section in subject.narrative.sections:
        if not _says_something(section):
            yield Finding(section.place, f"the section '{section.heading or section.key}' says nothing")
            continue
        blocks = section.blocks
        for index, block in enumerate(blocks):
            if not isinstance(block, Passage) or block.kind != "heading":
                continue
            after = blocks[index + 1] if index + 1 < len(blocks) else None
            if after is None or (isinstance(after, Passage) and after.kind == "heading" and after.depth <= block.depth):
                yield Finding(block.place, f"nothing stands under the heading '{plain(block.text)}'")


def _says_something(section: Section) -> bool:
    words = (p for p in section.passages if p.kind != "heading")
    return any(re.search(r"\w", plain(p.text)) or "{{" in p.text for p in words)
