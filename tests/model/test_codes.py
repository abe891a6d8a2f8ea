"""Patterns over codes: one code, a prefix, a range; dots may be there or not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpol.model.codes import CodeList, normal, parse_pattern

CODES = st.from_regex(r"[A-Z][0-9]{2}(\.[0-9A-Z]{1,4})?|[0-9]{5}|[0-9]{4}[TU]|[A-V][0-9]{4}", fullmatch=True)


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("G47.33", ["G47.33", "g4733", "G47 33"], ["G47.3", "G47.331"]),
        ("M48.0*", ["M48.0", "M48.061", "M48.0A"], ["M48.1", "M47.99"]),
        ("I83.001-I83.899", ["I83.001", "I83.5", "I83.899", "I83.8990"], ["I83.0", "I83.00", "I83.90"]),
        ("M48.05-M48.07", ["M48.05", "M48.062", "M48.07", "M48.079"], ["M48.04", "M48.08"]),
        ("70551-70553", ["70551", "70552", "70553"], ["70550", "70554"]),
        ("0275T", ["0275t"], ["0274T", "0275"]),
        ("39156-5", ["39156-5"], ["39156", "5"]),
    ],
)
def test_a_pattern(pattern: str, inside: list[str], outside: list[str]) -> None:
    found = parse_pattern(pattern)
    assert found is not None
    assert [code for code in (*inside, *outside) if found.matches(normal(code))] == inside


@pytest.mark.parametrize("text", ["", "*", "-", "M48.0-", "B99-A00", "M*48", "a b*c", "é", "M48;M49"])
def test_what_is_no_pattern(text: str) -> None:
    assert parse_pattern(text) is None


@given(CODES)
def test_a_code_is_in_itself_and_in_its_prefixes(code: str) -> None:
    plain = normal(code)
    for text in (code, plain.lower(), *(f"{plain[:n]}*" for n in range(1, len(plain) + 1))):
        found = parse_pattern(text)
        assert found is not None
        assert found.matches(plain)
        assert parse_pattern(str(found)) == found


@given(CODES, CODES, CODES)
def test_a_range_is_what_lies_between_by_text_order(one: str, other: str, code: str) -> None:
    low, high = sorted((normal(one), normal(other)))
    found = parse_pattern(f"{low}-{high}")
    assert found is not None
    plain = normal(code)
    assert found.matches(plain) is (low <= plain and (plain <= high or plain.startswith(high)))


@given(st.lists(CODES, max_size=5), st.lists(CODES, min_size=1, max_size=3), CODES)
def test_a_list_is_the_union_of_its_patterns(exact: list[str], prefixes: list[str], code: str) -> None:
    patterns = tuple(p for text in (*exact, *(f"{normal(p)[:3]}*" for p in prefixes)) if (p := parse_pattern(text)))
    whole = CodeList(patterns=patterns)
    plain = normal(code)
    assert whole.matches(plain) is any(pattern.matches(plain) for pattern in patterns)
    assert whole.match_any([plain]) is whole.matches(plain)
    assert not whole.match_any([])
