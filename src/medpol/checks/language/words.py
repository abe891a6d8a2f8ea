"""What the language rules read: prose with its marks blanked, and the abbreviations in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from medpol.checks.prose import is_note, plain
from medpol.checks.subject import Subject
from medpol.model.narrative import Passage, Section, Table
from medpol.problems import Place

LISTS = ("references", "codes", "history", "contact")
"""Sections that are lists of names and numbers, no prose."""
SUMMARY = ("description", "summary-of-evidence", "additional-information")
"""Sections that are read by themselves, before and without the body."""

ABBREVIATION = re.compile(r"(?<![\w@/.-])([A-Z](?:[A-Za-z0-9-]*[A-Z0-9])?)s?(?![\w@])")
KNOWN = frozenset(
    [
        *("CPT", "HCPCS", "ICD", "ICD-9", "ICD-10", "ICD-10-CM", "NCD", "LCD", "PMID"),  # what a policy is made of
        *("AD", "BC", "COVID-19", "DNA", "HIV", "HTML", "ID", "MD", "PDF", "PO", "RNA", "UK", "US", "USA"),
    ]
)
"""Abbreviations that need no explanation in a policy: code systems, its own kinds of document, everyday ones."""
_NUMERAL = re.compile(r"[IVXLC]+[ab]?")
_LEGEND = re.compile(r"(?:^|;\s*|\.\s+|Abbreviations:\s+)([A-Z][\w-]{1,9}):\s+([^:;]+?)(?=;|\.?\s*$|\.\s)")


@dataclass(frozen=True, slots=True)
class Prose:
    """A passage as the language rules read it; `text` has the passage's offsets."""

    section: Section
    passage: Passage
    text: str
    in_table: bool = False
    is_legend: bool = False

    def at(self, offset: int) -> Place:
        return self.passage.at(offset)


def prose(subject: Subject, *, tables: bool = False, headings: bool = False, lists: bool = False) -> Iterator[Prose]:
    """The passages of a policy's text in reading order; what explains a table counts as table."""
    for section in subject.narrative.sections:
        if section.key in LISTS and not lists:
            continue
        for block in section.blocks:
            if isinstance(block, Table):
                cells = [*([block.caption] if block.caption else []), *block.cells] if tables else []
                yield from (Prose(section, cell, plain(cell.text), True) for cell in cells)
                notes = block.notes if tables else ()
                yield from (Prose(section, note, plain(note.text), True, True) for note in notes)
            elif block.kind != "heading" or headings:
                yield Prose(section, block, plain(block.text), is_note(block), is_note(block))


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an abbreviation is used or explained; `turn` is its place in reading order: passage, character."""

    short: str
    turn: tuple[int, int]
    section: str
    in_table: bool
    place: Place
    long: str = ""


@dataclass(frozen=True, slots=True)
class Abbreviations:
    """Every use and every explanation (`long form (ABC)`, `ABC: long form;` under a table), in reading order."""

    uses: dict[str, list[Spot]] = field(default_factory=dict)
    explained: dict[str, list[Spot]] = field(default_factory=dict)


def abbreviations(subject: Subject) -> Abbreviations:
    """The abbreviations of a policy's text; names of studies and what everybody knows are left out."""
    return subject.once(("abbreviations", subject.policy.number), lambda: _collect(subject))


def _collect(subject: Subject) -> Abbreviations:
    found = Abbreviations()
    names = {
        word for study in (subject.evidence.studies if subject.evidence else ()) for word in study.name.upper().split()
    }
    for number, item in enumerate(prose(subject, tables=True)):
        explained = _explained(item, number)
        for spot in explained:
            found.explained.setdefault(spot.short, []).append(spot)
        here = {spot.turn for spot in explained}
        for match in ABBREVIATION.finditer(item.text):
            short, spot = match[1], _spot(match[1], number, item, match.start(1))
            if (
                spot.turn not in here
                and _is_abbreviation(item.text, match)
                and not names & set(short.upper().split("-"))
            ):
                found.uses.setdefault(short, []).append(spot)
    return found


def _spot(short: str, number: int, item: Prose, offset: int, long: str = "") -> Spot:
    return Spot(short, (number, offset), item.section.key, item.in_table, item.at(offset), " ".join(long.split()))


def _is_abbreviation(text: str, match: re.Match[str]) -> bool:
    short, before, after = match[1], text[: match.start()], text[match.end() :]
    capitals = sum(c.isupper() for c in short)
    if short in KNOWN or _NUMERAL.fullmatch(short) or len(short) > 12 or capitals < max(2, len(short) * 0.4):
        return False
    if re.fullmatch(r"[A-Z]{2,4}\d{3,}|[A-Z]\d[\dA-Z.]*", short) or re.search(r"(?i)\bcode:?\s*$", before):
        return False  # a registry number, a code
    if re.match(r"\s?\[?[®™]", after):
        return False  # a brand
    around = re.findall(r"[A-Za-z]{2,}", f"{before[-30:].rpartition('.')[2]} | {after[:20]}")
    return not (len(around) > 1 and all(word.isupper() for word in around))  # a line in capitals


def _explained(item: Prose, number: int) -> list[Spot]:
    spots = []
    for match in re.finditer(r"\(\s*[“\"]?([A-Z][A-Za-z0-9-]{1,11}?)s?[”\"]?(?=[;,)]|\s[A-Z][a-z]+\))", item.text):
        if long := long_form(match[1], item.text[: match.start()]):
            spots.append(_spot(match[1], number, item, match.start(1), long))
    for match in re.finditer(r"(?<![\w-])([A-Z][A-Za-z0-9-]{1,11})\s\(([a-z][a-z -]{6,80})\)", item.text):
        if long_form(match[1], match[2]):
            spots.append(_spot(match[1], number, item, match.start(1), match[2]))
    if item.is_legend:
        spots += [_spot(m[1], number, item, m.start(1), m[2]) for m in _LEGEND.finditer(item.text)]
    return spots


def long_form(short: str, before: str) -> str:
    """The words that end `before` and whose letters spell `short` in order, each word at most twelve back; '' if none.

    The method of Schwartz and Hearst 2003 (Pac Symp Biocomput 8:451), which asks for the first letter at a word's
    beginning.
    """
    letters = [c.lower() for c in short if c.isalpha()]
    words = list(re.finditer(r"[\w’'-]+", before))[-(min(len(letters) + 5, len(letters) * 2) + 2) :]
    if not words:
        return ""
    text, position = before[words[0].start() :].lower(), len(before) - words[0].start() - 1
    for index in range(len(letters) - 1, -1, -1):
        while position >= 0 and (
            text[position] != letters[index] or (index == 0 and position > 0 and text[position - 1].isalnum())
        ):
            position -= 1
        if position < 0:
            return ""
        if index:
            position -= 1
    return before[words[0].start() + position :].strip()


def kind_of(section: str) -> Literal["summary", "body"]:
    return "summary" if section in SUMMARY else "body"


def spelled_out(subject: Subject, short: str) -> tuple[tuple[int, int], str] | None:
    """Where capitalised words with these initials stand: `Federal Employee Program` for FEP."""
    if not short.isalpha() or len(short) < 3:
        return None
    initials = r"\s(?:(?:of|for|and|the|in|&)\s)*".join(rf"{letter}[a-z]+" for letter in short)
    for number, item in enumerate(prose(subject, tables=True)):
        if match := re.search(rf"\b{initials}\b", item.text):
            return (number, match.start()), match[0]
    return None
