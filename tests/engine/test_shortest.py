"""The smallest set of facts that would approve, against brute force over every filling."""

from itertools import combinations, product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from libraries import NO, PERSON, YES, library, one_policy, request, statement
from medpol.engine import Determiner
from medpol.model.criteria import (
    All,
    AnyOf,
    AtLeast,
    Because,
    CannotDetermine,
    Compare,
    CompareBy,
    Criterion,
    Is,
    Not,
    Row,
    Unless,
    Window,
)
from medpol.model.facts import DataDictionary, Fact, FactSource, FactType
from medpol.model.policy import Position, State
from medpol.model.request import FactValue
from medpol.model.rules import Library

BOOLEANS = tuple(f"f{i}" for i in range(5))
VALUES: dict[str, tuple[FactValue, ...]] = {
    **dict.fromkeys(BOOLEANS, (False, True)),
    "weeks": (0.0, 6.0, 12.0, 18.0),
}
FACTS = DataDictionary(
    {
        **{name: Fact(name=name, type=FactType.BOOLEAN, question=name) for name in BOOLEANS},
        "weeks": Fact(name="weeks", type=FactType.NUMBER, question="weeks"),
        "judged": Fact(name="judged", type=FactType.BOOLEAN, source=FactSource.REVIEWER, question="judged"),
        "therapy_date": Fact(name="therapy_date", type=FactType.DATE, question="when"),
    }
)
LEAVES: st.SearchStrategy[Criterion] = st.one_of(
    st.sampled_from([Is(fact=name) for name in BOOLEANS]),
    st.sampled_from([6.0, 12.0]).map(lambda n: Compare(fact="weeks", low=n)),
    st.sampled_from([6.0, 12.0]).map(lambda n: Compare(fact="weeks", high=n, high_open=True)),
)


def _groups(inner: st.SearchStrategy[Criterion]) -> st.SearchStrategy[Criterion]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        several.map(lambda of: All(of=of)),
        several.map(lambda of: AnyOf(of=of)),
        st.tuples(st.integers(1, 2), several).map(lambda pair: AtLeast(n=pair[0], of=pair[1])),
        inner.map(lambda of: Not(of=of)),
        st.tuples(inner, inner).map(lambda pair: Unless(of=pair[0], waiver=pair[1])),
    )


TREES = st.recursive(LEAVES, _groups, max_leaves=6)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Library, dict[str, FactValue]]:
    statements = draw(st.lists(st.tuples(st.sampled_from([YES, YES, NO, PERSON]), TREES), min_size=1, max_size=3))
    made = [statement(position, when, f"s{i}") for i, (position, when) in enumerate(statements)]
    default = draw(st.sampled_from([None, NO, YES]))
    known = {name: draw(st.sampled_from(values)) for name, values in VALUES.items() if draw(st.integers(0, 2)) == 0}
    return library(one_policy(*made, default=default), facts=FACTS), known


def approves(determiner: Determiner, known: dict[str, FactValue], names: tuple[str, ...]) -> bool:
    """Whether some values of these facts approve, whatever the others may be."""
    return any(
        determiner.determine(request(**{**known, **dict(zip(names, values, strict=True))})).state is State.APPROVE
        for values in product(*(VALUES[name] for name in names))
    )


@settings(max_examples=250, deadline=None)
@given(cases())
def test_the_set_is_enough_and_none_is_smaller(case: tuple[Library, dict[str, FactValue]]) -> None:
    content, known = case
    determiner = Determiner(content)
    answer = determiner.determine(request(**known))
    assume(answer.state is State.PEND_INFORMATION)
    unknown = [name for name in VALUES if name not in known]
    enough = [
        names
        for size in range(1, len(unknown) + 1)
        for names in combinations(unknown, size)
        if approves(determiner, known, names)
    ]
    if not enough:
        assert answer.shortest == ()
        return
    assert approves(determiner, known, answer.shortest)
    assert len(answer.shortest) == min(map(len, enough))


