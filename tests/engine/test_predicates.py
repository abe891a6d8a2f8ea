"""The leaves: what they see, what they need, and when they hold, on examples and against slow references."""

import calendar
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libraries import NO as DENY
from libraries import YES as APPROVE
from libraries import library, one_policy, request, statement
from medpol.engine import DuckDB, SQLite, adjudicate, decide, lines_of
from medpol.engine.predicates.table import PREDICATES, predicate
from medpol.loading import parse_criterion
from medpol.model.criteria import LEAVES, CannotDetermine, Claims, Criterion, OneOf, Window
from medpol.model.request import HistoryLine, Request
from medpol.model.truth import Truth
from strategies import FACTS, SERVICE, facts_for, histories, leaves

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES


def day(text: str) -> date:
    return date.fromisoformat(text)


def leaf(text: str) -> Criterion:
    return parse_criterion(text, FACTS)


def everywhere(criterion: Criterion, asked: list[Request]) -> list[Truth]:
    """Each request's truth, decided singly, on DuckDB and on SQLite, which must agree."""
    singly = [decide(criterion, each).truth for each in asked]
    content = library(one_policy(statement(APPROVE, criterion), default=DENY))
    for engine in (DuckDB(threads=1), SQLite()):
        adjudicate(engine, content, lines_of(engine, asked, FACTS), describe=repr)
        states = [row[0] for row in engine.fetch("SELECT state FROM answers ORDER BY line")]
        assert [{"approve": YES, "not_covered": NO}.get(state, UNKNOWN) for state in states] == singly, engine
    return singly


def test_every_leaf_has_its_meaning() -> None:
    assert set(PREDICATES) == set(LEAVES)


@given(leaves(), st.data())
def test_a_leaf_reads_only_what_it_says_it_needs(criterion: Criterion, data: st.DataObject) -> None:
    """With its needs missing it is unknown; with only its needs known it is what it is with everything known."""
    assert isinstance(criterion, LEAVES)
    needs = predicate(criterion).needs(criterion)
    facts = data.draw(facts_for())
    history = data.draw(histories())
    whole = request(history=history, level="L4", claim="A", **facts)
    own = {*needs, "procedure", "modifier", "service_date"}
    only = replace(
        whole,
        facts={name: value for name, value in whole.facts.items() if name in own},
        history=whole.history if "history" in needs else None,
    )
    assert decide(criterion, only).truth is decide(criterion, whole).truth
    if isinstance(criterion, CannotDetermine) or (isinstance(criterion, OneOf) and not criterion.codes.loaded):
        assert needs == ()


# windows


def shifted(anchor: date, n: int, unit: str, *, reach: bool) -> date:
    """`n` units before (n < 0) or after a date. A day number the month lacks: the first of the next month, where
    the length must be reached, or the month's last day, where it must not be passed."""
    if unit in ("d", "wk"):
        return anchor + timedelta(days=n * (7 if unit == "wk" else 1))
    years, month = divmod(anchor.year * 12 + anchor.month - 1 + n * (12 if unit == "a" else 1), 12)
    last = calendar.monthrange(years, month + 1)[1]
    if anchor.day <= last:
        return date(years, month + 1, anchor.day)
    return date(years, month + 1, last) + timedelta(days=1 if reach else 0)


@st.composite
def near(draw: st.DrawFn, n: int, unit: str) -> tuple[date, date]:
    """An event, and an anchor about n units after it; the dates at which a window opens or closes come often."""
    event = draw(st.dates(date(1990, 1, 1), date(2030, 12, 31)) | st.sampled_from(EDGES))
    about = shifted(event, n, unit, reach=True)
    return event, about + timedelta(days=draw(st.integers(-4, 4)))


EDGES = [
    date(year, month, min(d, calendar.monthrange(year, month)[1]))
    for year in (2023, 2024, 2025)
    for month in (1, 2, 3, 4, 12)
    for d in (1, 28, 29, 30, 31)
]


