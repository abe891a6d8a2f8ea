"""A publication as frozen data: sections of blocks of inline text, with no trace of a file format.

The assembly builds it, the writers print it. Every anchor is permanent: it is made of keys of the package (policy,
statement, study, outcome, timepoint, arm), never of a position in the document.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeVar

if TYPE_CHECKING:
    from medpol.evidence.plots import Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Text with marks. `link` is an address, or `#anchor` inside the document."""

    text: str
    strong: bool = False
    emphasis: bool = False
    code: bool = False
    link: str = ""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """References cited at this spot; `numbers` are set when the document is numbered."""

    keys: tuple[str, ...]
    numbers: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"[{', '.join(map(str, self.numbers or self.keys))}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """A number the evidence gives: its text, the cell it can be checked in, what it cites, how it was asked for."""

    text: str
    cell: str = ""
    cites: tuple[str, ...] = ()
    expression: str = ""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """A mention of a table or figure: `Table 3` once the document is numbered."""

    anchor: str
    text: str = ""

    def __str__(self) -> str:
        return self.text


Inline = Run | Citation | Computed | Pointer
Text = tuple[Inline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading under its section's own; `level` 3 to 6."""

    text: Text
    level: int = 3
    anchor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    text: Text
    role: Literal["", "note", "quote"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    text: Text
    under: tuple["Item", ...] = ()
    number: int | None = None
    anchor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListBlock:
    items: tuple[Item, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Names with their values: dates, populations, the parts of a question."""

    rows: tuple[tuple[str, Text], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """`heads` says that the cell names its row; `lines` are its paragraphs.

    A cell that stands for `spans` rows is repeated in each of them, `covered` there: every row is whole.
    """

    lines: tuple[Text, ...] = ()
    heads: bool = False
    numeric: bool = False
    anchor: str = ""
    spans: int = 1
    covered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableBlock:
    """A table with its caption, header and notes. `number` is set when the document is numbered; 0 has none."""

    anchor: str
    caption: Text
    header: tuple[Text, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Text, ...] = ()
    number: int = 0
    numbered: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A picture, what it shows in words, and its table for readers who cannot see it."""

    anchor: str
    caption: Text
    alt: str
    table: TableBlock
    drawing: "Picture | None" = field(default=None, compare=False, repr=False)
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Blocks with one permanent id: a statement, a conclusion, a study."""

    anchor: str
    role: Literal["statement", "conclusion", "part"]
    blocks: tuple["Block", ...]


Block = Heading | Paragraph | ListBlock | Terms | TableBlock | Figure | Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section: `key` is its word in the package, `title` what the theme calls it."""

    key: str
    title: str
    anchor: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What the publication is of. Dates are ISO; '' is unknown. `rows` is the same as the reader sees it."""

    number: str
    title: str
    plan: str
    version: str
    effective: str
    ends: str = ""
    status: str = "approved"
    language: str = "en"
    digest: str = ""
    rows: Terms
    notes: tuple[Paragraph, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    identity: Identity
    sections: tuple[Section, ...]

    def section(self, key: str) -> Section | None:
        return next((section for section in self.sections if section.key == key), None)


def run(text: str, *, strong: bool = False, emphasis: bool = False, code: bool = False, link: str = "") -> Text:
    """A text of one run; no run for no text."""
    return (Run(text=text, strong=strong, emphasis=emphasis, code=code, link=link),) if text else ()


def plain(text: Text) -> str:
    """Inline text without its marks; citations are left out."""
    return "".join(str(inline) for inline in text if not isinstance(inline, Citation))


def cell(text: str = "", *, heads: bool = False, numeric: bool = False, anchor: str = "") -> Cell:
    """A cell of one line of bare text."""
    return Cell(lines=(run(text),) if text else (), heads=heads, numeric=numeric, anchor=anchor)


def anchor_of(*words: str) -> str:
    """A permanent id from keys: lower case, letters and digits, hyphens between."""
    return re.sub(r"[^a-z0-9.]+", "-", " ".join(words).lower()).strip("-.")


B = TypeVar("B", bound=Block)
Rewrite = Callable[[Text], Text]


def rewritten(block: B, text: Rewrite, number: Callable[[TableBlock | Figure], int]) -> B:
    """The block with every inline text passed through `text`, in reading order, and its tables and figures numbered."""
    new: Block
    match block:
        case Heading() | Paragraph():
            new = replace(block, text=text(block.text))
        case ListBlock(items=items):
            new = replace(block, items=tuple(_item(item, text) for item in items))
        case Terms(rows=rows):
            new = Terms(rows=tuple((name, text(value)) for name, value in rows))
        case TableBlock():
            new = _table(replace(block, number=number(block)), text)
        case Figure(caption=caption, table=table):
            new = replace(block, number=number(block), caption=text(caption), table=_table(table, text))
        case Group(blocks=blocks):
            new = replace(block, blocks=tuple(rewritten(member, text, number) for member in blocks))
    return new  # type: ignore[return-value]


def _item(item: Item, text: Rewrite) -> Item:
    return replace(item, text=text(item.text), under=tuple(_item(member, text) for member in item.under))


def _table(block: TableBlock, text: Rewrite) -> TableBlock:
    return replace(
        block,
        caption=text(block.caption),
        header=tuple(text(head) for head in block.header),
        rows=tuple(tuple(replace(c, lines=tuple(text(line) for line in c.lines)) for c in row) for row in block.rows),
        notes=tuple(text(note) for note in block.notes),
    )


def flat(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """Every block in reading order, groups opened, the groups themselves first."""
    for block in blocks:
        yield block
        if isinstance(block, Group):
            yield from flat(block.blocks)


def anchors(document: Document) -> Iterator[str]:
    """Every id of the document."""
    for section in document.sections:
        yield section.anchor
        for block in flat(section.blocks):
            yield from _anchors(block)


def _anchors(block: Block) -> Iterator[str]:
    match block:
        case Heading(anchor=anchor) | Group(anchor=anchor):
            yield from (anchor,) if anchor else ()
        case ListBlock(items=items):
            yield from _item_anchors(items)
        case Figure(anchor=anchor, table=table):
            yield anchor
            yield from _anchors(table)
        case TableBlock(anchor=anchor, rows=rows):
            yield anchor
            yield from (c.anchor for row in rows for c in row if c.anchor)


def _item_anchors(items: tuple[Item, ...]) -> Iterator[str]:
    for item in items:
        yield from (item.anchor,) if item.anchor else ()
        yield from _item_anchors(item.under)


def texts(document: Document) -> Iterator[Text]:
    """Every inline text of the sections, in reading order."""
    found: list[Text] = []

    def note(text: Text) -> Text:
        found.append(text)
        return text

    for section in document.sections:
        for block in section.blocks:
            rewritten(block, note, lambda table: table.number)
    yield from found
