"""Lowering keeps the meaning: a criterion and its threshold gates decide alike."""

from hypothesis import given
from hypothesis import strategies as st

from libraries import request
from medpol.engine import decide
from medpol.engine.lower import lower
from medpol.model.criteria import LEAVES, All, AnyOf, AtLeast, Compare, CompareBy, Criterion, Is, Not, Row, Unless
from medpol.model.request import Request
from strategies import criteria, facts_for, histories

A, B, C = (Is(fact=name) for name in ("claudication", "consent", "exceptional"))


REQUESTS = st.builds(lambda facts, history: request(history=history, **facts), facts_for(), histories())


@given(criteria(), REQUESTS)
def test_the_meaning_is_kept(criterion: Criterion, asked: Request) -> None:
    assert decide(lower(criterion), asked).truth is decide(criterion, asked).truth


@given(criteria())
def test_only_gates_negations_and_leaves_are_left(criterion: Criterion) -> None:
    _is_low(lower(criterion))


def _is_low(node: Criterion) -> None:
    match node:
        case AtLeast(n=n, of=of):
            assert 1 <= n <= len(of)
            for member in of:
                _is_low(member)
        case Not(of=inner):
            _is_low(inner)
        case other:
            assert isinstance(other, LEAVES)


def test_groups() -> None:
    assert lower(All(of=(A, B, C))) == AtLeast(n=3, of=(A, B, C))
    assert lower(AnyOf(of=(A, B, C))) == AtLeast(n=1, of=(A, B, C))
    assert lower(Unless(of=A, waiver=B)) == AtLeast(n=1, of=(A, B))
    assert lower(Not(of=All(of=(A, B)))) == Not(of=AtLeast(n=2, of=(A, B)))


def test_a_table_row_by_row_and_its_loosest_threshold() -> None:
    table = CompareBy(
        fact="therapy", op=">=", rows=(Row(when=A, then=24), Row(when=B, then=12), Row(when=None, then=18))
    )
    at_least = {weeks: Compare(fact="therapy", low=weeks) for weeks in (24, 12, 18)}
    assert lower(table) == AtLeast(
        n=4,
        of=(
            AtLeast(n=1, of=(Not(of=A), at_least[24])),
            AtLeast(n=1, of=(A, Not(of=B), at_least[12])),
            AtLeast(n=1, of=(A, B, at_least[18])),
            at_least[12],
        ),
    )


def test_the_loosest_of_an_upper_limit_is_the_highest() -> None:
    table = CompareBy(fact="bmi", op="<", rows=(Row(when=A, then=35), Row(when=None, then=40)))
    gate = lower(table)
    assert isinstance(gate, AtLeast)
    assert gate.of[-1] == Compare(fact="bmi", high=40, high_open=True)
