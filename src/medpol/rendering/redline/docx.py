"""A redline as DOCX with tracked changes that a word processor accepts or rejects.

WordprocessingML, ISO/IEC 29500-1: w:ins and w:del around runs (17.13.5.18, 17.13.5.14), in the properties of a
paragraph's mark (17.13.5.19, 17.13.5.15) and of a table's row (17.13.5.17, 17.13.5.12).
"""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count, pairwise
from typing import TYPE_CHECKING, Any

from medpol.problems import PolicyRejected
from medpol.rendering.publication import Document, Theme
from medpol.rendering.publication.docx import steady
from medpol.rendering.publication.pdf import missing
from medpol.rendering.redline.model import Mark, MarkedGrid, MarkedLine, MarkedRow, MarkedUnit, Redline, Span, Spans

if TYPE_CHECKING:
    from docx.document import Document as Word

_STYLES = {
    "plan": "Subtitle",
    "title": "Title",
    "section": "Heading 1",
    "paragraph": "Normal",
    "note": "Note",
    "quote": "Quote",
    "term": "Terms",
    "caption": "Caption",
    "table-note": "Table Note",
    "picture": "Note",
}
_DEEPEST = 3  # List Bullet, List Bullet 2, List Bullet 3
_TAGS = {Mark.ADDED: "w:ins", Mark.REMOVED: "w:del"}
_INCHES = 6.5  # between the margins of a letter page
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # what XML 1.0 has no character for


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who made the changes and when, as the word processor shows it."""

    name: str
    day: date


def to_docx(redline: Redline, theme: Theme, author: Author) -> bytes:
    """The redline as DOCX; the same bytes for the same input. PolicyRejected where python-docx is not installed."""
    try:
        from medpol.rendering.publication.word import start
    except ImportError:
        raise PolicyRejected([missing("python-docx", "docx")]) from None
    word = start(Document(identity=redline.after, sections=()), theme)
    writer = _Writer(word, author)
    units = [unit for section in redline.sections for unit in section.units]
    for unit, following in pairwise([*units, None]):
        writer.unit(unit)
        if isinstance(unit, MarkedGrid) and (following is None or isinstance(following, MarkedGrid)):
            word.add_paragraph()  # tables without a paragraph between would be one
    buffer = io.BytesIO()
    word.save(buffer)
    return steady(buffer.getvalue(), redline.after.effective)


class _Writer:
    """Writes units to a Word document, one after the other."""

    def __init__(self, word: "Word", author: Author) -> None:
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        from medpol.rendering.publication import word as parts

        self._word = word
        self._parts = parts
        self._element, self._qn = OxmlElement, qn
        self._author = author
        self._numbers = count(1)

    def unit(self, unit: MarkedUnit | None) -> None:
        if isinstance(unit, MarkedLine):
            self._line(unit)
        elif isinstance(unit, MarkedGrid):
            self._grid(unit)

    def _line(self, unit: MarkedLine) -> None:
        paragraph = self._word.add_paragraph()
        self._parts.use_style(paragraph, self._word, _style(unit))
        self._paragraph(paragraph, unit.spans, unit.mark)

    def _paragraph(self, paragraph: Any, spans: Spans, mark: Mark) -> None:
        if mark is not Mark.SAME:
            properties = paragraph._p.get_or_add_pPr()
            look = self._element("w:rPr")
            look.append(self._change(mark))
            properties.append(look)
        for span in spans:
            target = paragraph._p
            if span.mark is not Mark.SAME:
                target = self._change(span.mark)
                paragraph._p.append(target)
            for run in self._runs(span):
                target.append(run)

    def _change(self, mark: Mark) -> Any:
        element = self._element(_TAGS[mark])
        element.set(self._qn("w:id"), str(next(self._numbers)))
        element.set(self._qn("w:author"), self._author.name)
        element.set(self._qn("w:date"), f"{self._author.day.isoformat()}T00:00:00Z")
        return element

    def _runs(self, span: Span) -> Iterator[Any]:
        run = self._element("w:r")
        look = self._element("w:rPr")
        for wanted, tag in ((span.piece.strong, "w:b"), (span.piece.emphasis, "w:i")):
            if wanted:
                look.append(self._element(tag))
        if span.piece.raised:
            raised = self._element("w:vertAlign")
            raised.set(self._qn("w:val"), "superscript")
            look.append(raised)
        if len(look):
            run.append(look)
        for part in re.split(r"([\n\t])", _UNSEEN.sub("", span.piece.text)):
            run.append(self._text(part, removed=span.mark is Mark.REMOVED))
        yield run

    def _text(self, part: str, *, removed: bool) -> Any:
        if part in ("\n", "\t"):
            return self._element("w:br" if part == "\n" else "w:tab")
        text = self._element("w:delText" if removed else "w:t")
        text.text = part
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        return text

    def _grid(self, unit: MarkedGrid) -> None:
        table = self._word.add_table(rows=len(unit.rows), cols=len(unit.rows[0].cells), style="Policy Table")
        cells = self._parts.grid(table, _widths(unit.rows), _INCHES)
        for row, target, elements in zip(unit.rows, table.rows, cells, strict=True):
            if row.mark is not Mark.SAME:
                target._tr.get_or_add_trPr().append(self._change(row.mark))
            for spans, cell in zip(row.cells, elements, strict=True):
                paragraph = cell.paragraphs[0]
                self._parts.use_style(paragraph, self._word, "Table Text")
                self._paragraph(paragraph, spans, row.mark)


def _style(unit: MarkedLine) -> str:
    line = unit.line
    if line.style == "heading":
        return f"Heading {line.level - 1}"
    if line.style == "item":
        level = min(line.level, _DEEPEST)
        return "List Bullet" if level == 1 else f"List Bullet {level}"
    return _STYLES[line.style]


def _widths(rows: Iterable[MarkedRow]) -> list[int]:
    """Shares of a table's width: by the longest cell of a column, within bounds that keep every column legible."""
    columns = zip(*(row.cells for row in rows), strict=True)
    return [min(60, max(8, *(sum(len(span.piece.text) for span in cell) for cell in cells))) for cells in columns]
