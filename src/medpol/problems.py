"""What can be wrong with a file or a request, where it is, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A spot in a source: a file with line and column (from 1), or a path inside it.

    `line` 0 means the file as a whole. `path` is a JSON path (`$.member.sex`), a table cell
    (`row 12, column events`) or an X12 segment; where it is set it is printed after the position.
    """

    file: str
    line: int = 0
    column: int = 0
    path: str = ""

    def __str__(self) -> str:
        position = f":{self.line}:{self.column}" if self.line else ""
        return f"{self.file}{position}" + (f" {self.path}" if self.path else "")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One finding, ready to print: place, stable code, what is wrong, what to do."""

    place: Place
    code: str
    message: str
    remedy: str = ""
    level: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        remedy = f"\n    remedy: {self.remedy}" if self.remedy else ""
        return f"{self.place}: {self.code} {self.message}{remedy}"

    def as_json(self) -> dict[str, object]:
        """The one shape in which every face prints a problem."""
        place = self.place
        return {
            "file": place.file,
            "line": place.line or None,
            "column": place.column or None,
            "path": place.path or None,
            "code": self.code,
            "level": self.level,
            "message": self.message,
            "remedy": self.remedy or None,
        }


class PolicyRejected(Exception):
    """Input that cannot be used; carries every problem found in it, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))
