"""docs/evidence.md: its Python runs, its small folder loads, its problem codes are the ones in use."""

import doctest
import re
from pathlib import Path

import pytest

from medpol.evidence import load_evidence

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/evidence.md"


def test_the_examples_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert found.failed == 0
    assert found.attempted > 15


def test_the_small_folder_loads(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8").split("## A folder in small")[1].split("\n## ")[0]
    for name in ("references.yaml", "studies.yaml", "results.csv", "appraisal.yaml", "guidelines.yaml"):
        block = re.search(rf"^{re.escape(name)}\n\n((?:    .*\n|\n)+)", text, flags=re.MULTILINE)
        assert block is not None, name
        lines = [line.removeprefix("    ") for line in block[1].splitlines()]
        (tmp_path / name).write_text("\n".join(lines).strip() + "\n", encoding="utf-8")
    evidence = load_evidence(tmp_path)
    assert evidence.warnings == ()
    assert [row.count for row in evidence.results] == [30, 12]


def test_every_problem_code_is_documented() -> None:
    source = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "src/medpol/evidence").rglob("*.py"))
    used = set(re.findall(r'"(EV0\d\d)"', source))
    documented = set(re.findall(r"^\| (EV0\d\d) \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert used == documented
