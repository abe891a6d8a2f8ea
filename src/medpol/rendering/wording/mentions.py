"""What a text or a criterion mentions, in one form: a cut on a scale, a code, a date, and when two are the same."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from medpol.model.codes import NOWHERE, CodePattern
from medpol.model.units import convert
from medpol.problems import Place


class Kind(StrEnum):
    AMOUNT = "amount"  # a number with a unit, or bare: 40 kg/m2, 21%, “BMI of 40”
    TIME = "time"  # a length of time, and an age where the text does not say which
    AGE = "age"
    COUNT = "count"  # two of the following, 20 treatments
    DATE = "date"
    YEAR = "year"
    CODE = "code"


class Cut(NamedTuple):
    """Where a scale is cut: just below `value`, or (`past`) just above it; `keeps` 1 is what lies above, -1 below.

    `at least 65` and `under 65` are the same cut, kept on opposite sides. `keeps` 0 is a number without a direction.
    """

    value: float
    past: bool = False
    keeps: int = 0

    def whole(self) -> "Cut":
        """The same cut on a scale of whole numbers: over 60 is from 61."""
        return Cut(self.value + 1, False, self.keeps) if self.past and self.keeps else self

    def mirrored(self) -> "Cut":
        """The same cut of the number without its sign: a change of at most -10 is one of at least 10."""
        return Cut(-self.value, not self.past, -self.keeps) if self.keeps else Cut(-self.value)


NO_CUT = Cut(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One number, code or date. `also` are other values of the same number that a text may give for it.

    `either` is true where either side of the cut may be meant: what is covered or denied, ruled out or left.
    `group` is shared by the codes of one leaf.
    """

    kind: Kind
    text: str
    cut: Cut = NO_CUT
    unit: str = ""
    code: CodePattern | None = None
    also: frozenset[tuple[float, str]] = frozenset()
    either: bool = False
    group: int = 0
    offset: int = -1
    place: Place = field(default=NOWHERE, compare=False)


_SAME_SCALE = {
    Kind.TIME: (Kind.TIME, Kind.AGE),
    Kind.AGE: (Kind.AGE,),
    Kind.AMOUNT: (Kind.AMOUNT, Kind.COUNT),
    Kind.COUNT: (Kind.COUNT, Kind.AMOUNT, Kind.TIME),
    Kind.DATE: (Kind.DATE,),
    Kind.YEAR: (Kind.DATE, Kind.YEAR),
    Kind.CODE: (Kind.CODE,),
}
_WHOLE = (Kind.AGE, Kind.COUNT, Kind.DATE)


def same(worded: Mention, meant: Mention) -> bool:
    """Whether a mention of the text is this mention of the logic."""
    bare = worded.kind is Kind.AMOUNT and not worded.unit and meant.kind in (Kind.AGE, Kind.TIME)
    if meant.kind not in _SAME_SCALE[worded.kind] and not bare:  # bare: over 65, 6 months or 12 if older
        return False
    if worded.code is not None and meant.code is not None:
        return _within(worded.code, meant.code) or _within(meant.code, worded.code)
    if worded.kind is Kind.YEAR:
        return int(worded.cut.value) == int(meant.text[:4])
    if any(close(worded, value, unit) for value, unit in meant.also):
        return True
    value = _in_unit(worded, meant.unit)
    return value is not None and _same_cut(worded.cut._replace(value=value), meant)


def _within(one: CodePattern, other: CodePattern) -> bool:
    return other.low <= one.low and one.high <= other.high


def _same_cut(one: Cut, meant: Mention) -> bool:
    other = meant.cut
    if not one.keeps or not other.keeps:
        return _near(one.value, other.value)
    if meant.kind in _WHOLE:
        one, other = one.whole(), other.whole()
    if one.keeps != other.keeps and not meant.either:
        return False
    return (_near(one.value, other.value) and one.past == other.past) or _just_below(one, other)


def _just_below(one: Cut, other: Cut) -> bool:
    """`30 to 34.9` is below 35: the last digit that is written stands for all that follow."""
    below = one.past and one.keeps < 0 and not other.past and other.keeps < 0
    return below and any(_near(other.value - one.value, step) for step in (0.1, 0.01, 0.001))


def close(worded: Mention, value: float, unit: str) -> bool:
    """Whether the text's number is this value, whatever side of it is meant."""
    found = _in_unit(worded, unit)
    return found is not None and _near(found, value)


def _in_unit(worded: Mention, unit: str) -> float | None:
    """The text's number in `unit`; a bare number is taken in any."""
    if not worded.unit and worded.kind in (Kind.AMOUNT, Kind.COUNT, Kind.AGE, Kind.DATE):
        return worded.cut.value
    return convert(worded.cut.value, worded.unit, unit)


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-9 * max(abs(one), abs(other), 1)
