"""Each room's door: what it exports, what it says of itself, and who may import whom."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "medpol"
ROOMS = sorted(
    path.parent.relative_to(SOURCE.parent).as_posix().replace("/", ".")
    for path in SOURCE.rglob("__init__.py")
    if path.parent != SOURCE and "__all__" in path.read_text(encoding="utf-8")
)


def door(room: str) -> ast.Module:
    return ast.parse((SOURCE.parent / room.replace(".", "/") / "__init__.py").read_text(encoding="utf-8"))


def imported(module: ast.Module) -> set[str]:
    """The names a door brings in from its own room or from below."""
    return {
        alias.asname or alias.name
        for node in module.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("medpol")
        for alias in node.names
    }


def test_the_rooms_with_a_door() -> None:
    assert {"medpol.engine", "medpol.evidence", "medpol.library", "medpol.loading", "medpol.rendering",
            "medpol.interfaces.cli"} <= set(ROOMS)  # fmt: skip


@pytest.mark.parametrize("room", ROOMS)
def test_a_door_exports_what_it_imports(room: str) -> None:
    exported = importlib.import_module(room).__all__
    defined = {
        target.id
        for node in door(room).body
        for target in (node.targets if isinstance(node, ast.Assign) else [])
        if isinstance(target, ast.Name) and not target.id.startswith("_")
    }
    assert list(exported) == sorted(exported, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
    assert set(exported) == imported(door(room)) | (defined & set(exported))
    assert [name for name in exported if not hasattr(importlib.import_module(room), name)] == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_door_says_what_the_room_is(room: str) -> None:
    words = ast.get_docstring(door(room))
    assert words
    assert words.split("\n\n")[0].endswith(".")


def test_other_rooms_come_in_by_the_door() -> None:
    """library and interfaces take from engine and loading only what their doors export, not from the rooms behind."""
    behind, rooms = [], ("medpol.engine.", "medpol.loading.")
    for path in [*(SOURCE / "library").rglob("*.py"), *(SOURCE / "interfaces").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(rooms):
                behind.append(f"{path.relative_to(SOURCE)}: {node.module}")
    assert behind == []


def test_imports_run_downward() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    if not program.exists():
        pytest.skip("import-linter is not installed beside this Python")
    done = subprocess.run([program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout
