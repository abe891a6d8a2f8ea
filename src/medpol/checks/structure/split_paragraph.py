"""A paragraph breaks off in the middle of a sentence.

It ends without a stop and the next one goes on in lower case: a page break of the printed document became a break of
the paragraph.

Bad:

    text/background.md
        Low back pain is common among adults. Most patients improve

        within a few weeks with exercise.

Good:

    text/background.md
        Low back pain is common among adults. Most patients improve
        within a few weeks with exercise.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.checks.text_tables import plain
from medpol.model.narrative import Passage

CODE = "ST122"
LEVEL: Level = "warning"
_ENDS = re.compile(r"[.:;?!][\"”’')\]]*(?:\[@[^\]]*\])?$|\}\}$")
_GOES_ON = re.compile(r"[a-z(]")


def check(subject: Subject) -> Iterator[Finding]:
    """Neighbouring paragraphs, also with a table or a heading between them."""
    for section in subject.narrative.sections:
        paragraphs = [b for b in section.blocks if isinstance(b, Passage) and b.kind == "paragraph"]
        for earlier, later in pairwise(paragraphs):
            text = earlier.text.strip()
            if not _ENDS.search(text) and len(text.split()) > 3 and _GOES_ON.match(later.text):
                yield Finding(
                    later.place, f"this goes on with a sentence begun before: '{plain(later.text)[:40]}…'",
                    related=(earlier.place,),
                )  # fmt: skip
