"""Lines for a terminal: bullets, hanging indents, aligned pairs. They break at spaces only and so join again."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from textwrap import wrap

WIDTH = 100
_wrapped = partial(wrap, width=WIDTH, break_on_hyphens=False, break_long_words=False)


def bulleted(lines: Iterable[tuple[int, str]], indent: int = 2) -> Iterator[str]:
    """(depth, text) pairs as a list with bullets, wrapped under their own first word."""
    for depth, text in lines:
        margin = " " * (indent + 2 * depth)
        yield from _wrapped(text, initial_indent=f"{margin}- ", subsequent_indent=f"{margin}  ") or [f"{margin}-"]


def pairs(rows: Iterable[tuple[str, str]], indent: int = 2) -> Iterator[str]:
    """Names and values in two columns; a row without a value is left out."""
    shown = [(name, value) for name, value in rows if value]
    column = max((len(name) for name, _ in shown), default=0) + 2
    margin = " " * indent
    for name, value in shown:
        first = f"{margin}{name:<{column}}"
        yield from _wrapped(value, initial_indent=first, subsequent_indent=" " * len(first)) or [first]


def section(title: str, lines: Iterable[str]) -> list[str]:
    """A blank line, the title, the lines; nothing where there are no lines."""
    body = list(lines)
    return ["", title, *body] if body else []


def joined(parts: Sequence[str], between: str = ", ") -> str:
    """The parts that are not empty."""
    return between.join(part for part in parts if part)
