"""`medpol publish`: files, standard output, problems."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from medpol.interfaces.cli.app import app

RUN = CliRunner()


def test_a_file_is_written_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = RUN.invoke(app, ["publish", "07.01.89"])
    assert told.exit_code == 0
    assert told.output.startswith("07.01.89-2025-07-01.html: 23 sections")
    assert (tmp_path / "07.01.89-2025-07-01.html").read_text().startswith("<!DOCTYPE html>")


def test_a_version_goes_to_standard_output() -> None:
    told = RUN.invoke(app, ["publish", "150.13", "--version", "2015-06-01", "--to", "md", "--out", "-"])
    assert told.exit_code == 0
    assert told.output.startswith("# 150.13 ")
    assert "- **Effective:** January 9, 2014" in told.output


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["publish", "99.99"], "MP901"),
        (["publish", "07.01.89", "--version", "1999-01-01"], "MP902"),
        (["publish", "30.3", "--theme", "no-such-folder"], "MP923"),
        (["publish", "30.3", "--out", "/no/such/folder/x.html"], "MP903"),
    ],
)
def test_problems_are_told_in_the_one_shape(words: list[str], code: str) -> None:
    told = RUN.invoke(app, words)
    assert told.exit_code == 2
    assert code in told.output


def test_a_fault_in_the_text_is_told_with_its_place(tmp_path: Path) -> None:
    from medpol.library import bundled

    shutil.copytree(bundled(), tmp_path / "library")
    text = tmp_path / "library" / "policies" / "07.01.89" / "text" / "objective.md"
    text.write_text("Asked {{ randomised('MOTION') }} and [@nobody].\n")
    told = RUN.invoke(app, ["publish", "07.01.89", "-l", str(tmp_path / "library")])
    assert told.exit_code == 2
    assert f"{text}:1:7: MP920 {{{{ randomised('MOTION') }}}}: 'randomised' is undefined" in told.output
    assert f"{text}:1:38: MP921 there is no reference 'nobody'" in told.output
