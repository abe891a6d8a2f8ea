"""The seed document as a package: it loads, every audited claim has its carrier, and no sentence is the payer's."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from medpol.evidence import load_evidence
from medpol.loading import load_library, read_narrative

HERE = Path(__file__).parent
LIBRARY = HERE / "seed"
POLICY = LIBRARY / "policies/07.01.89"
SHARED = HERE.parents[1] / "../shared"
CLAIMS = yaml.safe_load((LIBRARY / "audit.yaml").read_text(encoding="utf-8"))["claims"]

SEED = "seed/000_33a5ac282d874c80.txt"

WORD = re.compile(r"[a-z0-9]+(?:\.[0-9]+)?%?")
RUN = 8
"""So many words in the order of the document are a copied phrase, unless they hold an official name."""

OFFICIAL_NAMES = (
    "image-guided minimally invasive decompression for spinal stenosis",
    "image-guided minimally invasive lumbar decompression",
    "image-guided minimally invasive spinal decompression",
    "image-guided minimally invasive cervical or thoracic decompression",
    "36-Item Short-Form Health Survey",
    "12-Item Short-Form Health Survey",
    "Oswestry Disability Index",
    "Zurich Claudication Questionnaire",
    "Evidence-based Neurogenic Claudication Outcomes Research",
    "Spine Patient Outcomes Research Trial",
    "Centers for Medicare & Medicaid Services",
    "National Institute for Health and Care Excellence",
    "Lumbar Spinal Stenosis Consensus Group",
    "Miscellaneous Surgical Treatments of Back Pain",
)
BIBLIOGRAPHY = ("references.md", "references.yaml")


def shared(path: str) -> str:
    file = SHARED / path
    if not file.exists():
        pytest.skip(f"needs ../shared/{path}")
    return file.read_text(encoding="utf-8")


def test_the_package_loads_with_the_defects_of_the_document():
    library = load_library(LIBRARY)
    assert [len(policy.history) for policy in library.policies.values()] == [18]
    evidence = load_evidence(POLICY / "evidence")
    assert sorted(warning.code for warning in evidence.warnings) == [
        *("EV010", "EV010", "EV015", "EV015", "EV016", "EV017", "EV017", "EV018"),
    ]
    narrative = read_narrative(POLICY)
    populations = [key for key in (section.key for section in narrative.sections) if key.startswith("evidence-")]
    assert populations == [f"evidence-{population.key}" for population in evidence.populations]


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_has_its_carrier(claim):
    missing = [
        (file, piece, count)
        for file, pieces in CLAIMS[claim]["where"].items()
        for piece in pieces
        if (count := (POLICY / file).read_text(encoding="utf-8").count(piece)) != 1
    ]
    assert missing == []


def test_the_claims_are_those_of_the_audit():
    audit = json.loads(shared("evidence/seed_policy_checks.json"))
    plain = {"finding": "other", "not recomputable": "other"}
    verdicts = {claim["id"]: plain.get(claim["verdict"], claim["verdict"].split()[0]) for claim in audit["claims"]}
    assert {claim: CLAIMS[claim]["verdict"] for claim in CLAIMS} == verdicts


def test_numbers_of_the_tables_are_those_of_the_document():
    """Every cell that holds a digit and no sentence stands in the document, in the same order."""
    printed = [cell.strip() for line in shared(SEED).splitlines() for cell in line.split("\t") if "\t" in line]
    ours = [
        cell.text
        for section in read_narrative(POLICY).sections
        for block in section.blocks
        for cell in getattr(block, "cells", ())
    ]
    assert list(filter(_is_figure, ours)) == list(filter(_is_figure, printed))


def test_references_are_listed_as_the_document_lists_them():
    printed = [line for line in shared(SEED).splitlines() if re.match(r"\d+\. .*(PMID|20\d\d|https)", line)]
    ours = (POLICY / "text/references.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in ours if line[:1].isdecimal()] == printed


def test_no_sentence_is_copied():
    document = _words(shared(SEED))
    runs = {tuple(document[start : start + RUN]) for start in range(len(document) - RUN + 1)}
    copied = [
        (file, " ".join(words[start : start + RUN]))
        for file, words in _stretches()
        for start in range(len(words) - RUN + 1)
        if tuple(words[start : start + RUN]) in runs
    ]
    assert copied == []


def _is_figure(cell: str) -> bool:
    return any(letter.isdigit() for letter in cell) and len(cell.split()) <= 6 and not cell.endswith(".")


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def _stretches() -> Iterator[tuple[str, list[str]]]:
    """The words of every line or table cell of the package, broken where an official name stands."""
    for path in sorted(LIBRARY.rglob("*")):
        if path.suffix not in (".md", ".yaml", ".csv") or path.name in (*BIBLIOGRAPHY, "audit.yaml"):
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            for cell in line.split("|"):
                text = " ".join(_words(cell))
                for name in OFFICIAL_NAMES:
                    text = text.replace(" ".join(_words(name)), "|")
                yield from ((path.name, part.split()) for part in text.split("|"))
