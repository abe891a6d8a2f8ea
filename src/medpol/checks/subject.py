"""What a rule looks at: one policy with all that belongs to it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import yaml

from medpol.evidence import Evidence
from medpol.loading.code_systems import code_systems
from medpol.loading.nodes import Sheet, compose
from medpol.model.code_systems import CodeSystems
from medpol.model.narrative import Narrative
from medpol.model.policy import Policy, Version
from medpol.model.rules import Library
from medpol.problems import Place

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A policy of a library, its evidence and its text (of the newest version). `today` decides what is overdue.

    `shared` keeps what rules work out once for a whole library (see `once`).
    """

    folder: Path
    library: Library
    policy: Policy
    evidence: Evidence | None
    narrative: Narrative
    today: date
    shared: dict[object, Any] = field(default_factory=dict, repr=False, compare=False)
    _files: dict[str, yaml.Node | None] = field(default_factory=dict, repr=False, compare=False)

    @property
    def newest(self) -> Version | None:
        """The version whose text is checked."""
        return self.policy.versions[-1] if self.policy.versions else None

    @property
    def live(self) -> tuple[Version, ...]:
        """The versions that decide requests of today and later: one that has ended is not rewritten any more."""
        ends = ((version, self.policy.end_of(version)) for version in self.policy.versions)
        return tuple(version for version, end in ends if end is None or end > self.today)

    @property
    def code_systems(self) -> CodeSystems:
        """Shapes of codes and the bundled editions; read when they are first asked for."""
        return code_systems()

    def once(self, key: object, make: Callable[[], T]) -> T:
        """`make()`, made the first time a key is asked for in a run over the library."""
        if key not in self.shared:
            self.shared[key] = make()
        found: T = self.shared[key]
        return found

    def place(self, file: str, *path: str | int) -> Place:
        """Where something stands in a YAML file of the policy: `place("policy.yaml", "history", 3, "date")`.

        The deepest node of the path that there is; the file as a whole where there is none.
        """
        name = str(self.folder / file)
        if len(path) == 1 and name not in self._files and (found := _top_level(self.folder / file, str(path[0]))):
            return found
        if name not in self._files:
            data = (self.folder / file).read_bytes() if (self.folder / file).exists() else b""
            self._files[name] = compose(data, Sheet(name))
        node, place = self._files[name], Place(name)
        for step in (None, *path):
            node = node if step is None else _under(node, step)
            if node is None:
                break
            place = Place(name, node.start_mark.line + 1, node.start_mark.column + 1)
        return place

    def version_place(self, version: Version, *path: str | int) -> Place:
        """Where something stands in a version's file."""
        return self.place(f"{version.effective.isoformat()}.yaml", *path)


def _top_level(file: Path, key: str) -> Place | None:
    """Where a key of the file's top level has its value, found without reading the file as YAML; None where it is not
    written on a line of its own."""
    text = file.read_text(encoding="utf-8-sig") if file.exists() else ""
    match = re.search(rf"^{re.escape(key)}:[ ]+(?=[^\s#])", text, re.MULTILINE)
    return None if match is None else Place(str(file), text.count("\n", 0, match.start()) + 1, len(match[0]) + 1)


def _under(node: yaml.Node | None, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in _pairs(node) if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        found: yaml.Node = node.value[step]
        return found
    return None


def _pairs(node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    yield from node.value
