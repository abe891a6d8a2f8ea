"""The smallest set of facts that would approve.

Every way to make a finding true (or false) is a set of demands on unknown leaves. Ways are combined up the
tree, the smallest are kept, and a set that asks two opposite things of one fact is dropped. The search keeps
at most `WIDTH` sets per node (`NARROW` in a group of more than `MANY` open members, one in a `CROWD`), so it
is exact for the trees policies have and a good answer for larger ones.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from medpol.engine.predicates.table import predicate
from medpol.engine.resolve import BlockOutcome, Outcome, is_askable, missing_facts
from medpol.model.criteria import LEAVES, All, AtLeast, Compare, CompareBy, Leaf, Not
from medpol.model.determination import Finding
from medpol.model.facts import DataDictionary
from medpol.model.policy import State
from medpol.model.request import Request
from medpol.model.truth import Truth

WIDTH = 16
NARROW = 4
MANY = 8
CROWD = 32


class Demand(NamedTuple):
    """One unknown leaf, and what it should turn out to be."""

    leaf: Leaf
    wanted: Truth


Way: TypeAlias = frozenset[Demand]
_NOTHING: Way = frozenset()
_DONE = [_NOTHING]


def shortest_approval(outcome: Outcome, request: Request, facts: DataDictionary) -> tuple[str, ...]:
    """The names of the fewest missing facts that, answered favourably, approve; empty where none would."""
    ways: list[Way] = []
    reachable = [(o, index) for o in outcome.blocks for index in o.reachable]
    for target, index in reachable:
        if target.block.steps[index].state is not State.APPROVE:
            continue
        goals = [
            _ways(other.findings[j], Truth.NO, facts)
            for other, j in reachable
            if _stands_in_the_way(other, j, target, index)
        ]
        goals.append(_ways(target.findings[index], Truth.YES, facts))
        ways += _together(goals, request)
    return min((_facts(way, request) for way in ways), key=len, default=())


def _stands_in_the_way(other: BlockOutcome, j: int, target: BlockOutcome, index: int) -> bool:
    """Whether a step must fail for the target to approve: one that would say something else first, or beside it."""
    state = other.block.steps[j].state
    if state in (State.APPROVE, State.NO_POLICY):
        return False
    return j < index if other is target else other.rank <= target.rank


def _ways(finding: Finding | None, wanted: Truth, facts: DataDictionary) -> list[Way]:
    if finding is None or finding.truth is not Truth.UNKNOWN:
        return _DONE if (Truth.YES if finding is None else finding.truth) is wanted else []
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
    enough -= sum(ways == _DONE for ways in members)
    if enough <= 0:
        return _DONE
    open_members = [ways for ways in members if ways and ways != _DONE]
    if len(open_members) > CROWD:
        return _greedy(enough, open_members)
    width = WIDTH if len(open_members) <= MANY else NARROW
    by_count: list[list[Way]] = [_DONE] + [[] for _ in range(enough)]
    for place, ways in enumerate(open_members, 1):
        still_to_come = len(open_members) - place
        for have in range(min(place, enough) - 1, max(enough - still_to_come - 1, 0) - 1, -1):
            joined = (_join(old, new) for old in by_count[have] for new in ways)
            by_count[have + 1] = _smallest([*by_count[have + 1], *joined], width)
    return by_count[enough]


def _greedy(enough: int, members: list[list[Way]]) -> list[Way]:
    """One way: the members that ask least, first."""
    chosen = _NOTHING
    for way in sorted((min(ways, key=_size) for ways in members), key=_size):
        joined = _join(chosen, way)
        if joined is not None:
            chosen, enough = joined, enough - 1
        if enough == 0:
            return [chosen]
    return []


def _together(goals: list[list[Way]], request: Request) -> list[Way]:
    result = _DONE
    for ways in goals:
        result = _smallest([_join(old, new) for old in result for new in ways], WIDTH)
    return [way for way in result if _possible(way) and _facts(way, request)]


def _join(one: Way, other: Way) -> Way | None:
    """Both together; None where they ask opposite things of one leaf."""
    if not one.isdisjoint({Demand(d.leaf, ~d.wanted) for d in other}):
        return None
    return one | other


def _smallest(ways: Iterable[Way | None], width: int) -> list[Way]:
    kept = dict.fromkeys(way for way in ways if way is not None)
    return sorted(kept, key=_size)[:width]


def _size(way: Way) -> int:
    return len({need for demand in way for need in predicate(demand.leaf).needs(demand.leaf)})


def _facts(way: Way, request: Request) -> tuple[str, ...]:
    ordered = sorted(way, key=lambda demand: (demand.leaf.place, predicate(demand.leaf).needs(demand.leaf)))
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
