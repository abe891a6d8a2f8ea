"""`medpol meta`: its JSON contract, its text, and every kind of bad input."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from medpol.interfaces.cli.app import Commands
from medpol.interfaces.cli.meta import meta

CONTRACT = {
    "measure", "method", "k", "estimate", "se", "ci_low", "ci_high", "p", "tau2", "tau2_ci", "q", "q_p", "i2", "h2",
    "prediction_low", "prediction_high", "conventions", "effects", "weights_pct", "leave_one_out", "cumulative",
    "egger", "begg", "trim_fill", "warnings", "back_transformed",
}  # fmt: skip

COUNTS = """\
study,ai,n1i,ci,n2i,year,setting
Aspen,4,123,11,139,1948,urban
Birch,6,306,29,303,1949,rural
Cedar,3,231,11,220,1960,urban
Doe,62,13598,248,12867,1977,rural
"""

app = typer.Typer(cls=Commands, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
app.command()(meta)


@app.command()
def other() -> None:
    """A second command, so that `meta` keeps its name."""


def run(folder: Path, table: str, *options: str, name: str = "data.csv") -> Result:
    (folder / name).write_text(table, encoding="utf-8")
    return CliRunner().invoke(app, ["meta", str(folder / name), *options])


def answer(folder: Path, table: str, *options: str) -> dict[str, Any]:
    result = run(folder, table, *options, "--json")
    assert result.exit_code == 0, result.output
    out: dict[str, Any] = json.loads(result.stdout)
    return out


def problems(folder: Path, table: str, *options: str) -> list[tuple[str, int | None, int | None]]:
    """(code, line, column) of every problem."""
    result = run(folder, table, *options, "--json")
    assert result.exit_code == 2, result.output
    return [(p["code"], p["line"], p["column"]) for p in json.loads(result.stdout)["problems"]]


def test_the_contract(tmp_path: Path) -> None:
    out = answer(tmp_path, COUNTS, "--measure", "OR")
    assert set(out) >= CONTRACT
    assert out["k"] == 4
    assert out["method"] == "REML"
    assert len(out["effects"]) == len(out["weights_pct"]) == len(out["leave_one_out"]) == len(out["cumulative"]) == 4
    assert sum(out["weights_pct"]) == pytest.approx(100)
    assert out["back_transformed"]["estimate"] == pytest.approx(2.718281828459045 ** out["estimate"])
    assert {"zero_cells", "prediction", "i2", "ci", "tau2", "tau2_ci"} <= set(out["conventions"])


SHARED = Path(__file__).resolve().parents[2] / "../shared/evidence"
KINDS = [
    ("bcg", "OR"),
    ("bcg", "RD"),
    ("normand1999", "MD"),
    ("normand1999", "ROM"),
    ("nielweise2008", "IRR"),
    ("debruin2009", "PLO"),
    ("debruin2009", "PFT"),
    ("molloy2014", "ZCOR"),
    ("edge_hetero", "GEN"),
    ("edge_zero_cells", "RR"),
]


@pytest.mark.parametrize(("name", "measure"), KINDS)
@pytest.mark.parametrize(
    ("method", "ci"),
    [("EE", "z"), ("SJ", "knha"), *((method, ci) for method in ("DL", "REML", "PM") for ci in ("z", "knha", "adhoc"))],
)
def test_it_prints_metafors_numbers(tmp_path: Path, name: str, measure: str, method: str, ci: str) -> None:
    if not SHARED.exists():
        pytest.skip("the reference answers are not beside the repository")
    data = json.loads((SHARED / f"{name}.json").read_text(encoding="utf-8"))
    with (tmp_path / "data.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, data["input"][0])
        writer.writeheader()
        writer.writerows(data["input"])
    want = data["measures"].get(measure) or data["measures"]["generic"]
    want = want["pooled"][method][ci]
    arguments = ["--measure", measure, "--method", method, "--ci", ci, "--json"]
    result = CliRunner().invoke(app, ["meta", str(tmp_path / "data.csv"), *arguments])
    assert result.exit_code == 0, result.output
    out = json.loads(result.stdout)
    names = {
        "estimate": "estimate",
        "se": "se",
        "p": "p",
        "tau2": "tau2",
        "q": "Q",
        "q_p": "Q_p",
        "i2": "I2",
        "h2": "H2",
    }
    for ours, theirs in names.items():
        assert out[ours] == pytest.approx(want[theirs], rel=1e-6, abs=1e-12), ours
    assert [out["ci_low"], out["ci_high"]] == pytest.approx(want["ci"], rel=1e-6, abs=1e-12)


def test_mantel_haenszel_and_peto_have_no_tau2_interval(tmp_path: Path) -> None:
    for method in ("MH", "PETO"):
        out = answer(tmp_path, COUNTS, "--measure", "OR", "--method", method)
        assert out["method"] == method
        assert out["tau2_ci"] is None
        assert out["prediction_low"] is None
        assert len(out["leave_one_out"]) == 4


def test_subgroups_moderators_and_order(tmp_path: Path) -> None:
    options = ("--measure", "rr", "--method", "EE", "--by", "setting", "--moderators", "year", "--order", "year")
    out = answer(tmp_path, COUNTS, *options)
    assert [group["group"] for group in out["subgroups"]["groups"]] == ["rural", "urban"]
    assert [c["name"] for c in out["meta_regression"]["coefficients"]] == ["intercept", "year"]
    assert [step["study"] for step in out["cumulative"]] == ["Aspen", "Birch", "Cedar", "Doe"]
    assert out["conventions"]["cumulative"] == "in the order of year"


def test_plain_english_columns(tmp_path: Path) -> None:
    english = COUNTS.replace("study,ai,n1i,ci,n2i", "Trial,Events (surgery),N surgery,Events (control),N control")
    mapping = "study=Trial, ai=Events (surgery), N surgery=n1i, ci=Events (control), n2i=N control"
    out = answer(tmp_path, english, "--measure", "OR", "--columns", mapping)
    assert out["estimate"] == pytest.approx(answer(tmp_path, COUNTS, "--measure", "OR")["estimate"])
    assert out["effects"][0]["study"] == "Aspen"


def test_other_ways_to_say_the_same(tmp_path: Path) -> None:
    """Non-events for totals, percentages for events, SE or interval for the variance; semicolons."""
    plain = answer(tmp_path, "ai,n1i,ci,n2i\n4,20,5,25\n6,30,9,30\n", "--measure", "OR")
    for table in (
        "ai;bi;ci;di\n4;16;5;20\n6;24;9;21\n",
        "pct1i,n1i,pct2i,n2i\n20.0,20,20.0,25\n20.0,30,30.0,30\n",
    ):
        assert answer(tmp_path, table, "--measure", "OR")["estimate"] == pytest.approx(plain["estimate"])
    given = answer(tmp_path, "yi,vi\n0.5,0.04\n0.1,0.09\n", "--measure", "GEN")
    by_se = answer(tmp_path, "yi,sei\n0.5,0.2\n0.1,0.3\n", "--measure", "GEN")
    by_ci = answer(tmp_path, "yi,ci_low,ci_high\n0.5,0.108007,0.891993\n0.1,-0.487989,0.687989\n", "--measure", "GEN")
    assert by_se["estimate"] == pytest.approx(given["estimate"])
    assert by_ci["se"] == pytest.approx(given["se"], rel=1e-5)


def test_a_row_without_numbers_is_left_out_and_named(tmp_path: Path) -> None:
    out = answer(tmp_path, COUNTS + "Elm,NA,50,,50,1980,urban\n", "--measure", "OR")
    assert out["k"] == 4
    assert out["effects"][4]["yi"] is None
    assert out["weights_pct"][4] is None
    assert any(warning.startswith("Elm is not pooled") for warning in out["warnings"])


BAD_TABLES = [
    ("study,ai,n1i,ci,n2i\nA,5,3,1,x\nB,-1,10,2.5,10\n", "OR",
     [("EV106", 2, 2), ("EV104", 2, 5), ("EV105", 3, 2), ("EV105", 3, 4)]),
    ("m1i,sd1i,n1i,m2i,sd2i,n2i\n1,-2,10,1,2,10\n1,2,1,1,0,10\n", "MD",
     [("EV108", 2, 2), ("EV107", 3, 3), ("EV108", 3, 5)]),
    ("pct1i,n1i,pct2i,n2i\n59.6,98,50.0,98\n120,98,50.0,98\n", "RD", [("EV113", 2, 1), ("EV115", 3, 1)]),
    ("yi,ci_low,ci_high\n1.5,0.1,1.2\n0.5,0.9,0.1\n", "GEN", [("EV112", 2, 1), ("EV112", 3, 2)]),
    ("yi,sei\n1.5,-0.1\n0.5,0.1\n", "GEN", [("EV108", 2, 2)]),
    ("ri,ni\n1.5,30\n0.5,3\n", "COR", [("EV110", 2, 1), ("EV107", 3, 2)]),
    ("x1i,t1i,x2i,t2i\n1,0,2,5\n", "IRR", [("EV109", 2, 2)]),
    ("ai,n1i\n1,2\n", "OR", [("EV102", None, None)] * 2),
    ("ai,n1i,ci,n2i\n1,2,3\n", "OR", [("EV101", 2, None)]),
    ("ai,ai\n1,2\n", "OR", [("EV101", 1, None)]),
    ("", "OR", [("EV101", None, None)]),
    ("ai,n1i,ci,n2i\n", "OR", [("EV101", None, None)]),
    ("yi,vi\nNA,1\n", "GEN", [("EV116", None, None)]),
]  # fmt: skip


@pytest.mark.parametrize(("table", "measure", "expected"), BAD_TABLES)
def test_every_bad_cell_has_its_place(
    tmp_path: Path, table: str, measure: str, expected: list[tuple[str, int | None, int | None]]
) -> None:
    assert problems(tmp_path, table, "--measure", measure) == expected


BAD_OPTIONS = [
    (["--measure", "XX"], "EV103"),
    (["--measure", "OR", "--method", "XX"], "EV103"),
    (["--measure", "OR", "--ci", "XX"], "EV103"),
    (["--measure", "OR", "--prediction", "XX"], "EV103"),
    (["--measure", "OR", "--zero-cells", "XX"], "EV103"),
    (["--measure", "OR", "--columns", "nonsense"], "EV103"),
    (["--measure", "OR", "--columns", "ai=Nowhere"], "EV102"),
    (["--measure", "OR", "--by", "nowhere"], "EV114"),
    (["--measure", "OR", "--moderators", "year + nowhere"], "EV114"),
    (["--measure", "RD", "--method", "PETO"], "EV103"),
    (["--measure", "OR", "--plot", "forest.pdf"], "EV103"),
]


@pytest.mark.parametrize(("options", "code"), BAD_OPTIONS)
def test_options_that_cannot_be_used(tmp_path: Path, options: list[str], code: str) -> None:
    assert {found for found, _, _ in problems(tmp_path, COUNTS, *options)} == {code}


def test_a_file_that_is_not_there() -> None:
    result = CliRunner().invoke(app, ["meta", "nowhere.csv", "--measure", "OR"])
    assert result.exit_code == 2
    assert "EV101" in result.stderr


def test_the_text_names_the_result_and_its_conventions(tmp_path: Path) -> None:
    result = run(tmp_path, COUNTS, "--measure", "OR", "--by", "setting", "--moderators", "year", "--ci", "knha")
    assert result.exit_code == 0, result.output
    for words in ("Pooled  ", "odds ratio  ", "Prediction interval", "tau2 = ", "Egger: ", "Subgroups", "QM(1, 2)",
                  "Leaving one out", "Cumulative", "Conventions", "zero_cells: add 0.5"):  # fmt: skip
        assert words in result.stdout, words


def test_the_picture_is_drawn_and_never_replaces_the_data(tmp_path: Path) -> None:
    result = run(tmp_path, COUNTS, "--measure", "OR", "--by", "setting", "--plot", str(tmp_path / "forest.svg"))
    assert result.exit_code == 0, result.output
    assert "Aspen" in (tmp_path / "forest.svg").read_text(encoding="utf-8")
    result = run(tmp_path, COUNTS, "--measure", "OR", "--plot", str(tmp_path / "data.svg"))
    assert result.exit_code == 0, result.output
    assert (tmp_path / "data.table.csv").exists()
    assert (tmp_path / "data.csv").read_text(encoding="utf-8") == COUNTS
