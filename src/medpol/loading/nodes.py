"""YAML as nodes with places: text as typed, every key once, nothing that expands or recurses without bound."""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

import orjson
import yaml
from yaml.cyaml import CBaseLoader
from yaml.reader import ReaderError

from medpol.loading.catalogue import CATALOGUE
from medpol.problems import Place, Problem

Node: TypeAlias = yaml.Node
Plain: TypeAlias = "str | list[Plain] | dict[str, Plain] | None"

LARGEST = 8 * 2**20  # bytes of one file
DEEPEST = 64  # levels of nesting
_SUSPECT = 2000  # more openers than this, and the depth is counted before the recursive composer runs

# An alias, an anchor or a tag can only begin where a node can; `!=` is our own operator.
_MARKUP = re.compile(r"(?:^|[\s\[{,])(?:[*&]\S|!(?!=))")
_INDENT = re.compile(r"^[-?: \t]*", re.M)


@dataclass(slots=True)
class Sheet:
    """One file being read, and the problems found so far."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def place(self, node: Node | None, offset: int = 0) -> Place:
        """Where a node begins; `offset` characters into its text if it stands on one line as it is."""
        if node is None:
            return Place(self.file)
        mark, end = node.start_mark, node.end_mark
        column = mark.column + 1
        if offset and isinstance(node, yaml.ScalarNode):
            quotes = 2 if node.style in ("'", '"') else 0
            if mark.line == end.line and end.column - mark.column == len(node.value) + quotes:
                column += offset + quotes // 2
        return Place(self.file, mark.line + 1, column)

    def report(self, code: str, where: Node | Place | None, message: str, remedy: str = "") -> None:
        place = where if isinstance(where, Place) else self.place(where)
        self.problems.append(Problem(place, code, message, remedy or CATALOGUE[code].remedy))


class _Loader(CBaseLoader):
    """The C composer; every plain scalar is text."""

    def resolve(self, *_: object) -> str:
        return ""


def similar(word: str, known: Iterable[str]) -> str:
    """` (did you mean …?)`, or nothing where no known word is close."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean '{close[0]}'?)" if close else ""


def compose(data: bytes, sheet: Sheet) -> Node | None:
    """The root node of a file, or None with the problems reported."""
    if len(data) > LARGEST:
        sheet.report("MP106", None, f"the file has {len(data)} bytes; {LARGEST} are allowed")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        sheet.report("MP102", Place(sheet.file, line, column), "these bytes are not UTF-8")
        return None
    try:
        if not _harmless(text, sheet):
            return None
        root = _Loader(text).get_single_node()
    except yaml.YAMLError as error:
        _report_syntax(error, text, sheet)
        return None
    if root is None or _is_empty(root):
        sheet.report("MP105", None, "nothing is in this file")
        return None
    return root


def _harmless(text: str, sheet: Sheet) -> bool:
    """Whether the text has no markup that expands, and is shallow enough for recursion."""
    openers = text.count("[") + text.count("{")
    deepest_column = max((len(m[0]) for m in _INDENT.finditer(text)), default=0)
    if openers + deepest_column < _SUSPECT and not _MARKUP.search(text):
        return True
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        where = _at(event.start_mark, sheet)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                sheet.report("MP107", where, f"nested deeper than {DEEPEST} levels")
                return False
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if isinstance(event, yaml.NodeEvent) and (event.anchor or getattr(event, "tag", None)):
            sheet.report("MP108", where, "an anchor, an alias or a tag begins here")
            return False
    return True


def _at(mark: Any, sheet: Sheet) -> Place:
    """The place of one of the parser's marks; the file as a whole where there is none."""
    return Place(sheet.file) if mark is None else Place(sheet.file, mark.line + 1, mark.column + 1)


def _report_syntax(error: yaml.YAMLError, text: str, sheet: Sheet) -> None:
    mark = getattr(error, "problem_mark", None)
    where = _at(mark, sheet)
    if isinstance(error, ReaderError):
        where = Place(sheet.file, text.count("\n", 0, error.position) + 1, 1)
    if "another document" in str(error):
        sheet.report("MP104", where, "a second document begins here")
        return
    parts = (getattr(error, "problem", None) or getattr(error, "reason", None), getattr(error, "context", None))
    message = ", ".join(str(part) for part in parts if part) or "this is not YAML"
    lines = [*text.splitlines(), ""]
    line = "" if mark is None else lines[min(mark.line, len(lines) - 1)]
    sheet.report("MP103", where, message, "indent with spaces, not tabs" if "\t" in line else "")


def _is_empty(node: Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.value == "" and not node.style


def plain(node: Node, sheet: Sheet, depth: int = 0) -> Plain:
    """The file as nested text, lists and dicts: what it says, whatever its layout. Duplicate keys are reported.

    An empty value, `null` and `~` are None. Used for digests and for requests in cases.
    """
    if isinstance(node, yaml.ScalarNode):
        return None if not node.style and node.value in ("", "null", "~") else node.value
    if depth > DEEPEST:
        sheet.report("MP107", node, f"nested deeper than {DEEPEST} levels")
        return None
    if isinstance(node, yaml.SequenceNode):
        return [plain(item, sheet, depth + 1) for item in node.value]
    found: dict[str, Plain] = {}
    for key, value in node.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else None
        if name is None:
            sheet.report("MP113", key, "a key must be text")
        elif name in found:
            sheet.report("MP109", key, f"'{name}' stands twice")
        else:
            found[name] = plain(value, sheet, depth + 1)
    return found


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"[-+]?(\d+(\.\d+)?|\.\d+)([eE][-+]?\d{1,3})?")
_YES_NO = {"true": True, "yes": True, "false": False, "no": False}


