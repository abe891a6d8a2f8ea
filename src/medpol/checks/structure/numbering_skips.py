"""A numbered list skips or repeats a number.

Citations and cross-references go by the number. A skipped number is an entry that was lost, a repeated one two
entries that cannot be told apart.

Bad:

    text/guidelines.md
        1. Exercise first.
        2. Then traction.
        4. Then surgery.

Good:

    text/guidelines.md
        1. Exercise first.
        2. Then traction.
        3. Then surgery.
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.silence import line_at
from medpol.checks.subject import Subject
from medpol.model.narrative import Passage

CODE = "ST126"
LEVEL: Level = "warning"
_TYPED = re.compile(r"\s*(\d+)[.)]\s")


def check(subject: Subject) -> Iterator[Finding]:
    """Items of one depth in a row. All numbered 1 is a way of writing, and no fault."""
    for section in subject.narrative.sections:
        before: dict[int, int] = {}
        for block in section.blocks:
            if not isinstance(block, Passage) or block.kind != "item":
                before = {}
                continue
            typed = _TYPED.match(line_at(block.place)) if block.numbered and block.number is not None else None
            if typed is None:
                continue
            number, last = int(typed[1]), before.get(block.depth)
            before = {depth: n for depth, n in before.items() if depth < block.depth} | {block.depth: number}
            if last is not None and number not in (last + 1, 1):
                yield Finding(block.place, f"number {number} follows {last}")
