"""Codes that no list tells apart stand together, and only those."""

from hypothesis import given
from hypothesis import strategies as st

from medpol.engine.dialects.base import Rows
from medpol.engine.dialects.codespace import CodeSpace, Gap
from medpol.model.codes import CodeList, CodePattern, parse_pattern

codes = st.text("AM059", min_size=1, max_size=4)
ranges = st.tuples(codes, codes).map(lambda ends: f"{min(ends)}-{max(ends)}")
patterns = st.one_of(codes, codes.map("{}*".format), ranges).map(parse_pattern)


@given(st.lists(st.lists(patterns, min_size=1, max_size=4), min_size=1, max_size=4), st.lists(codes, max_size=30))
def test_single_codes_and_ranges_are_the_lists(lists: list[list[CodePattern]], present: list[str]) -> None:
    space = CodeSpace([pattern for patterns in lists for pattern in patterns])
    wanted = [CodeList(patterns=tuple(patterns)) for patterns in lists]
    members = list(space.members("there"))
    assert members == sorted(members)
    rows = Rows((("list", "BIGINT"), ("code", "VARCHAR")))
    rows.rows += [(i, code) for i, listed in enumerate(wanted) for code in members if listed.matches(code)]
    single, between = space.parted(rows, 1)
    for code in present:
        found = [i for i, listed in single.rows if listed == code]
        found += [i for i, low, end in between.rows if low <= code < end]
        assert sorted(found) == [i for i, listed in enumerate(wanted) if listed.matches(code)]


def test_a_gap_is_there_only_where_a_range_lies_over_it() -> None:
    space = CodeSpace([CodePattern("A1", "A1"), CodePattern("B", "B~"), CodePattern("B5", "B5")])
    members = list(space.members("there"))
    assert members == ["A1", "B", "B!", "B5", "B5!", "B~"]
    assert [code.relation for code in members if isinstance(code, Gap)] == ["there", "there"]
