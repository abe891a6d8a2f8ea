"""A claims file in, one answer a line out: nothing lost, whole or not at all, as a single request would be decided."""

import csv
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from medpol.interfaces.cli import app
from medpol.library import Adjudication, PolicyLibrary, Summary, adjudicate_claims
from medpol.problems import PolicyRejected

SMALL = Path(__file__).parents[1] / "interfaces" / "small"
HEAD = (
    "claim,line,member,birth_date,line_of_business,service_date,code,modifier_1,diagnosis_1,units,billed,pain,consent"
)
LINES = [
    "C1,1,M1,1950-03-02,commercial,2025-09-01,62330,,M48.061,1,100,7,",  # approved: long pain, no earlier claim
    "C2,1,M1,1950-03-02,commercial,2025-10-01,62330,,M48.061,1,100,7,",  # the month after: the first one counts
    "C3,1,M2,1980-01-01,commercial,2025-09-01,62330,,M48.061,1,100,7,",  # too young
    "C4,1,M3,1950-03-02,commercial,2025-09-01,62330,,M51.26,1,100,,",  # how long is the pain?
    "C5,1,M4,1950-03-02,medicare,2025-09-01,62330,Q0,M48.061,1,100,,",
    "C6,1,M5,1950-03-02,medicare,2025-09-01,62330,,M48.061,1,100,,",
    "C7,1,M6,1950-03-02,fep,2025-09-01,62330,,M48.061,1,100,,",
    "C8,1,M7,1950-03-02,commercial,2019-09-01,62330,,M48.061,1,100,,",  # before the policy
    "C9,1,M8,1950-03-02,,2025-09-01,62330,,M48.061,1,100,,",  # no line of business
    "C10,1,M9,1950-03-02,commercial,2025-09-01,99213,,I10,1,100,,",
    "C11,1,M9,1950-03-02,commercial,2025-13-01,62330,,I10,1,100,,",  # no such day
    "C12,1,M9,1950-03-02,commercial,2025-09-01,,,I10,1,100,,",  # no code
]
EXPECTED = {
    "C1": ("approve", "P-1", "with-criteria"),
    "C2": ("pend_review", "P-1", "with-criteria"),  # only a reviewer may waive it
    "C3": ("pend_review", "P-1", "with-criteria"),
    "C4": ("pend_information", "P-1", "with-criteria"),
    "C5": ("approve", "N-1", "in-a-study"),
    "C6": ("not_covered", "N-1", "outside"),
    "C7": ("no_policy", "", ""),
    "C8": ("no_policy", "", ""),
    "C9": ("pend_information", "", ""),
    "C10": ("no_policy", "", ""),
}


@pytest.fixture
def claims(tmp_path: Path) -> Path:
    path = tmp_path / "claims.csv"
    path.write_text("\n".join([HEAD, *LINES]) + "\n", encoding="utf-8")
    (tmp_path / "map.yaml").write_text("history_since: 2020-01-01\n", encoding="utf-8")
    return path


def adjudicated(
    claims: Path, out: str = "answers.parquet", **options: Any
) -> tuple[Summary, dict[str, dict[str, Any]]]:
    target = claims.parent / out
    job = Adjudication(claims=claims, out=target, claims_map=claims.parent / "map.yaml", threads=1, **options)
    summary = adjudicate_claims(PolicyLibrary(SMALL), job)
    return summary, rows(target)


def rows(path: Path) -> dict[str, dict[str, Any]]:
    quoted = str(path).replace("'", "''")
    found = duckdb.execute(f"SELECT * FROM '{quoted}'")
    names = [column[0] for column in found.description or ()]
    return {row[names.index("claim")]: dict(zip(names, row, strict=True)) for row in found.fetchall()}


def text(value: object) -> str:
    return "" if value is None else str(value)


def test_every_line_has_its_answer(claims: Path) -> None:
    _, found = adjudicated(claims)
    answers = {claim: tuple(text(row[key]) for key in ("state", "policy", "statement")) for claim, row in found.items()}
    assert answers == EXPECTED