@settings(max_examples=400)
@given(st.integers(0, 30), st.sampled_from(("d", "wk", "mo", "a")), st.data())
def test_a_window_against_the_calendar(n: int, unit: str, data: st.DataObject) -> None:
    event, anchor = data.draw(near(n, unit))
    asked = request(evaluation_date=event, surgery_date=anchor)
    passed = Window(event="evaluation_date", anchor="surgery_date", unit=unit, low=n)
    within = Window(event="evaluation_date", anchor="surgery_date", unit=unit, low=0, high=n)
    assert decide(passed, asked).truth is Truth.of(shifted(event, n, unit, reach=True) <= anchor)
    assert decide(within, asked).truth is Truth.of(event <= anchor <= shifted(event, n, unit, reach=False))
    # and looking back from the other side
    mirrored = replace(within, event="surgery_date", anchor="evaluation_date", low=-n, high=0)
    assert decide(mirrored, asked).truth is decide(within, asked).truth


@pytest.mark.parametrize(
    ("text", "anchor", "holds", "fails"),
    [
        # both ends included
        ("evaluation_date within 12 months before surgery_date", "2025-09-01",
         ["2024-09-01", "2025-09-01"], ["2024-08-31", "2025-09-02"]),
        ("evaluation_date within 2 days before surgery_date", "2025-03-01",
         ["2025-02-27", "2025-03-01"], ["2025-02-26", "2025-03-02"]),
        ("evaluation_date within 90 days after surgery_date", "2025-01-01",
         ["2025-01-01", "2025-04-01"], ["2024-12-31", "2025-04-02"]),
        ("evaluation_date at least 6 months before surgery_date", "2025-08-31",
         ["2025-02-28"], ["2025-03-01"]),
        ("evaluation_date at least 6 months before surgery_date", "2025-03-01",
         ["2024-08-31", "2024-09-01"], ["2024-09-02"]),
        ("evaluation_date within 2 years before surgery_date", "2026-02-28",
         ["2024-02-29", "2024-02-28"], ["2024-02-27"]),
        ("evaluation_date between 3 and 7 days after surgery_date", "2025-02-26",
         ["2025-03-01", "2025-03-05"], ["2025-02-28", "2025-03-06"]),
        ("evaluation_date before surgery_date", "2025-03-01", ["2025-02-28"], ["2025-03-01"]),
        ("evaluation_date on or after surgery_date", "2025-03-01", ["2025-03-01"], ["2025-02-28"]),
        ("evaluation_date on surgery_date", "2024-02-29", ["2024-02-29"], ["2024-02-28", "2024-03-01"]),
    ],
)  # fmt: skip
def test_the_ends_of_a_window_in_every_mode(text: str, anchor: str, holds: list[str], fails: list[str]) -> None:
    asked = [request(evaluation_date=day(event), surgery_date=day(anchor)) for event in (*holds, *fails)]
    asked += [request(evaluation_date=day(holds[0])), request(surgery_date=day(anchor)), request()]
    assert everywhere(leaf(text), asked) == [YES] * len(holds) + [NO] * len(fails) + [UNKNOWN] * 3


# counts of earlier claims


def earlier(*lines: str, **common: object) -> tuple[HistoryLine, ...]:
    """History lines from `DATE[ CODE]`."""
    found = []
    for line in lines:
        when, _, code = line.partition(" ")
        found.append(HistoryLine(code=code or "62322", date=day(when), **common))  # type: ignore[arg-type]
    return tuple(found)


def count(within: str, limit: str, **more: str) -> Criterion:
    extra = "".join(f", {key}: {value}" for key, value in more.items())
    codes = "" if "codes" in more else "codes: [62322], "
    return leaf(f"claims: {{{codes}within: {within}, count: '{limit}'{extra}}}")


@pytest.mark.parametrize(
    ("within", "inside", "outside"),
    [
        # the window is half open: it starts anew on the anniversary
        ("12 months", ["2024-09-02", "2025-09-01"], ["2024-09-01", "2025-09-02"]),
        ("1 years", ["2024-09-02", "2025-09-01"], ["2024-09-01", "2025-09-02"]),
        ("30 days", ["2025-08-03", "2025-09-01"], ["2025-08-02", "2025-09-02"]),
        ("2 weeks", ["2025-08-19", "2025-09-01"], ["2025-08-18", "2025-09-02"]),
        ("calendar year", ["2025-01-01", "2025-09-01"], ["2024-12-31", "2025-09-02"]),
        ("lifetime", ["1999-05-05", "2025-09-01"], ["2025-09-02"]),
        ("same day", ["2025-09-01"], ["2025-08-31", "2025-09-02"]),
    ],
)
def test_which_lines_a_window_takes_in(within: str, inside: list[str], outside: list[str]) -> None:
    asked = [request(history=earlier(each)) for each in (*inside, *outside)]
    expected = [YES] * len(inside) + [NO] * len(outside)
    assert everywhere(count(within, "== 1"), [*asked, request(history=()), request()]) == [*expected, NO, UNKNOWN]


