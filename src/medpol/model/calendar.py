"""Calendar distances as whole numbers, the same in Python and in every SQL.

A date has two codes: its day number, for days and weeks, and its month code
`(year × 12 + month) × 31 + day`, for months and years. `n` months have passed when the month code has
grown by `n × 31`: when the same day number of the month is reached or, in a month without that day,
the first of the next. That is how birthdays count at common law for anyone born on 29 February, and
needs only year, month and day from a SQL dialect (docs/decisions/0003-calendar.md).
"""

from datetime import date

MONTH = 31
YEAR = 12 * MONTH

_EPOCH = date(1970, 1, 1).toordinal()


def day_code(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH


def month_code(day: date) -> int:
    """(year × 12 + month) × 31 + day."""
    return (day.year * 12 + day.month) * MONTH + day.day


def distance(earlier: date, later: date, unit: str) -> int:
    """From `earlier` to `later` in the fine unit in which windows of `unit` are compared (`scale` of them make one).

    Negative when `later` comes first. `unit` is d, wk, mo or a.
    """
    if unit in ("d", "wk"):
        return later.toordinal() - earlier.toordinal()
    return month_code(later) - month_code(earlier)


def scale(unit: str) -> int:
    """How many fine units one `unit` has: d 1, wk 7 (days); mo 31, a 372 (month-code steps)."""
    return {"d": 1, "wk": 7, "mo": MONTH, "a": YEAR}[unit]


def completed(earlier: date, later: date, unit: str) -> int:
    """Whole units completed between two dates; an age in years is `completed(birth, service, "a")`."""
    return distance(earlier, later, unit) // scale(unit)
