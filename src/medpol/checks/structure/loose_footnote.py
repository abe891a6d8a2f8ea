"""A footnote stands where nothing refers to it.

A note with a mark, at the end of a section without a table, is left over from a table that lost its mark, or that was
moved. The reader looks for the mark and does not find it.

Bad:

    text/contact.md
        Write to the plan.

        \\*CPT is a registered trademark.

Good:

    text/contact.md
        Codes are CPT\\* codes. Write to the plan.

        \\*CPT is a registered trademark.
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.model.narrative import Passage

CODE = "ST128"
LEVEL: Level = "warning"

_NOTE = re.compile(r"((?:\\\*)+|[†‡§¶])\s*(\w+)?")


def check(subject: Subject) -> Iterator[Finding]:
    """Notes below a table are ST119's; here the mark must be used in the section, or behind the word it explains."""
    everything = [passage.text for _, passage in subject.narrative.passages]
    for section in subject.narrative.sections:
        for block in section.blocks:
            if not isinstance(block, Passage) or not (match := _NOTE.match(block.text)):
                continue
            mark = re.escape(match[1].replace("\\", ""))
            used = re.compile(rf"(?<=[\w®.)])\\?{mark}(?![\w*])")
            behind = re.compile(rf"\b{re.escape(match[2] or '')}[®™]?\\?{mark}")
            here = [p.text for p in section.passages if p is not block]
            if any(map(used.search, here)) or (match[2] and any(map(behind.search, everything))):
                continue
            yield Finding(block.place, f"the footnote '{match[1]}' belongs to nothing in '{section.key}'")
