"""Conversions between units: exact ones only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpol.model.units import convert, named, spoken

UNITS = ("d", "wk", "h", "mo", "a", "mm", "cm", "m", "[in_i]", "g", "mg", "kg", "[lb_av]")


@pytest.mark.parametrize(
    ("value", "unit", "to", "expected"),
    [
        (2, "wk", "d", 14),
        (18, "months", "a", 1.5),
        (3.5, "mm", "cm", 0.35),
        (1, "inch", "mm", 25.4),  # by definition since 1959
        (1, "lb", "g", 453.59237),  # by definition since 1959
        (48, "hours", "days", 2),
        (21, "percent", "%", 21),
    ],
)
def test_conversions(value: float, unit: str, to: str, expected: float) -> None:
    assert convert(value, unit, to) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("unit", "to"), [("mo", "d"), ("a", "wk"), ("mg/dL", "mmol/L"), ("mm", "g"), ("", "mm")])
def test_a_convention_is_no_conversion(unit: str, to: str) -> None:
    assert convert(1, unit, to) is None


@given(st.floats(0, 1e6), st.sampled_from(UNITS), st.sampled_from(UNITS))
def test_there_and_back(value: float, unit: str, to: str) -> None:
    there = convert(value, unit, to)
    assert (there is None) is (convert(1, to, unit) is None)
    if there is not None:
        assert convert(there, to, unit) == pytest.approx(value)


def test_words() -> None:
    assert (named("months"), named("lb"), named("mmol/L")) == ("mo", "[lb_av]", "mmol/L")
    assert (spoken("mo", 1), spoken("mo", 2), spoken("%"), spoken("1")) == ("month", "months", "%", "")
