"""The written part of a policy, as frozen data: sections of passages and tables, each with its place in the file."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from medpol.problems import Place

SECTIONS = (
    "disclaimer",
    "related",
    "description",
    "summary-of-evidence",
    "additional-information",
    "objective",
    "prior-approval",
    "policy",
    "guidelines",
    "background",
    "regulatory-status",
    "rationale",
    "evidence",
    "section-summary",
    "supplemental",
    "practice-guidelines",
    "ongoing-trials",
    "references",
    "codes",
    "history",
    "contact",
)
"""The sections of a published policy, in the order in which they are read.

`evidence` and `section-summary` come once a population: `evidence-lumbar`, `section-summary-lumbar`. A section that
has no text of its own is made from the package (codes, history, references …) or left out.
"""

Kind = Literal["heading", "paragraph", "item", "quote"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A run of text as it was typed: Markdown marks, `{{ expressions }}` and `[@citations]` are still in it.

    `depth` is a heading's level (1 to 6) or a list item's nesting (from 1). `starts` has, for each line of `text`,
    where it begins in the text and where that is in the file.
    """

    kind: Kind
    text: str
    depth: int = 0
    numbered: bool = False
    number: int | None = None  # of an item in a numbered list, as typed
    starts: tuple[tuple[int, Place], ...] = field(compare=False, repr=False)

    @property
    def place(self) -> Place:
        return self.starts[0][1]

    def at(self, offset: int) -> Place:
        """Where the character at `offset` of `text` stands in the file."""
        begin, place = self.starts[bisect_right(self.starts, offset, key=lambda start: start[0]) - 1]
        return Place(place.file, place.line, place.column + offset - begin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as it was typed. `caption` is the passage `Table …` above it; `notes` are those below it that begin
    with `Notes:`, `Keys:`, `Abbreviations:`, a mark (`\\*`, `†`, `^a`, `¹`), a letter and a stop, or a legend
    (`CI: …;`).

    Cells are passages, so that a fault in one has its place; a row may be shorter than the header.
    """

    header: tuple[Passage, ...]
    rows: tuple[tuple[Passage, ...], ...]
    caption: Passage | None = None
    notes: tuple[Passage, ...] = ()
    place: Place = field(compare=False, repr=False)

    @property
    def cells(self) -> Iterator[Passage]:
        yield from self.header
        for row in self.rows:
            yield from row


Block = Passage | Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One file of `text/`: its key (the file's name), the heading it gives itself if it does, and its blocks."""

    key: str
    heading: str = ""
    blocks: tuple[Block, ...] = ()
    place: Place = field(compare=False, repr=False)

    @property
    def passages(self) -> Iterator[Passage]:
        """Every passage in reading order, those of the tables too."""
        for block in self.blocks:
            if isinstance(block, Table):
                yield from (block.caption,) if block.caption else ()
                yield from block.cells
                yield from block.notes
            else:
                yield block


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrative:
    """The written sections of one version, in the order in which they are read."""

    sections: tuple[Section, ...] = ()
    effective: date | None = None  # None: the text of the newest version

    def section(self, key: str) -> Section | None:
        return next((section for section in self.sections if section.key == key), None)

    @property
    def passages(self) -> Iterator[tuple[Section, Passage]]:
        for section in self.sections:
            for passage in section.passages:
                yield section, passage


def section_rank(key: str, populations: Sequence[str] = ()) -> tuple[int, int, str]:
    """Where a section comes; a population's evidence and its summary stand together. An unknown one comes last.

    `populations` are in the order in which they are read; one that is not among them follows, by name.
    """
    for stem in ("evidence", "section-summary"):
        if key.startswith(f"{stem}-"):
            name = key.removeprefix(f"{stem}-")
            turn = populations.index(name) if name in populations else len(populations)
            return SECTIONS.index("evidence"), 1 + turn, f"{name}/{stem}"
    return (SECTIONS.index(key), 0, "") if key in SECTIONS else (len(SECTIONS), 0, key)
