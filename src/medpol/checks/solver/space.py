"""What can be true of a patient: each leaf as a part of the values of one variable, by the engine's own shapes.

A number has as values the points that some leaf names and the open stretches between them; a code fact the classes
of codes that the lists tell apart; a set fact, for each class, whether it has a member in it. What no fact can settle
(`cannot_determine`, a list that is not loaded) is a variable of its own: the person who is asked may say either.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from medpol.checks.solver.patient import bare
from medpol.engine.lower import Gate, lower
from medpol.engine.predicates.shapes import ClaimsMeasure, DistanceMeasure, FactMeasure, Interval, Measured, Membership
from medpol.engine.predicates.table import predicate
from medpol.model.calendar import day_code
from medpol.model.codes import CodeList, normal
from medpol.model.criteria import AtLeast, Criterion, Leaf, Measure, Not
from medpol.model.facts import DataDictionary, FactType

FIRST_DAY, LAST_DAY = date(1901, 1, 1), date(2099, 12, 31)
"""The days that are tried. Within them every fourth year is a leap year."""
OLDEST = 150  # years of age that are tried
AGES = {"age": "a", "age_months": "mo", "age_days": "d"}
_PER_YEAR = {"age": 1, "age_months": 12, "age_days": 366}
_NOT_EMPTY = frozenset({"diagnosis"})  # a request without diagnoses is one whose diagnoses are not known
_OTHERS = ("R69", "Z000", "A0000", "99999", "11", "ZZ", "OTHER", "0")


@dataclass(frozen=True, slots=True)
class Range:
    """The values a measure can take; None is unbounded."""

    low: float | None
    high: float | None
    whole: bool


@dataclass(frozen=True, slots=True)
class Number:
    """A number with the points that leaves name. Value 2j+1 is point j, value 2j the stretch before it."""

    measure: Measured
    range: Range
    points: tuple[float, ...]

    def mask(self, interval: Interval) -> int:
        """The values inside an interval whose ends are among the points."""
        first, last = 0, 2 * len(self.points)
        if interval.low is not None:
            first = 2 * bisect_left(self.points, interval.low) + 1 + interval.low_open
        if interval.high is not None:
            last = 2 * bisect_left(self.points, interval.high) + 1 - interval.high_open
        return ((1 << (last + 1)) - 1) & ~((1 << first) - 1) if first <= last else 0

    def stretch(self, value: int) -> tuple[float | None, float | None]:
        """The ends of a value: both the same for a point, both outside for a stretch."""
        place, is_point = divmod(value, 2)
        if is_point:
            return self.points[place], self.points[place]
        before = self.points[place - 1] if place else None
        return before, self.points[place] if place < len(self.points) else None

    @property
    def possible(self) -> int:
        """The values that the range leaves, and that hold a whole number where only those count."""
        mask = 0
        for value in range(2 * len(self.points) + 1):
            low, high = self.stretch(value)
            mask |= (1 << value) if self._exists(low, high) else 0
        return mask

    def _exists(self, low: float | None, high: float | None) -> bool:
        within = self.range
        if low is not None and low == high:
            return (within.low is None or low >= within.low) and (within.high is None or low <= within.high) and (
                not within.whole or float(low).is_integer()
            )  # fmt: skip
        return inside(low, high, within) is not None


@dataclass(frozen=True, slots=True)
class Codes:
    """A code fact by classes of codes: value i is class i, shown by `examples[i]`."""

    fact: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HasMember:
    """Whether a set fact has a member of one class; value 1 is yes."""

    fact: str
    example: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What a person would say where no fact can settle it; value 1 is yes."""

    leaf: Leaf


