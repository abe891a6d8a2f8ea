"""Reads YAML with the place of every value; scalars stay text until a declared type reads them.

Text first, type second: `then: no` and `version: 1.10` come through as written. Anchors are refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import yaml

from medpol.problems import Place, Problem

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]*")


@dataclass(frozen=True, slots=True)
class Cell:
    """A YAML value where it stands: text, a mapping, a list, or None for an empty value."""

    value: "str | dict[str, Cell] | list[Cell] | None"
    place: Place


def read_yaml(path: Path, problems: list[Problem]) -> "Section":
    """The top mapping of a file; an absent, broken or listless file is an empty section plus its problem."""
    start = Place(str(path), 1, 1)
    empty = Section(Cell({}, start), problems)
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=Loader)
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(Place(str(path)), "EV001", f"the file cannot be read: {error}"))
        return empty
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = Place(str(path), mark.line + 1, mark.column + 1) if mark else start
        problems.append(Problem(place, "EV001", f"not YAML: {error.problem}", "mend the line above"))
        return empty
    except (yaml.YAMLError, RecursionError) as error:
        problems.append(Problem(start, "EV001", f"not YAML: {error}"))
        return empty
    if node is None:
        return empty
    cell = _cell(node, str(path), problems, set())
    if not isinstance(cell.value, dict):
        problems.append(Problem(cell.place, "EV004", "the file must hold `key: value` pairs at the top"))
        return empty
    return Section(cell, problems)


def _cell(node: yaml.Node, file: str, problems: list[Problem], seen: set[int]) -> Cell:
    place = Place(file, node.start_mark.line + 1, node.start_mark.column + 1)
    if id(node) in seen:
        problems.append(Problem(place, "EV004", "anchors and aliases are not allowed", "write the value out"))
        return Cell(None, place)
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        return Cell(None if node.tag == "tag:yaml.org,2002:null" else node.value, place)
    if isinstance(node, yaml.SequenceNode):
        return Cell([_cell(item, file, problems, seen) for item in node.value], place)
    members: dict[str, Cell] = {}
    for key_node, value_node in node.value:
        key_place = Place(file, key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(Problem(key_place, "EV004", "a key must be plain text"))
            continue
        if key_node.value in members:
            problems.append(Problem(key_place, "EV005", f"'{key_node.value}' is given twice", "keep one"))
            continue
        members[key_node.value] = _cell(value_node, file, problems, seen)
    return Cell(members, place)


class Section:
    """A mapping read key by key; what is missing, malformed or left over becomes a problem.

    Every reader returns a usable value (None or empty after a problem) so that reading goes on.
    """

    def __init__(self, cell: Cell, problems: list[Problem]) -> None:
        self.place = cell.place
        self._members = cell.value if isinstance(cell.value, dict) else {}
        self._problems = problems
        self._read: set[str] = set()

    def problem(self, code: str, message: str, remedy: str = "", place: Place | None = None) -> None:
        """Note a finding, here unless `place` says otherwise."""
        self._problems.append(Problem(place or self.place, code, message, remedy))

    def warning(self, code: str, message: str, place: Place | None = None) -> None:
        """Note a defect of the source itself, kept as printed."""
        self._problems.append(Problem(place or self.place, code, message, level="warning"))

    def keys(self) -> tuple[str, ...]:
        """The names written here, in file order."""
        return tuple(self._members)

    def place_of(self, key: str) -> Place:
        """Where the value of `key` stands, or the section itself."""
        return self._members[key].place if key in self._members else self.place

    def has(self, key: str) -> bool:
        """Whether the key is written at all."""
        return key in self._members

    def _get(self, key: str, required: bool) -> Cell | None:
        self._read.add(key)
        cell = self._members.get(key)
        if cell is not None and cell.value is not None:
            return cell
        if required:
            self.problem("EV002", f"'{key}' is missing", f"add `{key}:`")
        return None

    def _wrong(self, key: str, cell: Cell, expected: str) -> None:
        shown = cell.value if isinstance(cell.value, str) else "a list or mapping"
        self.problem("EV004", f"'{key}' must be {expected}, not {shown}", place=cell.place)

    def text(self, key: str, *, required: bool = False) -> str:
        """Text, '' when absent."""
        cell = self._get(key, required)
        if cell is None:
            return ""
        if isinstance(cell.value, str):
            return " ".join(cell.value.split())
        self._wrong(key, cell, "text")
        return ""

    def choice(self, key: str, options: tuple[str, ...], *, required: bool = True) -> str:
        """One of `options`; the first one after a problem or when absent."""
        value = self.text(key, required=required)
        if value and value not in options:
            self.problem("EV004", f"'{key}' is '{value}'", f"use one of: {', '.join(options)}", self.place_of(key))
        return value if value in options else options[0]

    def number(self, key: str, *, required: bool = False) -> Decimal | None:
        """A finite decimal number, as written."""
        cell = self._get(key, required)
        if cell is None:
            return None
        value = decimal(cell.value) if isinstance(cell.value, str) else None
        if value is None:
            self._wrong(key, cell, "a number")
        return value

    def whole(self, key: str, *, required: bool = False, least: int = 0) -> int | None:
        """A whole number of at least `least`."""
        cell = self._get(key, required)
        if cell is None:
            return None
        if isinstance(cell.value, str) and re.fullmatch(r"-?\d{1,9}", cell.value) and int(cell.value) >= least:
            return int(cell.value)
        self._wrong(key, cell, f"a whole number from {least}")
        return None

    def flag(self, key: str) -> bool | None:
        """yes/no or true/false; None when absent."""
        cell = self._get(key, False)
        if cell is None:
            return None
        if isinstance(cell.value, str) and cell.value.lower() in _FLAGS:
            return _FLAGS[cell.value.lower()]
        self._wrong(key, cell, "yes or no")
        return None

    def day(self, key: str) -> date | None:
        """A date written YYYY-MM-DD; None when absent."""
        cell = self._get(key, False)
        if cell is None:
            return None
        try:
            return date.fromisoformat(str(cell.value))
        except ValueError:
            self._wrong(key, cell, "a date YYYY-MM-DD")
            return None

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """A list of texts; one text counts as a list of one."""
        return tuple(text for text, _ in self.placed_texts(key, required=required))

    def placed_texts(self, key: str, *, required: bool = False) -> list[tuple[str, Place]]:
        """A list of texts, each with its place."""
        cell = self._get(key, required)
        if cell is None:
            return []
        members = cell.value if isinstance(cell.value, list) else [cell]
        good: list[tuple[str, Place]] = []
        for member in members:
            if isinstance(member.value, str):
                good.append((" ".join(member.value.split()), member.place))
            else:
                self._wrong(key, member, "a list of texts")
        return good

    def named(self, key: str, *, required: bool = False) -> Iterator[tuple[str, "Section"]]:
        """The members of a mapping of mappings, by name; every one is finished after its turn."""
        cell = self._get(key, required)
        if cell is None:
            return
        if not isinstance(cell.value, dict):
            self._wrong(key, cell, "a mapping of names")
            return
        for name, member in cell.value.items():
            if not KEY.fullmatch(name):
                self.problem("EV004", f"'{name}' is not a usable key", "letters, digits, . _ -", member.place)
                continue
            yield from ((name, section) for section in self._sections(name, [member]))

    def section(self, key: str) -> Iterator["Section"]:
        """The one mapping under `key`, if any; finished after its turn."""
        cell = self._get(key, False)
        if cell is not None:
            yield from self._sections(key, [cell])

    def items(self, key: str, *, required: bool = False) -> Iterator["Section"]:
        """The members of a list of mappings; every one is finished after its turn."""
        cell = self._get(key, required)
        if cell is None:
            return
        if not isinstance(cell.value, list):
            self._wrong(key, cell, "a list")
            return
        yield from self._sections(key, cell.value)

    def _sections(self, key: str, cells: "list[Cell]") -> Iterator["Section"]:
        for cell in cells:
            if not isinstance(cell.value, dict):
                self._wrong(key, cell, "`key: value` pairs")
                continue
            section = Section(cell, self._problems)
            yield section
            section.finish()

    def finish(self) -> None:
        """Report the keys nobody asked for."""
        for key in self._members.keys() - self._read:
            self.problem("EV003", f"unknown key '{key}'", "remove it or mend its spelling", self.place_of(key))


_FLAGS = {"yes": True, "true": True, "no": False, "false": False}


def decimal(text: str) -> Decimal | None:
    """A finite decimal of at most 30 characters, or None."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and len(text) <= 30 and abs(value.adjusted()) < 30 else None
