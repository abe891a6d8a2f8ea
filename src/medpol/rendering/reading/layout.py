"""Text with bullets, numbers, indentation or brackets → lines with the lines under them, each knowing its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from medpol.problems import Place, Problem
from medpol.rendering.phrasings import VOUCHED

LARGEST = 1_000_000  # characters
DEEPEST = 60  # lists within lists; far beyond what a person reads, and within Python's own stack
REMEDIES = {
    "MP971": "write it as `medpol show` does, one sentence a line",
    "MP972": "write the fact's name in words as facts.yaml has it, such as `age` or `BMI`",
    "MP973": "write a value of the fact's type in the fact's own unit",
    "MP974": "name a code list of the version or of code_lists/",
    "MP975": "put every criterion on a line of its own, and what belongs to a line indented under it",
    "MP976": "write the sentence as shown",
}
Code = Literal["MP971", "MP972", "MP973", "MP974", "MP975", "MP976"]
_VOUCHED = frozenset(VOUCHED.values())
_MARKED = re.compile(r"(\s*)(?:[-*•–]|\d{1,3}[.)]|[a-z][.)])\s+(?=\S)")
_QUOTED = re.compile(r"“(?:\\.|[^”\\])*”")


@dataclass(frozen=True, slots=True)
class Words:
    """A stretch of a criterion's text. `spots` are (offset, line, column): where each piece of it was written."""

    text: str
    spots: tuple[tuple[int, int, int], ...]
    plain: str = ""  # the text with dots for what stands in quotes: no grammar is looked for there

    @classmethod
    def of(cls, text: str, spots: tuple[tuple[int, int, int], ...]) -> "Words":
        return cls(text, spots, _QUOTED.sub(lambda found: f"“{'·' * (len(found[0]) - 2)}”", text))

    def part(self, start: int, end: int | None = None) -> "Words":
        moved = tuple((offset - start, line, column) for offset, line, column in self.spots)
        return Words(self.text[start:end], moved, self.plain[start:end])

    def group(self, match: re.Match[str], name: str) -> "Words":
        return self.part(match.start(name), match.end(name))

    def after(self, prefix: str) -> "Words | None":
        return self.part(len(prefix)) if self.plain.startswith(prefix) else None

    def position(self, offset: int = 0) -> tuple[int, int]:
        """Line and column, from 1, of the character at `offset`."""
        start, line, column = max((spot for spot in self.spots if spot[0] <= offset), default=self.spots[0])
        return line, column + max(offset - start, 0)


@dataclass(frozen=True, slots=True)
class Item:
    """A line without its colon, and the lines under it."""

    words: Words
    under: "tuple[Item, ...]" = ()


@dataclass(slots=True)
class Notes:
    """The problems found so far in one text."""

    name: str
    problems: list[Problem] = field(default_factory=list)

    def report(self, code: Code, words: Words, message: str, remedy: str = "", offset: int = 0) -> None:
        line, column = words.position(offset)
        self.problems.append(Problem(Place(self.name, line, column), code, message, remedy or REMEDIES[code]))


def read_layout(text: str, notes: Notes) -> Item | None:
    """The one criterion of a text; None after a report where it is not laid out as one."""
    if len(text) > LARGEST:
        notes.report("MP975", _line("", 1, 1), f"the text has {len(text)} characters; {LARGEST} are read")
        return None
    found = list(_lines(text))
    if not found:
        notes.report("MP975", _line("", 1, 1), "there is no criterion here")
        return None
    rows = list(_outline(found, notes))
    if notes.problems:
        return None
    roots = _nested(rows, 0, len(rows), 0, notes)
    if len(roots) != 1 and not notes.problems:
        notes.report(
            "MP975", roots[1].words, "a second criterion stands beside the first", "put both under a line that joins "
            "them, such as `all of the following:`",
        )  # fmt: skip
    return None if notes.problems else roots[0]


def _line(text: str, line: int, column: int) -> Words:
    return Words.of(text, ((0, line, column),))


