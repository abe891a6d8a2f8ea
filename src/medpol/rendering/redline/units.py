"""A document as the units a redline compares: lines (a paragraph, a heading, an item of a list) and tables.

A picture is the words that describe it and the table that comes with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from medpol.rendering.publication import (
    Block,
    Cell,
    Citation,
    Computed,
    Document,
    Figure,
    Group,
    Heading,
    Identity,
    Inline,
    Item,
    ListBlock,
    Paragraph,
    Pointer,
    Run,
    Section,
    TableBlock,
    Terms,
    Text,
)

Style = Literal[
    "plan",
    "title",
    "section",
    "heading",
    "paragraph",
    "note",
    "quote",
    "item",
    "term",
    "caption",
    "table-note",
    "picture",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Text of one look. `key` is what it is compared by where that is not its text: a citation by its references."""

    text: str
    strong: bool = False
    emphasis: bool = False
    code: bool = False
    raised: bool = False
    link: str = ""
    key: str = ""


Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line. `level` is a heading's (1 to 6) or an item's depth (from 1); `box` the group it stands in."""

    style: Style
    pieces: Pieces
    level: int = 0
    anchor: str = ""
    box: str = ""
    number: int | None = None

    @property
    def text(self) -> str:
        return words_of(self.pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table: every row whole, a line break between the lines of a cell; the first row is the header."""

    anchor: str
    rows: tuple[tuple[Pieces, ...], ...]

    @property
    def columns(self) -> int:
        return len(self.rows[0])


Unit = Line | Grid


def words_of(pieces: Pieces) -> str:
    """The text without marks; citations are left out, as in `publication.plain`."""
    return "".join(piece.text for piece in pieces if not piece.raised)


def section_units(document: Document) -> Iterator[tuple[str, str, tuple[Unit, ...]]]:
    """Key, title and units of the head ('' and '') and of every section."""
    yield "", "", tuple(_head(document.identity))
    for section in document.sections:
        yield section.key, section.title, tuple(_section(section))


def plain_units(document: Document) -> list[tuple[object, ...]]:
    """The document as text: per line its style, level and words; per row of a table its cells."""
    return [plain for _, _, units in section_units(document) for unit in units for plain in plain_unit(unit)]


def plain_unit(unit: Unit) -> Iterator[tuple[object, ...]]:
    """A unit as text."""
    if isinstance(unit, Line):
        yield unit.style, unit.level, unit.text
    else:
        yield from (("row", *map(words_of, row)) for row in unit.rows)


def _head(identity: Identity) -> Iterator[Unit]:
    yield Line(style="plan", pieces=_said(identity.plan), anchor="plan")
    yield Line(style="title", pieces=_said(f"{identity.number} {identity.title}"), level=1, anchor="title")
    yield from _terms(identity.rows, "")
    for note in identity.notes:
        yield from _units(note, "")


def _section(section: Section) -> Iterator[Unit]:
    yield Line(style="section", pieces=_said(section.title), level=2, anchor=section.anchor)
    for block in section.blocks:
        yield from _units(block, "")


def _units(block: Block, box: str) -> Iterator[Unit]:
    match block:
        case Heading(text=text, level=level, anchor=anchor):
            yield Line(style="heading", pieces=_pieces(text), level=level, anchor=anchor, box=box)
        case Paragraph(text=text, role=role):
            yield Line(style=role or "paragraph", pieces=_pieces(text), box=box)
        case ListBlock(items=items):
            for item in items:
                yield from _items(item, 1, box)
        case Terms():
            yield from _terms(block, box)
        case TableBlock():
            yield from _table(block, box)
        case Figure(anchor=anchor, caption=caption, alt=alt, table=table):
            yield Line(style="picture", pieces=_said(f"[{alt}]"), anchor=f"{anchor}-picture", box=box)
            yield Line(style="caption", pieces=_pieces(caption), anchor=f"{anchor}-caption", box=box)
            yield from _table(table, box)
        case Group(anchor=anchor, role=role, blocks=blocks):
            for member in blocks:
                yield from _units(member, anchor if role == "statement" else box)


def _items(item: Item, depth: int, box: str) -> Iterator[Line]:
    pieces = _pieces(item.text)
    yield Line(style="item", pieces=pieces, level=depth, anchor=item.anchor, box=box, number=item.number)
    for member in item.under:
        yield from _items(member, depth + 1, box)


def _terms(block: Terms, box: str) -> Iterator[Line]:
    for name, text in block.rows:
        pieces = (Piece(text=f"{name}:", strong=True), Piece(text="\t"), *_pieces(text))
        yield Line(style="term", pieces=pieces, anchor=f"term-{name}", box=box)


def _table(block: TableBlock, box: str) -> Iterator[Unit]:
    yield Line(style="caption", pieces=_pieces(block.caption), anchor=f"{block.anchor}-caption", box=box)
    header = tuple(map(_pieces, block.header))
    yield Grid(anchor=block.anchor, rows=(header, *(tuple(map(_cell, row)) for row in block.rows)))
    for note in block.notes:
        yield Line(style="table-note", pieces=_pieces(note), box=box)


def _cell(cell: Cell) -> Pieces:
    lines = [_pieces(line) for line in cell.lines]
    return tuple(piece for at, line in enumerate(lines) for piece in ((Piece(text="\n"), *line) if at else line))


def _said(text: str) -> Pieces:
    return (Piece(text=text),) if text else ()


def _pieces(text: Text) -> Pieces:
    return tuple(piece for piece in map(_piece, text) if piece.text)


def _piece(part: Inline) -> Piece:
    match part:
        case Run(text=text, strong=strong, emphasis=emphasis, code=code, link=link):
            outside = link if not link.startswith("#") else ""
            return Piece(text=text, strong=strong, emphasis=emphasis, code=code, link=outside)
        case Citation(keys=keys, numbers=numbers):
            return Piece(text=",\u200a".join(map(str, numbers or keys)), raised=True, key=" ".join(keys))
        case Computed() | Pointer():
            return Piece(text=str(part))