def test_what_stands_beside_the_answer(claims: Path) -> None:
    _, found = adjudicated(claims)
    assert set(found["C4"]["missing"].split("; ")) == {"pain", "claudication", "consent"}
    assert "pain is at least 6 months = yes" in found["C1"]["criteria"]
    assert "age is at least 65 years = no" in found["C3"]["criteria"]
    assert found["C9"]["missing"] == "line_of_business"
    assert (found["C5"]["version"], found["C5"]["layer"], found["C5"]["reason"]) == (
        "2022-06-01", "ncd", "covered_with_evidence_development",
    )  # fmt: skip
    assert (found["C1"]["member"], found["C1"]["code"], found["C1"]["billed"]) == ("M1", "62330", 100.0)


def test_lines_out_and_rejected_are_lines_in(claims: Path) -> None:
    summary, found = adjudicated(claims)
    assert (summary.total, summary.decided, summary.rejected) == (len(LINES), len(EXPECTED), 2)
    assert len(found) == summary.decided
    assert summary.rejects == claims.parent / "answers.rejects.csv"
    with (claims.parent / "answers.rejects.csv").open(encoding="utf-8") as file:
        rejected = list(csv.DictReader(file))
    assert [int(row["row"]) for row in rejected] == [11, 12]


def test_the_summary_adds_up(claims: Path) -> None:
    summary, found = adjudicated(claims)
    assert {state: n for state, n, _ in summary.by_state} == {
        state: sum(answer[0] == state for answer in EXPECTED.values()) for state in {a[0] for a in EXPECTED.values()}
    }
    assert sum(n for _, n, _ in summary.by_state) == summary.decided
    assert summary.billed == sum(row["billed"] for row in found.values()) == 1000.0
    assert sum(n for policy, *_, n, _ in summary.by_policy if policy == "P-1") == 4
    assert dict(summary.missing)["line_of_business"] == 1


def test_csv_out_says_the_same_as_parquet(claims: Path) -> None:
    _, parquet = adjudicated(claims)
    _, as_csv = adjudicated(claims, "answers.csv")
    for claim, row in parquet.items():
        assert {key: text(as_csv[claim][key]) for key in row if key != "billed"} == {
            key: text(value) for key, value in row.items() if key != "billed"
        }


def test_governed_only_leaves_the_others_out_of_the_file_alone(claims: Path) -> None:
    whole, _ = adjudicated(claims)
    summary, found = adjudicated(claims, "governed.parquet", governed_only=True)
    assert set(found) == {claim for claim, answer in EXPECTED.items() if answer[1]}
    assert (summary.by_state, summary.decided) == (whole.by_state, whole.decided)


def test_without_criteria(claims: Path) -> None:
    _, full = adjudicated(claims)
    _, bare = adjudicated(claims, "bare.parquet", with_criteria=False)
    assert {row["criteria"] for row in bare.values()} <= {"", None}
    assert [bare[claim]["state"] for claim in full] == [row["state"] for row in full.values()]


def test_as_of_another_day(claims: Path) -> None:
    from datetime import date

    _, found = adjudicated(claims, as_of=date(2021, 1, 1))
    assert (found["C1"]["state"], found["C1"]["version"]) == ("not_covered", "2020-01-01")
    assert found["C5"]["state"] == "no_policy"  # the determination began in 2022
    assert found["C8"]["state"] == "not_covered"


def test_a_second_run_gives_the_same_rows(claims: Path) -> None:
    _, first = adjudicated(claims)
    _, second = adjudicated(claims)
    assert first == second


def test_the_rejects_of_an_earlier_run_do_not_stay(claims: Path) -> None:
    adjudicated(claims)
    claims.write_text("\n".join([HEAD, *LINES[:3]]) + "\n", encoding="utf-8")
    summary, _ = adjudicated(claims)
    assert summary.rejects is None
    assert not (claims.parent / "answers.rejects.csv").exists()


@pytest.mark.parametrize("out", ["claims.csv", "../{folder}/claims.csv"])
def test_the_claims_file_is_never_written_over(claims: Path, out: str) -> None:
    before = claims.read_bytes()
    with pytest.raises(PolicyRejected) as rejected:
        adjudicated(claims, out.format(folder=claims.parent.name))
    assert [problem.code for problem in rejected.value.problems] == ["MP903"]
    assert claims.read_bytes() == before


