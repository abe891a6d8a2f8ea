"""Checking and fixing a library: fixes are whole, safe and stable; silences are held to account."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from medpol.checks import PAGES, RULES
from medpol.checks.docs import catalogue_page
from medpol.library import bundled, check_paths, checking, fix_paths
from medpol.problems import PolicyRejected

TODAY = date(2026, 6, 1)
FAULTY = Path(__file__).parents[1] / "interfaces" / "checked" / "faulty"
DESCRIPTION = "policies/T-1/text/description.md"


@pytest.fixture
def library(tmp_path):
    shutil.copytree(FAULTY, tmp_path / "library")
    return tmp_path / "library"


def codes(checked):
    return [report.code for report in checked.reports]


def test_a_fix_is_made_and_the_fault_is_gone(library):
    fixed = fix_paths([library], today=TODAY, select=("ST125",))
    assert [report.code for report in fixed.reports] == ["ST125"]
    assert fixed.files == (str(library / DESCRIPTION),)
    assert codes(fixed.checked) == []
    assert (library / DESCRIPTION).read_text().splitlines()[2] == "## Traction"


def test_a_fix_keeps_line_breaks_and_byte_order_mark(library):
    file = library / DESCRIPTION
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    before = file.read_bytes()
    fix_paths([library], today=TODAY, select=("ST125",))
    assert file.read_bytes() == before.replace(b"###", b"##")


def test_fixing_again_does_nothing(library):
    fix_paths([library], today=TODAY)
    before = {path: path.read_bytes() for path in library.rglob("*") if path.is_file()}
    assert fix_paths([library], today=TODAY).reports == ()
    assert {path: path.read_bytes() for path in library.rglob("*") if path.is_file()} == before


def test_a_file_that_changed_meanwhile_is_not_written(library, monkeypatch):
    check = checking.check_paths

    def check_slowly(*args, **options):
        checked = check(*args, **options)
        (library / DESCRIPTION).write_text("### Somebody else's\n")
        return checked

    monkeypatch.setattr(checking, "check_paths", check_slowly)
    with pytest.raises(PolicyRejected) as rejected:
        fix_paths([library], today=TODAY, select=("ST125",))
    assert [problem.code for problem in rejected.value.problems] == ["MP911"]
    assert (library / DESCRIPTION).read_text() == "### Somebody else's\n"


def test_silences(library):
    checked = check_paths([library], today=TODAY)
    assert [report.code for report in checked.silenced] == ["ST101"]
    assert "ST101" not in codes(checked)
    assert codes(checked).count("CH101") == 1  # ST114 finds nothing
    assert "CH101" not in codes(check_paths([library], today=TODAY, select=("ST101",)))  # ST114 did not run


def test_a_silence_at_a_snippet(library):
    file = library / "policies/T-1/checks.yaml"
    file.write_text("ignore:\n  ST101: [{at: 'reviewed: 2026-03', because: printed so}]\n")
    assert [report.code for report in check_paths([library], today=TODAY).silenced] == ["ST101"]
    file.write_text("ignore:\n  ST101: [{at: 'reviewed: 1999-03', because: printed so}]\n")
    assert "ST101" in codes(check_paths([library], today=TODAY))


@pytest.mark.parametrize("text", ["ignore: {XX999: none}", "ignore: {ST101: [{at: x}]}", "quiet: yes", "ignore: ["])
def test_a_silence_that_cannot_be_read(library, text):
    (library / "policies/T-1/checks.yaml").write_text(text)
    assert check_paths([library], today=TODAY).problems


def test_several_paths(library):
    one = check_paths([library / "policies" / "T-1"], today=TODAY)
    both = check_paths([library / "policies" / "T-1", library], today=TODAY)
    assert one.reports == both.reports
    assert (one.policies, both.policies) == (1, 2)


def test_the_page_of_the_rules_is_up_to_date():
    """`python -m medpol.checks.docs > docs/rules.md` makes it."""
    page = Path(__file__).parents[2] / "docs" / "rules.md"
    assert page.read_text(encoding="utf-8") == catalogue_page()


def test_there_are_rules_enough():
    assert len(RULES) >= 60
    assert len(PAGES) == len(RULES) + 1


BUNDLED = {
    ("07.01.89", "CO113"): 1,  # the printed policy says inpatient
    ("07.01.89", "ST103"): 1,  # its history has no review between 2022-01 and 2023-07
    ("07.01.89", "ST104"): 1,  # and two in 2015
    ("190.14", "CO103"): 1,  # code lists of the October 2015 release
    ("190.15", "CO103"): 3,
    ("190.16", "CO103"): 1,
    ("190.17", "CO103"): 1,
    ("190.18", "CO103"): 1,
    ("190.32", "CO103"): 1,
    ("220.2", "ST105"): 1,  # the manual's history begins nine years after the determination
    ("240.4", "LO105"): 1,  # an attestation stands before the exclusion of other sleep tests
    ("240.4", "LO106"): 2,  # the determination's own words leave out 14 to 15 events an hour
}


def test_the_bundled_library():
    """Every finding of the structure, codes and logic rules there is known; see the comments."""
    checked = check_paths([bundled()], today=TODAY, select=("ST", "CO", "LO"))
    assert checked.problems == ()
    found: dict[tuple[str, str], int] = {}
    for report in checked.reports:
        found[report.policy, report.code] = found.get((report.policy, report.code), 0) + 1
    assert found == BUNDLED