F = tuple(Is(fact=name) for name in BOOLEANS)
JUDGEMENT = CannotDetermine(because=Because.JUDGEMENT, what="it helps")


@pytest.mark.parametrize(
    ("criterion", "known", "shortest"),
    [
        (AnyOf(of=(All(of=(F[0], F[1])), F[2])), {}, {"f2"}),
        (AnyOf(of=(All(of=(F[0], F[1])), F[2])), {"f0": True}, None),  # f1 or f2, one of them
        (AnyOf(of=(All(of=(F[0], F[1])), F[2])), {"f2": False}, {"f0", "f1"}),
        (AtLeast(n=2, of=F), {"f0": True, "f1": False}, None),
        (AnyOf(of=(All(of=(F[0], JUDGEMENT)), All(of=(F[1], F[2])))), {}, {"f1", "f2"}),  # judgements approve nothing
        (All(of=(F[0], JUDGEMENT)), {}, set()),
        (AnyOf(of=(Is(fact="judged"), All(of=(F[1], F[2])))), {}, {"f1", "f2"}),  # nor are they asked of a provider
        (AnyOf(of=(All(of=(F[0], Not(of=F[0]))), All(of=(F[1], F[2])))), {}, {"f1", "f2"}),  # nothing is both
        (
            AnyOf(of=(All(of=(Compare(fact="weeks", low=12), Compare(fact="weeks", high=6))), All(of=(F[1], F[2])))),
            {},
            {"f1", "f2"},
        ),
        (All(of=(Compare(fact="weeks", low=6), Compare(fact="weeks", high=12))), {}, {"weeks"}),
        (Window(event="therapy_date", anchor="service_date", unit="mo", low=0, high=6), {}, {"therapy_date"}),
    ],
)
def test_by_example(criterion: Criterion, known: dict[str, bool], shortest: set[str] | None) -> None:
    content = library(one_policy(statement(YES, criterion), default=NO), facts=FACTS)
    found = Determiner(content).determine(request(**known)).shortest
    assert set(found) == shortest if shortest is not None else len(found) == 1


def test_a_table_asks_for_the_value_and_what_chooses_its_threshold() -> None:
    table = CompareBy(fact="weeks", op=">=", rows=(Row(when=F[0], then=24), Row(when=None, then=12)))
    content = library(one_policy(statement(YES, table), default=NO), facts=FACTS)
    assert Determiner(content).determine(request()).shortest == ("weeks",)  # 24 weeks are enough either way
    assert Determiner(content).determine(request(weeks=18.0)).shortest == ("f0",)


def test_what_stands_in_the_way_must_fail() -> None:
    """An exclusion before the approval is part of the set."""
    content = library(one_policy(statement(NO, F[0], "first"), statement(YES, F[1], "then"), default=NO), facts=FACTS)
    assert set(Determiner(content).determine(request()).shortest) == {"f0", "f1"}
    assert Determiner(content).determine(request(f0=False)).shortest == ("f1",)


@pytest.mark.parametrize("position", [NO, PERSON, Position.NON_COVERED])
def test_nothing_approves_where_nothing_can(position: Position) -> None:
    content = library(one_policy(statement(NO, F[0], "a"), statement(position, F[1], "b")), facts=FACTS)
    found = Determiner(content).determine(request())
    assert found.shortest == ()
    assert found.missing


def test_a_large_group_still_has_a_good_answer() -> None:
    names = [f"g{i}" for i in range(60)]
    facts = DataDictionary({name: Fact(name=name, type=FactType.BOOLEAN, question=name) for name in names})
    tree = AtLeast(n=30, of=tuple(Is(fact=name) for name in names))
    content = library(one_policy(statement(YES, tree), default=NO), facts=facts)
    answer = Determiner(content).determine(request(**dict.fromkeys(names[:10], True)))
    assert len(answer.shortest) == 20
    assert len(answer.missing) == 50