def day_of(text: str) -> date | None:
    """A date written YYYY-MM-DD; None where it is none, or does not exist."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def number_of(text: str) -> float | None:
    """A finite decimal number; None where it is none."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if abs(value) < 1e300 else None


def yes_or_no(text: str) -> bool | None:
    return _YES_NO.get(text.lower())


def text_of(node: Node, sheet: Sheet) -> str | None:
    """A scalar's text without the space around it; anything else is reported."""
    if isinstance(node, yaml.ScalarNode):
        return str(node.value).strip()
    sheet.report("MP113", node, "text is expected here")
    return None


def items_of(node: Node, sheet: Sheet) -> Sequence[Node]:
    """The items of a list; anything else is reported."""
    if isinstance(node, yaml.SequenceNode):
        items: Sequence[Node] = node.value
        return items
    sheet.report("MP113", node, "a list is expected here")
    return ()


class Keys:
    """A mapping being read: every key is taken by its type, `close` reports what is left over.

    Duplicate keys are reported by `plain`, which every file goes through first.
    """

    __slots__ = ("found", "node", "sheet", "taken")

    def __init__(self, node: Node, sheet: Sheet) -> None:
        self.node = node
        self.sheet = sheet
        self.found: dict[str, tuple[Node, Node]] = {}
        self.taken: set[str] = set()
        if not isinstance(node, yaml.MappingNode):
            sheet.report("MP113", node, "keys with values are expected here")
            return
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if _is_empty(value):
                sheet.report("MP112", key, f"'{key.value}' has no value")
                self.taken.add(key.value)
                continue
            self.found.setdefault(key.value, (key, value))

    def __contains__(self, name: str) -> bool:
        return name in self.found

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def key(self, name: str) -> Node:
        return self.found[name][0]

    def get(self, name: str) -> Node | None:
        """The node under a key, now taken; None where the key is absent."""
        self.taken.add(name)
        pair = self.found.get(name)
        return pair[1] if pair else None

    def need(self, name: str) -> Node | None:
        """As `get`; a missing key is reported."""
        node = self.get(name)
        if node is None and isinstance(self.node, yaml.MappingNode) and not self._was_empty(name):
            self.sheet.report("MP111", self.node, f"'{name}' is missing")
        return node

    def _was_empty(self, name: str) -> bool:
        return any(key.value == name for key, _ in self.node.value if isinstance(key, yaml.ScalarNode))

    def text(self, name: str, *, required: bool = False) -> str:
        node = self.need(name) if required else self.get(name)
        return "" if node is None else text_of(node, self.sheet) or ""

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, each once."""
        node = self.get(name)
        found: dict[str, None] = {}
        for item in () if node is None else items_of(node, self.sheet):
            text = text_of(item, self.sheet)
            if text in found:
                self.sheet.report("MP119", item, f"'{text}' stands twice")
            elif text is not None:
                found[text] = None
        return tuple(found)

    def items(self, name: str) -> Sequence[Node]:
        node = self.get(name)
        return () if node is None else items_of(node, self.sheet)

    def mapping(self, name: str) -> "Keys | None":
        node = self.get(name)
        return None if node is None else Keys(node, self.sheet)

    def day(self, name: str, *, required: bool = False) -> date | None:
        node = self.need(name) if required else self.get(name)
        text = None if node is None else text_of(node, self.sheet)
        if text is None:
            return None
        day = day_of(text)
        if day is None:
            self.sheet.report("MP115", node, f"'{name}' is not a date")
        return day

    def flag(self, name: str) -> bool:
        node = self.get(name)
        text = None if node is None else text_of(node, self.sheet)
        if text is None:
            return False
        value = yes_or_no(text)
        if value is None:
            self.sheet.report("MP117", node, f"'{name}' is true or false")
        return bool(value)

    def choice(self, name: str, options: Sequence[str], default: str | None = None) -> str:
        """One of the options; without a default the key is required. '' after a report."""
        node = self.need(name) if default is None else self.get(name)
        text = None if node is None else text_of(node, self.sheet)
        if text is None:
            return default or ""
        if text not in options:
            message = f"'{name}' is one of {', '.join(options)}{similar(text, options)}"
            self.sheet.report("MP114", node, message)
            return default or ""
        return text

    def close(self) -> None:
        """Report every key that nobody took."""
        for name, (key, _) in self.found.items():
            if name not in self.taken:
                self.sheet.report("MP110", key, f"'{name}' is not known here{similar(name, self.taken)}")


@dataclass(frozen=True, slots=True)
class File:
    """A file that was composed: its root, its content whatever the layout, and where its problems go."""

    sheet: Sheet
    root: Node
    content: Plain

    @property
    def digest(self) -> str:
        """SHA-256 of the content; comments, quotes and line breaks do not count."""
        return sha256(orjson.dumps(self.content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def parse(data: bytes, sheet: Sheet) -> File | None:
    """A file's bytes as nodes; None where they are not usable, with the problems reported."""
    root = compose(data, sheet)
    if root is None:
        return None
    before = len(sheet.problems)
    content = plain(root, sheet)
    too_deep = any(problem.code == "MP107" for problem in sheet.problems[before:])
    return None if too_deep else File(sheet, root, content)


def read(path: Path, problems: list[Problem]) -> File | None:
    """A file of the library; None where it is not usable, with the problems reported."""
    sheet = Sheet(str(path), problems)
    try:
        data = path.read_bytes()
    except OSError as error:
        sheet.report("MP101", None, error.strerror or "cannot be read")
        return None
    return parse(data, sheet)
