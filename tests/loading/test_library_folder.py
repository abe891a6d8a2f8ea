"""A library folder: round trip, slots, digests, cases, the door."""

from datetime import date
from pathlib import Path

import pytest

import medpol.loading as door
from medpol.loading import load_cases, load_library, write_library, write_version
from medpol.loading.cases import laid_over
from medpol.loading.writer import write_facts
from medpol.model.criteria import All, OneOf
from medpol.model.policy import Position, Version
from medpol.model.rules import Library
from medpol.model.units import Quantity
from strategies import FACTS

LIBRARY = """
plan: A plan
notice: For tests only
lines_of_business:
  commercial: {precedence: [contract, medical_policy, {authority: ncd, adopted: true}]}
  fep: {precedence: [fep_manual], note: its own manual}
assume:
  consent: {value: yes, because: it is always asked for}
  ceap: {value: C2, because: the clinic sees no others}
  comorbidity: {value: [osa], because: a sleep clinic}
  evaluation_date: {value: 2025-01-01, because: one day for all}
signers: {roles: [medical director], licences: [MD, DO]}
"""
POLICY = """
number: 07.01
authority: medical_policy
title: "A policy: its title"
owner: The plan
kind: transcription
notice: For tests only.
original_effective: 2010-01
topics: [spine]
related: ["150.13"]
related_elsewhere: [another, "with: a colon"]
supersedes: [an older one]
sources:
  seed: {title: A source, section: 2, address: "https://x.org/a?b=c#d", date: 2025-07, confidence: excerpt, note: n}
technology:
  name: A procedure
  procedure: done so
  approach: [percutaneous]
  instruments: [portal cannula]
  regions: [lumbar]
  levels: single or multiple
  regulatory: {pathway: 510(k), product_code: HRX, date: 2006, source: seed}
  intended_use: this
  contraindications: [that]
  codes: {related: [63047], superseded: [{code: 0275T, by: 62330, from: 2026-01-01, note: not confirmed}]}
  label:
    - {id: disc, kind: contraindication, when: {diagnosis: [M51.2*]}, says: not for discs, source: seed}
history:
  - {date: 2025-07, action: annual review, note: renewed}
"""
VERSION = """
effective: 2025-07-01
status: approved
published: 2025-07-15
ends: 2027-01-01
reviewed: 2025-07
literature_through: 2025-07-31
applies_to: {line_of_business: [commercial], state: [IA, SD]}
scope: age >= 18
codes:
  - {system: cpt, code: 62330, role: lumbar, label: our own words, from: 2025-08-01, until: 2026-12-31, source: seed}
  - {system: hcpcs, codes: [A7030, E0100-E0110, K00*], role: other}
code_lists:
  own: {system: icd-10-cm, codes: [E78.0*, E78.5], source: seed}
  slot: {system: icd-10-cm, not_loaded: "ask the plan: it has the file"}
statements:
  - id: first
    position: medically_necessary
    wording: considered medically necessary
    services: [lumbar, A7030]
    population: lumbar-stenosis
    when:
      all: [{diagnosis: {list: own}}, {diagnosis: {list: slot}}, {diagnosis: {list: shared}}]
      label: the diagnoses
      source: seed
    grants:
      duration: 6 months
      visits: [{when: age < 50, then: 12}, {otherwise: 8}]
      lesser_of_requested: true
    conclusion: no-evidence
    source: seed
  - {id: second, position: delegated, delegate: a company}
default: {id: all-other, position: investigational, source: seed}
notes: |
  Two lines
  of notes.
"""
NCD = "{number: 150.13, authority: ncd, title: A determination}"
NCD_VERSION = (
    "{effective: 2014-01-09, status: retired, codes: [{system: cpt, code: 0275T}],"
    " default: {id: a, position: non_covered}}"
)
SHARED = "{system: icd-10-cm, edition: 2026, source: a file, codes: [G47.33]}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "library.yaml": LIBRARY,
        "facts.yaml": write_facts(FACTS),
        "code_lists/shared.yaml": SHARED,
        "policies/07.01/policy.yaml": POLICY,
        "policies/07.01/2025-07-01.yaml": VERSION,
        "policies/150.13/policy.yaml": NCD,
        "policies/150.13/2014-01-09.yaml": NCD_VERSION,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def version_of(library: Library) -> Version:
    return library.policies["07.01"].versions[0]


def test_everything_reads_back(folder: Path, tmp_path: Path) -> None:
    library = load_library(folder)
    write_library(library, tmp_path / "again")
    again = load_library(tmp_path / "again")
    assert (again.rules, again.facts, again.policies) == (library.rules, library.facts, library.policies)


