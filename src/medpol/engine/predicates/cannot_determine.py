"""CannotDetermine: judgement, licensed criteria, open-ended lists. Always unknown, in every mode."""

from collections.abc import Callable

from medpol.engine.predicates.shapes import NeverKnown
from medpol.model.criteria import CannotDetermine
from medpol.model.determination import Seen
from medpol.model.request import Request


def needs(leaf: CannotDetermine) -> tuple[str, ...]:  # noqa: ARG001
    return ()


def observe(leaf: CannotDetermine) -> Callable[[Request], Seen]:  # noqa: ARG001
    return lambda _request: None


def holds(leaf: CannotDetermine) -> Callable[[Seen], bool]:
    def never(_value: Seen) -> bool:
        raise AssertionError(f"'{leaf.what}' was given a value")

    return never


def shape(leaf: CannotDetermine) -> NeverKnown:  # noqa: ARG001
    return NeverKnown()
