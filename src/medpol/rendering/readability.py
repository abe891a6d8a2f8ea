"""The reading grade of a text: Flesch-Kincaid and SMOG, in years of United States school.

Flesch-Kincaid grade = 0.39 words/sentences + 11.8 syllables/words − 15.59: Kincaid, Fishburne, Rogers & Chissom 1975,
Research Branch Report 8-75. SMOG grade = 3.1291 + 1.0430 √(30 × polysyllables / sentences), a polysyllable having
three syllables or more: McLaughlin 1969, J Reading 12:639, in the form with an intercept that he gave with it.

A text comes in blocks (a paragraph, an item of a list). A block's end ends a sentence, with or without a full stop.
Figures count as read aloud, abbreviations letter by letter; a hyphen joins a word for SMOG and Flesch-Kincaid alike.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

FEWEST_SENTENCES = 30
"""McLaughlin's sample; below it SMOG is scaled up and less sure."""

_WORD = re.compile(r"[A-Za-zÀ-ÿ]+(?:['’\-][A-Za-zÀ-ÿ]+)*|\d[\d,]*(?:\.\d+)?")
_ABBREVIATIONS = re.compile(r"\b(Dr|Mr|Mrs|Ms|No|vs|e\.g|i\.e|U\.S|St)\.")
_END = re.compile(r"(?<=[.!?])[\"”’)\]]*\s+(?=[\"“(\[]?[A-Z0-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The counts of a text and the grades that follow from them."""

    sentences: int
    words: int
    syllables: int
    polysyllables: int

    @property
    def flesch_kincaid(self) -> float | None:
        """None for a text without words."""
        if not self.words:
            return None
        return 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59

    @property
    def smog(self) -> float | None:
        """None for a text without words."""
        return 3.1291 + 1.0430 * sqrt(30 * self.polysyllables / self.sentences) if self.words else None

    def __str__(self) -> str:
        if self.flesch_kincaid is None or self.smog is None:
            return "no text to grade"
        few = "; fewer than 30 sentences, so SMOG is less sure" if self.sentences < FEWEST_SENTENCES else ""
        counted = f"{self.words} words in {self.sentences} sentences{few}"
        return f"grade {self.flesch_kincaid:.1f} (Flesch-Kincaid), {self.smog:.1f} (SMOG); {counted}"


def reading(blocks: Iterable[str]) -> Reading:
    """The counts over all blocks."""
    found = [words for block in blocks for words in _sentences(block)]
    counts = [syllables(word) for words in found for word in words]
    return Reading(
        sentences=len(found),
        words=len(counts),
        syllables=sum(counts),
        polysyllables=sum(count >= 3 for count in counts),
    )


def _sentences(block: str) -> list[list[str]]:
    """The words of every sentence that has any."""
    text = _ABBREVIATIONS.sub(lambda found: found[0].replace(".", ""), " ".join(block.split()))
    parts = (_WORD.findall(part) for part in _END.split(text))
    return [words for words in parts if words]


# ── syllables ───────────────────────────────────────────────────────────────────────────────────────────────

_EXCEPTIONS = {
    word: count
    for count, words in {
        1: "eye eyes lose once whose clothes cpap",
        2: "sometimes someone people business every evening being doing going seeing science client quiet diet trial "
        "trials create poem reuse recent outcome therefore statement safely likely lifetime elsewhere equal "
        "lifelong useless rarely surely merely lately fully someday somewhat movement measure pavement basement "
        "placement careful hopeful useful harmful baseline guideline frequent beyond special partial social",
        3: "area idea everyone everything anyone anything usual carefully radio media period medium audio video "
        "studio serious various previous obvious requirement another agreement insurance apnea retirement "
        "arrangement involvement improvement disagreement reimburse reaction artery created pacemaker commercial "
        "initial official qualified frequency physician quality familiar",
        4: "usually experience appropriate material immediate periodic reimbursement january february diabetes "
        "beneficial laboratory society",
        5: "immediately appropriately",
    }.items()
    for word in words.split()
}
_TWO_VOWELS = re.compile(
    r"(?<![cgstx])i[aou](?!us)|(?<![cgstx])iu|ie(?=r$|rs$|t$|ty$)|[ao]y(?=ers?$)|ia(?:te|tr)?$|iat(?=ed$|es$|ing$)"
    r"|eo(?!n$|us)|ua(?=[lt])|uou|ue[nl]|[aeou]ing$|ii|yi|nea|oa[gl](?=ul)|yo(?=ca|pa)|teo"
)
_GROUPS = re.compile(r"[aeiouy]+")


def syllables(word: str) -> int:
    """How many syllables a word, a figure or an abbreviation has; at least 1."""
    if word[0].isdigit():
        return _figure(word.replace(",", ""))
    if "-" in word:
        return sum(syllables(part) for part in word.split("-") if part)
    if word.isupper() and 1 < len(word) <= 5 and word.lower() not in _EXCEPTIONS:
        return sum(3 if letter == "W" else 1 for letter in word)
    return _spelled(re.sub(r"['’]s?$", "", word.lower()).replace("’", "'"))


def _spelled(word: str) -> int:
    if word in _EXCEPTIONS:
        return _EXCEPTIONS[word]
    if word.endswith("s") and word[:-1] in _EXCEPTIONS:
        return _EXCEPTIONS[word[:-1]]
    stem = re.sub(r"(?:ness|less|ful|ly|ment|ments)$", "", word)
    if stem != word and len(stem) > 2:
        end = word[len(stem) :]
        return _spelled(stem) + (1 if end else 0)
    return max(_count(word), 1)


def _count(word: str) -> int:
    """Groups of vowels, less a silent ending, more the pairs that are two sounds."""
    bare = _silent(word)
    groups = len(_GROUPS.findall(bare))
    return groups + len(_TWO_VOWELS.findall(bare)) + (1 if re.search(r"[^aeiouy](?:sm|thm)s?$", word) else 0)


def _silent(word: str) -> str:
    """The word without the endings that have no sound of their own."""
    if len(word) <= 3 and not word.endswith("ed"):
        return word if len(_GROUPS.findall(word)) == 1 else re.sub(r"e$", "", word)
    word = re.sub(r"(?<=[^aeiouytdl])ed$|(?<=[aeiouyrl]l)ed$|(?<=[aeiou])ed$", "", word)
    word = re.sub(r"(?<=[^aeiouyscxzghl])es$|(?<=[aeiouyrl]l)es$|(?<=[^aeioucsgt]h)es$|(?<=th)es$", "", word)
    return re.sub(r"(?<=[^aeiouyl])e$|(?<=[aeiouyrl]l)e$|(?<=[uo])e$", "", word)


_SMALL = (2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 3, 1, 2, 2, 2, 2, 3, 2, 2)
"""Syllables of zero to nineteen, read aloud."""
_TENS = {2: 2, 3: 2, 4: 2, 5: 2, 6: 2, 7: 3, 8: 2, 9: 2}


def _figure(digits: str) -> int:
    whole, _, fraction = digits.partition(".")
    return _whole(int(whole)) + (1 + sum(_SMALL[int(d)] for d in fraction) if fraction else 0)


def _whole(number: int) -> int:
    """One number word after another: 2016 as two thousand sixteen."""
    for size, said in ((1_000_000, 2), (1000, 2), (100, 2)):
        if number >= size:
            rest = number % size
            return _whole(number // size) + said + (_whole(rest) if rest else 0)
    if number < len(_SMALL):
        return _SMALL[number]
    rest = number % 10
    return _TENS[number // 10] + (_SMALL[rest] if rest else 0)
