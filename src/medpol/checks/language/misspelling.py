"""A word looks misspelled.

Reported is a word of six letters and more that no English dictionary has, that the text uses once or twice, and that
one letter turns into a common word of nearly the same length. Names, codes, Latin endings and words that the package
uses in several places are left alone, so the rule misses more than it finds; what it finds is mostly right.

Bad:

    text/background.md
        The instruments are a canula and a tissue sculpter.

Good:

    text/background.md
        The instruments are a cannula and a tissue sculptor.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

from medpol.checks.finding import Finding, Level
from medpol.checks.language.words import prose
from medpol.checks.subject import Subject

CODE = "LA122"
LEVEL: Level = "warning"

_WORD = re.compile(r"(?<![\w@/.’'-])[a-z]{6,}(?![\w@’'-])")
_LETTERS, _VOWELS = "abcdefghijklmnopqrstuvwxyz", "aeiouy"
_AMERICAN = {"ae": "e", "oe": "e", "our": "or", "ys": "yz", "is": "iz", "ll": "l"}
_BRITISH = re.compile("|".join(_AMERICAN))
_OF_THE_FIELD = re.compile(
    r"(?:[oe]ctom(?:y|ies)|otom(?:y|ies)|oscop(?:y|ies|ic)|opath(?:y|ies)|itis|os[ie]s|emia|graphy|plasty|algia|oid|al|ae|ia|ic|in|ine|ate|um|us)$"
)
"""Endings of medicine's own words and of drugs, which no English dictionary lists."""
_PREFIXES = (
    *("non", "un", "re", "pre", "post", "inter", "intra", "peri", "micro", "ultra", "over", "under", "sub", "multi"),
    *("anti", "co", "hyper", "hypo", "neuro", "cardio", "radio", "hemi", "endo", "epi", "para", "trans"),
)
_ALSO = frozenset(("specialty",))  # words that the list lacks
_ENDINGS = ("s", "es", "ed", "d", "ing", "ly", "ally", "ness")
_COMMON = 200_000  # occurrences in the dictionary's corpus (10^12 words) from which a word counts as common
_FEW = 2


def check(subject: Subject) -> Iterator[Finding]:
    items = list(prose(subject, tables=True, headings=True))
    seen = Counter(match[0] for item in items for match in _WORD.finditer(item.text))
    unknown = [word for word in seen if not _is_known(word, _dictionary())]
    roots = Counter(word[:5] for word in unknown)  # resected, resecting: a term of the field, not a slip
    doubtful = {w: meant for w in unknown if seen[w] <= _FEW and roots[w[:5]] == 1 and (meant := intended(w))}
    for item in items if doubtful else ():
        for match in _WORD.finditer(item.text):
            if match[0] in doubtful:
                yield Finding(item.at(match.start()), f"'{match[0]}': is '{doubtful[match[0]]}' meant?")


@lru_cache(maxsize=8192)
def intended(word: str) -> str:
    """The commonest word that one slip makes into this one; '' where there is none.

    A slip is a letter too many or too few, two letters swapped, or one vowel for another; the last letter is left
    alone, for Latin and English differ there (equina, equine).
    """
    known = _dictionary()
    if _is_known(word, known):
        return ""
    pairs = [(word[:i], word[i:]) for i in range(1, len(word))]
    near = {a + b[1:] for a, b in pairs[:-1]} | {a + b[1] + b[0] + b[2:] for a, b in pairs if len(b) > 1}
    near |= {a + c + b for a, b in pairs for c in _LETTERS}
    near |= {a + c + b[1:] for a, b in pairs[:-1] if b[0] in _VOWELS for c in _VOWELS}
    found = [other for other in near if known.get(_folded(other), 0) >= _COMMON]
    return max(found, key=lambda other: known[_folded(other)], default="")


def _is_known(word: str, known: dict[str, int]) -> bool:
    """Whether the word, or what it is built of (`non` + surgical, resect + `ing`), is in the dictionary."""
    if word in _ALSO or _folded(word) in known or _OF_THE_FIELD.search(word):
        return True
    if any(word.startswith(prefix) and _folded(word[len(prefix) :]) in known for prefix in _PREFIXES):
        return True
    stems = [word.removesuffix(end) for end in _ENDINGS if word.endswith(end)]
    return any(_folded(stem + end) in known for stem in stems for end in ("", "e", "ed", "ing", "s"))


def _folded(word: str) -> str:
    """British and American spellings as one."""
    return _BRITISH.sub(lambda found: _AMERICAN[found[0]], word)


@lru_cache(maxsize=1)
def _dictionary() -> dict[str, int]:
    """82,765 English words, how often each occurs: SymSpell's list, from SCOWL and Google Books Ngrams (CC BY 3.0)."""
    text = (files("symspellpy") / "frequency_dictionary_en_82_765.txt").read_text(encoding="utf-8-sig")
    found: dict[str, int] = {}
    for line in text.splitlines():
        word, times = line.split()
        found[_folded(word)] = max(int(times), found.get(_folded(word), 0))
    return found
