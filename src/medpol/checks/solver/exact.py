"""The same space for z3: for ages, dates and lists that hang together, and for searches that branch too often.

Dates are day numbers, and where months count also year, month and day, all as bit vectors: z3 searches the calendar
much faster so than over the integers. Age in years, months and days and the date of
birth are tied to each other; a primary diagnosis is one of the diagnoses.
"""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from math import ceil, floor
from typing import Any, TypeAlias

import z3

from medpol.checks.solver.space import AGES, FIRST_DAY, LAST_DAY, Part, Space, range_of
from medpol.engine.lower import Gate
from medpol.engine.predicates.shapes import DistanceMeasure, FactMeasure, Interval, Measured
from medpol.engine.predicates.table import predicate
from medpol.model.calendar import MONTH, YEAR, day_code, month_code
from medpol.model.criteria import AtLeast, Leaf, Not
from medpol.model.facts import FactType

EFFORT = 30_000_000  # z3 resource units, which are the same on every machine; some seconds
Term: TypeAlias = Any  # z3's own terms are untyped
BITS = 18  # for days and month codes of two centuries, and the distances between them
FARTHEST = 2 ** (BITS - 1) - 1
LEAP = 3  # a year since 1901, modulo 4
_BEFORE = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)  # days before each month of a common year
_LENGTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_STEP = {"age": YEAR, "age_months": MONTH}


class Undecided(Exception):
    """z3 gave up within its effort."""


