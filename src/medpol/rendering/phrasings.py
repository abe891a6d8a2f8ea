"""The phrases of a criterion's English, each said by `english` and read by `reading` from the same entry.

A `Form` is a phrase with named gaps. A `Bounds` is a form for two ends of which either may be missing; a table of
bounds is gone through in order, and the first that fits is said.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache

from medpol.model.criteria import Because, Measure, Within
from medpol.model.facts import FactSource, FactType

_GAP = re.compile(r"\\{(\w+)\\}")


@dataclass(frozen=True, slots=True)
class Form:
    """A phrase with gaps: `at least {n} of the following`."""

    words: str

    def say(self, **parts: object) -> str:
        return self.words.format(**parts)

    def read(self, text: str, **shapes: str) -> re.Match[str] | None:
        """The gaps' contents where the whole text is this phrase; `shapes` says what a gap may hold (a regex)."""
        return _pattern(self.words, tuple(sorted(shapes.items()))).fullmatch(text)


@cache
def _pattern(words: str, shapes: tuple[tuple[str, str], ...]) -> re.Pattern[str]:
    known = dict(shapes)
    return re.compile(_GAP.sub(lambda gap: f"(?P<{gap[1]}>{known.get(gap[1], '.+?')})", re.escape(words)))


class End(Enum):
    """What an end of a `Bounds` may be, beside one number or nothing."""

    FROM_ZERO = "zero or more"
    BELOW_ZERO = "less than zero, said without its sign"
    SAME = "the lower end once more"


Bound = int | None | End


@dataclass(frozen=True, slots=True)
class Bounds:
    """A phrase for a lower and an upper end. Its gaps are `low` and `high`, and `low_bare`: `low` without a unit."""

    words: str
    low: Bound
    high: Bound

    def fits(self, low: int | None, high: int | None) -> bool:
        return _fits(self.low, low, low) and _fits(self.high, high, low)

    def say(self, low: int | None, high: int | None, amount: Callable[[int], str], **parts: str) -> str:
        """The phrase; `amount` says a number with its unit."""
        ends = {"low": abs(low or 0), "high": abs(high or 0)}
        said = {name: amount(value) for name, value in ends.items()}
        return self.words.format(**said, low_bare=ends["low"], high_bare=ends["high"], **parts)

    def ends(self, found: dict[str, int]) -> tuple[int | None, int | None]:
        """Both ends from the numbers that were read."""
        low = _end(self.low, found.get("low", found.get("low_bare")))
        return low, low if self.high is End.SAME else _end(self.high, found.get("high", found.get("high_bare")))


def _fits(bound: Bound, value: int | None, low: int | None) -> bool:
    match bound:
        case End.FROM_ZERO:
            return value is not None and value >= 0
        case End.BELOW_ZERO:
            return value is not None and value < 0
        case End.SAME:
            return value == low
        case _:
            return value == bound


def _end(bound: Bound, found: int | None) -> int | None:
    if isinstance(bound, End):
        return -found if bound is End.BELOW_ZERO and found is not None else found
    return bound


def fitting(table: Sequence[Bounds], low: int | None, high: int | None) -> Bounds:
    return next(bounds for bounds in table if bounds.fits(low, high))


# ── groups, negation, waivers, tables ───────────────────────────────────────────────────────────────────────

ALL, NOT_ALL = "all of the following", "not all of the following"
ANY, NONE = "any of the following", "none of the following"
AT_LEAST = Form("at least {n} of the following")
FEWER = Form("fewer than {n} of the following")
NOT_THE_FOLLOWING = "not the following"
REQUIRED = "required unless waived"
UNLESS = ", unless "
WAIVED = "waived"
WAIVED_IF = "waived if "
IF = " if "
OTHERWISE = "otherwise "
NOT = "not: "

# ── leaves ──────────────────────────────────────────────────────────────────────────────────────────────────