Variable = Number | Codes | HasMember | Judged


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf: the variable and which of its values make it true."""

    variable: int
    mask: int


@dataclass(frozen=True, slots=True)
class Some:
    """A leaf on a set: one of these holds."""

    parts: tuple[Part, ...]


class Space:
    """The variables of some criteria, and what each leaf of them says. `service` bounds the date of service."""

    def __init__(
        self, criteria: Iterable[Criterion], facts: DataDictionary, service: tuple[date, date] = (FIRST_DAY, LAST_DAY)
    ) -> None:
        self.facts = facts
        self.service = service
        self._gates: dict[int, tuple[Criterion, Gate]] = {}  # by identity: hashing a tree costs more than searching it
        self._said: dict[int, tuple[Leaf, Part | Some]] = {}
        self.variables: list[Variable] = []
        self.leaves: dict[Leaf, Part | Some] = {}
        self._index: dict[Hashable, int] = {}
        leaves: dict[Leaf, None] = {}
        for criterion in criteria:
            leaves.update(dict.fromkeys(leaves_of(self.gate(criterion))))
        shapes = {leaf: predicate(leaf).shape(leaf) for leaf in leaves}
        intervals = [shape for shape in shapes.values() if isinstance(shape, Interval)]
        self._points = _points(intervals)
        self._classes = {
            fact: _classes(lists, facts, fact)
            for fact, lists in _lists(shape for shape in shapes.values() if isinstance(shape, Membership)).items()
        }
        for leaf, shape in shapes.items():
            self.leaves[leaf] = self._leaf(leaf, shape)
        self.always = self._always()
        self.possible = [self._possible(variable) for variable in self.variables]

    def gate(self, criterion: Criterion) -> Gate:
        """The criterion in gates; its leaves must be among those the space was made of."""
        known = self._gates.get(id(criterion))
        if known is None:
            known = self._gates[id(criterion)] = criterion, lower(criterion)
        return known[1]

    def said(self, leaf: Leaf) -> Part | Some:
        """What a leaf says. Raises KeyError for what is no leaf of the space."""
        known = self._said.get(id(leaf))
        if known is None:
            known = self._said[id(leaf)] = leaf, self.leaves[leaf]
        return known[1]

    def _leaf(self, leaf: Leaf, shape: object) -> Part | Some:
        match shape:
            case Interval(measure=measure):
                number = Number(measure, range_of(measure, self), self._points[measure])
                return Part(self._variable(measure, lambda: number), number.mask(shape))
            case Membership(fact=fact, codes=codes):
                examples = self._classes[fact]
                inside_list = [i for i, example in enumerate(examples) if codes.matches(example)]
                if self.facts[fact].type is not FactType.SET:
                    at = self._variable(("code", fact), lambda: Codes(fact, examples))
                    return Part(at, sum(1 << i for i in inside_list))
                members = [self.member(fact, examples[i]) for i in inside_list]
                return Some(tuple(Part(at, 0b10) for at in members))
            case _:
                judged = bare(leaf)
                return Part(self._variable(judged, lambda: Judged(judged)), 0b10)

    def member(self, fact: str, example: str) -> int:
        return self._variable(("member", fact, example), lambda: HasMember(fact, example))

    def examples(self, fact: str) -> tuple[str, ...]:
        """One code of each class of a code or set fact."""
        return self._classes.get(fact, ())

    def variable_of(self, fact: str) -> int | None:
        """The variable of a code fact, if a leaf asks for it."""
        return self._index.get(("code", fact))

    def _variable(self, key: Hashable, make: Callable[[], Variable]) -> int:
        if key not in self._index:
            self._index[key] = len(self.variables)
            self.variables.append(make())
        return self._index[key]

    def _possible(self, variable: Variable) -> int:
        match variable:
            case Number():
                return variable.possible
            case Codes(examples=examples):
                return (1 << len(examples)) - 1
            case _:
                return 0b11

    def _always(self) -> list[Some]:
        """What holds of every patient: a known fact of diagnoses has a member."""
        found = []
        for fact in sorted(_NOT_EMPTY & self._classes.keys()):
            found.append(Some(tuple(Part(self.member(fact, example), 0b10) for example in self._classes[fact])))
        return found


def leaves_of(gate: Gate) -> Iterable[Leaf]:
    match gate:
        case AtLeast(of=of):
            for member in of:
                yield from leaves_of(member)  # type: ignore[arg-type]
        case Not(of=inner):
            yield from leaves_of(inner)  # type: ignore[arg-type]
        case leaf:
            yield leaf


def _points(intervals: Sequence[Interval]) -> dict[Measured, tuple[float, ...]]:
    points: dict[Measured, set[float]] = {}
    for shape in intervals:
        ends = points.setdefault(shape.measure, set())
        ends.update(end for end in (shape.low, shape.high) if end is not None)
    return {measure: tuple(sorted(ends)) for measure, ends in points.items()}


def range_of(measure: Measured, space: Space) -> Range:
    """The values a measure can take: the dictionary's range, levels, yes and no, counts, days of the calendar."""
    match measure:
        case ClaimsMeasure(leaf=leaf):
            return Range(0, None, leaf.measure is not Measure.UNITS)
        case DistanceMeasure():
            return Range(None, None, True)
        case FactMeasure(fact=name):
            fact = space.facts[name]
            if name in AGES:
                return Range(0, OLDEST * _PER_YEAR[name], True)
            if name == "service_date":
                return Range(day_code(space.service[0]), day_code(space.service[1]), True)
            match fact.type:
                case FactType.BOOLEAN:
                    return Range(0, 1, True)
                case FactType.ORDINAL:
                    return Range(0, len(fact.levels) - 1, True)
                case FactType.DATE:
                    return Range(day_code(FIRST_DAY), day_code(LAST_DAY), True)
                case _:
                    from_zero = fact.type is FactType.DURATION or name == "units"
                    return Range(0 if fact.low is None and from_zero else fact.low, fact.high, False)