@pytest.mark.parametrize(
    ("anchor", "inside", "outside"),
    [
        ("2024-02-29", "2023-03-01", "2023-02-28"),  # a year before 29 February
        ("2025-02-28", "2024-02-29", "2024-02-28"),
        ("2025-03-01", "2024-03-02", "2024-03-01"),
    ],
)
def test_a_rolling_year_over_29_february(anchor: str, inside: str, outside: str) -> None:
    asked = [request(day=day(anchor), history=earlier(each)) for each in (inside, outside)]
    assert everywhere(count("12 months", ">= 1"), asked) == [YES, NO]


@settings(max_examples=300)
@given(
    st.dates(date(2019, 1, 1), date(2026, 12, 31)) | st.sampled_from(EDGES),
    st.integers(1, 24), st.sampled_from(("d", "wk", "mo", "a")), st.integers(-3, 3),
)  # fmt: skip
def test_a_rolling_window_against_the_calendar(anchor: date, n: int, unit: str, off: int) -> None:
    """A line lies outside from the day on which so much time has passed since it."""
    word = {"d": "days", "wk": "weeks", "mo": "months", "a": "years"}[unit]
    on = min(shifted(anchor, -n, unit, reach=True) + timedelta(days=off), anchor)
    has_passed = shifted(on, n, unit, reach=True) <= anchor
    asked = request(day=anchor, history=(HistoryLine(code="62322", date=on),))
    assert decide(count(f"{n} {word}", "== 0"), asked).truth is Truth.of(has_passed)


def test_the_anchor_may_be_another_date() -> None:
    criterion = count("30 days", ">= 1", before="surgery_date")
    history = earlier("2025-03-10")
    asked = [request(surgery_date=day(text), history=history) for text in ("2025-04-08", "2025-04-09", "2025-03-09")]
    assert everywhere(criterion, [*asked, request(history=history)]) == [YES, NO, NO, UNKNOWN]


def test_lines_days_and_units() -> None:
    history = (
        *earlier("2025-05-01", units=3),
        *earlier("2025-05-01", units=2),
        *earlier("2025-06-01", units=0.5),
        *earlier("2025-06-02 62323", units=9),
    )
    asked = [request(history=history)]
    for measure, n in (("lines", 3), ("days", 2)):
        assert everywhere(count("12 months", f"== {n}", measure=measure), asked) == [YES]
    for limit, truth in (("5..6", YES), (">= 6", NO), ("<= 5", NO)):
        assert everywhere(count("12 months", limit, measure="units"), asked) == [truth]


def test_tenths_of_a_unit_add_up() -> None:
    history = tuple(HistoryLine(code="62322", date=SERVICE - timedelta(days=i), units=0.1) for i in range(10))
    assert everywhere(count("12 months", ">= 1", measure="units"), [request(history=history)]) == [YES]
    assert everywhere(count("12 months", "<= 0", measure="units"), [request(history=history[:0])]) == [YES]


def test_the_requested_code_itself() -> None:
    criterion = count("lifetime", "== 0", codes="same")
    histories_ = [(), earlier("2020-01-01 62330"), earlier("2020-01-01 62331")]
    assert everywhere(criterion, [request(history=each) for each in histories_]) == [YES, NO, YES]


@pytest.mark.parametrize(
    ("own", "other", "counts"),
    [
        (["RT"], ["RT"], True),
        (["RT"], ["LT"], False),
        (["RT"], ["50"], True),
        (["RT"], [], True),
        ([], ["LT"], True),
        (["50"], ["LT"], True),
        (["LT", "RT"], ["LT"], True),
        (["LT", "KX"], ["RT", "KX"], False),
    ],
)
def test_once_per_side(own: list[str], other: list[str], counts: bool) -> None:
    criterion = count("lifetime", "== 0", codes="same", same="[side]")
    history = (HistoryLine(code="62330", date=day("2024-01-05"), modifiers=frozenset(other)),)
    asked = request(history=history, modifier=frozenset(own))
    assert everywhere(criterion, [asked]) == [NO if counts else YES]


