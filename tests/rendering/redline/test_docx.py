"""Tracked changes: accepted they are the later text, rejected the earlier; LibreOffice reads them so too."""

import io
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from lxml import etree

from medpol.library import PolicyLibrary
from medpol.library.publishing import publication_of
from medpol.rendering.publication import Document, load_theme
from medpol.rendering.redline import compare, plain_units
from medpol.rendering.redline.docx import Author, to_docx
from publications import documents

pytest.importorskip("docx")
ODF = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
AUTHOR = Author(name="M. Director", day=date(2024, 5, 1))
THEME = load_theme()


def body_of(content: bytes) -> etree._Element:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = etree.fromstring(archive.read("word/document.xml"))
    return root.find(f"{W}body")


def resolved(content: bytes, *, accept: bool) -> list[str]:
    """The text of a document when every change is accepted, or rejected: a line a paragraph, a line a row."""
    gone = f"{W}del" if accept else f"{W}ins"
    return [text for text in _blocks(body_of(content), gone) if text]


def _blocks(parent: etree._Element, gone: str) -> Iterator[str]:
    for element in parent:
        if element.tag == f"{W}p" and element.find(f"{W}pPr/{W}rPr/{gone}") is None:
            yield _text(element, gone)
        elif element.tag == f"{W}p":
            assert _text(element, gone) == ""
        elif element.tag == f"{W}tbl":
            for row in element.iter(f"{W}tr"):
                if row.find(f"{W}trPr/{gone}") is None:
                    yield "|".join("".join(_text(p, gone) for p in c.iter(f"{W}p")) for c in row.iter(f"{W}tc"))


def _text(paragraph: etree._Element, gone: str) -> str:
    said = []
    for run in paragraph.iter(f"{W}r"):
        if run.getparent().tag == gone or run.find(f"{W}rPr/{W}vertAlign") is not None:
            continue
        marks = {f"{W}tab": "\t", f"{W}br": "\n"}
        parts = [child for child in run if child.tag != f"{W}rPr"]
        said += [marks.get(child.tag, child.text or "") for child in parts]
    return "".join(said)


def expected(document: Document) -> list[str]:
    plain = (("|".join(map(str, unit[1:])) if unit[0] == "row" else str(unit[2])) for unit in plain_units(document))
    return [text for text in plain if text]


@pytest.fixture(scope="module")
def pair() -> tuple[Document, Document]:
    library = PolicyLibrary()
    policy = library.policy("240.4")
    old, new = (publication_of(library, policy, version, THEME) for version in policy.versions)
    return old, new


@settings(max_examples=15, deadline=None)
@given(documents(), documents())
def test_accepting_gives_the_later_and_rejecting_the_earlier(before: Document, after: Document) -> None:
    content = to_docx(compare(before, after), THEME, AUTHOR)
    assert resolved(content, accept=True) == expected(after)
    assert resolved(content, accept=False) == expected(before)


def test_a_real_policy_resolves_to_both_versions(pair: tuple[Document, Document]) -> None:
    content = to_docx(compare(*pair), THEME, AUTHOR)
    assert resolved(content, accept=True) == expected(pair[1])
    assert resolved(content, accept=False) == expected(pair[0])


def test_every_change_names_its_author_and_date_and_has_its_own_id(pair: tuple[Document, Document]) -> None:
    content = to_docx(compare(*pair), THEME, AUTHOR)
    changes = list(body_of(content).iter(f"{W}ins", f"{W}del"))
    assert len(changes) > 50
    assert {(e.get(f"{W}author"), e.get(f"{W}date")) for e in changes} == {("M. Director", "2024-05-01T00:00:00Z")}
    ids = [e.get(f"{W}id") for e in changes]
    assert len(ids) == len(set(ids))
    assert content == to_docx(compare(*pair), THEME, AUTHOR)


def test_one_version_with_itself_has_no_tracked_change(pair: tuple[Document, Document]) -> None:
    content = to_docx(compare(pair[1], pair[1]), THEME, AUTHOR)
    assert not list(body_of(content).iter(f"{W}ins", f"{W}del", f"{W}delText"))


def test_libreoffice_reads_the_changes(pair: tuple[Document, Document], tmp_path: Path) -> None:
    """It writes them to ODF as change-start and change-end around each (ODF 1.3, 5.5)."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    (tmp_path / "redline.docx").write_bytes(to_docx(compare(*pair), THEME, AUTHOR))
    subprocess.run(
        [office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "fodt", "--outdir",
         str(tmp_path), str(tmp_path / "redline.docx")],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    root = etree.parse(tmp_path / "redline.fodt").getroot()
    tracked = next(root.iter(f"{ODF}tracked-changes"))
    assert "M. Director" in "".join(tracked.itertext())
    assert _letters(_read(tracked, without="deletion")) == _letters("".join(expected(pair[1])))
    assert _letters(_read(tracked, without="insertion")) == _letters("".join(expected(pair[0])))


def _read(tracked: etree._Element, without: str) -> str:
    """The text after the list of changes, without the changes of one kind."""
    kinds = {region.get(f"{ODF}id"): etree.QName(region[0]).localname for region in tracked}
    body = tracked.getparent()
    gone: set[str] = set()
    said: list[str] = []
    for event, element in etree.iterwalk(body, events=("start", "end")):
        if element is tracked or tracked in element.iterancestors():
            continue
        change = element.get(f"{ODF}change-id")
        if event == "start":
            if element.tag == f"{ODF}change-start" and kinds[change] == without:
                gone.add(change)
            elif element.tag == f"{ODF}change-end":
                gone.discard(change)
            said += [] if gone else [element.text or ""]
        elif element is not body:
            said += [] if gone else [element.tail or ""]
    return "".join(said)


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())
