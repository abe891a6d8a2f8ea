"""What a replay of past claims found: how many lines would have another answer, and which."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from medpol.model.policy import State


class Basis(StrEnum):
    """Which dates a replay goes by."""

    ALL_DATES = "all_dates"
    AS_PUBLISHED = "as_published"
    LIBRARIES = "libraries"


class Kind(StrEnum):
    """The first thing in which two answers differ, in this order. CITED: only the version that is cited."""

    STATE = "state"
    POSITION = "position"
    DECIDED_BY = "decided_by"
    MISSING = "missing"
    CITED = "cited"
    SAME = "same"


CHANGED = (Kind.STATE, Kind.POSITION, Kind.DECIDED_BY, Kind.MISSING)
"""What counts as another answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How much a group of lines is. Members and providers are None where the file names none, the billed amount also
    where none of the lines has one; lines without one add nothing to it."""

    lines: int
    members: int | None
    providers: int | None
    billed: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """Lines by their states before and after, the unchanged ones included (`before` = `after`)."""

    before: State
    after: State
    tally: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The lines of one code, line of business, month or policy: all of them, those in another state, and these by
    the state they come to."""

    name: str
    lines: int
    changed: Tally
    becomes: tuple[tuple[State, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A fact that lines wait for: on how many before and after, and on how many it is asked anew or no longer."""

    fact: str
    before: int
    after: int
    newly: int
    no_longer: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    name: str
    lines: int
    billed: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """A replay's result. `total` = `rejected` + the lines decided; `considered` are those whose code a changed
    version names, the others cannot change. `kinds` add up to `considered`; `changed` are those in another state.

    `providers` are the ten with the most lines in another state, None where the file names no provider.
    """

    basis: Basis
    policy: str
    title: str
    before: str
    after: str
    total: int
    rejected: int
    considered: Tally
    changed: Tally
    kinds: tuple[tuple[Kind, Tally], ...]
    transitions: tuple[Transition, ...]
    by_code: tuple[Group, ...]
    by_line_of_business: tuple[Group, ...]
    by_month: tuple[Group, ...]
    by_policy: tuple[Group, ...]
    asked: tuple[Asked, ...]
    providers: tuple[Provider, ...] | None
    billed_unknown: int | None
    since: str
    until: str
    notes: tuple[str, ...]
    out: Path | None = None

    def kind(self, *kinds: Kind) -> int:
        """The number of lines of these kinds."""
        return sum(tally.lines for kind, tally in self.kinds if kind in kinds)

    @property
    def moves(self) -> tuple[Transition, ...]:
        """The transitions to another state, most lines first."""
        return tuple(t for t in self.transitions if t.before is not t.after)
