"""`medpol letter` and `medpol summary`: what they write, what they say, and that a refusal leaves no file."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from medpol.interfaces.cli import app

HERE = Path(__file__).parent
DEMO = HERE.parents[2] / "src" / "medpol" / "data" / "requests"


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_letter_is_written_and_its_grade_told(tmp_path: Path) -> None:
    out = tmp_path / "letter.md"
    request = DEMO / "7-cpap-half-documented.json"
    result = run("letter", request, "--kind", "information", "--to", "md", "--by", "2026-03-17", "--out", out)
    assert result.exit_code == 0, result.output
    assert "March 17, 2026" in out.read_text(encoding="utf-8")
    assert "reading grade" in result.stdout
    assert "marked blanks for the plan to fill in" in result.stdout


@pytest.mark.parametrize("to", ["html", "pdf", "docx", "md"])
def test_a_refused_letter_leaves_no_file(to: str, tmp_path: Path) -> None:
    out = tmp_path / f"letter.{to}"
    result = run("letter", DEMO / "1-commercial.json", "--kind", "adverse", "--to", to, "--out", out)
    assert result.exit_code == 2
    assert "MP938" in result.stderr
    assert "nothing was done" in result.stderr
    assert not out.exists()


def test_a_refused_letter_leaves_an_older_file_alone(tmp_path: Path) -> None:
    out = tmp_path / "letter.md"
    out.write_text("older", encoding="utf-8")
    assert run("letter", DEMO / "1-commercial.json", "--kind", "adverse", "--out", out).exit_code == 2
    assert out.read_text(encoding="utf-8") == "older"


def test_a_letter_to_standard_output_is_the_letter_alone() -> None:
    result = run("letter", DEMO / "1-commercial.json", "--kind", "adverse", "--draft", "--to", "md", "--out", "-")
    assert result.stdout.startswith("**DRAFT – not a decision**")
    assert "reading grade" in result.stderr


def test_a_missing_file_and_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "MP905" in run("letter", tmp_path / "none.json", "--kind", "adverse").stderr
    out = tmp_path / "no" / "folder.md"
    result = run("letter", DEMO / "1-commercial.json", "--kind", "adverse", "--draft", "--out", out)
    assert "MP903" in result.stderr


def test_a_summary_is_written_and_its_grade_told(tmp_path: Path) -> None:
    out = tmp_path / "summary.html"
    result = run("summary", "07.01.89", "--version", "2019-08-01", "--out", out)
    assert result.exit_code == 0, result.output
    assert "reading grade" in result.stdout
    assert "July 1, 2019" in out.read_text(encoding="utf-8")


def test_a_summary_of_what_is_not_there() -> None:
    assert "MP901" in run("summary", "99.99").stderr
    assert "MP902" in run("summary", "07.01.89", "--version", "1999-01-01").stderr


def test_a_plan_s_own_words(tmp_path: Path) -> None:
    (tmp_path / "words.yaml").write_text('decision_adverse: "No to {service}."\n', encoding="utf-8")
    words = ("--draft", "--to", "md", "--out", "-", "--texts", tmp_path)
    result = run("letter", DEMO / "1-commercial.json", "--kind", "adverse", *words)
    assert "**No to percutaneous lumbar decompression, one interspace.**" in result.stdout
    (tmp_path / "words.yaml").write_text("decision_advers: no\n", encoding="utf-8")
    assert "MP931" in run("letter", DEMO / "1-commercial.json", "--kind", "adverse", *words).stderr