class Question:
    """Goals as z3 terms. `model` answers them."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.rules: list[Term] = []
        self.values: dict[int, Term] = {}  # of a variable of the space: which of its values
        self.intervals: list[Interval] = []  # on the calendar
        self.ages: dict[str, Term] = {}
        self.dates: dict[str, Term] = {}
        self._calendars: dict[str, Term] = {}

    def model(self, goals: Iterable[tuple[Gate, bool]]) -> z3.ModelRef | None:
        """A model of the goals; None where there is none. Raises Undecided."""
        solver = z3.SolverFor("QF_BV")
        solver.set("rlimit", EFFORT)
        solver.set("random_seed", 0)
        for gate, wanted in goals:
            term = self._term(gate)
            solver.add(term if wanted else z3.Not(term))
        self._tie()
        solver.add(*self.rules)
        answer = solver.check()
        if answer == z3.unknown:
            raise Undecided
        return solver.model() if answer == z3.sat else None

    def _term(self, gate: Gate) -> Term:
        match gate:
            case AtLeast(n=n, of=of):
                members = [self._term(member) for member in of]  # type: ignore[arg-type]
                if n <= 0:
                    return z3.BoolVal(True)
                if n == len(of):
                    return z3.And(*members)
                return z3.Or(*members) if n == 1 else z3.AtLeast(*members, n)
            case Not(of=inner):
                return z3.Not(self._term(inner))  # type: ignore[arg-type]
            case leaf:
                return self._leaf(leaf)

    def _leaf(self, leaf: Leaf) -> Term:
        shape = predicate(leaf).shape(leaf)
        if isinstance(shape, Interval) and self._on_calendar(shape.measure):
            self.intervals.append(shape)
            return z3.And(*_whole(self._distance(shape.measure), shape))
        said = self.space.said(leaf)
        parts = (said,) if isinstance(said, Part) else said.parts
        return z3.Or(*(self._part(part) for part in parts))

    def _part(self, part: Part) -> Term:
        """The variable has one of the values: one comparison for each run of them."""
        value = self._value(part.variable)
        runs = []
        mask, at = part.mask & self.space.possible[part.variable], 0
        while mask >> at:
            at += ((mask >> at) & -(mask >> at)).bit_length() - 1
            length = (~(mask >> at) & ((mask >> at) + 1)).bit_length() - 1
            runs.append(z3.And(value >= at, value < at + length))
            at += length
        return z3.Or(*runs)

    def _value(self, variable: int) -> Term:
        if variable not in self.values:
            self.values[variable] = z3.BitVec(f"v{variable}", BITS)
            self.rules.append(self._part(Part(variable, self.space.possible[variable])))
        return self.values[variable]

    def _on_calendar(self, measure: Measured) -> bool:
        """Whether the measure is a date, an age, or lies between two dates."""
        if isinstance(measure, FactMeasure):
            return measure.fact in AGES or self.space.facts[measure.fact].type is FactType.DATE
        return isinstance(measure, DistanceMeasure)

    def _distance(self, measure: Measured) -> Term:
        match measure:
            case DistanceMeasure(event=event, anchor=anchor, months=months):
                if months:
                    return self._month_code(anchor) - self._month_code(event)
                return self._day(anchor) - self._day(event)
            case FactMeasure(fact=name) if name in AGES:
                if name not in self.ages:
                    age = self.ages[name] = z3.BitVec(name, BITS)
                    self.rules += [age >= 0, age <= int(range_of(measure, self.space).high or 0)]
                return self.ages[name]
            case FactMeasure(fact=name):
                return self._day(name)
            case _:
                raise AssertionError(measure)

    def _day(self, name: str) -> Term:
        if name not in self.dates:
            day = self.dates[name] = z3.BitVec(f"day {name}", BITS)
            first, last = self.space.service if name == "service_date" else (FIRST_DAY, LAST_DAY)
            self.rules += [day >= day_code(first), day <= day_code(last)]
        return self.dates[name]

    def _month_code(self, name: str) -> Term:
        """((year − 1901) × 12 + month) × 31 + day, with the day number tied to it."""
        if name not in self._calendars:
            year, month, day = (z3.BitVec(f"{part} {name}", BITS) for part in ("year", "month", "day of"))
            leap = z3.Extract(1, 0, year) == LEAP
            before, length = z3.BitVecVal(0, BITS), z3.BitVecVal(31, BITS)
            for index in range(12):
                before = z3.If(month == index + 1, z3.BitVecVal(_BEFORE[index], BITS), before)
                length = z3.If(month == index + 1, z3.BitVecVal(_LENGTH[index], BITS), length)
            one, none = z3.BitVecVal(1, BITS), z3.BitVecVal(0, BITS)
            length = length + z3.If(z3.And(leap, month == 2), one, none)
            leaps = z3.LShR(year, 2) + z3.If(z3.And(leap, month > 2), one, none)
            since = 365 * year + leaps + before + day - 1 + day_code(FIRST_DAY)
            self.rules += [year >= 0, year <= LAST_DAY.year - FIRST_DAY.year, month >= 1, month <= 12]
            self.rules += [day >= 1, day <= length, self._day(name) == since]
            self._calendars[name] = (year * 12 + month) * MONTH + day
        return self._calendars[name]

    def _tie(self) -> None:
        """What holds between facts that are about the same thing."""
        if len(self.ages) > 1 or (self.ages and "birth_date" in self.dates):
            self.rules.append(self._day("birth_date") <= self._day("service_date"))
            for name, age in self.ages.items():
                if name == "age_days":
                    self.rules.append(age == self._day("service_date") - self._day("birth_date"))
                else:
                    lived = self._month_code("service_date") - self._month_code("birth_date")
                    self.rules += [lived >= age * _STEP[name], lived < (age + 1) * _STEP[name]]
        for interval in self.intervals:
            self._days_apart(interval)
        for some in self.space.always:
            self.rules.append(z3.Or(*(self._part(part) for part in some.parts)))
            primary = self.space.variable_of("primary_diagnosis")
            if primary is not None:
                for index, part in enumerate(some.parts):
                    self.rules.append(z3.Implies(self._part(Part(primary, 1 << index)), self._part(part)))

    def _days_apart(self, interval: Interval) -> None:
        """What a length in months says in days: implied by the calendar, and spares z3 the search through it."""
        measure = interval.measure
        if isinstance(measure, DistanceMeasure) and measure.months:
            event, anchor, step = measure.event, measure.anchor, 1
        elif isinstance(measure, FactMeasure) and measure.fact in _STEP and "birth_date" in self._calendars:
            event, anchor, step = "birth_date", "service_date", _STEP[measure.fact]
        else:
            return
        days = self._day(anchor) - self._day(event)
        months = self._month_code(anchor) - self._month_code(event)
        for end in (interval.low, interval.high):
            for apart in () if end is None else (floor(end) * step, (floor(end) + 1) * step):
                if abs(apart) > FARTHEST:
                    continue
                self.rules.append(z3.Implies(months >= apart, days >= days_of_months(apart)[0]))
                self.rules.append(z3.Implies(months < apart, days < days_of_months(apart)[1]))


@cache
def days_of_months(apart: int) -> tuple[int, int]:
    """The fewest and the most days after which a month code has grown by `apart` for the first time."""
    first = date(2000, 1, 1)
    starts = (first + timedelta(days=days) for days in range(1461))
    taken = [(_first_day_from(month_code(start) + apart) - start).days for start in starts]
    return min(taken), max(taken)


def _first_day_from(code: int) -> date:
    """The first day whose month code is `code` or more."""
    months, day = (code - 1) // MONTH, (code - 1) % MONTH + 1
    year, month = (months - 1) // 12, (months - 1) % 12 + 1
    if day <= monthrange(year, month)[1]:
        return date(year, month, day)
    return date(year + month // 12, month % 12 + 1, 1)


def _whole(value: Term, shape: Interval) -> list[Term]:
    """The interval's ends for whole numbers."""
    ends = []
    if shape.low is not None:
        least = floor(shape.low) + 1 if shape.low_open else ceil(shape.low)
        ends.append(value >= max(min(least, FARTHEST), -FARTHEST))
    if shape.high is not None:
        most = ceil(shape.high) - 1 if shape.high_open else floor(shape.high)
        ends.append(value <= max(min(most, FARTHEST), -FARTHEST))
    return ends
