"""What python-docx has no word for: styles of the house, bookmarks, links, header rows, numbering, alt texts.

WordprocessingML: ISO/IEC 29500-1, chapter 17.
"""

from typing import Any

import docx
from docx.document import Document as Word
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Inches, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from medpol.rendering.publication.docx import moment
from medpol.rendering.publication.model import Document
from medpol.rendering.publication.theme import Theme

_HEADINGS = {"Title": 22, "Heading 1": 15, "Heading 2": 12, "Heading 3": 11, "Heading 4": 10.5, "Heading 5": 10.5}
_ACCENT = "Accent"
_BOOKMARK = 40  # longest name of a bookmark (17.13.6.2 in practice: Word cuts longer ones)


def start(document: Document, theme: Theme) -> Word:
    """An empty Word document with the theme's styles, its properties, header and footer."""
    word = docx.Document()
    identity = document.identity
    properties = word.core_properties
    properties.title = f"{identity.number} {identity.title}"
    properties.author = identity.plan
    properties.subject = f"{identity.version}"
    properties.language = identity.language
    properties.comments = ""
    properties.created = properties.modified = moment(identity.effective)
    properties.last_modified_by = identity.plan
    _styles(word, theme)
    _language(word, {"en": "en-US"}.get(identity.language, identity.language))
    section = word.sections[0]
    section.page_width, section.page_height = Inches(8.5), Inches(11)
    section.left_margin = section.right_margin = Inches(1)
    section.header.paragraphs[0].text = f"{identity.number}  {identity.title}"
    footer = section.footer.paragraphs[0]
    footer.text = f"{identity.plan} · {theme.word('effective')} {identity.effective} · {theme.word('page')} "
    _field(footer, "PAGE")
    footer.add_run(f" {theme.word('of')} ")
    _field(footer, "NUMPAGES")
    return word


def use_style(paragraph: Paragraph, word: Word, name: str) -> None:
    """A paragraph's style by name; python-docx's own way searches the default style every time."""
    paragraph._p.style = word.styles[name].style_id


def space_after(paragraph: Paragraph) -> None:
    """Room between the notes of a table and the text that follows."""
    paragraph.paragraph_format.space_after = Pt(10)


def inches(number: float) -> Any:
    """A length."""
    return Inches(number)


def _styles(word: Word, theme: Theme) -> None:
    ink, soft, accent = (_colour(theme.colours[name]) for name in ("ink", "soft", "accent"))
    normal = word.styles["Normal"]
    normal.font.size, normal.font.color.rgb = Pt(10.5), ink
    normal.paragraph_format.space_after = Pt(6)
    for name in ("Normal", *_HEADINGS, "Subtitle"):
        _font(word.styles[name], theme.fonts["office"])
    for name, size in _HEADINGS.items():
        style = word.styles[name]
        style.font.size, style.font.color.rgb, style.font.bold = Pt(size), ink, True
        style.font.italic = False
        style.paragraph_format.keep_with_next = True
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(14), Pt(4)
    _no_border(word.styles["Title"])
    word.styles["Subtitle"].font.color.rgb = soft
    word.styles["Subtitle"].font.italic = False
    caption = word.styles["Caption"]
    caption.font.size, caption.font.color.rgb, caption.font.bold = Pt(9.5), ink, False
    caption.paragraph_format.keep_with_next = True
    caption.paragraph_format.space_before = Pt(10)
    for name, size in (("Note", 9.5), ("Table Note", 8), ("Table Text", 8.5)):
        style = word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = normal
        style.font.size, style.font.color.rgb = Pt(size), ink if name == "Table Text" else soft
        style.paragraph_format.space_after = Pt({"Note": 6, "Table Note": 1, "Table Text": 0}[name])
    terms = word.styles.add_style("Terms", WD_STYLE_TYPE.PARAGRAPH)
    terms.base_style = normal
    terms.paragraph_format.left_indent, terms.paragraph_format.first_line_indent = Inches(1.8), Inches(-1.8)
    terms.paragraph_format.tab_stops.add_tab_stop(Inches(1.8))
    terms.paragraph_format.space_after = Pt(2)
    link = word.styles.add_style(_ACCENT, WD_STYLE_TYPE.CHARACTER)
    link.font.color.rgb = accent
    for name in ("Header", "Footer"):
        word.styles[name].font.size, word.styles[name].font.color.rgb = Pt(8), soft
    _table_style(word)


