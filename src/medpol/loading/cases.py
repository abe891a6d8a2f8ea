"""cases.yaml: example requests with the answer expected."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from medpol.loading.nodes import Keys, Node, Plain, Sheet, plain, read, similar
from medpol.model.codes import NOWHERE
from medpol.model.policy import State
from medpol.problems import Place, PolicyRejected, Problem

_STATES = tuple(State)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A request with `base` laid under it, as text, and the keys of the JSON answer that must come out, as text.

    Give `request` to `request_from`. `place` is the case's line.
    """

    policy: str
    name: str
    request: Mapping[str, Any]
    expect: Mapping[str, Any]
    place: Place = field(default=NOWHERE, compare=False, repr=False)


def load_cases(folder: Path) -> tuple[Case, ...]:
    """The cases of a library folder, or of one policy's folder; PolicyRejected with every problem."""
    inside = folder / "policies"
    problems: list[Problem] = []
    paths = sorted(inside.glob("*/cases.yaml")) if inside.is_dir() else [folder / "cases.yaml"]
    cases = [case for path in paths for case in _read_cases(path, problems)]
    if problems:
        raise PolicyRejected(problems)
    return tuple(cases)


def _read_cases(path: Path, problems: list[Problem]) -> list[Case]:
    file = read(path, problems)
    if file is None:
        return []
    keys = Keys(file.root, file.sheet)
    base_node, listed = keys.get("base"), keys.mapping("cases")
    base = _mapping(base_node, file.sheet)
    if not listed or not listed.found:
        file.sheet.report("MP702", file.root, "there are no cases")
    keys.close()
    pairs = listed.found.items() if listed else ()
    found = [_case(path.parent.name, name, key, node, base=base, sheet=file.sheet) for name, (key, node) in pairs]
    return [case for case in found if case is not None]


def _case(policy: str, name: str, key: Node, node: Node, *, base: Mapping[str, Plain], sheet: Sheet) -> Case | None:
    keys = Keys(node, sheet)
    request, expect_node = _mapping(keys.get("request"), sheet), keys.get("expect")
    expect = _mapping(expect_node, sheet)
    keys.close()
    state = expect.get("state")
    if state is None:
        sheet.report("MP701", key, f"the case '{name}' does not say what state it expects")
        return None
    if state not in _STATES:
        hint = similar(str(state), _STATES)
        sheet.report("MP114", expect_node, f"'state' is one of {', '.join(_STATES)}{hint}")
        return None
    return Case(policy=policy, name=name, request=laid_over(base, request), expect=expect, place=sheet.place(key))


def _mapping(node: Node | None, sheet: Sheet) -> Mapping[str, Plain]:
    content = {} if node is None else plain(node, Sheet(sheet.file))  # the file's own reading reported duplicates
    if isinstance(content, dict):
        return content
    sheet.report("MP113", node, "keys with values are expected here")
    return {}


def laid_over(base: Mapping[str, Plain], top: Mapping[str, Plain]) -> dict[str, Plain]:
    """`top` over `base`, key by key: mappings are joined, everything else is replaced."""
    joined = dict(base)
    for key, value in top.items():
        below = joined.get(key)
        joined[key] = laid_over(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return joined