def test_what_was_read(folder: Path) -> None:
    version = version_of(load_library(folder))
    first = version.statements[0]
    assert version.id == "07.01@2025-07-01"
    assert version.published == date(2025, 7, 15)
    assert version.applies_to == (("line_of_business", ("commercial",)), ("state", ("IA", "SD")))
    assert [str(code.pattern) for code in version.codes] == ["62330", "A7030", "E0100-E0110", "K00*"]
    assert first.position is Position.MEDICALLY_NECESSARY
    assert first.lesser_of_requested
    assert [row.value for grant in first.grants for row in grant.rows] == [Quantity(6, "mo"), Quantity(12), Quantity(8)]
    assert version.notes == "Two lines\nof notes."


def test_facts_are_written_as_read(folder: Path) -> None:
    assert load_library(folder).facts == FACTS


def test_a_plan_fills_a_slot_by_loading_a_list(folder: Path) -> None:
    def loaded() -> dict[str, bool]:
        return {listed.name: listed.codes.loaded for listed in version_of(load_library(folder)).code_lists}

    assert loaded() == {"own": True, "slot": False, "shared": True}
    (folder / "code_lists/slot.yaml").write_text("{system: icd-10-cm, codes: [Z00.6]}")
    assert loaded() == {"own": True, "slot": True, "shared": True}
    when = version_of(load_library(folder)).statements[0].when
    assert isinstance(when, All)
    asked = [member.codes for member in when.of if isinstance(member, OneOf)]
    assert [codes.matches("Z006") for codes in asked] == [False, True, False]


def test_shared_lists_need_not_be_repeated(folder: Path) -> None:
    version = version_of(load_library(folder))
    assert "G47.33" in write_version(version, FACTS)
    (folder / "policies/07.01/2025-07-01.yaml").write_text(write_version(version, FACTS, shared={"shared"}))
    assert "G47.33" not in (folder / "policies/07.01/2025-07-01.yaml").read_text()
    assert version_of(load_library(folder)) == version


@pytest.mark.parametrize(
    ("name", "old", "new", "changes"),
    [
        ("policies/07.01/2025-07-01.yaml", "age >= 18", "age >= 19", True),
        ("policies/07.01/2025-07-01.yaml", "notes: |", "# a comment\nnotes: |", False),
        ("policies/07.01/2025-07-01.yaml", "effective: 2025-07-01", "'effective':   '2025-07-01'", False),
        ("policies/07.01/policy.yaml", "owner: The plan", "owner: A plan", True),
        ("code_lists/shared.yaml", "G47.33", "G47.34", True),
        ("policies/150.13/policy.yaml", "A determination", "Another", False),
        ("library.yaml", "plan: A plan", "plan: Another", False),
    ],
)
def test_the_digest_changes_with_what_a_version_says(
    folder: Path, name: str, old: str, new: str, changes: bool
) -> None:
    before = version_of(load_library(folder)).digest
    path = folder / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert (version_of(load_library(folder)).digest != before) is changes


def test_the_digest_changes_with_the_facts_it_uses_only(folder: Path) -> None:
    path = folder / "policies/07.01/2025-07-01.yaml"
    path.write_text(path.read_text().replace("scope: age >= 18", "scope: bmi >= 18"))
    before = version_of(load_library(folder)).digest
    facts = folder / "facts.yaml"
    facts.write_text(facts.read_text().replace("ODI?", "What is the ODI?"))
    assert version_of(load_library(folder)).digest == before
    facts.write_text(facts.read_text().replace("BMI?", "What is the BMI?"))
    assert version_of(load_library(folder)).digest != before


def test_cases_are_laid_over_their_base(folder: Path) -> None:
    (folder / "policies/07.01/cases.yaml").write_text("""
base: {member: {id: T1, sex: F}, service: {date: 2025-09-01}, diagnoses: [M48.06]}
cases:
  one:
    request: {member: {sex: M}, service: {code: 012}, diagnoses: [G47.33], facts: {bmi: null}}
    expect: {state: approve}
""")
    (case,) = load_cases(folder)
    assert case.policy == "07.01"
    assert case.place.line == 4
    assert case.request == {
        "member": {"id": "T1", "sex": "M"},
        "service": {"date": "2025-09-01", "code": "012"},
        "diagnoses": ["G47.33"],
        "facts": {"bmi": None},
    }
    assert load_cases(folder / "policies/07.01") == (case,)


def test_laying_over_leaves_the_base_alone() -> None:
    base = {"a": {"b": "1"}, "c": ["d"]}
    assert laid_over(base, {"a": {"e": "2"}}) == {"a": {"b": "1", "e": "2"}, "c": ["d"]}
    assert base == {"a": {"b": "1"}, "c": ["d"]}


def test_the_door() -> None:
    assert sorted(door.__all__) == door.__all__
    public = {
        name for name, value in vars(door).items() if getattr(value, "__module__", "").startswith("medpol.loading")
    }
    assert public | {"CATALOGUE"} == set(door.__all__)
