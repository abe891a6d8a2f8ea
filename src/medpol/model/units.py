"""Units of measure, written as UCUM writes them, and the exact conversions between them.

Only conversions without a convention in them are here: a month is no number of days, and mg/dL
becomes mmol/L only for a named substance. Source: UCUM 2.1, tables of base and derived units;
the pound and the inch by their 1959 definitions.
"""

from typing import NamedTuple

TIME_UNITS = ("d", "wk", "mo", "a")
TIME_WORDS = {
    "d": "d", "day": "d", "days": "d",
    "wk": "wk", "week": "wk", "weeks": "wk",
    "mo": "mo", "month": "mo", "months": "mo",
    "a": "a", "year": "a", "years": "a",
}  # fmt: skip

# unit → (dimension, factor to the dimension's first unit)
_FACTORS: dict[str, tuple[str, float]] = {
    "d": ("days", 1), "wk": ("days", 7), "h": ("days", 1 / 24),
    "mo": ("months", 1), "a": ("months", 12),
    "mm": ("length", 1), "cm": ("length", 10), "m": ("length", 1000), "[in_i]": ("length", 25.4),
    "g": ("mass", 1), "mg": ("mass", 1e-3), "kg": ("mass", 1000), "[lb_av]": ("mass", 453.59237),
}  # fmt: skip
_WORDS = {
    **TIME_WORDS, "hours": "h", "hour": "h", "in": "[in_i]", "inch": "[in_i]", "inches": "[in_i]",
    "lb": "[lb_av]", "lbs": "[lb_av]", "percent": "%",
}  # fmt: skip


class Quantity(NamedTuple):
    """A number with its UCUM unit; '' for a count."""

    value: float
    unit: str = ""


def named(unit: str) -> str:
    """The UCUM symbol for a unit as people write it: `months` → `mo`, `lb` → `[lb_av]`; others unchanged."""
    return _WORDS.get(unit, unit)


def convert(value: float, unit: str, to: str) -> float | None:
    """`value` in the unit `to`, or None where no exact conversion exists."""
    unit, to = named(unit), named(to)
    if unit == to:
        return value
    old, new = _FACTORS.get(unit), _FACTORS.get(to)
    if old is None or new is None or old[0] != new[0]:
        return None
    return value * old[1] / new[1]


def spoken(unit: str, amount: float = 2) -> str:
    """The unit in a sentence: `mo` → `months`, `%` → `%`."""
    word = {"d": "day", "wk": "week", "mo": "month", "a": "year", "h": "hour"}.get(unit)
    if word is None:
        return {"[in_i]": "in", "[lb_av]": "lb", "1": ""}.get(unit, unit)
    return word if amount == 1 else word + "s"
