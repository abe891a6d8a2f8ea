"""Each format carries the whole document: structure, alternatives, links, language; same document, same bytes."""

import io
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from medpol.library import PolicyLibrary
from medpol.library.publishing import FORMATS, publication, write_publication
from medpol.problems import PolicyRejected
from medpol.rendering.publication import Document, Figure, TableBlock, Theme, flat, plain
from medpol.rendering.publication.html import to_html
from medpol.rendering.publication.markdown import to_markdown

GOLDEN = Path(__file__).parent / "golden"


def tables_of(document: Document) -> list[TableBlock]:
    blocks = [block for section in document.sections for block in flat(section.blocks)]
    return [b.table if isinstance(b, Figure) else b for b in blocks if isinstance(b, TableBlock | Figure)]


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_document_gives_the_same_bytes(document: Document, theme: Theme, kind: str) -> None:
    assert write_publication(document, theme, kind) == write_publication(document, theme, kind)


# ── Markdown ────────────────────────────────────────────────────────────────────────────────────────────────


def test_markdown_is_as_recorded(document: Document, theme: Theme) -> None:
    """UPDATE_GOLDEN=1 records it again; read the diff before keeping it."""
    made = to_markdown(document, theme)
    path = GOLDEN / "07.01.89.md"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8")


def test_markdown_reads_back_as_the_same_tables_and_headings(document: Document, theme: Theme) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(to_markdown(document, theme))
    tables = tables_of(document)
    assert sum(token.type == "table_open" for token in tokens) == len(tables)
    assert sum(token.type == "tr_open" for token in tokens) == sum(1 + len(table.rows) for table in tables)
    cells = sum(token.type in ("td_open", "th_open") for token in tokens)
    assert cells == sum(len(table.header) * (1 + len(table.rows)) for table in tables)
    titles = [
        tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open" and token.tag == "h2"
    ]
    assert titles == [section.title for section in document.sections]


def test_markdown_escapes_what_is_not_meant_as_marks(library: PolicyLibrary, theme: Theme) -> None:
    from medpol.rendering.publication.markdown import inline
    from medpol.rendering.publication.model import Run

    text = "a*b_c [d](e) <f> `g` | h & # \\ ~~i~~"
    tokens = MarkdownIt("commonmark").parseInline(inline((Run(text=text),)))[0].children or []
    assert "".join(token.content for token in tokens) == text


# ── HTML ────────────────────────────────────────────────────────────────────────────────────────────────────


class _Page(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_html_is_one_accessible_file(document: Document, theme: Theme) -> None:
    source = to_html(document, theme)
    page = _Page(source)
    assert page.open == []
    assert page.all("html")[0]["lang"] == "en"
    assert not page.all("script")
    assert not page.all("link")
    assert all(str(image["src"]).startswith("data:") and image["alt"] for image in page.all("img"))
    assert len(page.all("caption")) == len(page.all("table")) == len(tables_of(document))
    assert all(cell.get("scope") in ("col", "row") for cell in page.all("th"))
    assert page.all("nav")[0]["aria-label"]
    assert (page.all("a")[0]["class"], page.all("a")[0]["href"]) == ("skip", "#main")
    assert len(page.all("main")) == len(page.all("h1")) == 1
    assert not re.search(r"url\((?!data:)", source)


def test_html_escapes_every_text(library: PolicyLibrary, theme: Theme) -> None:
    from dataclasses import replace

    document = publication(library, "30.3")
    hostile = replace(document, identity=replace(document.identity, title="<b>&\"'</b><script>"))
    source = to_html(hostile, theme)
    assert "<script>" not in source
    assert "&lt;b&gt;&amp;" in source


# ── PDF ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="session")
def pdf(document: Document, theme: Theme) -> bytes:
    pytest.importorskip("typst")
    return write_publication(document, theme, "pdf")


def test_pdf_is_tagged_titled_and_has_bookmarks(document: Document, pdf: bytes) -> None:
    pypdf = pytest.importorskip("pypdf")
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    catalog = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"] == "en"
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "/StructTreeRoot" in catalog
    assert reader.metadata.title == f"{document.identity.number} {document.identity.title}"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    tops = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    assert [title for title in tops if title != "Contents"] == [section.title for section in document.sections]


def test_pdf_says_what_the_document_says(document: Document, pdf: bytes) -> None:
    pypdf = pytest.importorskip("pypdf")
    words = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    said = "".join(words.split())
    for table in tables_of(document):
        assert "".join(plain(table.caption).split()) in said
    assert "58.0%(83of143)against27.1%(35of129)" in said


@pytest.mark.parametrize("number", ["240.4", "COC-1", "190.12"])
def test_other_policies_become_pdf_and_docx(library: PolicyLibrary, theme: Theme, number: str) -> None:
    pytest.importorskip("typst")
    pytest.importorskip("docx")
    document = publication(library, number)
    assert write_publication(document, theme, "pdf").startswith(b"%PDF-")
    assert write_publication(document, theme, "docx").startswith(b"PK")


# ── DOCX ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_docx_has_headings_header_rows_links_and_alternatives(document: Document, theme: Theme) -> None:
    docx = pytest.importorskip("docx")
    from docx.oxml.ns import qn

    word = docx.Document(io.BytesIO(write_publication(document, theme, "docx")))
    titles = [p.text for p in word.paragraphs if p.style.name == "Heading 1"]
    assert titles == [section.title for section in document.sections]
    assert len(word.tables) == len(tables_of(document))
    assert all(t.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for t in word.tables)
    body = word.element.body
    names = {mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))}
    inside = {link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))} - {None}
    assert inside
    assert inside <= names
    pictures = [picture.get("descr") for picture in body.iter(qn("wp:docPr"))]
    assert pictures
    assert all(pictures)
    assert word.core_properties.title.startswith(document.identity.number)
    assert word.core_properties.language == "en"
    assert {lang.get(qn("w:val")) for lang in word.styles.element.iter(qn("w:lang"))} == {"en-US"}


def test_a_missing_package_is_a_problem_that_names_the_remedy(
    document: Document, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(PolicyRejected) as caught:
        write_publication(document, theme, "pdf")
    (problem,) = caught.value.problems
    assert problem.code == "MP924"
    assert "medpol[documents]" in problem.remedy
