"""What `medpol adjudicate` says of the quality of claims, and inputs of several files."""

import csv
from pathlib import Path

import duckdb
import orjson
import pytest
from typer.testing import CliRunner

from medpol.interfaces.cli.app import app
from medpol.library import Adjudication, PolicyLibrary, adjudicate_claims
from medpol.problems import PolicyRejected

ROWS = """\
code,service_date,member,claim,diagnosis,units
E0601,2020-06-01,A,1,G4733,1
E0601,2020-06-01,A,2,G4733,1
62330,2020-06-01,B,3,M48.06,0
,2020-06-01,B,4,M48.06,0
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for month, rows in (("01", ROWS.splitlines()[1:3]), ("02", ROWS.splitlines()[3:])):
        path = tmp_path / "claims" / f"month=2020-{month}" / "part.csv"
        path.parent.mkdir(parents=True)
        path.write_text("\n".join([ROWS.splitlines()[0], *rows]) + "\n")
    return tmp_path / "claims"


def test_findings_are_counted_and_listed_and_decide_nothing(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "answers.csv"
    summary = adjudicate_claims(PolicyLibrary(), Adjudication(claims=folder, out=out))
    assert (summary.total, summary.decided, summary.rejected) == (4, 3, 1)
    found = {rule: n for rule, n in summary.quality if n}
    assert found == {"diagnosis-retired": 1, "units-zero": 1, "duplicate-line": 1}
    assert summary.listed == tmp_path / "answers.quality.csv"
    with summary.listed.open(newline="") as stream:
        listed = [(r["rule"], r["line"], Path(r["file"]).parent.name, r["file_row"]) for r in csv.DictReader(stream)]
    assert listed == [
        ("diagnosis-retired", "3", "month=2020-02", "1"),
        ("duplicate-line", "2", "month=2020-01", "2"),
        ("units-zero", "3", "month=2020-02", "1"),
    ]
    with (tmp_path / "answers.rejects.csv").open(newline="") as stream:
        (reject,) = csv.DictReader(stream)
    assert (reject["row"], reject["file_row"], Path(reject["file"]).parent.name) == ("4", "2", "month=2020-02")
    written = out.read_text()
    again = adjudicate_claims(PolicyLibrary(), Adjudication(claims=folder, out=out, quality=False))
    assert (again.quality, again.listed) == ((), None)
    assert out.read_text() == written
    assert not (tmp_path / "answers.quality.csv").exists()


def test_the_map_may_reject(folder: Path, tmp_path: Path) -> None:
    claims_map = tmp_path / "map.yaml"
    claims_map.write_text("quality: {reject: [units-zero]}\n")
    job = Adjudication(claims=folder, out=tmp_path / "answers.csv", claims_map=claims_map)
    summary = adjudicate_claims(PolicyLibrary(), job)
    assert (summary.total, summary.decided, summary.rejected) == (4, 2, 2)


def test_the_command_prints_what_was_found(folder: Path, tmp_path: Path) -> None:
    words = ["adjudicate", f"{folder}/*/*.csv", "--out", str(tmp_path / "answers.parquet")]
    shown = CliRunner().invoke(app, words)
    assert "quality: diagnosis-retired (1), units-zero (1), duplicate-line (1)" in " ".join(shown.output.split())
    assert "answers.quality.csv" in "".join(shown.output.split())
    printed = orjson.loads(CliRunner().invoke(app, [*words, "--json"]).output)
    assert {"rule": "units-zero", "lines": 1} in printed["quality"]
    assert {"rule": "service-in-the-future", "lines": 0} in printed["quality"]
    assert printed["quality_lines"].endswith("answers.quality.csv")
    quiet = orjson.loads(CliRunner().invoke(app, [*words, "--json", "--no-quality"]).output)
    assert (quiet["quality"], quiet["quality_lines"]) == ([], None)
    assert duckdb.execute(f"SELECT count(*) FROM '{tmp_path}/answers.parquet'").fetchall() == [(3,)]


@pytest.mark.parametrize("name", ["answers.csv", "month=2020-01/part.csv"])
def test_the_output_does_not_lie_among_the_claims(folder: Path, name: str) -> None:
    before = (folder / "month=2020-01/part.csv").read_text()
    with pytest.raises(PolicyRejected) as caught:
        adjudicate_claims(PolicyLibrary(), Adjudication(claims=folder, out=folder / name))
    assert [problem.code for problem in caught.value.problems] == ["MP903"]
    assert (folder / "month=2020-01/part.csv").read_text() == before


def test_a_glob_is_not_written_over(folder: Path) -> None:
    with pytest.raises(PolicyRejected):
        adjudicate_claims(
            PolicyLibrary(), Adjudication(claims=folder / "*" / "part.csv", out=folder / "month=2020-01/part.csv")
        )
