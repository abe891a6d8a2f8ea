"""Codes as policies write them: one code, a prefix, a range, a named list."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from medpol.problems import Place

NOWHERE = Place("")


def normal(code: str) -> str:
    """The comparable form of any code: upper case, without dots or spaces (`g47.33` → `G4733`)."""
    return code.replace(".", "").replace(" ", "").upper()


@dataclass(frozen=True, slots=True)
class CodePattern:
    """The codes from `low` to `high`, both in normal form.

    A single code has low = high. A prefix has high = low followed by `~`, which sorts after every code
    character. A range's upper end takes in everything that begins with it, as coding rules read
    `I83.001-I83.899`.
    """

    low: str
    high: str

    def matches(self, code: str) -> bool:
        """Whether a code in normal form is in it."""
        return self.low <= code <= self.high

    def __str__(self) -> str:
        if self.low == self.high:
            return self.low
        end = self.high.removesuffix("~")
        return f"{end}*" if end == self.low else f"{self.low}-{end}"


def parse_pattern(text: str) -> CodePattern | None:
    """`G47.33`, `M48.0*`, `I83.001-I83.899`; None where it is none of these or the ends are reversed."""
    compact = normal(text)
    if re.fullmatch(r"[0-9]{3,7}-[0-9]", compact):  # a LOINC code with its check digit
        return CodePattern(compact, compact)
    if match := re.fullmatch(r"([A-Z0-9]+)\*", compact):
        return CodePattern(match[1], match[1] + "~")
    if match := re.fullmatch(r"([A-Z0-9]+)-([A-Z0-9]+)", compact):
        low, high = match[1], match[2]
        return CodePattern(low, high + "~") if low <= high else None
    return CodePattern(compact, compact) if re.fullmatch(r"[A-Z0-9_]+(-[0-9]+)?", compact) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeList:
    """The codes a leaf asks for: patterns, or a named list (whose patterns they then are).

    `loaded` is false for a list a plan has yet to bring: a leaf on it is unknown.
    """

    patterns: tuple[CodePattern, ...] = ()
    name: str = ""
    loaded: bool = True
    exact: frozenset[str] = field(init=False, repr=False, compare=False)
    wide: tuple[CodePattern, ...] = field(init=False, repr=False, compare=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.patterns, self.name, self.loaded)))
        object.__setattr__(self, "exact", frozenset(p.low for p in self.patterns if p.low == p.high))
        object.__setattr__(self, "wide", tuple(p for p in self.patterns if p.low != p.high))

    def __hash__(self) -> int:
        return self._hash  # made once: leaves with thousands of codes are dictionary keys

    def matches(self, code: str) -> bool:
        """Whether a code in normal form is in the list."""
        return code in self.exact or any(p.matches(code) for p in self.wide)

    def match_any(self, codes: Iterable[str]) -> bool:
        return any(self.matches(code) for code in codes)
