"""Kleene's three truth values, ordered: what the record does not say is not a no."""

from collections.abc import Iterable
from enum import IntEnum


class Truth(IntEnum):
    """`all` is then the minimum, `any` the maximum, `not` 2 − x, in Python and in SQL alike.

    Source: S. C. Kleene, Introduction to Metamathematics (1952), §64, the strong tables.
    """

    NO = 0
    UNKNOWN = 1
    YES = 2

    @classmethod
    def of(cls, value: bool | None) -> "Truth":
        return cls.UNKNOWN if value is None else cls.YES if value else cls.NO

    def __invert__(self) -> "Truth":
        return _OPPOSITE[self]

    def __bool__(self) -> bool:
        raise TypeError("a Truth has three values; compare it with `is`")


_OPPOSITE = (Truth.YES, Truth.UNKNOWN, Truth.NO)


def at_least(n: int, values: Iterable[Truth]) -> Truth:
    """The n-th best of the values: n of them are known to be that good."""
    return sorted(values, reverse=True)[n - 1]
