"""A common word has a capital in the middle of a sentence.

"Image-guided minimally Invasive decompression": a heading was copied into a sentence. A word counts as common where
the text writes it small elsewhere.

Bad:

    text/background.md
        Minimally invasive traction is new. The purpose of minimally Invasive traction is to stretch the spine. An
        invasive operation is an alternative.

Good:

    text/background.md
        Minimally invasive traction is new. The purpose of minimally invasive traction is to stretch the spine. An
        invasive operation is an alternative.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from medpol.checks.finding import Edit, Finding, Level
from medpol.checks.language.words import prose
from medpol.checks.subject import Subject

CODE = "LA112"
LEVEL: Level = "warning"

_WORD = re.compile(r"(?<![\w@/.’'])[A-Za-z][a-z]+(?:-[a-z]+)*(?![\w@])")
_NUMBERED = ("Table", "Tables", "Figure", "Figures", "Section", "Part", "Grade", "Level", "Appendix", "Chapter")
_LINK = r"(?:of|for|and|the|in|&)"
_OFTEN = 2  # times a word must stand in small letters to count as common


def check(subject: Subject) -> Iterator[Finding]:
    items = [item for item in prose(subject) if not item.in_table]
    small = Counter(m[0] for item in items for m in _WORD.finditer(item.text) if m[0][0].islower())
    for item in items:
        words = list(_WORD.finditer(item.text))
        for before, word in pairwise(words):
            lower = word[0].lower()
            if not word[0][0].isupper() or small[lower] < _OFTEN:
                continue
            gap = item.text[before.end() : word.start()]
            at_line_start = "\n" in item.passage.text[before.end() : word.start()]
            if gap.strip() or at_line_start or word[0] in _NUMBERED or _is_in_name(item.text, word):
                continue  # begins a sentence or a quotation, or is part of a name
            fix = (Edit(item.at(word.start()), 1, lower[0]),)
            yield Finding(item.at(word.start()), f"'{word[0]}' has a capital in the middle of a sentence", fix=fix)


def _is_in_name(text: str, word: re.Match[str]) -> bool:
    """Whether a capitalised word stands next to it, also over `of`, `for`, `and`."""
    left, right = text[: word.start()], text[word.end() :]
    follows = re.search(rf"[A-Z][\w.]*\s+(?:{_LINK}\s+)*$", left)
    leads = re.match(rf"\s+(?:{_LINK}\s+)*[A-Z]", right)
    return bool(follows or leads)
