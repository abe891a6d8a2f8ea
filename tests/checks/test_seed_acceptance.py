"""The rules against the hand audit of the seed document: what must be found is, what is consistent is left alone."""

import pytest

from checks.acceptance import HERE, KINDS, claims, explained, page, raised_by, reported_by, reports

CLAIMS = {claim.name: claim for claim in claims()}
NOT_FOUND: dict[str, str] = {}
"""Defects that no rule reports, and why. Strict: one that is found has to leave the list."""


@pytest.fixture(scope="module")
def found():
    return reports()


@pytest.mark.parametrize("name", [name for name, claim in CLAIMS.items() if claim.verdict == "defect"])
def test_a_defect_is_reported(name, found):
    rows = reported_by(CLAIMS[name], found)
    assert bool(rows) != (name in NOT_FOUND), NOT_FOUND.get(name, f"no finding of the kind {KINDS.get(name)}")


@pytest.mark.parametrize("name", [name for name, claim in CLAIMS.items() if claim.verdict == "consistent"])
def test_a_consistent_claim_is_not_raised(name, found):
    rows = raised_by(CLAIMS[name], found, explained(found))
    assert [(row.code, str(row.finding.place), row.finding.message) for row in rows] == []


def test_what_an_editor_has_to_judge_is_a_question(found):
    defects = {r for claim in CLAIMS.values() if claim.verdict == "defect" for r in reported_by(claim, found)}
    for claim in CLAIMS.values():
        if claim.verdict == "question":
            rows = [row for row in reported_by(claim, found) if row not in defects]
            assert [(claim.name, row.code, row.level) for row in rows if row.level == "error"] == []


def test_at_least_forty_of_the_forty_six_defects():
    assert sum(claim.verdict == "defect" for claim in CLAIMS.values()) == 46
    assert len(NOT_FOUND) <= 6


def test_the_page_is_up_to_date():
    written = (HERE.parents[1] / "docs/rules-on-the-seed.md").read_text(encoding="utf-8")
    assert written == "\n".join(page()) + "\n", (
        "run `python -m checks.acceptance > ../docs/rules-on-the-seed.md` in tests/"
    )
