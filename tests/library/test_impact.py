"""Replays of the bundled policies on real and bundled claims, drafts, and whole libraries."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from medpol.library import Findings, PolicyLibrary, Replay, bundled, replay_claims
from medpol.model.impact import CHANGED, Kind
from medpol.problems import PolicyRejected

ROOT = Path(__file__).parents[2]
DATA = bundled().parent / "claims"
REAL = ROOT / "../shared/claims/nh_apcd_2016/claim_lines.parquet"
SMALL = ROOT / "tests" / "interfaces" / "small"
LINES = ROOT / "tests" / "interfaces" / "claims"
CPAP = {"policy": "240.4", "before": date(2005, 4, 4), "after": date(2008, 3, 13)}


@pytest.fixture(scope="module")
def library() -> PolicyLibrary:
    return PolicyLibrary()


def of_demonstration(library: PolicyLibrary, **more: Any) -> Findings:
    claims, mapping = DATA / "demonstration" / "claims.csv", DATA / "maps" / "demonstration.yaml"
    return replay_claims(library, Replay(claims=claims, claims_map=mapping, threads=1, **more))


def of_small(**more: Any) -> Findings:
    job = Replay(claims=LINES / "lines.csv", claims_map=LINES / "map.yaml", threads=1, **more)
    return replay_claims(PolicyLibrary(SMALL), job)


def moves(found: Findings) -> dict[tuple[str, str], int]:
    return {(move.before.value, move.after.value): move.tally.lines for move in found.impact.moves}


def test_cpap_of_2008_lets_the_supplier_attest(library: PolicyLibrary) -> None:
    """NCD 240.4 of 2008, with its article: modifier KX approves; the text of 2005 asks for the sleep test."""
    found = of_demonstration(library, **CPAP)
    assert moves(found) == {("pend_information", "approve"): 63}
    assert found.impact.considered.lines == 317
    assert str(found.impact.changed.billed) == "57941.78"
    assert {change.id for change in found.changes.statements} >= {"attested", "initial", "device"}  # type: ignore[union-attr]


def test_back_again_mirrors_there(library: PolicyLibrary) -> None:
    there = of_demonstration(library, **CPAP)
    back = of_demonstration(library, policy="240.4", before=CPAP["after"], after=CPAP["before"])
    assert moves(back) == {(after, before): lines for (before, after), lines in moves(there).items()}
    assert back.impact.kinds == there.impact.kinds


def test_real_lines(library: PolicyLibrary, tmp_path: Path) -> None:
    if not REAL.exists():
        pytest.skip("the real claim lines are not beside the repository")
    out, page = tmp_path / "changed.parquet", tmp_path / "impact.html"
    mapping = DATA / "maps" / "nh_apcd_2016.yaml"
    found = replay_claims(library, Replay(claims=REAL, claims_map=mapping, out=out, page=page, threads=1, **CPAP))
    seen = found.impact
    assert (seen.total, seen.considered.lines) == (100_000, 1573)
    assert moves(found) == {("pend_information", "approve"): 6}
    assert seen.considered.members is None
    written = duckdb.execute(f"SELECT kind, count(*) FROM '{out}' GROUP BY 1").fetchall()
    assert dict(written) == {kind.value: t.lines for kind, t in seen.kinds if kind in CHANGED}
    text = page.read_text(encoding="utf-8")
    assert "6 of 1,573 claim lines (0.4%)" in text
    assert "The file does not give the member" in text


def test_the_changed_lines_have_both_answers(library: PolicyLibrary, tmp_path: Path) -> None:
    out = tmp_path / "new folder" / "changed.parquet"
    of_demonstration(library, out=out, **CPAP)
    names = [name for name, *_ in duckdb.execute(f"DESCRIBE SELECT * FROM '{out}'").fetchall()]
    assert names[:9] == [
        "line", "claim", "claim_line", "member", "line_of_business", "billed", "code", "service_date", "kind",
    ]  # fmt: skip
    assert [f"{side}_{column}" for side in ("before", "after") for column in ("state", "version", "missing")] == [
        name for name in names if name.endswith(("_state", "_version", "_missing"))
    ]
    (row,) = duckdb.execute(
        f"""SELECT DISTINCT before_policy, before_version, after_version, after_statement FROM '{out}'
            WHERE kind = 'state'"""
    ).fetchall()
    assert row == ("240.4", "2005-04-04", "2008-03-13", "attested")


def test_without_a_version_before_it_is_the_approved_one_ahead() -> None:
    assert of_small(policy="P-1", after=date(2024, 1, 1)).impact.before == "2020-01-01"
    assert of_small(policy="P-1", draft=LINES / "draft.yaml").impact.before == "2024-01-01"


def test_a_draft_reports_every_problem() -> None:
    with pytest.raises(PolicyRejected) as caught:
        of_small(policy="P-1", draft=LINES / "wrong_draft.yaml")
    assert [problem.code for problem in caught.value.problems] == ["MP407", "MP302", "MP114"]


def test_a_draft_that_is_a_version_unchanged_changes_nothing() -> None:
    found = of_small(policy="P-1", draft=SMALL / "policies" / "P-1" / "2024-01-01.yaml")
    assert found.changes.none  # type: ignore[union-attr]
    assert [kind for kind, _ in found.impact.kinds] == [Kind.SAME]


def test_whole_libraries(tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(SMALL, other)
    shutil.copy(LINES / "draft.yaml", other / "policies" / "P-1" / "2025-08-01.yaml")
    text = (other / "policies" / "P-1" / "2025-08-01.yaml").read_text(encoding="utf-8")
    approved = text.replace("2026-01-01", "2025-08-01").replace("status: draft", "status: approved")
    (other / "policies" / "P-1" / "2025-08-01.yaml").write_text(approved, encoding="utf-8")
    found = of_small(library_to=other)
    assert (found.impact.before, found.impact.after) == ("small", "other")
    assert moves(found) == {("approve", "not_covered"): 1, ("pend_review", "not_covered"): 2}
    assert [group.name for group in found.impact.by_policy if group.changed.lines] == ["P-1"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"after": date(2023, 1, 1)}, "MP961"),
        ({"after": date(2020, 1, 1)}, "MP962"),  # nothing goes ahead of it
        ({"before": date(2024, 1, 1), "after": date(2020, 1, 1), "as_published": True}, "MP962"),
        ({"after": date(2024, 1, 1), "out": Path("changed.txt")}, "MP908"),
        ({"after": date(2024, 1, 1), "page": LINES / "lines.csv"}, "MP903"),
    ],
)
def test_what_cannot_be_replayed(more: dict[str, Any], code: str) -> None:
    with pytest.raises(PolicyRejected) as caught:
        of_small(policy="P-1", **more)
    assert [problem.code for problem in caught.value.problems] == [code]
