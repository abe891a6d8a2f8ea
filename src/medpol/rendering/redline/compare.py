"""Two publications as one redline: sections by their keys, units by likeness, tables row by row, lines word by word."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count

from rapidfuzz.distance import Indel

from medpol.rendering.publication import Document
from medpol.rendering.redline.align import aligned
from medpol.rendering.redline.model import (
    Mark,
    MarkedGrid,
    MarkedLine,
    MarkedRow,
    MarkedSection,
    MarkedUnit,
    Redline,
)
from medpol.rendering.redline.units import Grid, Line, Pieces, Unit, section_units, words_of
from medpol.rendering.redline.words import compared, marked

_ALIKE = 0.5
"""Share of words that two lines have in common to be read as one line that changed."""
_SAME, _SAME_ID = 2.0, 1.5
"""What counts beside the share of words: the same text, the same permanent id."""
_MOVED = 5
"""Words that a line needs for its return elsewhere to be called a move."""

Row = tuple[Pieces, ...]
Keyed = tuple[str, str, tuple[Unit, ...]]


def compare(before: Document, after: Document) -> Redline:
    """The redline from `before` to `after`."""
    pairs = aligned(
        list(section_units(before)),
        list(section_units(after)),
        key=lambda section: section[0],
        like=lambda one, other: _SAME if one[0] == other[0] else 0,
    )
    sections = [_section(old, new) for old, new in pairs]
    return Redline(before=before.identity, after=after.identity, sections=tuple(_with_moves(sections)))


def _section(old: Keyed | None, new: Keyed | None) -> MarkedSection:
    key, title, _ = new or old or ("", "", ())
    units = aligned(old[2] if old else (), new[2] if new else (), key=_unit_key, like=_unit_likeness)
    mark = Mark.ADDED if old is None else Mark.REMOVED if new is None else Mark.SAME
    return MarkedSection(key=key, title=title, units=tuple(_unit(*pair) for pair in units), mark=mark)


def _unit(old: Unit | None, new: Unit | None) -> MarkedUnit:
    match old, new:
        case Line(), Line():
            return MarkedLine(line=new, spans=compared(old.pieces, new.pieces))
        case Grid(), Grid():
            return MarkedGrid(anchor=new.anchor, rows=tuple(_rows(old, new)))
        case (Line() as line, None) | (None, Line() as line):
            mark = _alone(old)
            return MarkedLine(line=line, spans=marked(line.pieces, mark), mark=mark)
        case (Grid() as grid, None) | (None, Grid() as grid):
            mark = _alone(old)
            rows = tuple(MarkedRow(cells=tuple(marked(c, mark) for c in row), mark=mark) for row in grid.rows)
            return MarkedGrid(anchor=grid.anchor, rows=rows, mark=mark)
        case _:
            raise ValueError("a line and a table are never a pair")


def _alone(old: object) -> Mark:
    return Mark.ADDED if old is None else Mark.REMOVED


def _rows(old: Grid, new: Grid) -> Iterator[MarkedRow]:
    yield _row(old.rows[0], new.rows[0])
    for one, other in aligned(old.rows[1:], new.rows[1:], key=_row_key, like=_row_likeness):
        yield _row(one, other)


def _row(old: Row | None, new: Row | None) -> MarkedRow:
    if old is not None and new is not None:
        return MarkedRow(cells=tuple(compared(a, b) for a, b in zip(old, new, strict=True)))
    mark = _alone(old)
    return MarkedRow(cells=tuple(marked(cell, mark) for cell in new or old or ()), mark=mark)


# likeness


def _unit_key(unit: Unit) -> tuple[object, ...]:
    return (*_kind(unit), unit.anchor, _said(unit))


def _kind(unit: Unit) -> tuple[object, ...]:
    """What both of a pair have in common: a line of one statement is never one of another."""
    return (unit.style, unit.level, unit.box) if isinstance(unit, Line) else ("table", unit.columns)


def _said(unit: Unit) -> object:
    return (unit.text, _cited(unit.pieces)) if isinstance(unit, Line) else tuple(map(_row_key, unit.rows))


def _cited(pieces: Pieces) -> tuple[str, ...]:
    return tuple(piece.key for piece in pieces if piece.key)


def _unit_likeness(one: Unit, other: Unit) -> float:
    if _kind(one) != _kind(other):
        return 0
    if one.anchor or other.anchor:
        return _SAME_ID if one.anchor == other.anchor else 0
    if not (isinstance(one, Line) and isinstance(other, Line)):
        return 0
    return _SAME if one.text == other.text else _shared(one.text, other.text)


def _row_key(row: Row) -> tuple[object, ...]:
    return tuple((words_of(cell), _cited(cell)) for cell in row)


def _row_likeness(one: Row, other: Row) -> float:
    before, after = list(map(words_of, one)), list(map(words_of, other))
    if before == after:
        return _SAME
    shared = _shared(" ".join(before), " ".join(after))
    return 1 + shared if before[0] and before[0] == after[0] else shared


def _shared(one: str, other: str) -> float:
    return float(Indel.normalized_similarity(one.split(), other.split(), score_cutoff=_ALIKE))


# moves


def _with_moves(sections: Sequence[MarkedSection]) -> Iterator[MarkedSection]:
    """Lines that went and came with the same text get one number for both places."""
    gone: dict[tuple[object, ...], list[int]] = {}
    numbers, places = count(1), {}
    lines = [unit for section in sections for unit in section.units if isinstance(unit, MarkedLine)]
    for at, unit in enumerate(lines):
        if unit.mark is Mark.REMOVED and len(unit.line.text.split()) >= _MOVED:
            gone.setdefault(_moving(unit), []).append(at)
    for at, unit in enumerate(lines):
        if unit.mark is Mark.ADDED and gone.get(_moving(unit)):
            places[gone[_moving(unit)].pop(0)] = places[at] = next(numbers)
    turns = count()
    for section in sections:
        units = tuple(
            replace(unit, moved=places.get(next(turns), 0)) if isinstance(unit, MarkedLine) else unit
            for unit in section.units
        )
        yield replace(section, units=units)


def _moving(unit: MarkedLine) -> tuple[object, ...]:
    return unit.line.style, unit.line.text
