"""Claims: how many earlier lines match, over a window, a lifetime, a day or a claim.

History that does not reach back to the window's start gives a lower bound only: the leaf is known where
the bound settles it (the maximum is passed, or the minimum is reached and there is no maximum).
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from medpol.engine.predicates.shapes import ClaimsMeasure, Interval
from medpol.model.calendar import distance, scale
from medpol.model.criteria import Claims, Measure, Within
from medpol.model.determination import Seen
from medpol.model.request import HistoryLine, Request

HISTORY, LEVEL, CLAIM = "history", "service.level", "service.claim"  # parts of a request that are no facts
SIDES = frozenset({"LT", "RT"})
BOTH = "50"
DECIMALS = 6  # to which a sum of units is rounded, so that ten tenths are one in every mode


def needs(leaf: Claims) -> tuple[str, ...]:
    anchor = () if leaf.before == "service_date" else (leaf.before,)
    level = (LEVEL,) if "level" in leaf.same else ()
    claim = (CLAIM,) if leaf.within is Within.SAME_CLAIM else ()
    return (HISTORY, *anchor, *level, *claim)


def observe(leaf: Claims) -> Callable[[Request], Seen]:
    def counted(request: Request) -> Seen:
        anchor = request.facts.get(leaf.before)
        if request.history is None or not isinstance(anchor, date) or _nameless(leaf, request):
            return None
        total = _total(leaf, [line for line in request.history if _matches(leaf, line, request, anchor)])
        return total if _reaches(leaf, request, anchor) or _settled(leaf, total) else None

    return counted


def holds(leaf: Claims) -> Callable[[Seen], bool]:
    low, high = leaf.low, leaf.high
    return lambda n: isinstance(n, int | float) and (low is None or n >= low) and (high is None or n <= high)


def shape(leaf: Claims) -> Interval:
    return Interval(ClaimsMeasure(replace(leaf, low=None, high=None, label="", source="")), leaf.low, leaf.high)


def sides(modifiers: Iterable[str]) -> frozenset[str]:
    """The sides a line is about: LT, RT, or both where it says 50 or nothing."""
    named = SIDES.intersection(modifiers)
    return SIDES if BOTH in modifiers or not named else named


def _matches(leaf: Claims, line: HistoryLine, request: Request, anchor: date) -> bool:
    code_fits = line.code == request.code if leaf.codes is None else leaf.codes.matches(line.code)
    return (
        code_fits
        and _in_window(leaf, line, request, anchor)
        and (leaf.diagnosis is None or leaf.diagnosis.match_any(line.diagnoses))
        and ("side" not in leaf.same or _same_side(line, request))
        and ("level" not in leaf.same or line.level == request.level)
    )


def _nameless(leaf: Claims, request: Request) -> bool:
    """Whether the leaf compares with a level or a claim that the request does not name."""
    return ("level" in leaf.same and not request.level) or (leaf.within is Within.SAME_CLAIM and not request.claim)


def _same_side(line: HistoryLine, request: Request) -> bool:
    own = request.facts.get("modifier")
    return not sides(line.modifiers).isdisjoint(sides(own if isinstance(own, frozenset) else ()))


def _in_window(leaf: Claims, line: HistoryLine, request: Request, anchor: date) -> bool:
    match leaf.within:
        case Within.LENGTH:
            gap = distance(line.date, anchor, leaf.unit)
            return line.date <= anchor and gap < leaf.length * scale(leaf.unit)
        case Within.LIFETIME:
            return line.date <= anchor
        case Within.CALENDAR_YEAR:
            return line.date <= anchor and line.date.year == anchor.year
        case Within.SAME_DAY:
            return line.date == anchor
        case Within.SAME_CLAIM:
            return line.claim == request.claim


def _total(leaf: Claims, lines: list[HistoryLine]) -> int | float:
    match leaf.measure:
        case Measure.LINES:
            return len(lines)
        case Measure.DAYS:
            return len({line.date for line in lines})
        case Measure.UNITS:
            return round(sum(line.units for line in lines), DECIMALS)


def _reaches(leaf: Claims, request: Request, anchor: date) -> bool:
    """Whether the history at hand covers the whole window."""
    since = request.history_since
    if since is None:
        return True
    match leaf.within:
        case Within.LENGTH:
            return distance(since, anchor, leaf.unit) >= leaf.length * scale(leaf.unit) - 1
        case Within.LIFETIME:
            birth = request.facts.get("birth_date")
            return isinstance(birth, date) and since <= birth
        case Within.CALENDAR_YEAR:
            return since <= date(anchor.year, 1, 1)
        case _:
            return since <= anchor


def _settled(leaf: Claims, lower_bound: float) -> bool:
    if leaf.high is not None:
        return lower_bound > leaf.high
    return leaf.low is not None and lower_bound >= leaf.low