ANSWER = Form("{fact}: {answer}{vouched}")
YES, NO = "yes", "no"
VOUCHED = {
    FactSource.RECORD: "",
    FactSource.ATTESTATION: " (provider's attestation)",
    FactSource.DOCUMENT: " (document on file)",
    FactSource.REVIEWER: " (reviewer's judgement)",
    FactSource.PLAN: " (plan's own records)",
}

UNDECIDED = Form("cannot be determined from facts ({because}): {what}")
REASONS = {
    Because.JUDGEMENT: "judgement",
    Because.LICENSED: "licensed criteria",
    Because.OPEN_LIST: "open-ended list",
    Because.NOT_AVAILABLE: "not available",
}

_AMOUNTS = {">=": "at least", ">": "more than", "<=": "at most", "<": "below", "==": "exactly"}
_LEVELS = {**_AMOUNTS, ">": "above"}
_DATES = {">=": "on or after", ">": "after", "<=": "on or before", "<": "before", "==": "on"}
KNOWN = "known"
AND = " and "
BOTH = "both "


def comparing(kind: FactType) -> dict[str, str]:
    """The words for >=, >, <=, < and == that go with a type of fact."""
    return {FactType.DATE: _DATES, FactType.ORDINAL: _LEVELS}.get(kind, _AMOUNTS)


ONE_OF, ON = "one of ", "on "
THE_LIST = Form("the list {name}")

THE_ANCHOR = " the {anchor}"
DAY_GAPS = (
    Bounds("before", 1, None),
    Bounds("on or before", 0, None),
    Bounds("after", None, -1),
    Bounds("on or after", None, 0),
    Bounds("on the same day as", 0, 0),
    Bounds("known together with", None, None),
)
GAPS = (
    Bounds("at least {high} after", None, End.BELOW_ZERO),
    Bounds("no earlier than {high} before", None, End.FROM_ZERO),
    Bounds("at least {low} before", End.FROM_ZERO, None),
    Bounds("no later than {low} after", End.BELOW_ZERO, None),
    Bounds("within {high} before", 0, End.FROM_ZERO),
    Bounds("within {low} after", End.BELOW_ZERO, 0),
    Bounds("between {low_bare} and {high} before", End.FROM_ZERO, End.FROM_ZERO),
    Bounds("between {high_bare} and {low} after", End.BELOW_ZERO, End.BELOW_ZERO),
    Bounds("between {high} before and {low} after", End.BELOW_ZERO, End.FROM_ZERO),
    Bounds("between {high} after and {low} before", End.FROM_ZERO, End.BELOW_ZERO),
    Bounds("at any number of {unit} from", None, None),
)

COUNTS = (
    Bounds("any number of", None, None),
    Bounds("no more than {high}", None, End.FROM_ZERO),
    Bounds("at least {low}", End.FROM_ZERO, None),
    Bounds("no", 0, 0),
    Bounds("exactly {low}", End.FROM_ZERO, End.SAME),
    Bounds("{low} to {high}", End.FROM_ZERO, End.FROM_ZERO),
)
COUNTED = {
    Measure.LINES: ("earlier claim", "earlier claims"),
    Measure.DAYS: ("earlier service day", "earlier service days"),
    Measure.UNITS: ("earlier unit", "earlier units"),
}
SAME_CODE = "the same code"
ONE_CODE = Form("code {codes}")
MANY_CODES = Form("any of the codes {codes}")
ANY_ON = Form("any code on {codes}")
SPANS = {
    Within.LENGTH: Form("in the {length} up to the {anchor}"),
    Within.LIFETIME: Form("at any time up to the {anchor}"),
    Within.CALENDAR_YEAR: Form("in the calendar year up to the {anchor}"),
    Within.SAME_DAY: Form("on the same day as the {anchor}"),
    Within.SAME_CLAIM: Form("on the same claim, counted for the {anchor}"),
}
SAME_CLAIM = "on the same claim"  # counted for the service date
CLAIMS = Form("{count} {counted} for {what} {span}{diagnosis}{same}")
DIAGNOSES = Form(", with any diagnosis of {codes}")
DIAGNOSES_ON = Form(", with any diagnosis on {codes}")
SAME = Form(", same {same}")
