"""What the plan asks to be done, read from its text: make a table or a view, drop one, rename one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_MAKE = re.compile(r"CREATE (?:OR REPLACE )?TEMP (TABLE|VIEW) (\w+) AS\s+(.*)", re.DOTALL)
_DROP = re.compile(r"DROP (?:TABLE|VIEW) (?:IF EXISTS )?(\w+)")
_RENAME = re.compile(r"ALTER TABLE (\w+) RENAME TO (\w+)")
_RELATION = re.compile(r"\b(FROM|JOIN) (\w+)")


@dataclass(frozen=True, slots=True)
class Make:
    """A table of a query's rows, or (`is_view`) a name for the query."""

    name: str
    query: str
    is_view: bool


@dataclass(frozen=True, slots=True)
class Drop:
    name: str


@dataclass(frozen=True, slots=True)
class Rename:
    old: str
    new: str


def read(sql: str) -> Make | Drop | Rename:
    """The statement. Raises ValueError for any other: the plan is to make do with these."""
    text = sql.strip()
    if match := _MAKE.fullmatch(text):
        return Make(match[2], match[3], match[1] == "VIEW")
    if match := _DROP.fullmatch(text):
        return Drop(match[1])
    if match := _RENAME.fullmatch(text):
        return Rename(match[1], match[2])
    raise ValueError(f"a statement that only some engines know: {text[:80]}")


def with_names(query: str, names: Mapping[str, str]) -> str:
    """The query with other names for its relations; names it does not list stay."""
    return _RELATION.sub(lambda match: f"{match[1]} {names.get(match[2], match[2])}", query)