def _table_style(word: Word) -> None:
    style = word.styles.add_style("Policy Table", WD_STYLE_TYPE.TABLE)
    style.base_style = word.styles["Normal Table"]
    borders = OxmlElement("w:tblBorders")
    for side, size in (("top", 6), ("bottom", 4), ("insideH", 4)):
        edge = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", str(size)), ("space", "0"), ("color", "BBB7AC")):
            edge.set(qn(f"w:{key}"), value)
        borders.append(edge)
    properties = OxmlElement("w:tblPr")
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), "60")
        edge.set(qn("w:type"), "dxa")
        margins.append(edge)
    properties.extend([borders, margins])
    style.element.append(properties)


def _font(style: Any, name: str) -> None:
    """The font for every script, not only the one python-docx sets."""
    style.font.name = name
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in list(fonts.attrib):
        if "Theme" in attribute:
            del fonts.attrib[attribute]
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), name)


def _no_border(style: Any) -> None:
    for border in style.element.findall(f".//{qn('w:pBdr')}"):
        border.getparent().remove(border)


def _language(word: Word, language: str) -> None:
    for lang in word.styles.element.iter(qn("w:lang")):
        for script in ("val", "eastAsia", "bidi"):
            lang.set(qn(f"w:{script}"), language)


def _colour(text: str) -> RGBColor:
    return RGBColor.from_string(text.removeprefix("#").upper())


def _field(paragraph: Paragraph, code: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def bookmark_name(anchor: str) -> str:
    """An id as Word takes it: letters, digits and underscores, at most 40, the end of a longer one hashed."""
    from hashlib import sha256

    name = "_" + "".join(c if c.isalnum() else "_" for c in anchor)
    return name if len(name) <= _BOOKMARK else f"{name[:31]}_{sha256(anchor.encode()).hexdigest()[:8]}"


def bookmark(paragraph: Paragraph, anchor: str, number: int) -> None:
    """A place that links can lead to, at the start of a paragraph; `number` is the bookmark's own."""
    begin, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    begin.set(qn("w:id"), str(number))
    begin.set(qn("w:name"), bookmark_name(anchor))
    end.set(qn("w:id"), str(number))
    at = 1 if paragraph._p.pPr is not None else 0
    paragraph._p.insert(at, end)
    paragraph._p.insert(at, begin)


def link(paragraph: Paragraph, target: str, text: str, *, coloured: bool = True) -> Run:
    """A link to an address, or to a bookmark where the target begins with #; its run."""
    element = OxmlElement("w:hyperlink")
    if target.startswith("#"):
        element.set(qn("w:anchor"), bookmark_name(target[1:]))
    else:
        relation = paragraph.part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        element.set(qn("r:id"), relation)
    paragraph._p.append(element)
    raw = OxmlElement("w:r")
    element.append(raw)
    run = Run(raw, paragraph)
    run.text = text
    if coloured:
        raw.style = _ACCENT  # its id is its name
    return run


def grid(table: Table, shares: list[int], whole: float) -> list[list[_Cell]]:
    """The cells of a new table, row by row, with their widths: shares of `whole` inches.

    The first row is marked as header, to be repeated on every page; rows do not break.
    """
    table.autofit = False
    lengths = [Inches(whole * share / sum(shares)) for share in shares]
    for column, length in zip(table.columns, lengths, strict=True):
        column.width = length
    rows = [list(row.cells) for row in table.rows]
    for at, row in enumerate(table.rows):
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if at == 0:
            properties.append(OxmlElement("w:tblHeader"))
        for cell, length in zip(rows[at], lengths, strict=True):
            cell.width = length
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    if look is not None:
        look.set(qn("w:firstRow"), "1")
    return rows


def new_numbering(word: Word) -> int:
    """A numbered list that begins at 1 again; its id."""
    numbering = word.part.numbering_part.element
    style = word.styles["List Number"].element
    used = int(style.pPr.numPr.numId.val)
    abstract = numbering.num_having_numId(used).abstractNumId.val
    fresh = numbering.add_num(abstract)
    fresh.add_lvlOverride(ilvl=0).add_startOverride(1)
    return int(fresh.numId)


def use_numbering(paragraph: Paragraph, number: int) -> None:
    """Puts a paragraph into a numbered list."""
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = 0
    properties.get_or_add_numId().val = number


def describe(picture: Any, alt: str) -> None:
    """The alternative text of a picture."""
    picture._inline.docPr.set("descr", alt)
    picture._inline.docPr.set("title", alt[:80])
