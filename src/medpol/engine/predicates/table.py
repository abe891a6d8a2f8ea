"""Which file holds which leaf. The one table to extend."""

from collections.abc import Callable
from typing import Any, NamedTuple

from medpol.engine.predicates import cannot_determine, claims, compare, one_of, window, yes
from medpol.engine.predicates.shapes import Shape
from medpol.model.criteria import CannotDetermine, Claims, Compare, Is, Leaf, OneOf, Window
from medpol.model.determination import Seen
from medpol.model.request import Request


class Predicate(NamedTuple):
    """The meaning of one kind of leaf.

    `needs` names the facts it reads; `observe` gives the value it sees in a request, None where that is not
    known; `holds` tests a known value; `shape` is the same meaning for a batch.
    """

    needs: Callable[[Any], tuple[str, ...]]
    observe: Callable[[Any], Callable[[Request], Seen]]
    holds: Callable[[Any], Callable[[Seen], bool]]
    shape: Callable[[Any], Shape]


PREDICATES: dict[type[Leaf], Predicate] = {
    Compare: Predicate(compare.needs, compare.observe, compare.holds, compare.shape),
    Is: Predicate(yes.needs, yes.observe, yes.holds, yes.shape),
    OneOf: Predicate(one_of.needs, one_of.observe, one_of.holds, one_of.shape),
    Window: Predicate(window.needs, window.observe, window.holds, window.shape),
    Claims: Predicate(claims.needs, claims.observe, claims.holds, claims.shape),
    CannotDetermine: Predicate(
        cannot_determine.needs, cannot_determine.observe, cannot_determine.holds, cannot_determine.shape
    ),
}


def predicate(leaf: Leaf) -> Predicate:
    return PREDICATES[type(leaf)]
