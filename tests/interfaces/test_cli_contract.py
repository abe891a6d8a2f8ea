"""The contract of the command line: exit status, JSON everywhere, help with examples, a quick start."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from medpol.interfaces.cli import app
from medpol.library import PolicyLibrary
from medpol.problems import PolicyRejected

HERE = Path(__file__).parent
SMALL, REQUESTS = HERE / "small", HERE / "requests"
COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def run(*words: str, data: bytes | None = None) -> Result:
    return CliRunner().invoke(app, list(words), input=data)


def answer(*words: str) -> dict[str, Any]:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


# help


def test_the_program_s_help_names_every_command() -> None:
    text = run("--help").stdout
    assert [name for name in COMMANDS if f"\n  {name} " not in text] == []
    assert "Exit status: 0 done, 1 findings or failed cases, 2 bad input." in text
    assert {"adjudicate", "decide", "demo", "explain", "search", "show", "test"} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_s_help_has_an_example(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    body = result.stdout.split("\n", 1)[1]
    assert f"  medpol {command}" in body


def test_without_a_command_the_help_is_shown() -> None:
    assert run().output == run("--help").output


def test_version() -> None:
    from medpol import __version__

    assert run("--version").stdout == f"medpol {__version__}\n"


def in_a_new_process(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_help_loads_nothing_heavy() -> None:
    """`medpol --help` is quick because it imports neither engine nor data libraries."""
    code = """
import sys
from medpol.interfaces.cli import app
try:
    app(["--help"])
except SystemExit as done:
    assert done.code == 0
print("LOADED", *sorted(sys.modules))
"""
    loaded = in_a_new_process(code).split("LOADED", 1)[1].split()
    heavy = {"duckdb", "numpy", "scipy", "pyarrow", "matplotlib", "yaml", "orjson", "medpol.engine", "medpol.library",
             "medpol.loading", "medpol.model", "medpol.rendering", "medpol.evidence"}  # fmt: skip
    assert heavy.isdisjoint(loaded)
    assert "medpol.interfaces.cli.app" in loaded


def test_the_program_as_it_is_installed() -> None:
    """Real streams, real exit status: problems on standard error, a number that a script can read."""
    program = Path(sys.executable).with_name("medpol")
    if not program.exists():
        pytest.skip("the console script is not installed beside this Python")
    done = subprocess.run(
        [program, "decide", "-", "-l", SMALL], input=b"nonsense", capture_output=True, env={**os.environ}, check=False
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"-:1:1: MP601 this is not JSON")


# json


def test_the_answer_s_keys() -> None:
    contract = {"state", "position", "layer", "policy", "version", "statement", "final", "needs_signature", "missing",
                "findings", "citations", "receipt"}  # fmt: skip
    for path in sorted(REQUESTS.glob("*.json")):
        if path.stem not in ("wrong", "not_json"):
            found = answer("decide", str(path), "-l", str(SMALL))
            assert contract <= found.keys()
            assert found["state"] in ("approve", "not_covered", "pend_information", "pend_review", "no_policy", "error")
            assert set(found["receipt"]) == {"request", "library", "engine", "as_of", "known_on", "answer"}


def test_the_same_request_gives_the_same_bytes() -> None:
    words = ("decide", str(REQUESTS / "open.json"), "-l", str(SMALL), "--json")
    first = run(*words).stdout_bytes
    program = f"""
