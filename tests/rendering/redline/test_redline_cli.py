"""`medpol redline`: files, defaults, drafts, problems."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from medpol.interfaces.cli.app import app
from medpol.library import bundled

RUN = CliRunner()


def test_the_newest_version_is_compared_with_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = RUN.invoke(app, ["redline", "240.4"])
    assert told.exit_code == 0
    assert told.output.startswith("240.4-2005-04-04-2008-03-13.html: ")
    assert (tmp_path / "240.4-2005-04-04-2008-03-13.html").is_file()


def test_the_name_of_the_file_says_the_format(tmp_path: Path) -> None:
    pytest.importorskip("docx")
    out = tmp_path / "redline.docx"
    assert RUN.invoke(app, ["redline", "240.4", "--out", str(out)]).exit_code == 0
    assert out.read_bytes().startswith(b"PK")


def test_a_draft_is_the_later_side_and_has_the_newest_text(tmp_path: Path) -> None:
    text = (bundled() / "policies/07.01.89/2025-07-01.yaml").read_text()
    draft = tmp_path / "draft.yaml"
    draft.write_text(text.replace("2025-07-01", "2030-07-01", 1).replace("status: approved", "status: draft"))
    told = RUN.invoke(app, ["redline", "07.01.89", "--draft", str(draft), "--out", str(tmp_path / "r.html")])
    assert told.exit_code == 0, told.output
    page = (tmp_path / "r.html").read_text()
    assert "changes from 2025-07-01 to 2030-07-01 (draft)" in page
    assert "Only the text differs" in page
    assert int(told.output.split(": ")[1].split()[0]) < 10


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["redline", "99.99"], "MP901"),
        (["redline", "240.4", "--from", "1999-01-01"], "MP961"),
        (["redline", "240.4", "--to", "2005-04-04"], "MP961"),
        (["redline", "240.4", "--theme", "no-such-folder"], "MP923"),
        (["redline", "240.4", "--out", "/no/such/folder/x.html"], "MP903"),
    ],
)
def test_problems_are_told_in_the_one_shape(words: list[str], code: str) -> None:
    told = RUN.invoke(app, words)
    assert told.exit_code == 2
    assert code in told.output
