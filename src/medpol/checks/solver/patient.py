"""A patient who shows something: facts and earlier claims that the engine itself decides, and words for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from medpol.engine.one import decide, prepare
from medpol.model.criteria import (
    All,
    AnyOf,
    AtLeast,
    CannotDetermine,
    Claims,
    CompareBy,
    Criterion,
    Leaf,
    Measure,
    Not,
    OneOf,
    Row,
    Unless,
    Within,
)
from medpol.model.facts import DataDictionary, FactType
from medpol.model.request import FactValue, HistoryLine, Request
from medpol.model.truth import Truth
from medpol.rendering.words import listing, phrase, quantity, quoted, seen_text

NO_CODE = "00000"
_TRUE, _FALSE = AtLeast(n=0, of=()), AtLeast(n=1, of=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """Facts by name, how often each count of earlier claims comes to, and what a person judged."""

    facts: Mapping[str, FactValue] = field(default_factory=dict)
    counts: Mapping[Claims, int | float] = field(default_factory=dict)
    judged: Mapping[Leaf, bool] = field(default_factory=dict)

    def truth(self, criterion: Criterion) -> Truth:
        """What the engine says of the criterion for this patient, the person's judgement put in its place."""
        return decide(_with_judgement(criterion, self.judged), self.request).truth

    @property
    def request(self) -> Request:
        day = self.facts.get("service_date")
        service = day if isinstance(day, date) else date(2025, 9, 1)
        code = str(self.facts.get("procedure", NO_CODE))
        given: dict[str, FactValue] = {"service_date": service, **self.facts}
        lines = [line for leaf, n in self.counts.items() for line in _lines(leaf, n, given, code)]
        return Request(
            id="", system="", code=code, service_date=service, line_of_business=None,
            facts=dict(self.facts) if "service_date" in self.facts or not self.counts else given,
            history=tuple(lines) if self.counts else None, claim="1", level="1",
        )  # fmt: skip

    def without(self, key: "str | Claims") -> "Patient":
        if isinstance(key, str):
            return replace(self, facts={name: value for name, value in self.facts.items() if name != key})
        return replace(self, counts={leaf: n for leaf, n in self.counts.items() if leaf != key})

    def plain(self, yes: Iterable[Criterion], no: Iterable[Criterion]) -> "Patient":
        """The same with only the facts that it needs to show what it shows."""
        wanted = [(prepare(_with_judgement(criterion, self.judged)), Truth.YES) for criterion in yes]
        wanted += [(prepare(_with_judgement(criterion, self.judged)), Truth.NO) for criterion in no]
        kept = self
        keys: list[str | Claims] = [*self.facts, *self.counts]
        for key in keys:
            smaller = kept.without(key)
            request = smaller.request
            if all(ask(request).truth is truth for ask, truth in wanted):
                kept = smaller
        return kept

    def words(self, facts: DataDictionary) -> str:
        """`BMI 34.95 kg/m2, consent: no and 2 earlier claims`, or `any patient`."""
        parts = [_fact(name, value, facts) for name, value in self.facts.items()]
        parts += [_count(leaf, n) for leaf, n in self.counts.items()]
        parts += [
            f"{quoted(leaf.what)} judged {'met' if met else 'not met'}"
            for leaf, met in self.judged.items()
            if isinstance(leaf, CannotDetermine)
        ]
        return listing(parts) if parts else "any patient"


def _fact(name: str, value: FactValue, facts: DataDictionary) -> str:
    fact = facts[name]
    if isinstance(value, bool):
        return f"{phrase(name, facts)}: {'yes' if value else 'no'}"
    if fact.type is FactType.NUMBER and isinstance(value, int | float):
        return f"{phrase(name, facts)} {quantity(value, fact.unit)}"
    return f"{phrase(name, facts)} {seen_text(value, fact)}"


def _count(leaf: Claims, n: float) -> str:
    word = {Measure.LINES: "earlier claim line", Measure.DAYS: "earlier day", Measure.UNITS: "earlier unit"}[
        leaf.measure
    ]
    return f"{n:g} {word}{'' if n == 1 else 's'}"


def _lines(leaf: Claims, n: float, facts: Mapping[str, FactValue], code: str) -> list[HistoryLine]:
    """Earlier lines that make a count come to `n`."""
    anchor = facts.get(leaf.before)
    if not isinstance(anchor, date):
        return []
    own = code if leaf.codes is None else next((p.low for p in leaf.codes.patterns), NO_CODE)
    diagnoses = (
        frozenset({leaf.diagnosis.patterns[0].low}) if leaf.diagnosis and leaf.diagnosis.patterns else frozenset()
    )
    line = HistoryLine(code=own, date=anchor, units=1, diagnoses=diagnoses, level="1", claim="1")
    if leaf.measure is Measure.UNITS:
        return [replace(line, units=float(n))] if n else []
    apart = 1 if leaf.measure is Measure.DAYS and leaf.within is not Within.SAME_DAY else 0
    return [replace(line, date=anchor - timedelta(days=apart * index)) for index in range(int(n))]


def _with_judgement(criterion: Criterion, judged: Mapping[Leaf, bool]) -> Criterion:
    """The criterion with what a person judged in the place of what no fact can settle."""
    match criterion:
        case All(of=of) | AnyOf(of=of) | AtLeast(of=of):
            return replace(criterion, of=tuple(_with_judgement(member, judged) for member in of))
        case Not(of=inner):
            return replace(criterion, of=_with_judgement(inner, judged))
        case Unless(of=inner, waiver=waiver):
            return replace(criterion, of=_with_judgement(inner, judged), waiver=_with_judgement(waiver, judged))
        case CompareBy(rows=rows):
            return replace(criterion, rows=tuple(_row(row, judged) for row in rows))
        case CannotDetermine() | OneOf():
            said = judged.get(bare(criterion))
            return criterion if said is None else _TRUE if said else _FALSE
        case leaf:
            return leaf


def _row(row: Row, judged: Mapping[Leaf, bool]) -> Row:
    return row if row.when is None else Row(when=_with_judgement(row.when, judged), then=row.then)


def bare(leaf: Leaf) -> Leaf:
    """The leaf without its label and source: the same question asked twice is one question."""
    return replace(leaf, label="", source="")
