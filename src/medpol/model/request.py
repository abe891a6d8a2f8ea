"""A request or claim line, typed, with everything known about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from medpol.model.units import Quantity

FactValue: TypeAlias = float | int | bool | str | date | frozenset[str]
"""number and duration: float, in the fact's unit · ordinal: its level's index · date · boolean: bool ·
code: str in normal form · set: frozenset of normal forms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One earlier claim line of the same member. Codes in normal form."""

    code: str
    date: date
    units: float = 1
    modifiers: frozenset[str] = frozenset()
    diagnoses: frozenset[str] = frozenset()
    level: str = ""
    claim: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One service for one member on one date.

    `facts` holds the built-in facts and the declared ones, by name; one that is not known is absent.
    `history` is None where no claims history is at hand (unknown), empty where there is none;
    it is complete from `history_since` on (None: from birth).
    """

    id: str
    system: str
    code: str
    service_date: date
    line_of_business: str | None
    facts: Mapping[str, FactValue]
    history: tuple[HistoryLine, ...] | None = None
    history_since: date | None = None
    claim: str = ""
    level: str = ""
    requested: Mapping[str, Quantity] = field(default_factory=dict)  # by grant name: {'duration': 6 mo, 'visits': 12}
    digest: str = ""
