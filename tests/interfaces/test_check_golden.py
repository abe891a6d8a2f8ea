"""What `medpol check` and `medpol rule` print, word for word. `UPDATE_GOLDEN=1 pytest` records anew."""

import json
import os
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from medpol.interfaces.cli import app

HERE = Path(__file__).parent / "checked"
OURS = ("--select", "ST,CO,LO,CH", "--today", "2026-06-01")
COMMANDS = {
    "text": ("check", "faulty", *OURS),
    "one-policy": (
        "check",
        "faulty/policies/T-1",
        "--select",
        "LO",
        "--ignore",
        "LO106,LO105",
        "--today",
        "2026-06-01",
    ),
    "json": ("check", "faulty", "-f", "json", *OURS),
    "sarif": ("check", "faulty", "-f", "sarif", "--select", "LO106", "--select", "LO105"),
    "github": ("check", "faulty", "-f", "github", *OURS),
    "clean": ("check", "faulty", "--select", "ST108"),
    "questions": ("check", "faulty", "--select", "LO105"),
    "questions-strict": ("check", "faulty", "--select", "LO105", "--strict"),
    "broken": ("check", "broken"),
    "broken-json": ("check", "broken", "-f", "json"),
    "broken-sarif": ("check", "broken", "-f", "sarif"),
    "broken-github": ("check", "broken", "-f", "github"),
    "no-library": ("check", "nowhere"),
    "no-policy": ("check", "faulty/policies/T-9"),
    "no-rule": ("check", "faulty", "--select", "XX"),
    "bad-date": ("check", "faulty", "--today", "soon"),
    "rule": ("rule", "lo106"),
    "rule-json": ("rule", "LO106", "--json"),
    "rule-unknown": ("rule", "LO999"),
    "help-check": ("check", "--help"),
    "help-rule": ("rule", "--help"),
}
EXIT = {
    **dict.fromkeys(("text", "one-policy", "json", "sarif", "github", "questions-strict"), 1),
    **dict.fromkeys(
        ("broken", "broken-json", "broken-sarif", "broken-github", "no-library", "no-policy", "no-rule", "bad-date",
         "rule-unknown"), 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_command_prints(name, monkeypatch):
    monkeypatch.chdir(HERE)
    monkeypatch.setenv("COLUMNS", "100")
    result = CliRunner().invoke(app, list(COMMANDS[name]), prog_name="medpol")
    parts = [f"$ medpol {' '.join(COMMANDS[name])}", result.stdout.rstrip("\n")]
    parts += ["--- standard error", result.stderr.rstrip("\n")] if result.stderr else []
    text = "\n".join([*parts, f"--- exit {result.exit_code}"]) + "\n"
    text = re.sub(r'("version": )"\d+\.\d+\.\d+\w*"(?=,\n *"rules")', r'\1"VERSION"', text)
    path = HERE / "golden" / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
    assert result.exit_code == EXIT.get(name, 0)
    assert "Traceback" not in text


def test_no_golden_file_is_left_over():
    assert {path.stem for path in (HERE / "golden").glob("*.txt")} == set(COMMANDS)


@pytest.mark.parametrize("name", ["sarif", "broken-sarif"])
def test_sarif_has_what_the_standard_requires(name, monkeypatch):
    """SARIF 2.1.0: 3.13.2 version, 3.14.6 tool, 3.18.2 driver, 3.19.8 name, 3.27.11 message, 3.30.5 and 3.30.6 regions,
    3.49.3 ids, 3.27.6 an index that leads to the rule of the same id.
    """
    monkeypatch.chdir(HERE)
    log = json.loads(CliRunner().invoke(app, list(COMMANDS[name])).stdout)
    assert log["version"] == "2.1.0"
    assert "sarif-schema-2.1.0" in log["$schema"]
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "medpol"
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(ids) == len(set(ids))
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note", "none")
    assert run["results"]
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note", "none")
        assert result["message"]["text"]
        for location in (*result["locations"], *result.get("relatedLocations", ())):
            physical = location["physicalLocation"]
            assert not physical["artifactLocation"]["uri"].startswith("/")
            region = physical.get("region", {"startLine": 1, "startColumn": 1})
            assert region["startLine"] >= 1
            assert region["startColumn"] >= 1


def test_the_whole_catalogue_is_listed():
    listed = CliRunner().invoke(app, ["rule"]).stdout.splitlines()
    assert [line.split()[0] for line in listed] == [
        r["code"] for r in json.loads(CliRunner().invoke(app, ["rule", "--json"]).stdout)
    ]
