"""A heading skips a level.

A heading of the third level under one of the first: readers with a screen reader and the table of contents lose the
order of the text (WCAG 2.2, technique G141).

Bad:

    text/background.md
        # Background

        ### Traction

        Traction stretches the lumbar spine.

Good:

    text/background.md
        # Background

        ## Traction

        Traction stretches the lumbar spine.
"""

from collections.abc import Iterator

from medpol.checks.finding import Edit, Finding, Level
from medpol.checks.silence import line_at
from medpol.checks.subject import Subject
from medpol.checks.text_tables import plain
from medpol.model.narrative import Passage
from medpol.problems import Place

CODE = "ST125"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """Within a section; its own heading, given or made, is of the first level. The fix takes the level that fits."""
    for section in subject.narrative.sections:
        depth = 1
        for block in section.blocks:
            if not isinstance(block, Passage) or block.kind != "heading":
                continue
            if block.depth > depth + 1:
                message = f"'{plain(block.text)}' is of level {block.depth} under one of level {depth}"
                yield Finding(block.place, message, fix=_fix(block, depth + 1))
            depth = block.depth


def _fix(heading: Passage, depth: int) -> tuple[Edit, ...]:
    line = line_at(heading.place)
    if not line.startswith("#" * heading.depth + " "):
        return ()
    return (Edit(Place(heading.place.file, heading.place.line, 1), heading.depth, "#" * depth),)
