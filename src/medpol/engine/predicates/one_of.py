"""OneOf: a code is in a list, or a set has a member in it. A list that is not loaded is never known."""

from collections.abc import Callable

from medpol.engine.predicates.shapes import Membership, NeverKnown
from medpol.model.criteria import OneOf
from medpol.model.determination import Seen
from medpol.model.request import Request


def needs(leaf: OneOf) -> tuple[str, ...]:
    return (leaf.fact,) if leaf.codes.loaded else ()


def observe(leaf: OneOf) -> Callable[[Request], Seen]:
    if not leaf.codes.loaded:
        return lambda _request: None
    fact = leaf.fact
    return lambda request: request.facts.get(fact)


def holds(leaf: OneOf) -> Callable[[Seen], bool]:
    exact, wide = leaf.codes.exact, leaf.codes.wide

    def listed(value: Seen) -> bool:
        codes: frozenset[str] = value if isinstance(value, frozenset) else frozenset((str(value),))
        if not exact.isdisjoint(codes):
            return True
        return bool(wide) and any(pattern.low <= code <= pattern.high for code in codes for pattern in wide)

    return listed


def shape(leaf: OneOf) -> Membership | NeverKnown:
    return Membership(leaf.fact, leaf.codes) if leaf.codes.loaded else NeverKnown()
