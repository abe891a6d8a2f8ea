"""Window: how far one date lies before another."""

from collections.abc import Callable
from datetime import date

from medpol.engine.predicates.shapes import DistanceMeasure, Interval
from medpol.model.calendar import distance, scale
from medpol.model.criteria import Window
from medpol.model.determination import Seen
from medpol.model.request import Request


def needs(leaf: Window) -> tuple[str, ...]:
    return (leaf.event, leaf.anchor)


def observe(leaf: Window) -> Callable[[Request], Seen]:
    event, anchor, unit = leaf.event, leaf.anchor, leaf.unit

    def between(request: Request) -> Seen:
        first, second = request.facts.get(event), request.facts.get(anchor)
        if isinstance(first, date) and isinstance(second, date):
            return distance(first, second, unit)
        return None

    return between


def holds(leaf: Window) -> Callable[[Seen], bool]:
    low, high = _limits(leaf)
    return lambda gap: isinstance(gap, int) and (low is None or gap >= low) and (high is None or gap <= high)


def shape(leaf: Window) -> Interval:
    return Interval(DistanceMeasure(leaf.event, leaf.anchor, leaf.unit in ("mo", "a")), *_limits(leaf))


def _limits(leaf: Window) -> tuple[int | None, int | None]:
    fine = scale(leaf.unit)
    return (
        None if leaf.low is None else leaf.low * fine,
        None if leaf.high is None else leaf.high * fine,
    )
