"""Distances between dates, held to a slow reference that steps through the calendar."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpol.model.calendar import completed, day_code, distance, month_code, scale

YEARS = st.integers(1901, 2099)
MONTH_ENDS = st.builds(
    lambda year, month, back: date(year, month, calendar.monthrange(year, month)[1] - back),
    YEARS, st.integers(1, 12), st.integers(0, 2),
)  # fmt: skip
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31)) | MONTH_ENDS | YEARS.map(lambda year: date(year, 3, 1))


def after(day: date, months: int) -> date:
    """The same day number so many months later; in a month without that day, the first of the next."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if day.day > calendar.monthrange(years, month + 1)[1]:
        return after(day.replace(day=1), months + 1)
    return date(years, month + 1, day.day)


def steps(start: date, end: date, months: int) -> int:
    """How often `months` months fit between two dates, counted one by one."""
    count = 0
    while after(start, (count + 1) * months) <= end:
        count += 1
    return count


@given(DAYS, st.integers(0, 40_000))
def test_ages_are_completed_years_months_and_days(birth: date, lived: int) -> None:
    day = min(birth + timedelta(days=lived), date(2100, 12, 31))
    assert completed(birth, day, "a") == steps(birth, day, 12)
    assert completed(birth, day, "d") == (day - birth).days
    assert completed(birth, day, "wk") == (day - birth).days // 7


@given(DAYS, st.integers(0, 2_000))
def test_completed_months(start: date, later: int) -> None:
    end = min(start + timedelta(days=later), date(2100, 12, 31))
    assert completed(start, end, "mo") == steps(start, end, 1)


@pytest.mark.parametrize(
    ("birth", "day", "years"),
    [
        ("2004-02-29", "2022-02-28", 17),  # no 29 February that year: reached on 1 March
        ("2004-02-29", "2022-03-01", 18),
        ("2004-02-29", "2024-02-28", 19),
        ("2004-02-29", "2024-02-29", 20),
        ("1950-03-02", "2015-03-01", 64),
        ("1950-03-02", "2015-03-02", 65),
    ],
)
def test_birthdays(birth: str, day: str, years: int) -> None:
    assert completed(date.fromisoformat(birth), date.fromisoformat(day), "a") == years


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2025-01-31", "2025-02-28", 0),
        ("2025-01-31", "2025-03-01", 1),
        ("2025-01-30", "2025-02-28", 0),
        ("2024-01-29", "2024-02-29", 1),
        ("2025-03-31", "2025-04-30", 0),
        ("2025-03-31", "2025-05-01", 1),
        ("2025-02-28", "2025-03-28", 1),
    ],
)
def test_month_ends(start: str, end: str, months: int) -> None:
    assert completed(date.fromisoformat(start), date.fromisoformat(end), "mo") == months


@given(DAYS, DAYS, st.sampled_from(("d", "wk", "mo", "a")))
def test_a_distance_and_its_way_back(one: date, other: date, unit: str) -> None:
    assert distance(one, other, unit) == -distance(other, one, unit)
    assert (distance(one, other, unit) > 0) is (one < other)


@given(DAYS, DAYS)
def test_both_codes_keep_the_order_of_dates(one: date, other: date) -> None:
    assert (day_code(one) < day_code(other)) is (month_code(one) < month_code(other)) is (one < other)


def test_the_scales_are_those_of_the_codes() -> None:
    assert day_code(date(1970, 1, 1)) == 0
    assert distance(date(2025, 1, 15), date(2026, 1, 15), "a") == scale("a") == 12 * scale("mo")
    assert distance(date(2025, 1, 15), date(2025, 1, 22), "wk") == scale("wk") == 7 * scale("d")
