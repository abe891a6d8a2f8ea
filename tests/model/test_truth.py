"""Kleene's strong tables (Introduction to Metamathematics, 1952, §64), and what the engine relies on beyond them."""

from itertools import product

import pytest

from medpol.model.truth import Truth, at_least

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES
ALL_THREE = [values for size in (1, 2, 3, 4) for values in product(Truth, repeat=size)]


def completions(values: tuple[Truth, ...]) -> list[tuple[bool, ...]]:
    """Every way the unknown ones may turn out."""
    options = {NO: (False,), YES: (True,), UNKNOWN: (False, True)}
    return list(product(*(options[value] for value in values)))


@pytest.mark.parametrize(
    ("p", "q", "both", "either"),
    [
        (YES, YES, YES, YES), (YES, NO, NO, YES), (YES, UNKNOWN, UNKNOWN, YES),
        (NO, YES, NO, YES), (NO, NO, NO, NO), (NO, UNKNOWN, NO, UNKNOWN),
        (UNKNOWN, YES, UNKNOWN, YES), (UNKNOWN, NO, NO, UNKNOWN), (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
    ],
)  # fmt: skip
def test_the_strong_tables(p: Truth, q: Truth, both: Truth, either: Truth) -> None:
    assert at_least(2, (p, q)) is both is min(p, q)
    assert at_least(1, (p, q)) is either is max(p, q)


def test_negation() -> None:
    assert [~value for value in (NO, UNKNOWN, YES)] == [YES, UNKNOWN, NO]
    assert [int(~value) for value in Truth] == [2 - value for value in Truth]


@pytest.mark.parametrize("values", ALL_THREE)
def test_at_least_is_known_exactly_when_every_completion_agrees(values: tuple[Truth, ...]) -> None:
    for n in range(1, len(values) + 1):
        outcomes = {sum(completion) >= n for completion in completions(values)}
        assert at_least(n, values) is Truth.of(outcomes.pop() if len(outcomes) == 1 else None)


@pytest.mark.parametrize("values", ALL_THREE)
def test_de_morgan(values: tuple[Truth, ...]) -> None:
    k = len(values)
    for n in range(1, k + 1):
        assert ~at_least(n, values) is at_least(k - n + 1, [~value for value in values])


def test_of() -> None:
    assert [Truth.of(value) for value in (False, None, True)] == [NO, UNKNOWN, YES]


@pytest.mark.parametrize("value", list(Truth))
def test_a_truth_is_no_boolean(value: Truth) -> None:
    with pytest.raises(TypeError, match="three values"):
        bool(value)
