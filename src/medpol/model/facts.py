"""The data dictionary: what may be known of a request, with its type, unit, range and question."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from medpol.model.codes import NOWHERE
from medpol.problems import Place


class FactType(StrEnum):
    NUMBER = "number"
    DURATION = "duration"
    DATE = "date"
    BOOLEAN = "boolean"
    CODE = "code"
    ORDINAL = "ordinal"
    SET = "set"

    @property
    def numeric(self) -> bool:
        return self in (FactType.NUMBER, FactType.DURATION)


class FactSource(StrEnum):
    """Who can supply a fact."""

    RECORD = "record"
    ATTESTATION = "attestation"
    DOCUMENT = "document"
    REVIEWER = "reviewer"  # a judgement: unknown sends the request to a person, not back to the provider
    PLAN = "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One entry of the dictionary. `levels` of an ordinal run from the lowest; `low` and `high` bound a number."""

    name: str
    type: FactType
    unit: str = ""
    low: float | None = None
    high: float | None = None
    levels: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    question: str = ""
    source: FactSource = FactSource.RECORD
    found_in: tuple[tuple[str, str], ...] = ()
    place: Place = field(default=NOWHERE, compare=False, repr=False)


def _built_in(name: str, kind: FactType, question: str, unit: str = "") -> Fact:
    return Fact(name=name, type=kind, unit=unit, question=question)


BUILT_IN: Mapping[str, Fact] = {
    fact.name: fact
    for fact in (
        _built_in("age", FactType.NUMBER, "How old is the member on the service date?", "a"),
        _built_in("age_months", FactType.NUMBER, "How many months old is the member on the service date?", "mo"),
        _built_in("age_days", FactType.NUMBER, "How many days old is the member on the service date?", "d"),
        _built_in("birth_date", FactType.DATE, "What is the member's date of birth?"),
        _built_in("service_date", FactType.DATE, "What is the date of service?"),
        _built_in("sex", FactType.CODE, "What is the member's sex?"),
        _built_in("line_of_business", FactType.CODE, "What line of business is the member's coverage?"),
        _built_in("plan", FactType.CODE, "What plan does the member have?"),
        _built_in("state", FactType.CODE, "In which state does the coverage apply?"),
        _built_in("place_of_service", FactType.CODE, "Where is the service given?"),
        _built_in("provider_specialty", FactType.CODE, "What is the provider's specialty?"),
        _built_in("procedure", FactType.CODE, "Which code is requested?"),
        _built_in("modifier", FactType.SET, "Which modifiers are reported?"),
        _built_in("diagnosis", FactType.SET, "Which diagnoses support the service?"),
        _built_in("primary_diagnosis", FactType.CODE, "Which diagnosis is the primary one?"),
        _built_in("also_billed", FactType.SET, "Which other codes are on the same claim or request?"),
        _built_in("claim_history_on_file", FactType.BOOLEAN, "Are the member's earlier claims at hand?"),
        _built_in("units", FactType.NUMBER, "How many units are requested?", "1"),
    )
}


@dataclass(frozen=True, slots=True)
class DataDictionary:
    """The declared facts and the built-in ones, by name."""

    declared: Mapping[str, Fact]

    def get(self, name: str) -> Fact | None:
        return self.declared.get(name) or BUILT_IN.get(name)

    def __getitem__(self, name: str) -> Fact:
        fact = self.get(name)
        if fact is None:
            raise KeyError(name)
        return fact

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def __iter__(self) -> Iterator[Fact]:
        yield from BUILT_IN.values()
        yield from self.declared.values()
