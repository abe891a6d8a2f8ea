"""Months as policies write their dates: `2025`, `2025-07`, `2025-07-15`."""

from datetime import date


def month_number(text: str) -> int | None:
    """Months since year 0 of a date of month precision or better; None for a year alone."""
    parts = text.split("-")
    return int(parts[0]) * 12 + int(parts[1]) - 1 if len(parts) > 1 else None


def month_of(day: date) -> int:
    return day.year * 12 + day.month - 1


def months(count: int) -> str:
    return f"{count} month{'' if count == 1 else 's'}"
