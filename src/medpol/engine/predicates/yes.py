"""Is: a boolean fact is yes."""

from collections.abc import Callable

from medpol.engine.predicates.shapes import FactMeasure, Interval
from medpol.model.criteria import Is
from medpol.model.determination import Seen
from medpol.model.request import Request


def needs(leaf: Is) -> tuple[str, ...]:
    return (leaf.fact,)


def observe(leaf: Is) -> Callable[[Request], Seen]:
    fact = leaf.fact
    return lambda request: request.facts.get(fact)


def holds(leaf: Is) -> Callable[[Seen], bool]:  # noqa: ARG001 - every predicate has the same three functions
    return bool


def shape(leaf: Is) -> Interval:
    return Interval(FactMeasure(leaf.fact), 1, 1)
