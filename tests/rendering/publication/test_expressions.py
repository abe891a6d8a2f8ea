"""What a narrative may ask, what it is told, and how a fault is reported: where it stands, all at once."""

from dataclasses import replace
from pathlib import Path

import pytest

from medpol.evidence import Evidence, load_evidence
from medpol.library import PolicyLibrary
from medpol.loading.narrative import read_section
from medpol.model.narrative import Narrative
from medpol.problems import Place, PolicyRejected, Problem
from medpol.rendering.publication import Document, Material, Paragraph, assemble, load_theme, plain
from medpol.rendering.publication.exhibits import Exhibits
from medpol.rendering.publication.expressions import Expressions, Facts
from medpol.rendering.publication.functions import functions
from medpol.rendering.publication.numbers import Numbers


@pytest.fixture(scope="module")
def material(library: PolicyLibrary) -> Material:
    policy = library.policy("07.01.89")
    return Material(
        policy=policy,
        version=policy.versions[-1],
        facts=library.content.facts,
        theme=load_theme(),
        evidence=load_evidence(library.folder / "policies" / "07.01.89" / "evidence"),
    )


@pytest.fixture(scope="module")
def evidence(material: Material) -> Evidence:
    assert material.evidence is not None
    return material.evidence


def written(material: Material, source: str) -> Document:
    section = read_section("background", source, "background.md")
    return assemble(replace(material, narrative=Narrative(sections=(section,))))


def said(material: Material, source: str) -> str:
    section = written(material, source).section("background")
    assert section is not None
    return " ".join(plain(block.text) for block in section.blocks if isinstance(block, Paragraph))


def faults(material: Material, source: str) -> list[Problem]:
    with pytest.raises(PolicyRejected) as caught:
        written(material, source)
    return list(caught.value.problems)


# The figures are those of the trial reports (PMID 26815247, 27228511, 30199512, 35167700) as results.csv has them.
@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("responders('MiDAS ENCORE', 'ODI', '1 y')", "58.0% (83 of 143) against 27.1% (35 of 129)"),
        ("responders('MiDAS ENCORE', 'ODI', '1 y', 'esi')", "27.1% (35 of 129)"),
        ("responders('MiDAS ENCORE', 'ODI', '1 y', 'esi', rule='completers')", "36.1% (35 of 97)"),
        ("difference('MiDAS ENCORE', 'ODI', '1 y')", "30.9 percentage points (95% CI 19.3 to 41.3)"),
        ("difference('MOTION', 'ODI', '1 y')", "14.1 points"),
        ("result('MOTION', 'ODI', '1 y', 'mild-cmm')", "16.1 points"),
        ("result('MOTION', 'ODI', '1 y', 'mild-cmm', 'change')", "−16.1"),
        ("result('MOTION', 'ODI', '1 y', 'mild-cmm', 'p')", "<.001"),
        ("result('MiDAS ENCORE', 'ODI', '2 y', show='improvement')", "22.7 points (95% CI 18.5 to 26.9)"),
        ("result('MiDAS ENCORE', 'ODI', '2 y', show='change')", "−22.7 (95% CI −26.9 to −18.5)"),
        ("result('Mekhail 2021', 'open-decompression', '5 y')", "12%"),
        ("randomized('MOTION')", "138"),
        ("count('MiDAS ENCORE', 'treated')", "272"),
        ("count('MiDAS ENCORE', 'withdrew_before', 'esi')", "22"),
        ("followed('MiDAS ENCORE', 'NRS', '2 y', 'mild')", "69% (99 of 143)"),
        ("trials('lumbar')", "3"),
        ("patients('lumbar')", "478"),
        ("response('ODI')", "10 points"),
        ("certainty('lumbar-function')", "very low"),
        ("policy.number", "07.01.89"),
        ("version.literature_through", "July 31, 2025"),
    ],
)
def test_a_number_is_looked_up_or_computed(material: Material, asked: str, told: str) -> None:
    assert said(material, f"Text {{{{ {asked} }}}} text.") == f"Text {told} text."


