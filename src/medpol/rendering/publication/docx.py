"""A document as DOCX: real heading styles, header rows that repeat, bookmarks and links, alt texts, its language.

Same document, same bytes: the dates inside are the version's.
"""

import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

from medpol.problems import PolicyRejected
from medpol.rendering.publication.html import reference_id
from medpol.rendering.publication.model import (
    Block,
    Cell,
    Citation,
    Computed,
    Document,
    Figure,
    Group,
    Heading,
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
from medpol.rendering.publication.pdf import missing, widths
from medpol.rendering.publication.theme import Theme

if TYPE_CHECKING:
    from docx.document import Document as Word
    from docx.table import _Cell as WordCell
    from docx.text.paragraph import Paragraph as WordParagraph

_DEEPEST = 3  # list styles of a Word document: List Bullet, List Bullet 2, List Bullet 3
_INCHES = 6.5  # between the margins of a letter page


def to_docx(document: Document, theme: Theme) -> bytes:
    """The document as DOCX. PolicyRejected where python-docx is not installed."""
    try:
        from medpol.rendering.publication.word import start
    except ImportError:
        raise PolicyRejected([missing("python-docx", "docx")]) from None
    word = start(document, theme)
    _Writer(word, theme).write(document)
    buffer = io.BytesIO()
    word.save(buffer)
    return steady(buffer.getvalue(), document.identity.effective)


def steady(content: bytes, day: str) -> bytes:
    """The same archive with the version's date on every member."""
    when = date.fromisoformat(day)
    stamp = (max(when.year, 1980), when.month, when.day, 0, 0, 0)  # a zip archive knows no earlier year
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            info = zipfile.ZipInfo(name, stamp)
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, old.read(name))
    return out.getvalue()