import sys
from medpol.interfaces.cli import app
app({list(words)!r})
"""
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed}, check=True
        )
        assert done.stdout == first


def test_standard_input() -> None:
    data = (REQUESTS / "open.json").read_bytes()
    piped = CliRunner().invoke(app, ["decide", "-", "-l", str(SMALL), "--json"], input=data)
    assert json.loads(piped.stdout) == answer("decide", str(REQUESTS / "open.json"), "-l", str(SMALL))


@pytest.mark.parametrize(
    "words",
    [
        ("decide", str(REQUESTS / "wrong.json")),
        ("decide", str(HERE / "nowhere.json")),
        ("show", "P-2"),
        ("show", "P-1", "--as-of", "1990-01-01"),
        ("explain", str(REQUESTS / "open.json"), "--request", str(REQUESTS / "open.json")),
        ("explain", str(REQUESTS / "open.json"), "--line", "1"),
    ],
)
def test_problems_as_json_have_one_shape(words: tuple[str, ...]) -> None:
    result = run(*words, "-l", str(SMALL), "--json")
    assert result.exit_code == 2
    assert result.stderr == ""
    problems = json.loads(result.stdout)["problems"]
    assert problems
    for problem in problems:
        assert problem.keys() == {"file", "line", "column", "path", "code", "level", "message", "remedy"}
        assert problem["code"].startswith("MP")
        assert problem["remedy"]


def test_a_library_with_problems_lists_them_all(tmp_path: Path) -> None:
    (tmp_path / "library.yaml").write_text("plan: X\nplan: Y\n", encoding="utf-8")
    (tmp_path / "facts.yaml").write_text("facts: {bmi: {type: colour}}\n", encoding="utf-8")
    for words in (("decide", str(REQUESTS / "open.json"), "-l", str(tmp_path)), ("test", str(tmp_path))):
        result = run(*words, "--json")
        assert result.exit_code == 2
        files = {Path(problem["file"]).name for problem in json.loads(result.stdout)["problems"]}
        assert files >= {"library.yaml", "facts.yaml"}


# failed cases


def test_failed_cases_are_findings(tmp_path: Path) -> None:
    import shutil

    shutil.copytree(SMALL, tmp_path / "library")
    cases = tmp_path / "library" / "policies" / "P-1" / "cases.yaml"
    text = cases.read_text(encoding="utf-8").replace("{state: approve,", "{state: not_covered,")
    cases.write_text(text, encoding="utf-8")
    result = run("test", str(tmp_path / "library"))
    assert result.exit_code == 1
    assert f"{cases}:3:" in result.stdout
    assert "state is 'approve', expected 'not_covered'" in result.stdout
    assert "1 passed, 1 failed" in result.stdout
    report = json.loads(run("test", str(tmp_path / "library"), "--json").stdout)
    assert (report["cases"], [f["case"] for f in report["failed"]]) == (2, ["meets the criteria"])


# explain


@pytest.fixture
def given_answer(tmp_path: Path) -> Path:
    path = tmp_path / "answer.json"
    path.write_bytes(run("decide", str(REQUESTS / "approved.json"), "-l", str(SMALL), "--json").stdout_bytes)
    return path


def explain(given: Path, request: str = "approved.json", library: Path = SMALL) -> Result:
    return run("explain", str(given), "--request", str(REQUESTS / request), "-l", str(library))


def test_explain_the_same(given_answer: Path) -> None:
    result = explain(given_answer)
    assert result.exit_code == 0
    assert result.stdout.startswith("APPROVED\n")
    assert "Derived again: the same, byte for byte.\n" in result.stdout


def test_explain_another_request(given_answer: Path) -> None:
    result = explain(given_answer, "denied.json")
    assert result.exit_code == 1
    tail = result.stdout.split("Derived again: NOT the same.\n")[1]
    assert tail.startswith("  the request is another\n")
    assert "  state was approve and is not_covered\n" in tail


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"3", b'{"receipt": 1}', b'{"receipt": {"as_of": "some day"}}', b"\xff\xfe"]
)
def test_explain_what_is_no_answer(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "answer.json"
    path.write_bytes(data)
    result = explain(path)
    assert result.exit_code == 2
    assert "MP60" in result.stderr or "MP906" in result.stderr


# fuzz

LIBRARY = PolicyLibrary(SMALL)
KEYS = st.sampled_from(
    ["id", "member", "service", "diagnoses", "facts", "history", "history_since", "birth_date", "sex", "code", "date",
     "line_of_business", "units", "modifiers", "requested", "duration", "value", "unit", "pain", "bmi", "consent",
     "level", "claim", "also_billed", "age", "state"]
)  # fmt: skip
ATOMS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=8),
    st.sampled_from(["62330", "2025-09-01", "commercial", "6 months", "1950-03-02", "M51.26"]),
    st.sampled_from(["0001-01-01", "9999-12-31"]),
)  # fmt: skip
JSON = st.recursive(
    ATOMS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=5),
    max_leaves=12,
)  # fmt: skip
NEARLY = st.fixed_dictionaries(
    {"service": st.fixed_dictionaries({"code": ATOMS | st.just("62330"), "date": ATOMS | st.just("2025-09-01")},
                                      optional={"modifiers": JSON, "units": ATOMS, "level": ATOMS, "requested": JSON})},
    optional={"member": st.dictionaries(st.sampled_from(["birth_date", "line_of_business", "age"]), ATOMS),
              "facts": st.dictionaries(KEYS, JSON, max_size=3), "history": JSON, "history_since": ATOMS,
              "diagnoses": JSON, "id": ATOMS},
)  # fmt: skip


def decided(data: bytes) -> Result:
    result = CliRunner().invoke(app, ["decide", "-", "-l", str(SMALL), "--json"], input=data)
    assert result.exit_code in (0, 2), result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    found = json.loads(result.stdout)
    assert found["problems"] if result.exit_code == 2 else found["state"]
    return result


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_and_any_json(data: bytes) -> None:
    decided(data)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(NEARLY)
def test_requests_that_are_nearly_right(value: dict[str, Any]) -> None:
    """In process, which is what the command does: an answer in JSON and in words, or problems."""
    try:
        asked = LIBRARY.read_request(json.dumps(value).encode())
    except PolicyRejected:
        return
    determination = LIBRARY.determine(asked)
    json.dumps(LIBRARY.writer.as_json(determination), allow_nan=False)
    assert LIBRARY.in_words(determination)


@pytest.mark.parametrize(
    "data", [b"[" * 100_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000, b"1e999", b"\x00", b'"\xed\xa0\x80"']
)
def test_hostile_bytes(data: bytes) -> None:
    assert decided(data).exit_code == 2