@pytest.mark.parametrize(
    ("asked", "because"),
    [
        ("responders('MIDAS', 'ODI', '1 y')", "no study 'MIDAS'"),
        ("responders('MiDAS ENCORE', 'ODQ', '1 y')", "no outcome 'ODQ'"),
        ("responders('MiDAS ENCORE', 'ODI', '4 y')", "no printed count"),
        ("responders('MiDAS ENCORE', 'ODI', '1 y', 'sham')", "no arm 'sham'"),
        ("responders('MiDAS ENCORE', 'ODI', '1 y', rule='hope')", "no rule 'hope'"),
        ("result('MiDAS ENCORE', 'ODI', '1 y')", "name the arm"),
        ("result('MOTION', 'ODI', '1 y', 'cmm', 'sd')", "sd is not reported"),
        ("result('MOTION', 'ODI', '6 mo', 'cmm')", "MOTION reports no ODI at '6 mo'"),
        ("count('MOTION', 'sites')", "sites is not reported"),
        ("count('MOTION', 'place')", "'place' is none of"),
        ("pooled('ODI', '1 y')", "pooling needs two studies"),
        ("responders('MiDAS ENCORE')", "missing 2 required positional arguments"),
        ("responders(", "cannot be read"),
        ("respondents('x')", "undefined"),
        ("policy.price", "names something that is not here"),
        ("1 + 1", "'+' is not allowed"),
        ("'a' * 1000000000", "'*' is not allowed"),
        ("-3", "'-' is not allowed"),
        ("''.__class__", "unsafe"),
        ("'a'.ljust(1000000000)", "unsafe"),
        ("responders.__globals__", "unsafe"),
        ("'x'|upper", "No filter"),
        ("3", "gives a int"),
        ("[1]", "gives a list"),
        ("'" + "x" * 600 + "'", "longer than 500"),
    ],
)
def test_what_cannot_be_computed_is_a_problem_where_it_stands(material: Material, asked: str, because: str) -> None:
    (problem,) = faults(material, f"First line.\nSecond {{{{ {asked} }}}} line.")
    assert problem.code == "MP920"
    assert problem.place == Place("background.md", 2, 8)
    assert because in problem.message
    assert problem.remedy


def test_all_faults_come_at_once(material: Material) -> None:
    source = "# Head\n\nOne {{ nothing() }} [@no-such].\n\n- item {% for x in y %}\n\n| a |\n|---|\n| {{ 1 + }} |\n"
    assert [(p.code, p.place.line, p.place.column) for p in faults(material, source)] == [
        ("MP920", 3, 5), ("MP921", 3, 21), ("MP922", 5, 8), ("MP920", 9, 3),
    ]  # fmt: skip


def test_a_table_needs_a_paragraph_of_its_own(material: Material) -> None:
    (problem,) = faults(material, "See {{ pico('lumbar') }} here.")
    assert (problem.code, problem.place.column) == ("MP922", 5)


def test_a_citation_of_a_later_paper_is_refused_in_an_older_version(material: Material) -> None:
    older = replace(material, version=material.policy.versions[0])
    (problem,) = faults(older, "A claim [@deer-2022].")
    assert problem.code == "MP921"


def test_markup_in_a_text_stays_text(material: Material) -> None:
    assert (
        said(material, "A <script>alert(1)</script> a\ue0000\ue001b") == "A <script>alert(1)</script> a\ufffd0\ue001b"
    )


def test_every_function_is_documented(material: Material, evidence: Evidence) -> None:
    page = (Path(__file__).parents[3] / "docs" / "publishing.md").read_text()
    names = functions(material, Exhibits(evidence, {}))
    assert [name for name in names if f"`{name}(" not in page] == []


def test_nothing_but_the_given_functions_can_be_called(evidence: Evidence) -> None:
    problems: list[Problem] = []
    expressions = Expressions({"randomized": Numbers(evidence).randomized}, {"policy": Facts({"n": "1"})}, problems)
    for source in ("range(3)", "dict()", "lipsum()", "cycler('a')", "self", "policy.values", "randomized.__self__"):
        assert expressions.value(source, Place("x")) is None
    assert len(problems) == 7
