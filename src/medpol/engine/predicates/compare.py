"""Compare: a number, duration, ordinal level or date lies in an interval."""

from collections.abc import Callable
from datetime import date
from operator import ge, gt, le, lt
from typing import Any

from medpol.engine.predicates.shapes import FactMeasure, Interval
from medpol.model.calendar import day_code
from medpol.model.criteria import Compare
from medpol.model.determination import Seen
from medpol.model.request import Request


def needs(leaf: Compare) -> tuple[str, ...]:
    return (leaf.fact,)


def observe(leaf: Compare) -> Callable[[Request], Seen]:
    fact = leaf.fact
    return lambda request: request.facts.get(fact)


def holds(leaf: Compare) -> Callable[[Seen], bool]:
    low, high = leaf.low, leaf.high
    above, below = (gt if leaf.low_open else ge), (lt if leaf.high_open else le)

    def inside(value: Seen) -> bool:
        number: Any = day_code(value) if isinstance(value, date) else value
        return (low is None or above(number, low)) and (high is None or below(number, high))

    return inside


def shape(leaf: Compare) -> Interval:
    return Interval(FactMeasure(leaf.fact), leaf.low, leaf.high, leaf.low_open, leaf.high_open)
