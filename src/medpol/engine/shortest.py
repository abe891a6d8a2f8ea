"""The smallest set of facts that would approve.

Every way to make a finding true (or false) is a set of demands on unknown leaves. Ways are combined up the
tree, the smallest are kept, and a set that asks two opposite things of one fact is dropped. The search keeps
at most `WIDTH` sets per node, so it is exact for the trees policies have and a good answer for larger ones.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from medpol.engine.predicates.table import predicate
from medpol.engine.resolve import Outcome, is_askable, missing_facts
from medpol.engine.selection import Step
from medpol.model.criteria import LEAVES, All, AtLeast, Compare, CompareBy, Leaf, Not
from medpol.model.determination import Finding
from medpol.model.facts import DataDictionary
from medpol.model.policy import State
from medpol.model.request import Request
from medpol.model.truth import Truth

WIDTH = 64


class Demand(NamedTuple):
    """One unknown leaf, and what it should turn out to be."""

    leaf: Leaf
    wanted: Truth


Way: TypeAlias = frozenset[Demand]
_NOTHING: Way = frozenset()


def shortest_approval(
    steps: tuple[Step, ...], outcome: Outcome, request: Request, facts: DataDictionary
) -> tuple[str, ...]:
    """The names of the fewest missing facts that, answered favourably, approve; empty where none would."""
    ways: list[Way] = []
    for index in outcome.reachable:
        if steps[index].state is State.APPROVE:
            obstacles = [j for j in outcome.reachable if j < index and steps[j].state is not State.APPROVE]
            goals = [_ways(outcome.findings[j], Truth.NO, facts) for j in obstacles]
            goals.append(_ways(outcome.findings[index], Truth.YES, facts))
            ways += _together(goals, request)
    return min((_facts(way, request) for way in ways), key=len, default=())


def _ways(finding: Finding | None, wanted: Truth, facts: DataDictionary) -> list[Way]:
    if finding is None or finding.truth is not Truth.UNKNOWN:
        return [_NOTHING] if (Truth.YES if finding is None else finding.truth) is wanted else []
    criterion = finding.criterion
    if isinstance(criterion, LEAVES):
        return [frozenset({Demand(criterion, wanted)})] if is_askable(criterion, facts) else []
    if isinstance(criterion, Not):
        return _ways(finding.because[0], ~wanted, facts)
    count = len(finding.because)
    n = criterion.n if isinstance(criterion, AtLeast) else count if isinstance(criterion, All | CompareBy) else 1
    enough = n if wanted is Truth.YES else count - n + 1
    return _choose(enough, [_ways(member, wanted, facts) for member in finding.because])


def _choose(enough: int, members: list[list[Way]]) -> list[Way]:
    """The ways to bring `enough` of the members about."""
    by_count: list[list[Way]] = [[_NOTHING]] + [[] for _ in range(enough)]
    for ways in members:
        for have in range(enough - 1, -1, -1):
            joined = (old | new for old in by_count[have] for new in ways)
            by_count[have + 1] = _smallest([*by_count[have + 1], *joined])
    return by_count[enough]


def _together(goals: list[list[Way]], request: Request) -> list[Way]:
    result = [_NOTHING]
    for ways in goals:
        result = _smallest([old | new for old in result for new in ways])
    return [way for way in result if _possible(way) and _facts(way, request)]


def _smallest(ways: Iterable[Way]) -> list[Way]:
    kept = dict.fromkeys(way for way in ways if not any(Demand(d.leaf, ~d.wanted) in way for d in way))
    return sorted(kept, key=lambda way: len({need for d in way for need in predicate(d.leaf).needs(d.leaf)}))[:WIDTH]


def _facts(way: Way, request: Request) -> tuple[str, ...]:
    ordered = sorted(way, key=lambda demand: (demand.leaf.place, repr(demand.leaf)))
    return missing_facts((demand.leaf for demand in ordered), request)


def _possible(way: Way) -> bool:
    """Whether one value of each compared fact can meet all that is asked of it."""
    by_fact: dict[str, list[Demand]] = {}
    for demand in way:
        if isinstance(demand.leaf, Compare):
            by_fact.setdefault(demand.leaf.fact, []).append(demand)
    return all(len(demands) == 1 or _some_value(demands) for demands in by_fact.values())


def _some_value(demands: list[Demand]) -> bool:
    ends = sorted(
        {end for d in demands if isinstance(d.leaf, Compare) for end in (d.leaf.low, d.leaf.high) if end is not None}
    )
    between = [(a + b) / 2 for a, b in pairwise(ends)]
    candidates = [*ends, *between, ends[0] - 1, ends[-1] + 1] if ends else [0.0]
    tests = [(predicate(d.leaf).holds(d.leaf), d.wanted is Truth.YES) for d in demands]
    return any(all(holds(value) is wanted for holds, wanted in tests) for value in candidates)
