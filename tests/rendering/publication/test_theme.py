"""A plan's own theme: name, colours, sections, texts and templates; what is wrong in it, said at once."""

from pathlib import Path

import pytest

from medpol.library import PolicyLibrary
from medpol.library.publishing import publication, write_publication
from medpol.problems import PolicyRejected
from medpol.rendering.publication import load_theme
from medpol.rendering.publication.html import to_html
from medpol.rendering.publication.theme import contrast

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" fill="#135"/></svg>'
OWN = """
plan: Ostara Health
logo: logo.svg
logo_text: Ostara Health, a blue bar
colours: {accent: "#0b3d66"}
sections: {policy: Coverage position, disclaimer: Please read first}
order: [policy, summary-of-evidence]
leave_out: [payer-positions, history]
texts:
  disclaimer: ["Read your contract."]
words: {investigational: Experimental, table: Tableau}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "theme.yaml").write_text(OWN)
    (tmp_path / "logo.svg").write_text(LOGO)
    return tmp_path


def test_a_theme_changes_only_what_it_says(folder: Path, library: PolicyLibrary) -> None:
    theme = load_theme(folder)
    document = publication(library, "07.01.89", theme=theme)
    assert document.identity.plan == "Ostara Health"
    titles = [section.title for section in document.sections]
    assert titles[:3] == ["Coverage position", "Summary of evidence", "Please read first"]
    assert "Policy history" not in titles
    assert "Background" in titles
    page = to_html(document, theme)
    assert "#0b3d66" in page
    assert 'alt="Ostara Health, a blue bar"' in page
    assert "Read your contract." in page
    assert "The contract comes first" not in page
    assert "Tableau 1." in page
    assert "Positions of other payers" not in page
    section = document.section("policy")
    assert section is not None
    assert "Experimental" in page


@pytest.mark.parametrize("kind", ["pdf", "docx"])
def test_a_theme_reaches_the_other_formats(folder: Path, library: PolicyLibrary, kind: str) -> None:
    pytest.importorskip("typst")
    theme = load_theme(folder)
    assert len(write_publication(publication(library, "30.3", theme=theme), theme, kind)) > 10_000


def test_a_template_of_the_theme_replaces_the_neutral_one(folder: Path, library: PolicyLibrary) -> None:
    (folder / "document.html.j2").write_text("<p>{{ identity.number }} {{ sections|length }}</p>")
    theme = load_theme(folder)
    document = publication(library, "30.3", theme=theme)
    assert to_html(document, theme) == f"<p>30.3 {len(document.sections)}</p>"


def test_every_fault_of_a_theme_comes_at_once(tmp_path: Path) -> None:
    (tmp_path / "theme.yaml").write_text(
        "plann: X\nlogo: none.png\ncolours: {accent: red}\nsections: {polcy: P}\ncitations: random\n"
    )
    with pytest.raises(PolicyRejected) as caught:
        load_theme(tmp_path)
    problems = caught.value.problems
    assert {p.code for p in problems} == {"MP923"}
    assert {p.place.line for p in problems} == {1, 2, 3, 4, 5}


def test_pale_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theme.yaml").write_text('colours: {soft: "#bbbbbb"}\n')
    with pytest.raises(PolicyRejected, match=r"contrast of 1\.9"):
        load_theme(tmp_path)


def test_an_absent_theme_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(PolicyRejected, match="no such theme folder"):
        load_theme(tmp_path / "none")


def test_contrast_is_that_of_the_standard() -> None:
    # WCAG 2.2: black on white 21:1; #767676 on white is the palest grey of 4.5 (4.54, WebAIM's table).
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


def test_the_neutral_theme_names_every_section() -> None:
    from medpol.model.narrative import SECTIONS

    assert tuple(load_theme().sections) == SECTIONS
