"""Ladders: the steps that alternatives, statements or rows of a table make of one fact."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from medpol.checks.solver.space import AGES
from medpol.checks.solver.statements import about, criteria_of, walk
from medpol.engine.predicates import compare
from medpol.model.criteria import All, AnyOf, Compare, CompareBy, Criterion
from medpol.model.facts import DataDictionary, FactType
from medpol.model.policy import State, Version
from medpol.problems import Place

_COUNTS = ("", "1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a ladder: what it asks of the fact, where, and the state of the statement it leads to."""

    leaf: Compare
    place: Place
    state: State | None = None


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Two steps next to each other, the lower first, with every step of their ladder."""

    lower: Step
    upper: Step
    ladder: tuple[Step, ...]


def neighbours(version: Version) -> Iterator[Neighbours]:
    """Steps next to each other in every ladder of a version; those of one fact, each with both an end and a next."""
    for ladder in steps_of(version):
        by_fact: dict[str, list[Step]] = {}
        for step in ladder:
            by_fact.setdefault(step.leaf.fact, []).append(step)
        for steps in by_fact.values():
            for lower in steps:
                above = [s for s in steps if s is not lower and _begins_after(s.leaf, lower.leaf)]
                if above and lower.leaf.high is not None:
                    upper = min(above, key=lambda s: (_low(s.leaf), s.leaf.low_open))
                    yield Neighbours(lower, upper, tuple(steps))


def _begins_after(upper: Compare, lower: Compare) -> bool:
    return upper.low is not None and lower.high is not None and upper.low >= lower.high and upper != lower


def _low(leaf: Compare) -> float:
    return float("-inf") if leaf.low is None else leaf.low


def steps_of(version: Version) -> Iterator[tuple[Step, ...]]:
    for whole in criteria_of(version):
        for criterion in walk(whole):
            if isinstance(criterion, AnyOf):
                yield tuple(_steps((member, None) for member in criterion.of))
            if isinstance(criterion, CompareBy):
                yield tuple(_steps((row.when, None) for row in criterion.rows if row.when is not None))
    for code in range(len(version.codes)):
        asked = [s for s in version.statements if s.when is not None and code in about(version, s)]
        yield tuple(_steps((s.when, s.position.state) for s in asked if s.when is not None))
    for statement in version.statements:
        for grant in statement.grants:
            yield tuple(_steps((row.when, None) for row in grant.rows if row.when is not None))


def _steps(branches: Iterable[tuple[Criterion, State | None]]) -> Iterator[Step]:
    """The one comparison that a branch makes of a fact, where it makes one."""
    for branch, state in branches:
        leaves = [leaf for leaf in (branch.of if isinstance(branch, All) else (branch,)) if isinstance(leaf, Compare)]
        for leaf in leaves:
            if sum(other.fact == leaf.fact for other in leaves) == 1:
                yield Step(leaf=leaf, place=leaf.place, state=state)


def left_out(pair: Neighbours, facts: DataDictionary) -> float | None:
    """A value between two steps that neither has, where they are meant to adjoin; None where there is none.

    They are meant to adjoin where no more than one unit of the last decimal written lies between them. Whole numbers
    of a fact without a unit (counts, scores) leave nothing between 3 and 4; ages are for `age_bands_gap`.
    """
    fact = facts[pair.lower.leaf.fact]
    if not fact.type.numeric or fact.name in AGES:
        return None
    high, low = pair.lower.leaf.high, pair.upper.leaf.low
    if high is None or low is None:
        return None
    if high == low:
        return high if pair.lower.leaf.high_open and pair.upper.leaf.low_open and _free(high, pair.ladder) else None
    step = max(Decimal(1).scaleb(-_decimals(high)), Decimal(1).scaleb(-_decimals(low)))
    step = min(step, Decimal(1).scaleb(-max(_decimals(high), _decimals(low))))
    width = Decimal(str(low)) - Decimal(str(high))
    if width > step or (step == 1 and fact.type is FactType.NUMBER and _counts(fact.unit)):
        return None
    middle = float((Decimal(str(low)) + Decimal(str(high))) / 2)
    return middle if _free(middle, pair.ladder) else None


def _counts(unit: str) -> bool:
    return unit in _COUNTS or unit.startswith("{")


def _decimals(value: float) -> int:
    return max(-int(Decimal(str(value)).normalize().as_tuple().exponent), 0)


def _free(value: float, ladder: Sequence[Step]) -> bool:
    return not any(has(step.leaf, value) for step in ladder)


def has(leaf: Compare, value: float) -> bool:
    """Whether a value lies in the interval of a comparison."""
    return compare.holds(leaf)(value)
