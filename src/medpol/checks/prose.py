"""Reading the written part: text with its marks blanked, sentences, figures, names of studies, times."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from medpol.checks.subject import Subject
from medpol.evidence import Evidence, Study
from medpol.model.narrative import Passage, Section, Table
from medpol.problems import Place

# what is right by construction or no prose: expressions, citations by key, addresses
_OPAQUE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\[@[^\]]*\]|<?https?://[^\s>)]+>?", re.DOTALL)
_END = re.compile(r"[.!?][\"”')\]]*[⁰¹²³⁴-⁹]*\s+(?=[“\"(]?[A-Z0-9])")
_NO_END = re.compile(r"(?:\b(?:e\.g|i\.e|vs|et al|approx|Inc|Corp|No|Fig|St|Dr|U\.S|ca|cf|[A-Z])|[;:,])\.?$")

Kind = Literal["percent", "size", "arm_n", "p", "year", "time", "decimal", "people", "whole"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage; `start` is its offset in the passage."""

    text: str
    start: int
    passage: Passage

    def at(self, offset: int = 0) -> Place:
        return self.passage.at(self.start + offset)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it was typed. `start` is its offset in the text it was read from; `bound` says over, under, up to."""

    kind: Kind
    value: Decimal
    text: str
    start: int
    sign: str = ""
    bound: bool = False


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Text of the same length with expressions, citations, addresses and `$`, `*`, `_` marks made blank."""
    text = _OPAQUE.sub(lambda found: " " * len(found[0]), text)
    return re.sub(r"\$|\\(?=[*|])", " ", text).replace("\n", " ")


def sentences(passage: Passage) -> Iterator[Sentence]:
    """The sentences of a passage, marks blanked."""
    text, begin = plain(passage.text), 0
    for end in _END.finditer(text):
        if _NO_END.search(text[begin : end.start()]):
            continue
        yield Sentence(text[begin : end.end()], begin, passage)
        begin = end.end()
    if text[begin:].strip():
        yield Sentence(text[begin:], begin, passage)


_NUMBER = r"(?<![\w.,/–-])(?<!\d[ ,])(?P<number>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?|\.\d+)"
_FIGURES = re.compile(
    r"(?P<p>\b[pP]\s*(?P<sign><=|>=|<|>|=|≤|≥)\s*(?P<p_value>0?\.\d+|[01]))"
    r"|(?P<n>\b[nN]\s*=\s*(?P<n_value>\d{1,3}(?:,\d{3})+|\d+))"
    rf"|{_NUMBER}(?P<unit>\s*%|\s*percent\b|[\s-](?:week|month|year|day|wk|mo|y)s?\b)?(?![\w]|[./:,]\d)"
)
_BOUND = re.compile(
    r"(?:\b(?:over|above|under|below|(?:more|fewer|less) than|about|around|nearly|almost|approximately)|[~≈])\s*$", re.I
)
_PEOPLE = re.compile(
    r"\s+(?:\w+ ){0,2}?(?:patients|individuals|participants|subjects|people|persons|women|men|adults)\b"
)
_NO_FIGURE = re.compile(
    r"(?:\b(?:table|figure|fig|level|grade|part|appendix|section|class|type|phase|chapter|item|no|version)s?\.?"
    r"(?:\s\d+[a-z]?(?:,| and| or|,? to))?|\^)\s*$",
    re.I,
)


def figures(text: str) -> Iterator[Figure]:
    """The numbers of a plain text, in order; numbers of tables, levels, names and ratios (`1:1`) are no figures."""
    for found in _FIGURES.finditer(text):
        if found["p"]:
            yield Figure("p", Decimal(found["p_value"]), found[0], found.start(), found["sign"])
        elif found["n"]:
            kind: Kind = "size" if found[0][0] == "N" else "arm_n"
            yield Figure(kind, _value(found["n_value"]), found[0], found.start())
        elif not _NO_FIGURE.search(text[: found.start()]) and not _named(text, found):
            yield _plain_figure(text, found)


