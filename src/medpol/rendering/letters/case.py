"""All that goes into one letter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from medpol.evidence import Evidence
from medpol.model.determination import Determination
from medpol.model.facts import DataDictionary
from medpol.model.policy import Policy, Statement, Version
from medpol.model.request import FactValue
from medpol.model.rules import PlanRules
from medpol.model.units import Quantity
from medpol.rendering.letters.rights import Rights
from medpol.rendering.letters.signature import Signature
from medpol.rendering.member_summary import Plain, Words


class Kind(StrEnum):
    """The letters there are."""

    APPROVAL = "approval"
    ADVERSE = "adverse"
    INFORMATION = "information"
    APPEAL = "appeal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """What of a request a letter needs, and no more of the member than the number."""

    id: str
    member: str
    code: str
    system: str
    label: str
    service_date: date
    diagnoses: tuple[str, ...]
    line: str
    state: str
    facts: Mapping[str, FactValue] = field(default_factory=dict)
    asked: Mapping[str, Quantity] = field(default_factory=dict)  # by grant name


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """The decision under appeal."""

    signature: Signature | None
    determination: Determination | None = None
    facts: Mapping[str, FactValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One answer about to become a letter. `due` is the day by which missing facts are wanted."""

    kind: Kind
    requested: Requested
    determination: Determination
    answer: str  # the digest of the answer
    day: date
    facts: DataDictionary
    plain: Plain
    words: Words
    rules: PlanRules
    policy: Policy | None = None
    version: Version | None = None
    statement: Statement | None = None
    evidence: Evidence | None = None
    rights: Rights | None = None
    signature: Signature | None = None
    first: First | None = None
    due: date | None = None
    draft: bool = False
