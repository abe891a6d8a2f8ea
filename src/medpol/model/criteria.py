"""Criteria: trees of groups over leaves. Data only; their meaning lives in `engine`, their English in `rendering`."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from medpol.model.codes import NOWHERE, CodeList
from medpol.problems import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What every criterion may carry beside its meaning: words, a source key, and where it was written."""

    label: str = ""
    source: str = ""
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class All(Node):
    of: "tuple[Criterion, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf(Node):
    of: "tuple[Criterion, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLeast(Node):
    """`n` or more of the members hold; 1 <= n <= len(of)."""

    n: int
    of: "tuple[Criterion, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Node):
    of: "Criterion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unless(Node):
    """`of` is required, waived where `waiver` holds."""

    of: "Criterion"
    waiver: "Criterion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare(Node):
    """A number, a duration, an ordinal level (by index) or a date (by day code) lies in an interval.

    The ends are in the fact's own unit; None is unbounded; `low_open` and `high_open` exclude the end.
    """

    fact: str
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Is(Node):
    """A boolean fact is yes."""

    fact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf(Node):
    """A code fact is in a list of codes, or a set fact has at least one member in it."""

    fact: str
    codes: CodeList


@dataclass(frozen=True, slots=True, kw_only=True)
class Window(Node):
    """How far the date fact `event` lies before the date fact `anchor`, in `unit` (d, wk, mo, a).

    `low` and `high` are both inclusive and None is unbounded; negative distances lie after the anchor.
    """

    event: str
    anchor: str
    unit: str
    low: int | None = None
    high: int | None = None


class Measure(StrEnum):
    LINES = "lines"
    DAYS = "days"
    UNITS = "units"


class Within(StrEnum):
    """Which earlier lines a count looks at; LENGTH is a length of time ending on the anchor."""

    LENGTH = "length"
    LIFETIME = "lifetime"
    CALENDAR_YEAR = "calendar year"
    SAME_DAY = "same day"
    SAME_CLAIM = "same claim"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims(Node):
    """The number of earlier claim lines that match lies in [low, high] (both inclusive; None is unbounded).

    `codes` None means the requested code itself. With Within.LENGTH the window is the `length` `unit`s
    that end with the anchor: a line exactly that long before it lies outside, so that "at most 6 in 12 months"
    starts anew on the anniversary. The request's own line never counts.
    """

    codes: CodeList | None
    within: Within
    length: int = 0
    unit: str = ""
    before: str = "service_date"
    measure: Measure = Measure.LINES
    diagnosis: CodeList | None = None
    same: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table of thresholds; `when` None is the otherwise."""

    when: "Criterion | None"
    then: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareBy(Node):
    """A comparison whose threshold depends on the population: the first row that applies gives it.

    `op` is one of >=, >, <=, <; the last row is the otherwise; thresholds are in the fact's unit.
    """

    fact: str
    op: str
    rows: tuple[Row, ...]


class Because(StrEnum):
    JUDGEMENT = "judgement"
    LICENSED = "licensed"
    OPEN_LIST = "open_list"
    NOT_AVAILABLE = "not_available"


@dataclass(frozen=True, slots=True, kw_only=True)
class CannotDetermine(Node):
    """What no fact can settle: always unknown, and for a person."""

    because: Because
    what: str


Leaf: TypeAlias = Compare | Is | OneOf | Window | Claims | CannotDetermine
Criterion: TypeAlias = All | AnyOf | AtLeast | Not | Unless | CompareBy | Leaf
LEAVES = (Compare, Is, OneOf, Window, Claims, CannotDetermine)


def members(criterion: Criterion) -> tuple[Criterion, ...]:
    """The criteria directly under one; for a leaf none."""
    match criterion:
        case All(of=of) | AnyOf(of=of) | AtLeast(of=of):
            return of
        case Not(of=inner):
            return (inner,)
        case Unless(of=inner, waiver=waiver):
            return (inner, waiver)
        case CompareBy(rows=rows):
            return tuple(row.when for row in rows if row.when is not None)
        case _:
            return ()


def facts_of(criterion: Criterion) -> frozenset[str]:
    """Every fact a criterion reads, by name; `history` for claims leaves."""
    own: set[str] = set()
    match criterion:
        case Compare(fact=fact) | Is(fact=fact) | OneOf(fact=fact) | CompareBy(fact=fact):
            own = {fact}
        case Window(event=event, anchor=anchor):
            own = {event, anchor}
        case Claims(before=anchor):
            own = {"history", anchor}
    return frozenset(own).union(*(facts_of(member) for member in members(criterion)))