def moment(day: str) -> datetime:
    """A day as the moment a Word document wants."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)


class _Writer:
    """Writes blocks to a Word document, one after the other."""

    def __init__(self, word: "Word", theme: Theme) -> None:
        from medpol.rendering.publication import word as parts

        self._word = word
        self._theme = theme
        self._parts = parts
        self._numbers = count(1)
        self._waiting: list[str] = []  # ids of groups whose first paragraph is still to come

    def write(self, document: Document) -> None:
        identity = document.identity
        if self._theme.logo and self._theme.logo.suffix.lower() == ".png":
            picture = self._word.add_picture(str(self._theme.logo), height=self._parts.inches(0.45))
            self._parts.describe(picture, self._theme.logo_text)
        self._paragraph((Run(text=identity.plan),), "Subtitle")
        self._paragraph((Run(text=f"{identity.number} {identity.title}"),), "Title")
        self._terms(identity.rows)
        for note in identity.notes:
            self._block(note)
        for section in document.sections:
            self._section(section)

    def _section(self, section: Section) -> None:
        heading = self._paragraph((Run(text=section.title),), "Heading 1")
        self._bookmark(heading, section.anchor)
        for block in section.blocks:
            self._block(block)

    def _block(self, block: Block) -> None:
        match block:
            case Heading(text=text, level=level, anchor=anchor):
                self._bookmark(self._paragraph(text, f"Heading {level - 1}"), anchor)
            case Paragraph(text=text, role=role):
                self._paragraph(text, {"": "Normal", "note": "Note", "quote": "Quote"}[role])
            case ListBlock():
                self._list(block)
            case Terms():
                self._terms(block)
            case TableBlock():
                self._table(block)
            case Figure():
                self._figure(block)
            case Group(anchor=anchor, blocks=blocks):
                self._waiting.append(anchor)
                for member in blocks:
                    self._block(member)

    def _bookmark(self, paragraph: "WordParagraph", anchor: str) -> None:
        if anchor:
            self._parts.bookmark(paragraph, anchor, next(self._numbers))

    def _paragraph(self, text: Text, style: str) -> "WordParagraph":
        paragraph = self._word.add_paragraph()
        self._parts.use_style(paragraph, self._word, style)
        while self._waiting:
            self._bookmark(paragraph, self._waiting.pop())
        self._inline(paragraph, text)
        return paragraph

    def _list(self, block: ListBlock) -> None:
        numbering = self._parts.new_numbering(self._word) if block.numbered else None
        for item in block.items:
            self._item(item, 1, numbering)

    def _item(self, item: Item, depth: int, numbering: Any) -> None:
        level = min(depth, _DEEPEST)
        kind = "List Number" if numbering is not None else "List Bullet"
        paragraph = self._paragraph(item.text, kind if level == 1 else f"{kind} {level}")
        if numbering is not None:
            self._parts.use_numbering(paragraph, numbering)
        self._bookmark(paragraph, item.anchor)
        for member in item.under:
            self._item(member, depth + 1, None)

    def _terms(self, block: Terms) -> None:
        for name, text in block.rows:
            self._paragraph((Run(text=f"{name}:", strong=True), Run(text="\t"), *text), "Terms")

    def _table(self, block: TableBlock) -> None:
        number = (Run(text=f"{self._theme.word('table')} {block.number}. ", strong=True),) if block.number else ()
        self._bookmark(self._paragraph((*number, *block.caption), "Caption"), block.anchor)
        table = self._word.add_table(rows=1 + len(block.rows), cols=len(block.header), style="Policy Table")
        grid = self._parts.grid(table, widths(block), _INCHES)
        for head, target in zip(block.header, grid[0], strict=True):
            self._parts.use_style(target.paragraphs[0], self._word, "Table Text")
            self._inline(target.paragraphs[0], tuple(_strong(part) for part in head))
        for at, row in enumerate(block.rows, 1):
            for column, cell in enumerate(row):
                if not cell.covered:
                    last = grid[at + cell.spans - 1][column]
                    self._fill(grid[at][column].merge(last) if cell.spans > 1 else last, cell)
        for note in block.notes:
            paragraph = self._paragraph(note, "Table Note")
            if note is block.notes[-1]:
                self._parts.space_after(paragraph)

    def _fill(self, target: "WordCell", cell: Cell) -> None:
        for at, line in enumerate(cell.lines):
            paragraph = target.paragraphs[0] if at == 0 else target.add_paragraph()
            self._parts.use_style(paragraph, self._word, "Table Text")
            self._inline(paragraph, line)
        self._bookmark(target.paragraphs[0], cell.anchor)

    def _figure(self, block: Figure) -> None:
        if block.drawing is not None:
            stream = io.BytesIO(block.drawing.as_bytes("png"))
            picture = self._word.add_picture(stream, width=self._parts.inches(5.6))
            self._parts.describe(picture, block.alt)
        number = Run(text=f"{self._theme.word('figure')} {block.number}. ", strong=True)
        self._bookmark(self._paragraph((number, *block.caption), "Caption"), block.anchor)
        self._table(block.table)

    def _inline(self, paragraph: "WordParagraph", text: Text) -> None:
        for part in text:
            self._part(paragraph, part)

    def _part(self, paragraph: "WordParagraph", part: Inline) -> None:
        link = self._parts.link
        match part:
            case Citation(keys=keys, numbers=numbers):
                for at, (key, number) in enumerate(zip(keys, numbers, strict=True)):
                    if at:
                        paragraph.add_run(",").font.superscript = True
                    link(paragraph, f"#{reference_id(key)}", str(number)).font.superscript = True
            case Computed(text=text, cell=anchor):
                _ = link(paragraph, f"#{anchor}", text, coloured=False) if anchor else paragraph.add_run(text)
            case Pointer(text=text, anchor=anchor):
                _ = link(paragraph, f"#{anchor}", text) if text else None
            case Run(text=text):
                run = link(paragraph, part.link, text) if part.link else paragraph.add_run(text)
                run.bold, run.italic = part.strong or None, part.emphasis or None
                if part.code:
                    run.font.name = "Courier New"


def _strong(part: Inline) -> Inline:
    return replace(part, strong=True) if isinstance(part, Run) else part
