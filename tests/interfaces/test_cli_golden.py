"""What the commands print, word for word: golden/NAME.txt holds the command, its output and its exit status.

UPDATE_GOLDEN=1 records them again; read the diff before keeping it.
"""

import os
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from medpol.interfaces.cli import app

HERE = Path(__file__).parent
LIBRARY = ("--library", "small")
IMPACT = ("--claims", "claims/lines.csv", "--map", "claims/map.yaml", *LIBRARY)

COMMANDS = {
    "decide-approved": ("decide", "requests/approved.json", *LIBRARY),
    "decide-denied": ("decide", "requests/denied.json", *LIBRARY),
    "decide-open": ("decide", "requests/open.json", *LIBRARY),
    "decide-person": ("decide", "requests/person.json", *LIBRARY),
    "decide-medicare": ("decide", "requests/medicare.json", *LIBRARY),
    "decide-fep": ("decide", "requests/fep.json", *LIBRARY),
    "decide-as-of": ("decide", "requests/approved.json", "--as-of", "2023-12-31", *LIBRARY),
    "decide-known-on": ("decide", "requests/approved.json", "--known-on", "2024-01-31", *LIBRARY),
    "decide-approved-json": ("decide", "requests/approved.json", "--json", *LIBRARY),
    "decide-open-json": ("decide", "requests/open.json", "--json", *LIBRARY),
    "decide-wrong": ("decide", "requests/wrong.json", *LIBRARY),
    "decide-wrong-json": ("decide", "requests/wrong.json", "--json", *LIBRARY),
    "decide-broken": ("decide", "requests/not_json.json", *LIBRARY),
    "decide-no-file": ("decide", "requests/nowhere.json", *LIBRARY),
    "decide-a-folder": ("decide", "requests", *LIBRARY),
    "decide-no-library": ("decide", "requests/open.json", "--library", "nowhere"),
    "decide-bad-date": ("decide", "requests/open.json", "--as-of", "yesterday", *LIBRARY),
    "show": ("show", "P-1", *LIBRARY),
    "show-as-of": ("show", "P-1", "--as-of", "2021-01-01", *LIBRARY),
    "show-json": ("show", "P-1", "--json", *LIBRARY),
    "show-unknown": ("show", "P-2", *LIBRARY),
    "show-before-all": ("show", "P-1", "--as-of", "2019-12-31", *LIBRARY),
    "search-code": ("search", "62330", *LIBRARY),
    "search-words": ("search", "within", "a", "study", *LIBRARY),
    "search-nothing": ("search", "99999", *LIBRARY),
    "search-json": ("search", "G0276", "--json", *LIBRARY),
    "test": ("test", "small"),
    "test-one-policy": ("test", "small/policies/P-1"),
    "test-json": ("test", "small", "--json"),
    "test-unknown-policy": ("test", "small/policies/P-2"),
    "impact": ("impact", "P-1", "--from", "2020-01-01", "--to", "2024-01-01", *IMPACT),
    "impact-as-published": ("impact", "P-1", "--to", "2024-01-01", "--as-published", *IMPACT),
    "impact-draft": ("impact", "P-1", "--draft", "claims/draft.yaml", *IMPACT),
    "impact-json": ("impact", "P-1", "--to", "2024-01-01", "--json", *IMPACT),
    "impact-unknown-version": ("impact", "P-1", "--to", "2023-01-01", *IMPACT),
    "impact-wrong-draft": ("impact", "P-1", "--draft", "claims/wrong_draft.yaml", *IMPACT),
    "impact-wrong-sides": ("impact", "P-1", *IMPACT),
    "explain-neither": ("explain", "requests/open.json", *LIBRARY),
    **{
        f"help-{name}": (name, "--help")
        for name in ("decide", "adjudicate", "explain", "impact", "test", "show", "search")
    },
}


@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_command_prints(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE)
    monkeypatch.setenv("COLUMNS", "100")
    assert_golden(name, printed(COMMANDS[name]))


def printed(words: tuple[str, ...]) -> str:
    result = CliRunner().invoke(app, list(words), prog_name="medpol")
    parts = [f"$ medpol {' '.join(words)}", result.stdout.rstrip("\n")]
    parts += ["--- standard error", result.stderr.rstrip("\n")] if result.stderr else []
    text = "\n".join([*parts, f"--- exit {result.exit_code}"]) + "\n"
    return re.sub(r"medpol \d+\.\d+\.\d+\w*", "medpol VERSION", text)


def assert_golden(name: str, text: str) -> None:
    path = HERE / "golden" / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in (HERE / "golden").glob("*.txt")} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_exit_status_and_where_it_is_printed(name: str) -> None:
    """0 done, 1 findings, 2 bad input; problems stand on standard error, or as JSON on standard output."""
    text = (HERE / "golden" / f"{name}.txt").read_text(encoding="utf-8")
    expected = 2 if BAD.search(name) else 1 if name == "search-nothing" else 0
    assert text.endswith(f"--- exit {expected}\n")
    assert ("--- standard error" in text) is (expected == 2 and not name.endswith("-json"))
    assert "Traceback" not in text


BAD = re.compile("wrong|broken|no-file|a-folder|no-library|bad-date|unknown|before-all|neither")
