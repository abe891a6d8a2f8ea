"""What a leaf is to a batch: an interval over a measure, a set over a fact, or never known."""

from dataclasses import dataclass
from typing import TypeAlias

from medpol.model.codes import CodeList
from medpol.model.criteria import Claims


@dataclass(frozen=True, slots=True)
class FactMeasure:
    """A fact as a number: its value, an ordinal's level, a boolean's 0 or 1, a date's day code."""

    fact: str


@dataclass(frozen=True, slots=True)
class DistanceMeasure:
    """From one date fact to another, in days or (when `months`) in month-code steps."""

    event: str
    anchor: str
    months: bool


@dataclass(frozen=True, slots=True)
class ClaimsMeasure:
    """A count over the member's earlier lines; the leaf with its limits and words set aside."""

    leaf: Claims


Measured: TypeAlias = FactMeasure | DistanceMeasure | ClaimsMeasure


@dataclass(frozen=True, slots=True)
class Interval:
    """The measure lies between `low` and `high` (None: unbounded), each end in or out."""

    measure: Measured
    low: float | None
    high: float | None
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True, slots=True)
class Membership:
    """The fact has a value in the list."""

    fact: str
    codes: CodeList


@dataclass(frozen=True, slots=True)
class NeverKnown:
    """No fact can settle it."""


Shape: TypeAlias = Interval | Membership | NeverKnown