def test_nor_are_corrected_rejects(claims: Path) -> None:
    """The rejects file of OUT, corrected and given as the claims file of the same OUT."""
    corrected = claims.rename(claims.parent / "answers.rejects.csv")
    before = corrected.read_bytes()
    with pytest.raises(PolicyRejected):
        adjudicated(corrected)
    assert corrected.read_bytes() == before


def test_a_file_that_cannot_be_used_leaves_nothing_behind(claims: Path) -> None:
    claims.write_text("colour,size\nred,1\n", encoding="utf-8")
    with pytest.raises(PolicyRejected):
        adjudicated(claims)
    assert {path.name for path in claims.parent.iterdir()} == {"claims.csv", "map.yaml"}


def test_an_output_that_cannot_be_written(claims: Path) -> None:
    (claims.parent / "blocked").write_text("a file, not a folder", encoding="utf-8")
    with pytest.raises(PolicyRejected) as rejected:
        adjudicated(claims, "blocked/answers.parquet")
    assert [problem.code for problem in rejected.value.problems] == ["MP903"]


def test_a_name_with_a_quote(claims: Path) -> None:
    _, found = adjudicated(claims, "it's.parquet")
    assert len(found) == len(EXPECTED)


# the command


def run(*words: str) -> Any:
    return CliRunner().invoke(app, ["adjudicate", *words, "-l", str(SMALL)])


def test_the_command_prints_the_summary(claims: Path) -> None:
    out, mapping = str(claims.parent / "answers.parquet"), str(claims.parent / "map.yaml")
    result = run(str(claims), "--out", out, "--map", mapping)
    assert result.exit_code == 0, result.output
    for words in ("12 claim lines", "not_covered", "rejected", "P-1"):
        assert words in result.stdout
    report = json.loads(run(str(claims), "--out", out, "--map", mapping, "--json").stdout)
    assert (report["lines"], report["decided"], report["rejected"]) == (12, 10, 2)
    assert report["out"] == out
    line = CliRunner().invoke(app, ["explain", out, "--line", "1", "-l", str(SMALL)])
    assert line.exit_code == 0, line.output
    assert "Derived again: the same as the output's line says." in line.stdout


@pytest.mark.parametrize("words", [["nowhere.csv"], [str(SMALL)], [str(SMALL / "library.yaml")]])
def test_the_command_and_a_file_it_cannot_use(words: list[str], tmp_path: Path) -> None:
    result = run(*words, "--out", str(tmp_path / "out.parquet"))
    assert result.exit_code == 2
    assert "MP8" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_frequency_limits_apply_where_the_members_are_known(tmp_path: Path) -> None:
    """The bundled plan sets them aside only where no earlier claims are at hand."""
    head = "claim,member,birth_date,sex,line_of_business,service_date,code,diagnosis_1"
    lines = [f"{claim},M1,1960-05-05,F,commercial,{day},77067,Z12.31" for claim, day in MAMMOGRAMS.items()]
    (tmp_path / "map.yaml").write_text("history_since: 1960-01-01\n", encoding="utf-8")
    claims = tmp_path / "claims.csv"
    claims.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    known = bundled_answers(claims, tmp_path / "map.yaml")
    assert known == {"first": ("approve", "yearly"), "again": ("not_covered", "too-soon")}
    claims.write_text("\n".join([head.replace("member", "nobody"), *lines]) + "\n", encoding="utf-8")
    assert bundled_answers(claims, None) == {"first": ("approve", "yearly"), "again": ("approve", "yearly")}


MAMMOGRAMS = {"first": "2024-01-10", "again": "2024-06-10"}


def bundled_answers(claims: Path, claims_map: Path | None) -> dict[str, tuple[str, str]]:
    job = Adjudication(claims=claims, out=claims.parent / "out.parquet", claims_map=claims_map, threads=1)
    adjudicate_claims(PolicyLibrary(), job)
    return {claim: (row["state"], row["statement"]) for claim, row in rows(job.out).items()}