def _value(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _named(text: str, found: re.Match[str]) -> bool:
    """`36-Item`, `6-gauge`, `1:1`, `2 of them`: a number that belongs to a word."""
    after = text[found.end() :]
    return bool(
        re.match(r"-[A-Za-z]|:\d|\s*(?:or more|of them)\b", after) or text[: found.start()].endswith((":", "/"))
    )


def _plain_figure(text: str, found: re.Match[str]) -> Figure:
    value, unit = _value(found["number"]), (found["unit"] or "").strip(" -").lower()
    kind: Kind
    if unit in ("%", "percent"):
        kind = "percent"
    elif unit:
        kind = "time"
    elif re.fullmatch(r"(?:19|20)\d\d", found["number"]):
        kind = "year"
    elif "." in found["number"]:
        kind = "decimal"
    else:
        kind = "people" if _PEOPLE.match(text, found.end()) else "whole"
    return Figure(
        kind, value, found[0].strip(), found.start("number"), bound=bool(_BOUND.search(text[: found.start()]))
    )


# names


def names_study(text: str, study: Study) -> bool:
    """Whether a study is named: by its name (a single word as it is written, others in any case) or its number."""
    return bool(_name_pattern(study.name, study.registry or "").search(text))


@lru_cache(maxsize=512)
def _name_pattern(name: str, registry: str) -> re.Pattern[str]:
    flag = "" if " " not in name else "(?i:"
    words = r"[\s-]+".join(map(re.escape, name.split()))
    named = rf"(?<![\w-]){flag}{words}{')' if flag else ''}(?![\w])"
    return re.compile(named + (rf"|{registry}" if registry else ""))


def studies_named(text: str, evidence: Evidence) -> list[Study]:
    """The studies that a text names."""
    return [study for study in evidence.studies if names_study(text, study)]


def surnames(subject: Subject, study: Study) -> frozenset[str]:
    """Those of the first authors of a study's publications."""
    references = subject.evidence.references if subject.evidence else ()
    return frozenset(r.authors[0].split()[0] for r in references if r.key in study.references and r.authors)


_ASIDE = re.compile(
    r"\b(?:[Bb]efore|[Aa]fter|[Ss]ince|[Uu]ntil|[Uu]nlike|[Tt]han|[Bb]esides?|[Ww]ith) (?:the )?(?:[A-Z][\w-]* ?)+"
)


def without_asides(text: str) -> str:
    """A sentence without names that it is not about: `Before MiDAS ENCORE reported, a review …`."""
    return _ASIDE.sub(lambda found: " " * len(found[0]), text)


_UNITS = {"day": Decimal(12) / 365, "week": Decimal(12) / 52, "wk": Decimal(12) / 52, "month": Decimal(1)}
_UNITS |= {"mo": Decimal(1), "year": Decimal(12), "y": Decimal(12), "yr": Decimal(12)}
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_TIME = re.compile(
    rf"(?i)(?<![\w.])(?:(\d+)(?: to |[-–]))?(\d+(?:\.\d+)?|{'|'.join(_WORDS)})"
    r"[\s-]*(week|wk|month|mo|year|yr|y|day)s?\b"
    r"|\b(baseline)\b"
)
NEAR = Decimal("0.1")
"""Timepoints in months are typed with one decimal (6 weeks: 1.4), so they agree to this."""


def months_in(text: str) -> list[tuple[Decimal, int]]:
    """The times a text names, in months with their offsets; `baseline` is 0, `4 to 6 weeks` the middle."""
    found = []
    for match in _TIME.finditer(text):
        if match[4]:
            found.append((Decimal(0), match.start()))
        else:
            number = match[2].lower()
            count = Decimal(_WORDS[number]) if number in _WORDS else Decimal(number)
            if match[1]:
                count = (count + int(match[1])) / 2
            found.append((count * _UNITS[match[3].lower()], match.start()))
    return found


def same_time(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= NEAR


def count_of(word: str) -> int | None:
    """`3` or `three`; None for any other word."""
    return int(word) if word.isdecimal() else _WORDS.get(word.lower())


COUNT = rf"\d+|{'|'.join(_WORDS)}"
"""A count in digits or, up to ten, in words; for a pattern."""


# sections


def is_about_results(section: Section) -> bool:
    """The sections that report what studies found."""
    return section.key.startswith(("evidence", "section-summary")) or section.key == "summary-of-evidence"


def population_of(section: Section) -> str:
    """The population that an evidence section or a section's summary is about; '' for others."""
    for stem in ("evidence-", "section-summary-"):
        if section.key.startswith(stem):
            return section.key.removeprefix(stem)
    return ""


_QUESTION = re.compile(r"(?i)\b(?:populations?|interventions?|comparators?|outcomes|selection|context|purpose|pico)\b")


def passages_on_results(section: Section) -> Iterator[tuple[Passage, str]]:
    """The prose of a section that reports results, each with its heading; the question (PICO) is left out."""
    heading = ""
    for block in section.blocks:
        if isinstance(block, Table):
            continue
        if block.kind == "heading":
            heading = block.text
        elif not _QUESTION.search(heading) and not is_note(block):
            yield block, heading


def is_note(passage: Passage) -> bool:
    """A paragraph that explains a table: it begins with a mark, a key's letter or an abbreviation."""
    return bool(re.match(r"\\?[*†‡§¶]|[¹²³⁴-⁹ᵃ-ᶻ]|\^|Table\b|[A-Z][\w-]{1,9}: [^.;]+;", passage.text))


def notes_of(section: Section) -> Iterator[Passage]:
    """Everything that explains the section's tables."""
    for block in section.blocks:
        if isinstance(block, Table):
            yield from block.notes
        elif is_note(block):
            yield block


# words


_STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "by",
        "for",
        "from",
        "in",
        "into",
        "is",
        "it",
        "its",
        "of",
        "on",
        "or",
        "than",
        "that",
        "the",
        "their",
        "to",
        "was",
        "were",
        "what",
        "which",
        "who",
        "with",
    ]
)


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A word cut to what its forms share: surgery, surgical → surg; a crude cut, good enough to compare titles."""
    return re.sub(
        r"(?:ically|ations?|ative|ional|ments?|ical|ance|ies|ive|ing|ers?|ery|ion|ic|al|ed|es|s|y|e)$", "", word
    )


@lru_cache(maxsize=4096)
def content_words(text: str) -> frozenset[str]:
    """The stems of a text's words of three letters and more, without the commonest."""
    words = re.findall(r"[a-zà-ÿ]{3,}", text.lower())
    return frozenset(stem(word) for word in words if word not in _STOP)
