"""The answer: a state, the findings it rests on, what is missing, and a receipt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, TypeAlias

from medpol.model.criteria import Criterion
from medpol.model.policy import Position, State
from medpol.model.truth import Truth

Seen: TypeAlias = float | int | bool | str | date | frozenset[str] | None


class Finding(NamedTuple):
    """A criterion's truth, the findings it rests on, and the value it saw (None where nothing was known).

    A named tuple, because a traced decision makes dozens of them and a frozen dataclass costs three times as much.
    """

    criterion: Criterion
    truth: Truth
    because: "tuple[Finding, ...]" = ()
    seen: Seen = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFinding:
    """One statement that was asked, in order; `finding` None where it holds always."""

    layer: str
    policy: str
    version: str
    statement: str
    position: Position | None
    truth: Truth
    finding: Finding | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A fact that could change the answer, with how to ask for it."""

    fact: str
    question: str
    type: str
    unit: str = ""
    source: str = "record"
    found_in: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    policy: str
    version: str
    statement: str
    title: str
    section: str = ""
    address: str = ""
    date: str = ""
    confidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A use outside the technology's label. Never decisive."""

    policy: str
    id: str
    kind: str
    says: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Policies of one layer that give different answers."""

    layer: str
    policies: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the answer was made from: SHA-256 of the request and of the versions and rules asked, the engine's
    release, and the dates the versions were chosen by. The same five give the same answer, byte for byte.
    """

    request: str
    library: str
    engine: str
    as_of: date | None = None
    known_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Determination:
    request: str
    state: State
    position: Position | None
    layer: str
    policy: str
    version: str
    statement: str
    reason: str
    needs_signature: bool
    final: bool
    missing: tuple[Missing, ...] = ()
    shortest: tuple[str, ...] = ()
    review: tuple[str, ...] = ()
    statements: tuple[StatementFinding, ...] = ()
    grants: Mapping[str, object] = field(default_factory=dict)
    flags: tuple[Flag, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    citations: tuple[Citation, ...] = ()
    assumed: Mapping[str, str] = field(default_factory=dict)  # fact → why the plan assumes it
    note: str = ""  # the line of business's own remark, where nothing governs
    wording: str = ""
    delegate: str = ""
    receipt: Receipt | None = None