def _lines(text: str) -> Iterator[tuple[int, bool, Words]]:
    """(indent, whether it has a bullet, words) of every line that is not empty. Inside quotes nothing is a bullet."""
    quoting = ""
    for number, written in enumerate(text.split("\n"), 1):
        line = written.rstrip()
        if not line:
            continue
        marked = None if quoting else _MARKED.match(line)
        margin = len(marked[1]) if marked else len(line) - len(line.lstrip())
        start = marked.end() if marked else margin
        rest = _QUOTED.sub("", f"{quoting} {line[start:]}")
        quoting = rest[rest.index("“") :] if "“" in rest else ""
        yield margin, marked is not None, _line(line[start:], number, start + 1)


def _outline(lines: list[tuple[int, bool, Words]], notes: Notes) -> Iterator[tuple[int, Words]]:
    """(depth, words): where there are bullets, a line without one goes on from the line before."""
    bullets = any(marked for _, marked, _ in lines)
    rows: list[tuple[int, Words]] = []
    for margin, marked, words in lines:
        if rows and bullets and not marked:
            before = rows[-1][1]
            spots = (*before.spots, (len(before.text) + 1, *words.position()))
            rows[-1] = (rows[-1][0], Words.of(f"{before.text} {words.text}", spots))
        else:
            rows.append((margin if marked or not bullets else -1, words))
    open_margins: list[int] = []
    for margin, words in rows:
        left = False
        while open_margins and open_margins[-1] > margin:
            open_margins.pop()
            left = True
        if not open_margins or open_margins[-1] < margin:
            if left:
                notes.report("MP975", words, "this line stands neither under nor beside a line above")
            open_margins.append(margin)
        if len(open_margins) > DEEPEST:
            notes.report("MP975", words, f"lists are nested more than {DEEPEST} deep")
            return
        yield len(open_margins) - 1, words


def _nested(rows: list[tuple[int, Words]], start: int, end: int, depth: int, notes: Notes) -> tuple[Item, ...]:
    heads = [at for at in range(start, end) if rows[at][0] == depth]
    items = []
    for at, until in zip(heads, [*heads[1:], end], strict=True):
        under = _nested(rows, at + 1, until, depth + 1, notes) if until > at + 1 else ()
        items.append(_item(rows[at][1], under, depth, notes))
    return tuple(items)


def _item(words: Words, under: tuple[Item, ...], depth: int, notes: Notes) -> Item:
    """A line, its colon taken off; without lines under it, what its last brackets list."""
    colon = words.plain.endswith(":")
    if under and not colon:
        notes.report("MP975", words, "lines stand under this one, which has no colon", offset=len(words.text))
    if colon and not under:
        notes.report("MP975", words, "nothing stands under this line, which ends in a colon", offset=len(words.text))
    if under or colon:
        return Item(words.part(0, len(words.text) - colon), under)
    return _bracketed(words, depth, notes)


def _bracketed(words: Words, depth: int, notes: Notes) -> Item:
    """`any of the following (one; another)`; who vouches for an answer is part of its sentence."""
    start = _opening(words.plain)
    if start is None or words.plain[start - 1 :] in _VOUCHED:
        return Item(words)
    if depth > DEEPEST:
        notes.report("MP975", words, f"lists are nested more than {DEEPEST} deep")
        return Item(words)
    members = []
    at = start + 1
    for end in _ends(words.plain, start + 1):
        members.append(_bracketed(words.part(at, end), depth + 1, notes))
        at = end + 2
    return Item(words.part(0, start - 1), tuple(members))


def _opening(plain: str) -> int | None:
    """Where the bracket opens that the last character closes, with a space before it."""
    if not plain.endswith(")"):
        return None
    depth = 0
    for at in range(len(plain) - 1, 0, -1):
        depth += (plain[at] == ")") - (plain[at] == "(")
        if depth == 0:
            return at if plain[at - 1] == " " else None
    return None


def _ends(plain: str, start: int) -> Iterator[int]:
    """Where the members of a bracket end: at `; ` outside further brackets, and at the last character."""
    depth = 0
    for at in range(start, len(plain) - 1):
        depth += (plain[at] == "(") - (plain[at] == ")")
        if depth == 0 and plain.startswith("; ", at):
            yield at
    yield len(plain) - 1
