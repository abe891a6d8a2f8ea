"""A policy, its versions and its statements, as frozen data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from medpol.model.codes import NOWHERE, CodeList, CodePattern
from medpol.model.criteria import Criterion
from medpol.model.units import Quantity
from medpol.problems import Place


class State(StrEnum):
    """The states of a determination (DESIGN: the determination)."""

    APPROVE = "approve"
    NOT_COVERED = "not_covered"
    PEND_INFORMATION = "pend_information"
    PEND_REVIEW = "pend_review"
    NO_POLICY = "no_policy"
    ERROR = "error"


class Position(StrEnum):
    """What a statement says of a service, normalized; the payer's own wording is kept beside it."""

    MEDICALLY_NECESSARY = "medically_necessary"
    COVERED_WITH_EVIDENCE_DEVELOPMENT = "covered_with_evidence_development"
    NOT_MEDICALLY_NECESSARY = "not_medically_necessary"
    INVESTIGATIONAL = "investigational"
    COSMETIC = "cosmetic"
    CONTRACT_EXCLUSION = "contract_exclusion"
    NON_COVERED = "non_covered"
    INDIVIDUAL_CONSIDERATION = "individual_consideration"
    DELEGATED = "delegated"

    @property
    def state(self) -> State:
        """The state a request is in when a statement of this position holds."""
        return _STATE_OF[self]


_STATE_OF = {
    Position.MEDICALLY_NECESSARY: State.APPROVE,
    Position.COVERED_WITH_EVIDENCE_DEVELOPMENT: State.APPROVE,
    Position.NOT_MEDICALLY_NECESSARY: State.NOT_COVERED,
    Position.INVESTIGATIONAL: State.NOT_COVERED,
    Position.COSMETIC: State.NOT_COVERED,
    Position.CONTRACT_EXCLUSION: State.NOT_COVERED,
    Position.NON_COVERED: State.NOT_COVERED,
    Position.INDIVIDUAL_CONSIDERATION: State.PEND_REVIEW,
    Position.DELEGATED: State.PEND_REVIEW,
}


class Status(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    RETIRED = "retired"


AUTHORITIES = (
    "eligibility",
    "contract",
    "federal_mandate",
    "state_mandate",
    "exclusion",
    "benefit",
    "ncd",
    "lcd",
    "state_policy",
    "fep_manual",
    "plan_document",
    "medical_policy",
    "delegated",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a fact of the package comes from, and how far it was confirmed."""

    key: str
    title: str
    section: str = ""
    address: str = ""
    date: str = ""
    confidence: str = "not_confirmed"  # full_text | excerpt | secondary | not_confirmed
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRow:
    """One line of a grant's table; `when` None holds always."""

    when: Criterion | None
    value: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Something an approval gives: `duration: 6 months`, `visits: 12`. The first row that holds gives the value."""

    name: str
    rows: tuple[GrantRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A position on services, under a criterion (`when` None: always)."""

    id: str
    position: Position
    wording: str = ""
    services: tuple[str, ...] = ()  # roles or codes; empty: every code of the version
    population: str = ""
    when: Criterion | None = None
    grants: tuple[Grant, ...] = ()
    lesser_of_requested: bool = False
    conclusion: str = ""
    delegate: str = ""
    source: str = ""
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCode:
    """Codes a version governs, from `from_` until before `until` (None: the version's own dates)."""

    system: str
    pattern: CodePattern
    role: str = ""
    label: str = ""
    from_: date | None = None
    until: date | None = None
    source: str = ""
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedList:
    """A code list with a name; `not_loaded` says how a plan gets it where it is not here."""

    name: str
    system: str = ""
    edition: str = ""
    source: str = ""
    not_loaded: str = ""
    codes: CodeList


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What a policy says from `effective` until before `ends` (None: until the next version, or open)."""

    policy: str
    effective: date
    status: Status
    published: date
    ends: date | None = None
    reviewed: str = ""
    literature_through: str = ""
    applies_to: tuple[tuple[str, tuple[str, ...]], ...] = ()
    scope: Criterion | None = None
    codes: tuple[ServiceCode, ...] = ()
    code_lists: tuple[NamedList, ...] = ()
    statements: tuple[Statement, ...] = ()
    default: Statement | None = None
    notes: str = ""
    digest: str = field(default="", compare=False)
    place: Place = field(default=NOWHERE, compare=False, repr=False)

    @property
    def id(self) -> str:
        return f"{self.policy}@{self.effective.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFlag:
    """A use the technology's label warns of: shown with its source where `when` holds, never decisive."""

    id: str
    kind: str  # contraindication | outside_intended_use
    when: Criterion
    says: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Technology:
    """What the policy is about: the procedure, its instruments and its regulatory label."""

    name: str
    procedure: str = ""
    approach: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    levels: str = ""
    regulatory: tuple[tuple[str, str], ...] = ()
    intended_use: str = ""
    contraindications: tuple[str, ...] = ()
    related_codes: tuple[str, ...] = ()
    superseded_codes: tuple[tuple[tuple[str, str], ...], ...] = ()
    label: tuple[LabelFlag, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    date: str
    action: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One numbered policy of one authority, with its versions in order of their effective dates."""

    number: str
    authority: str
    title: str
    owner: str = ""
    kind: str = "own"
    notice: str = ""
    original_effective: str = ""
    topics: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    related_elsewhere: tuple[str, ...] = ()
    supersedes: tuple[str, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    technology: Technology | None = None
    history: tuple[HistoryEntry, ...] = ()
    versions: tuple[Version, ...] = ()
    digest: str = field(default="", compare=False)
    place: Place = field(default=NOWHERE, compare=False, repr=False)

    def end_of(self, version: Version) -> date | None:
        """The first day on which `version` is no longer in force; None while it is open."""
        later = [v.effective for v in self.versions if v.effective > version.effective and v.status is Status.APPROVED]
        ends = [day for day in (version.ends, min(later, default=None)) if day is not None]
        return min(ends, default=None)

    def version_on(self, day: date, known_on: date | None = None) -> Version | None:
        """The approved version in force on `day`, among those published by `known_on` (None: all)."""
        known = [
            v for v in self.versions
            if v.status is Status.APPROVED and (known_on is None or v.published <= known_on)
        ]  # fmt: skip
        begun = [v for v in known if v.effective <= day]
        if not begun:
            return None
        latest = max(begun, key=lambda v: v.effective)
        return None if latest.ends is not None and day >= latest.ends else latest
