"""Citations in the text: `¹³`, `[13]` and `[@key]`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from medpol.checks.prose import is_note, sentences
from medpol.checks.references.printed import entries
from medpol.checks.subject import Subject
from medpol.model.narrative import Passage, Table
from medpol.problems import Place

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_MARK = re.compile(
    r"(?<=[\w.,;)\]”\"])(?P<raised>[⁰¹²³⁴-⁹]+(?:[,⁻–-][⁰¹²³⁴-⁹]+)*)|\[(?P<number>\d+(?:\s*[,–-]\s*\d+)*)\](?!\()|\[@(?P<key>[\w:.-]+(?:;\s*@[\w:.-]+)*)\]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A citation, the sentence it stands in and the heading above it."""

    shown: str
    numbers: tuple[int, ...]
    keys: tuple[str, ...]
    sentence: str
    heading: str
    place: Place

    def leads_to(self, number: int, key: str) -> bool:
        return number in self.numbers or (key != "" and key in self.keys)


def citations(subject: Subject) -> tuple[Citation, ...]:
    """Every citation of the prose, read once a run; marks in tables and their notes are footnotes."""
    return subject.once(("citations", str(subject.folder)), lambda: tuple(_citations(subject)))


def _citations(subject: Subject) -> Iterator[Citation]:
    numbered = bool(entries(subject))
    for section in subject.narrative.sections:
        heading = section.heading
        for block in section.blocks if section.key not in ("references", "codes", "history") else ():
            if isinstance(block, Table):
                continue
            if block.kind == "heading":
                heading = block.text
            elif not is_note(block):
                yield from _in(block, heading, numbered=numbered)


def _in(passage: Passage, heading: str, *, numbered: bool) -> Iterator[Citation]:
    begins = [sentence.start for sentence in sentences(passage)] + [len(passage.text)]
    for found in _MARK.finditer(passage.text):
        if found["key"] is None and not numbered:
            continue
        begin = max(start for start in begins if start <= found.start())
        end = min(start for start in begins if start > found.start())
        yield Citation(
            shown=found[0],
            numbers=_numbers((found["raised"] or found["number"] or "").translate(_RAISED)),
            keys=tuple(re.findall(r"[\w:.-]+", found["key"] or "")),
            sentence=passage.text[begin:end],
            heading=heading,
            place=passage.at(found.start()),
        )


def _numbers(text: str) -> tuple[int, ...]:
    """`3,5-7` → 3, 5, 6, 7."""
    numbers: list[int] = []
    for part in re.split(r",\s*", text.replace("⁻", "-").replace("–", "-")):
        ends = [int(end) for end in re.findall(r"\d+", part)]
        numbers += range(ends[0], ends[-1] + 1) if ends else []
    return tuple(numbers)