def test_once_per_level() -> None:
    criterion = count("lifetime", "== 0", codes="same", same="[level]")
    history = earlier("2024-01-05 62330", level="L4")
    asked = [request(history=history, level=level) for level in ("L4", "L5", "")]
    assert everywhere(criterion, asked) == [NO, YES, UNKNOWN]
    assert everywhere(criterion, [request(history=earlier("2024-01-05 62330"), level="L4")]) == [YES]


def test_one_sitting() -> None:
    """The same claim: a line that names another claim, or none, is not of it."""
    criterion = count("same claim", "<= 1")
    history = (*earlier("2025-09-01", "2025-09-01", claim="A"), *earlier("2025-09-01", claim="B"))
    asked = [request(history=history, claim=claim) for claim in ("A", "B", "C", "")]
    assert everywhere(criterion, asked) == [NO, YES, YES, UNKNOWN]


def test_only_lines_with_a_diagnosis() -> None:
    criterion = count("lifetime", ">= 1", diagnosis="[M48.0*]")
    dx = [frozenset({"M48061", "E119"}), frozenset({"E119"}), frozenset[str]()]
    asked = [request(history=earlier("2024-01-05", diagnoses=each)) for each in dx]
    assert everywhere(criterion, asked) == [YES, NO, NO]


@pytest.mark.parametrize(
    ("within", "since", "reaches"),
    [
        ("12 months", "2024-09-02", True),
        ("12 months", "2024-09-03", False),
        ("30 days", "2025-08-03", True),
        ("30 days", "2025-08-04", False),
        ("calendar year", "2025-01-01", True),
        ("calendar year", "2025-01-02", False),
        ("lifetime", "1950-03-02", True),
        ("lifetime", "1950-03-03", False),
        ("same day", "2025-09-01", True),
        ("same day", "2025-09-02", False),
    ],
)
def test_a_history_that_does_not_reach_back_is_a_lower_bound(within: str, since: str, reaches: bool) -> None:
    """Unknown, but where the lines at hand settle it already."""
    asked = [
        request(history=earlier(*["2025-09-01"] * n), since=day(since), birth_date=day("1950-03-02"))
        for n in (0, 1, 2, 3)
    ]
    if reaches:
        assert everywhere(count(within, "<= 1"), asked) == [YES, YES, NO, NO]
        assert everywhere(count(within, ">= 2"), asked) == [NO, NO, YES, YES]
        assert everywhere(count(within, "1..2"), asked) == [NO, YES, YES, NO]
    else:
        assert everywhere(count(within, "<= 1"), asked) == [UNKNOWN, UNKNOWN, NO, NO]
        assert everywhere(count(within, ">= 2"), asked) == [UNKNOWN, UNKNOWN, YES, YES]
        assert everywhere(count(within, "1..2"), asked) == [UNKNOWN, UNKNOWN, UNKNOWN, NO]


def test_a_lifetime_without_a_birth_date_is_never_whole() -> None:
    asked = request(history=(), since=day("1900-01-01"), age=75.0)
    assert everywhere(count("lifetime", "== 0"), [asked]) == [UNKNOWN]


@st.composite
def shortened(draw: st.DrawFn) -> tuple[Request, Request]:
    """A request with its whole history, and with only what is on file since a date."""
    whole = draw(st.lists(st.integers(0, 800).map(lambda n: SERVICE - timedelta(days=n)), max_size=6))
    anchor = draw(st.sampled_from(EDGES) | st.just(SERVICE))
    since = anchor - timedelta(days=draw(st.integers(-2, 800)))
    full = request(day=anchor, history=tuple(HistoryLine(code="62322", date=each) for each in whole),
                   birth_date=date(1950, 1, 1))  # fmt: skip
    kept = tuple(line for line in full.history or () if line.date >= since)
    return full, replace(full, history=kept, history_since=since)


@settings(max_examples=300)
@given(shortened(), leaves())
def test_what_a_part_of_the_history_settles_the_whole_confirms(
    pair: tuple[Request, Request], any_leaf: Criterion
) -> None:
    full, part = pair
    criterion = replace(any_leaf, before="service_date", diagnosis=None) if isinstance(any_leaf, Claims) else any_leaf
    truth = decide(criterion, part).truth
    assert truth is UNKNOWN or truth is decide(criterion, full).truth
