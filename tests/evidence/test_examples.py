"""The examples in the documentation of the numerical core run, and the error codes are all documented."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

import medpol.evidence
from medpol.evidence.effects import faults

ROOT = Path(faults.__file__).parents[1]
MODULES = [
    "effects.sizes",
    "effects.single",
    "effects.reported",
    "pooling.fit",
    "pooling.many",
    "pooling.regression",
    "meta_analysis",
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"medpol.evidence.{name}"))
    assert result.attempted
    assert not result.failed


def test_the_guide_runs() -> None:
    guide = Path(__file__).resolve().parents[2] / "docs" / "evidence-numbers.md"
    result = doctest.testfile(str(guide), module_relative=False)
    assert result.attempted
    assert not result.failed


def test_every_code_is_in_the_table() -> None:
    files = [*ROOT.glob("effects/*.py"), *ROOT.glob("pooling/*.py"), *ROOT.glob("bias/*.py"), *ROOT.glob("meta_*.py")]
    used = {code for file in files for code in re.findall(r'"(EV1\d\d)"', file.read_text(encoding="utf-8"))}
    documented = set(re.findall(r"\| (EV1\d\d) \|", str(faults.__doc__)))
    assert used == documented


def test_the_door_names_what_exists() -> None:
    assert sorted(set(medpol.evidence.__all__)) == sorted(medpol.evidence.__all__)
    assert all(hasattr(medpol.evidence, name) for name in medpol.evidence.__all__)