def inside(low: float | None, high: float | None, within: Range) -> float | None:
    """A plain value strictly between the ends (None: unbounded) and in the range; None where there is none."""
    low_in, high_in = within.low, within.high
    if within.whole:
        least = None if low is None else int(low // 1) + 1
        most = None if high is None else int(-(-high // 1)) - 1
        least = least if low_in is None else int(max(low_in, low_in if least is None else least))
        most = most if high_in is None else int(min(high_in, high_in if most is None else most))
        if least is not None and most is not None:
            return least if least <= most else None
        return least if least is not None else most if most is not None else 0
    for value in _candidates(low, high, within):
        if (low is None or value > low) and (high is None or value < high) and (
            (low_in is None or value >= low_in) and (high_in is None or value <= high_in)
        ):  # fmt: skip
            return value
    return None


def _candidates(low: float | None, high: float | None, within: Range) -> Iterable[float]:
    """Plain numbers first: the middle with few decimals, whole steps from an end, the ends of the range."""
    least = low if low is not None else within.low
    most = high if high is not None else within.high
    if least is not None and most is not None:
        yield from (round((least + most) / 2, decimals) for decimals in range(9))
        yield (least + most) / 2
    if least is not None:
        yield least + 1
    if most is not None:
        yield most - 1
    yield from (end for end in (within.low, within.high) if end is not None)
    yield 0


def _lists(shapes: Iterable[Membership]) -> dict[str, list[CodeList]]:
    found: dict[str, dict[CodeList, None]] = {}
    for shape in shapes:
        found.setdefault(shape.fact, {})[shape.codes] = None
    if {"diagnosis", "primary_diagnosis"} <= found.keys():  # one class of codes for both: one is a member of the other
        both = found["diagnosis"] | found["primary_diagnosis"]
        found["diagnosis"] = found["primary_diagnosis"] = both
    return {fact: list(lists) for fact, lists in found.items()}


def _classes(lists: Sequence[CodeList], facts: DataDictionary, fact: str) -> tuple[str, ...]:
    """A code of each class that the lists tell apart."""
    declared = facts[fact].values
    tried = [normal(value) for value in declared] if declared else [*_OTHERS, *_edges(lists)]
    found: dict[int, str] = {}
    for code, key in _memberships(tried, lists).items():
        found.setdefault(key, code)
    return tuple(found.values())


def _memberships(codes: Iterable[str], lists: Sequence[CodeList]) -> dict[str, int]:
    """For each code a bit for every list that has it."""
    found = dict.fromkeys(codes, 0)
    in_order = sorted(found)
    for index, listed in enumerate(lists):
        bit = 1 << index
        for code in listed.exact & found.keys():
            found[code] |= bit
        for pattern in listed.wide:
            for code in in_order[bisect_left(in_order, pattern.low) : bisect_right(in_order, pattern.high)]:
                found[code] |= bit
    return found


def _edges(lists: Sequence[CodeList]) -> Iterable[str]:
    """Codes of every class: a class has a code that is written out, or begins with a pattern, or just after one."""
    for codes in lists:
        yield from sorted(codes.exact)
        for pattern in codes.wide:
            yield pattern.low
            yield pattern.high.removesuffix("~")
            yield _after(pattern.high)
            yield f"{pattern.low}QQ"  # one that no list writes out


def _after(high: str) -> str:
    """The first code behind a pattern."""
    stem = high.removesuffix("~")
    while stem.endswith("Z"):
        stem = stem[:-1]
    return stem[:-1] + ("A" if stem[-1:] == "9" else chr(ord(stem[-1]) + 1)) if stem else "~"
