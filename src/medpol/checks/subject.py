"""What a rule looks at: one policy with all that belongs to it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import yaml

from medpol.evidence import Evidence
from medpol.loading.nodes import Sheet, compose
from medpol.model.narrative import Narrative
from medpol.model.policy import Policy, Version
from medpol.model.rules import Library
from medpol.problems import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A policy of a library, its evidence and its text (of the newest version). `today` decides what is overdue."""

    folder: Path
    library: Library
    policy: Policy
    evidence: Evidence | None
    narrative: Narrative
    today: date
    _files: dict[str, yaml.Node | None] = field(default_factory=dict, repr=False, compare=False)

    @property
    def newest(self) -> Version | None:
        """The version whose text is checked."""
        return self.policy.versions[-1] if self.policy.versions else None

    def place(self, file: str, *path: str | int) -> Place:
        """Where something stands in a YAML file of the policy: `place("policy.yaml", "history", 3, "date")`.

        The deepest node of the path that there is; the file as a whole where there is none.
        """
        name = str(self.folder / file)
        if name not in self._files:
            data = (self.folder / file).read_bytes() if (self.folder / file).exists() else b""
            self._files[name] = compose(data, Sheet(name))
        node, found = self._files[name], Place(name)
        for step in (None, *path):
            node = node if step is None else _under(node, step)
            if node is None:
                break
            found = Place(name, node.start_mark.line + 1, node.start_mark.column + 1)
        return found

    def version_place(self, version: Version, *path: str | int) -> Place:
        """Where something stands in a version's file."""
        return self.place(f"{version.effective.isoformat()}.yaml", *path)


def _under(node: yaml.Node | None, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in _pairs(node) if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        found: yaml.Node = node.value[step]
        return found
    return None


def _pairs(node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    yield from node.value
