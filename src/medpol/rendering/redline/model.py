"""A redline as data: every unit of both publications once, each word the same, added or removed.

Taking the added in and the removed out gives the later text; the other way round, the earlier one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from medpol.rendering.publication import Identity
from medpol.rendering.redline.units import Line, Piece, words_of


class Mark(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    piece: Piece
    mark: Mark = Mark.SAME


Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedLine:
    """A line with its words marked; `mark` is of the whole line. `moved` numbers both places of a move."""

    line: Line
    spans: Spans
    mark: Mark = Mark.SAME
    moved: int = 0

    @property
    def changed(self) -> bool:
        return self.mark is not Mark.SAME or any(span.mark is not Mark.SAME for span in self.spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedRow:
    cells: tuple[Spans, ...]
    mark: Mark = Mark.SAME

    @property
    def changed(self) -> bool:
        return self.mark is not Mark.SAME or any(span.mark is not Mark.SAME for cell in self.cells for span in cell)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedGrid:
    """A table; its first row is the header."""

    anchor: str
    rows: tuple[MarkedRow, ...]
    mark: Mark = Mark.SAME

    @property
    def changed(self) -> bool:
        return any(row.changed for row in self.rows)


MarkedUnit = MarkedLine | MarkedGrid


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedSection:
    """A section; the head of the document has neither key nor title."""

    key: str
    title: str
    units: tuple[MarkedUnit, ...]
    mark: Mark = Mark.SAME

    @property
    def changed(self) -> bool:
        return any(unit.changed for unit in self.units)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redline:
    before: Identity
    after: Identity
    sections: tuple[MarkedSection, ...]

    @property
    def changed(self) -> bool:
        return any(section.changed for section in self.sections)


def accepted(redline: Redline) -> list[tuple[object, ...]]:
    """The later text, in the form of `plain_units`."""
    return list(_taken(redline, Mark.REMOVED))


def rejected(redline: Redline) -> list[tuple[object, ...]]:
    """The earlier text, in the form of `plain_units`."""
    return list(_taken(redline, Mark.ADDED))


def _taken(redline: Redline, without: Mark) -> Iterator[tuple[object, ...]]:
    for section in redline.sections:
        for unit in section.units:
            if isinstance(unit, MarkedLine):
                if unit.mark is not without:
                    yield unit.line.style, unit.line.level, _words(unit.spans, without)
                continue
            for row in unit.rows:
                if row.mark is not without:
                    yield "row", *(_words(cell, without) for cell in row.cells)


def _words(spans: Spans, without: Mark) -> str:
    return words_of(tuple(span.piece for span in spans if span.mark is not without))
