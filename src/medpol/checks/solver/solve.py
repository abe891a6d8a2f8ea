"""The questions rules ask: is there a patient for whom these hold and those fail, and who is it?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import TypeAlias

from medpol.checks.solver.patient import Patient
from medpol.checks.solver.quick import TooHard, Values, search
from medpol.checks.solver.space import (
    AGES,
    FIRST_DAY,
    LAST_DAY,
    Codes,
    HasMember,
    Judged,
    Number,
    Part,
    Space,
    inside,
    leaves_of,
)
from medpol.engine.predicates.shapes import ClaimsMeasure, DistanceMeasure, FactMeasure, Measured
from medpol.model.calendar import distance
from medpol.model.criteria import LEAVES, Claims, Criterion, Leaf
from medpol.model.facts import DataDictionary, FactType
from medpol.model.request import FactValue
from medpol.model.truth import Truth

EPOCH = date(1970, 1, 1)


class _Undecided:
    """z3 gave up."""


_UNDECIDED = _Undecided()
_Asked: TypeAlias = tuple[tuple[Criterion, ...], tuple[Criterion, ...]]
_Ids: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]


class Solver:
    """Answers about criteria of one space, each question once."""

    def __init__(
        self, criteria: Iterable[Criterion], facts: DataDictionary, service: tuple[date, date] = (FIRST_DAY, LAST_DAY)
    ) -> None:
        self.space = Space(criteria, facts, service)
        self._found: dict[_Ids, tuple[_Asked, Values | Patient | _Undecided | None]] = {}
        self._variables: dict[int, tuple[Criterion, frozenset[int]]] = {}
        self._all_independent = self._independent(range(len(self.space.variables)))

    def impossible(self, yes: Sequence[Criterion] = (), no: Sequence[Criterion] = ()) -> bool:
        """Whether it is shown that for no patient, all facts known, all of `yes` hold and none of `no`."""
        known = self._of_leaves(yes, no)
        return self._find(yes, no) is None if known is None else known

    def _of_leaves(self, yes: Sequence[Criterion], no: Sequence[Criterion]) -> bool | None:
        """The same for leaves that say something of one variable each, without a search; None for anything else."""
        left: dict[int, int] = {}
        for wanted, criteria in ((True, yes), (False, no)):
            for criterion in criteria:
                part = self.space.said(criterion) if isinstance(criterion, LEAVES) else None
                if not isinstance(part, Part):
                    return None
                before = left.get(part.variable, self.space.possible[part.variable])
                left[part.variable] = before & (part.mask if wanted else ~part.mask)
        if not all(left.values()):
            return True
        return False if len(left) == 1 else None

    def patient(self, yes: Sequence[Criterion] = (), no: Sequence[Criterion] = ()) -> Patient | None:
        """A patient for whom all of `yes` hold and none of `no`; None where none was found.

        The engine confirms what the patient shows; where counts of claims overlap it may not, and nobody is shown.
        """
        found = self._find(yes, no)
        if isinstance(found, list):
            found = self._patient(found, self._all_used(yes, no))
        if not isinstance(found, Patient):
            return None
        shown = all(found.truth(c) is Truth.YES for c in yes) and all(found.truth(c) is Truth.NO for c in no)
        return found.plain(yes, no) if shown else None

    def _find(self, yes: Sequence[Criterion], no: Sequence[Criterion]) -> Values | Patient | _Undecided | None:
        """What the searches found: values left, a patient, or that there is none."""
        key = tuple(map(id, yes)), tuple(map(id, no))
        known = self._found.get(key)
        if known is None:
            asked = tuple(yes), tuple(no)
            known = self._found[key] = asked, self._ask(*asked)
        return known[1]

    def _ask(self, yes: tuple[Criterion, ...], no: tuple[Criterion, ...]) -> Values | Patient | _Undecided | None:
        goals = [(self.space.gate(c), True) for c in yes] + [(self.space.gate(c), False) for c in no]
        used = self._all_used(yes, no)
        if self._all_independent or self._independent(used):
            with suppress(TooHard):
                return search(self.space, goals)
        from medpol.checks.solver.exact import Question, Undecided
        from medpol.checks.solver.models import patient_of

        question = Question(self.space)
        try:
            model = question.model(goals)
        except Undecided:
            return _UNDECIDED
        return None if model is None else patient_of(question, model, used)

    def _all_used(self, yes: Sequence[Criterion], no: Sequence[Criterion]) -> list[int]:
        return sorted(set[int]().union(*(self._used(c) for c in (*yes, *no))))

    def _used(self, criterion: Criterion) -> frozenset[int]:
        known = self._variables.get(id(criterion))
        if known is None:
            leaves = leaves_of(self.space.gate(criterion))
            used = frozenset(v for leaf in leaves for v in self._of_leaf(leaf))
            known = self._variables[id(criterion)] = criterion, used
        return known[1]

    def _of_leaf(self, leaf: Leaf) -> Iterator[int]:
        said = self.space.said(leaf)
        yield from (said.variable,) if isinstance(said, Part) else (part.variable for part in said.parts)

    def _independent(self, used: Iterable[int]) -> bool:
        """Whether every variable can take any value whatever the others are."""
        seen: set[str] = set()
        facts: set[str] = set()
        for index in used:
            variable = self.space.variables[index]
            if isinstance(variable, Codes | HasMember):
                facts.add(variable.fact)
            if not isinstance(variable, Number):
                continue
            own = [_tied(name) for name in _facts(variable.measure)]
            if isinstance(variable.measure, DistanceMeasure) and "service_date" in own and "ages" in own:
                return False
            for name in own:
                if name in seen and name != "service_date":
                    return False
                seen.add(name)
        return not {"diagnosis", "primary_diagnosis"} <= facts

    def _patient(self, left: Values, used: Sequence[int]) -> Patient | None:
        """The patient with one of the values left for each variable."""
        choice = {index: (left[index] & -left[index]).bit_length() - 1 for index in used}
        gaps = [
            (variable.measure, variable.stretch(value))
            for index, value in choice.items()
            if isinstance(variable := self.space.variables[index], Number)
            and isinstance(variable.measure, DistanceMeasure)
        ]
        return self._with_dates(with_values(self.space, choice), gaps)

    def _with_dates(
        self, patient: Patient, gaps: Iterable[tuple[DistanceMeasure, tuple[float | None, float | None]]]
    ) -> Patient | None:
        """Dates that lie as far apart as they should; None where no such day was found."""
        facts = dict(patient.facts)
        begins, ends = self.space.service
        usual = min(max(date(2025, 9, 1), begins), ends)
        anchors = {leaf.before for leaf in patient.counts}
        if gaps or anchors:
            facts.setdefault("service_date", usual)
        for measure, stretch in gaps:
            known = measure.event if measure.event in facts else measure.anchor
            start = facts.setdefault(known, usual)
            known_day = start if isinstance(start, date) else usual
            other = _day_at(measure, known_day, stretch, event_known=known == measure.event)
            if other is None:
                return None
            facts[measure.anchor if known == measure.event else measure.event] = other
        for name in anchors:
            facts.setdefault(name, usual)
        return Patient(facts=facts, counts=patient.counts, judged=patient.judged)


def with_values(space: Space, choice: Mapping[int, int]) -> Patient:
    """The patient with one value of each variable; distances between dates are left out."""
    facts: dict[str, FactValue] = {}
    counts: dict[Claims, int | float] = {}
    judged: dict[Leaf, bool] = {}
    for index, value in choice.items():
        match space.variables[index]:
            case Judged(leaf=leaf):
                judged[leaf] = bool(value)
            case Codes(fact=fact, examples=examples):
                facts[fact] = examples[value]
            case HasMember(fact=fact, example=example):
                before = facts.get(fact)
                members = before if isinstance(before, frozenset) else frozenset()
                facts[fact] = members | {example} if value else members
            case Number(measure=ClaimsMeasure(leaf=leaf)) as number:
                counts[leaf] = _value(number, value)
            case Number(measure=FactMeasure(fact=fact)) as number:
                facts[fact] = typed(space.facts, fact, _value(number, value))
    if space.always and facts.get("diagnosis") == frozenset():
        facts["diagnosis"] = frozenset({space.examples("diagnosis")[0]})
    return Patient(facts=facts, counts=counts, judged=judged)


def _tied(name: str) -> str:
    return "ages" if name in AGES or name == "birth_date" else name


def _facts(measure: Measured) -> tuple[str, ...]:
    match measure:
        case FactMeasure(fact=fact):
            return (fact,)
        case DistanceMeasure(event=event, anchor=anchor):
            return (event, anchor)
        case ClaimsMeasure():
            return ()


def _value(variable: Number, value: int) -> float:
    low, high = variable.stretch(value)
    if low is not None and low == high:
        return low
    found = inside(low, high, variable.range)
    return 0 if found is None else found


def typed(facts: DataDictionary, name: str, value: float) -> FactValue:
    """A number as a value of the fact's type."""
    match facts[name].type:
        case FactType.BOOLEAN:
            return bool(value)
        case FactType.DATE:
            return EPOCH + timedelta(days=int(value))
        case FactType.ORDINAL:
            return int(value)
        case _:
            return float(value)


def _day_at(
    measure: DistanceMeasure, start: date, stretch: tuple[float | None, float | None], *, event_known: bool
) -> date | None:
    """A day whose distance from `start` lies in the stretch (a point, or strictly between its ends)."""
    low, high = stretch
    aim = (
        low if low is not None and low == high else low + 1 if low is not None else high - 1 if high is not None else 0
    )
    days = round(aim * 365.25 / 372) if measure.months else int(aim)
    unit = "mo" if measure.months else "d"
    for shift in sorted(range(-40, 41), key=abs) if measure.months else (0,):
        try:
            day = start + timedelta(days=(days + shift) * (1 if event_known else -1))
        except OverflowError:
            return None
        gap = distance(start, day, unit) if event_known else distance(day, start, unit)
        if (low is not None and low == high == gap) or (
            low != high and (low is None or gap > low) and (high is None or gap < high)
        ) or (low is None and high is None):  # fmt: skip
            return day
    return None
