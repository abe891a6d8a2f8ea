"""Marks of a conversion were left in the text.

`$p < .001$`, `[®]`, `â€™` or a ligature come from another program; they reach the reader as they are, and a search for
the words does not find them.

Bad:

    text/background.md
        The improvement was larger ($p < .001$) with the mild[®] kit.

Good:

    text/background.md
        The improvement was larger (p < .001) with the mild® kit.
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Edit, Finding, Level
from medpol.checks.subject import Subject

CODE = "LA110"
LEVEL: Level = "error"

RESIDUE: tuple[tuple[str, str, str], ...] = (
    (r"\$([^$\n]{1,40}?[<>=^_\\][^$\n]{0,40}?)\$", "formula marks", r"\1"),
    (r"\[([®™©])\]", "brackets round a mark", r"\1"),
    (r"â€™|â€œ|â€\x9d|Ã©|Â®|Â ", "letters of a wrong encoding", ""),
    (r"[ﬀﬁﬂﬃﬄ]", "a ligature", ""),
    (r"\u00ad|\ufffd|\u200b", "an invisible or replaced character", ""),
    (r"&(?:nbsp|amp|lt|gt|quot|#\d+);", "a character's name in HTML", ""),
    (r"<(?:br|sup|sub|b|i|span)\b[^>]*>|</(?:sup|sub|b|i|span)>", "an HTML mark", ""),
)
"""What is left, its name, and what to put in its place ('': a person has to)."""


def check(subject: Subject) -> Iterator[Finding]:
    for _, passage in subject.narrative.passages:
        opaque = [m.span() for m in re.finditer(r"\{\{.*?\}\}", passage.text, re.DOTALL)]
        for pattern, name, instead in RESIDUE:
            for match in re.finditer(pattern, passage.text):
                if any(begin <= match.start() < end for begin, end in opaque):
                    continue
                place = passage.at(match.start())
                new = match.expand(instead) if instead else ""
                fix = (Edit(place, len(match[0]), new),) if instead else ()
                yield Finding(place, f"{name}: '{match[0]}'" + (f"; write '{new}'" if instead else ""), fix=fix)
