"""Plain data → YAML text that reads back as the same text: no tags, no quotes where none are needed."""

from collections.abc import Mapping
from datetime import date
from typing import TypeAlias

import yaml
from yaml.cyaml import CBaseDumper

Content: TypeAlias = "str | float | int | bool | date | Flow | list[Content] | Mapping[str, Content] | None"
WIDTH = 120
ONE_LINE = 130  # characters of the mapping's repr, which has more quotes


class Flow(list["Content"]):
    """A list written on one line: `[G47.33, M48.0*]`."""


def compact(**entries: Content) -> dict[str, Content]:
    """A mapping without what is empty; a trailing underscore of a name is dropped (`from_` → `from`)."""
    return {key.rstrip("_"): value for key, value in entries.items() if not _empty(value)}


def _empty(value: Content) -> bool:
    return value is None or (not isinstance(value, (bool, int, float)) and not isinstance(value, date) and not value)


def number(value: float) -> str:
    """The shortest text that reads back as the same number: `65`, `3.5`."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def to_yaml(content: Content) -> str:
    """YAML text. A mapping of texts and one-line lists that is short enough stands on one line."""
    text: str = yaml.serialize(_node(content, top=True), Dumper=CBaseDumper, width=WIDTH, allow_unicode=True)
    return text


def _node(content: Content, *, top: bool = False) -> yaml.Node:
    if isinstance(content, Mapping):
        pairs = [(_node(key), _node(value)) for key, value in content.items()]
        return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=not top and _fits(content))
    if isinstance(content, list):
        flow = isinstance(content, Flow) or not content
        return yaml.SequenceNode("tag:yaml.org,2002:seq", [_node(item) for item in content], flow_style=flow)
    text = _text(content)
    style = "|" if "\n" in text else "'" if text == "" else None
    return yaml.ScalarNode("tag:yaml.org,2002:str", text, style=style)


def _fits(content: Mapping[str, Content]) -> bool:
    """Whether a mapping is flat and short enough for one line."""
    nested = any(isinstance(value, (Mapping, list)) and not isinstance(value, Flow) for value in content.values())
    return not nested and len(str(content)) <= ONE_LINE


def _text(content: Content) -> str:
    if isinstance(content, bool):
        return "true" if content else "false"
    if isinstance(content, (int, float)):
        return number(content)
    return content.isoformat() if isinstance(content, date) else str(content)
