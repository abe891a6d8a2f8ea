"""`medpol evidence` and `medpol outcomes`, on a program of their own."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from medpol.interfaces.cli.app import Commands
from medpol.interfaces.cli.evidence import evidence
from medpol.interfaces.cli.outcomes import outcomes

app = typer.Typer(cls=Commands, rich_markup_mode=None, pretty_exceptions_enable=False)
app.command()(evidence)
app.command()(outcomes)


def run(*words: str):
    return CliRunner().invoke(app, list(words))


def test_the_two_rules_stand_side_by_side() -> None:
    lines = run("evidence", "07.01.89", "--population", "lumbar").stdout.splitlines()
    at = next(i for i, line in enumerate(lines) if line.split()[:3] == ["MiDAS", "ENCORE,", "ODI"])
    assert lines[at].split()[3:] == ["6", "mo", "1", "y", "2", "y"]
    assert lines[at + 1].split()[-3:] == ["62.2%", "58.0%", "72.4%"]
    assert lines[at + 2].split()[-3:] == ["62.2%", "58.0%", "49.7%"]
    assert "tipping point: 25 of 32 comparator withdrawals (78%; 36% of its completers responded)" in " ".join(lines)
    assert not any("cervical" in line and "people" in line for line in lines)


def test_json_is_whole_and_cut_by_population_and_date() -> None:
    data = json.loads(run("evidence", "07.01.89", "--json").stdout)
    lumbar, other = data["populations"]
    assert (lumbar["key"], other["key"]) == ("lumbar", "cervical-thoracic")
    assert len(lumbar["studies"]) == 9
    assert other["studies"] == []
    assert {c["certainty_level"] for c in lumbar["conclusions"]} == {None, "very low"}
    odi = next(c for c in lumbar["responders_over_time"] if c["outcome"] == "ODI")
    assert odi["rule_changes"] is True
    assert len(data["warnings"]) == 12
    early = json.loads(run("evidence", "07.01.89", "--population", "lumbar", "--as-of", "2013-12-01", "--json").stdout)
    assert [s["key"] for s in early["populations"][0]["studies"]] == ["brown-2012", "chopko-2013", "mekhail-2012"]


def test_a_picture_and_its_table_are_written(tmp_path: Path) -> None:
    out = tmp_path / "bias.svg"
    done = run("evidence", "07.01.89", "plot", "traffic-light", "--out", str(out))
    assert done.stdout.splitlines() == [str(out), str(out.with_suffix(".table.csv"))]
    assert out.read_bytes().startswith(b"<?xml")
    assert '"MOTION, ODI",some concerns,high' in out.with_suffix(".table.csv").read_text(encoding="utf-8")


def test_the_next_trial() -> None:
    text = run("evidence", "07.01.89", "next-trial", "lumbar-function").stdout
    assert "size        207 per arm analysed, 259 per arm recruited, power 0.9" in text
    assert "MiDAS ENCORE: comparator not one of those asked for; assessors not blinded" in text
    data = json.loads(run("evidence", "07.01.89", "next-trial", "--json").stdout)
    assert [t["conclusion"] for t in data["trials"]] == ["lumbar-function", "lumbar-pain"]
    assert len(data["power"]) == 10


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("9.9.9",), "no evidence folder"),
        (("../07.01.89",), "no evidence folder"),
        (("07.01.89", "--population", "dental"), "no population 'dental'"),
        (("07.01.89", "--as-of", "soon"), "not a date"),
        (("07.01.89", "plot"), "name a picture"),
        (("07.01.89", "plot", "pie", "--out", "x.svg"), "unknown picture 'pie'"),
        (("07.01.89", "plot", "forest"), "with --out"),
        (("07.01.89", "plot", "forest", "--out", "x.gif"), "with --out"),
        (("07.01.89", "plot", "funnel", "--outcome", "ODI", "--out", "x.svg"), "needs two studies"),
        (("07.01.89", "next-trial", "no-evidence"), "states no"),
        (("07.01.89", "next-trial", "nothing"), "no conclusion 'nothing'"),
    ],
)
def test_bad_words_are_told_and_exit_with_2(words: tuple[str, ...], message: str) -> None:
    done = run("evidence", *words)
    assert done.exit_code == 2
    assert message in " ".join(done.output.split())
    assert "Traceback" not in done.output


PATIENTS = """\
patient,arm,instrument,timepoint,score
1,thing,odi,baseline,50
2,thing,odi,baseline,52
3,care,odi,baseline,50
4,care,odi,baseline,51
1,thing,odi,1 y,38
2,thing,odi,1 y,30
3,care,odi,1 y,49
"""


def test_outcomes_of_a_patient_file(tmp_path: Path) -> None:
    file = tmp_path / "patients.csv"
    file.write_text(PATIENTS, encoding="utf-8")
    text = run("outcomes", str(file)).stdout
    assert "responder: improved by 10 points or more (MIC, Ostelo et al. 2008" in text
    assert "failures    2/2 100.0%   0/2 0.0%" in text
    data = json.loads(run("outcomes", str(file), "--threshold", "odi=20", "--json").stdout)
    (table,) = data["tables"]
    assert [arm["responders"] for arm in table["arms"]] == [1, 0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--threshold", "odi=much"), "not INSTRUMENT=POINTS"),
        (("--threshold", "abc=1"), "unknown instrument"),
        (("--baseline", "start"), "no score at 'start'"),
    ],
)
def test_bad_options_of_outcomes(options: tuple[str, ...], message: str, tmp_path: Path) -> None:
    file = tmp_path / "patients.csv"
    file.write_text(PATIENTS, encoding="utf-8")
    done = run("outcomes", str(file), *options)
    assert done.exit_code == 2
    assert message in " ".join(done.output.split())


def test_a_bad_patient_file_lists_its_cells(tmp_path: Path) -> None:
    file = tmp_path / "patients.csv"
    file.write_text(PATIENTS + "5,care,odi,1 y,140\n", encoding="utf-8")
    done = run("outcomes", str(file), "--json")
    assert done.exit_code == 2
    (problem,) = json.loads(done.stdout)["problems"]
    assert (problem["code"], problem["path"]) == ("EV014", "row 9, column score")
