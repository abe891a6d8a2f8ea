"""Leaves written as text: `age >= 65`, `state in [IA]`, `injury_date within 90 days before service_date`.

The grammar is docs/package-format.md, “Leaves, as text”. Every reader takes the text apart with its columns,
checks it against the data dictionary and returns None after it has reported what does not fit.
"""

import re

from medpol.loading.nodes import day_of, number_of, similar
from medpol.loading.scope import Text, patterns_of
from medpol.model.calendar import day_code
from medpol.model.codes import CodeList
from medpol.model.criteria import Compare, Criterion, Is, Not, OneOf, Window
from medpol.model.facts import Fact, FactType
from medpol.model.units import TIME_WORDS, convert
from medpol.problems import Place

_OPERATOR = re.compile(r">=|<=|==|!=|≥|≤|≠|>|<|=")
_SPELLED = {"≥": ">=", "≤": "<=", "≠": "!=", "=": "=="}
_FLIPPED = {">=": "<=", "<=": ">=", ">": "<", "<": ">", "==": "==", "!=": "!="}
_NAME = re.compile(r"[A-Za-z_]\w*")
_QUANTITY = re.compile(r"([-+]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d{1,3})?)\s*(.*)")
_MEMBERSHIP = re.compile(r"([A-Za-z_]\w*)\s+(is\s+not|is|not\s+in|in|includes)\s+(\S.*)")
_WINDOW_WORD = re.compile(r"\b(within|before|after|between|on|at\s+least|more\s+than)\b")
_WINDOW = re.compile(
    r"(?P<event>[A-Za-z_]\w*)\s+"
    r"(?:(?P<how>within|at\s+least)\s+(?P<n>\S+)\s+(?P<unit>\w+)\s+"
    r"|between\s+(?P<from>\S+)\s+and\s+(?P<to>\S+)\s+(?P<units>\w+)\s+"
    r"|(?P<on>on\s+or)\s+)?"
    r"(?P<side>before|after)\s+(?P<anchor>[A-Za-z_]\w*)"
)
_SAME_DAY = re.compile(r"(?P<event>[A-Za-z_]\w*)\s+on\s+(?P<anchor>[A-Za-z_]\w*)")
_LONGEST_WINDOW = 100_000  # units; the calendar itself ends after 9,999 years
_COMPLETED = ("age", "age_months", "age_days")
_ORDERED = (FactType.NUMBER, FactType.DURATION, FactType.DATE, FactType.ORDINAL)


def read_leaf(leaf: Text) -> Criterion | None:
    """A leaf from its text."""
    if match := _MEMBERSHIP.fullmatch(leaf.text):
        return _membership(leaf, match)
    if _OPERATOR.search(leaf.text):
        return _comparison(leaf)
    if _NAME.fullmatch(leaf.text):
        return _boolean(leaf)
    if _WINDOW_WORD.search(leaf.text):
        return _window(leaf)
    leaf.report("MP301", 0, "this is no leaf of the language")
    return None


def _boolean(leaf: Text) -> Criterion | None:
    fact = leaf.fact(leaf.text, 0)
    if fact is None:
        return None
    if fact.type is not FactType.BOOLEAN:
        leaf.report(
            "MP303", 0, f"'{fact.name}' is a {fact.type}; only a boolean stands alone", "compare it with a value"
        )
        return None
    return Is(fact=fact.name, place=leaf.place())


# comparisons


def _comparison(leaf: Text) -> Criterion | None:
    """`fact sign value`, `value sign fact` or `low sign fact sign high`."""
    signs = [_SPELLED.get(m[0], m[0]) for m in _OPERATOR.finditer(leaf.text)]
    parts = _parts(leaf.text)
    second = leaf.text.find(parts[-1][0], parts[-1][1])
    if len(parts) > 3 or not all(text for text, _ in parts):
        leaf.report("MP301", 0, "a comparison is: fact, sign, value")
        return None
    if len(parts) == 3 and (signs[0][0] not in "<>" or signs[0][0] != signs[1][0]):
        leaf.report("MP301", second, "the two signs of a range point the same way", "write LOW <= fact < HIGH")
        return None
    if len(parts) == 2 and _NAME.fullmatch(parts[1][0]) and not _NAME.fullmatch(parts[0][0]):
        parts.reverse()
        signs = [_FLIPPED[signs[0]]]
    name, at = parts[-2]
    fact = leaf.fact(name, at)
    if fact is None:
        return None
    if fact.type not in _ORDERED:
        remedy = "write its name alone, or `not: name`" if fact.type is FactType.BOOLEAN else "write is, in or includes"
        leaf.report("MP303", at, f"'{fact.name}' is a {fact.type}; it has no order", remedy)
        return None
    if len(parts) == 2:
        return _interval(leaf, fact, [(signs[0], *parts[1])])
    return _interval(leaf, fact, [(_FLIPPED[signs[0]], *parts[0]), (signs[1], *parts[2])])


def _parts(text: str) -> list[tuple[str, int]]:
    """What stands between the signs, each with its offset."""
    signs = [m.span() for m in _OPERATOR.finditer(text)]
    spans = zip([0, *(end for _, end in signs)], [*(start for start, _ in signs), len(text)], strict=True)
    return [(text[a:b].strip(), a + _margin(text[a:b])) for a, b in spans]


def _margin(text: str) -> int:
    return len(text) - len(text.lstrip())


def _interval(leaf: Text, fact: Fact, limits: list[tuple[str, str, int]]) -> Criterion | None:
    low: float | None = None
    high: float | None = None
    low_open = high_open = False
    for sign, text, offset in limits:
        value = constant(leaf, fact, text, offset)
        if value is None:
            return None
        if sign in ("==", "!="):
            low = high = value
        elif sign in (">=", ">"):
            low, low_open = value, sign == ">"
        else:
            high, high_open = value, sign == "<"
    if low is not None and high is not None and (low > high or (low == high and (low_open or high_open))):
        leaf.report("MP305", 0, "no value lies in this range")
        return None
    place = leaf.place()
    compare = Compare(fact=fact.name, low=low, high=high, low_open=low_open, high_open=high_open, place=place)
    if _outside(compare, fact):
        leaf.report("MP306", 0, f"'{fact.name}' {_range(fact)}")
        return None
    return Not(of=compare, place=place) if limits[0][0] == "!=" else compare


def _outside(compare: Compare, fact: Fact) -> bool:
    """Whether no value of the fact's range can lie in the interval."""
    low, high = _ends(fact)
    above = compare.low is not None and high is not None and compare.low >= high
    below = compare.high is not None and low is not None and compare.high <= low
    return (above and (compare.low != high or compare.low_open)) or (
        below and (compare.high != low or compare.high_open)
    )


def _ends(fact: Fact) -> tuple[float | None, float | None]:
    return (0, len(fact.levels) - 1) if fact.type is FactType.ORDINAL else (fact.low, fact.high)


def _range(fact: Fact) -> str:
    if fact.type is FactType.ORDINAL:
        return f"lies between {fact.levels[0]} and {fact.levels[-1]}"
    ends = [
        f"is at least {fact.low:g}" if fact.low is not None else "",
        f"at most {fact.high:g}" if fact.high is not None else "",
    ]
    return " and ".join(filter(None, ends))


def constant(leaf: Text, fact: Fact, text: str, offset: int) -> float | None:
    """A value to compare an ordered fact with, in the fact's unit: a number, a level's index or a day code."""
    if fact.type is FactType.ORDINAL:
        if text not in fact.levels:
            levels = ", ".join(fact.levels)
            leaf.report("MP307", offset, f"'{text}' is no level of '{fact.name}': {levels}{similar(text, fact.levels)}")
            return None
        return fact.levels.index(text)
    if fact.type is FactType.DATE:
        day = day_of(text)
        if day is None:
            leaf.report(
                "MP308", offset, f"'{fact.name}' is a date and '{text}' is none", "write YYYY-MM-DD, a day that exists"
            )
            return None
        return day_code(day)
    match = _QUANTITY.fullmatch(text)
    number = number_of(match[1]) if match else None
    if match is None or number is None:
        leaf.report("MP308", offset, f"'{fact.name}' is a {fact.type} and '{text}' is no number")
        return None
    value = convert(number, match[2], fact.unit) if match[2] else number
    if value is None:
        unit = f"in {fact.unit}" if fact.unit else "a bare number"
        leaf.report("MP304", offset + match.start(2), f"'{fact.name}' is {unit}; '{match[2]}' does not convert to that")
    elif fact.name in _COMPLETED and value != int(value):
        leaf.report("MP323", offset, f"'{fact.name}' counts completed units; it is never {value:g}")
        return None
    return value


# membership


def _membership(leaf: Text, match: re.Match[str]) -> Criterion | None:
    word, rest, at = " ".join(match[2].split()), match[3].strip(), match.start(3)
    fact = leaf.fact(match[1], 0)
    if fact is None:
        return None
    if fact.type is FactType.ORDINAL and word in ("is", "is not"):
        return _interval(leaf, fact, [("==" if word == "is" else "!=", rest, at)])
    expected = {FactType.CODE: ("is", "is not", "in", "not in"), FactType.SET: ("includes",)}.get(fact.type)
    if expected is None:
        remedy = (
            "write its name alone, or `not: name`" if fact.type is FactType.BOOLEAN else "compare it with >=, <= or =="
        )
        leaf.report(
            "MP303", match.start(2), f"'{fact.name}' is a {fact.type}; '{word}' goes with codes and sets", remedy
        )
        return None
    if word not in expected:
        leaf.report("MP303", match.start(2), f"'{fact.name}' is a {fact.type}", f"write {fact.name} {expected[0]} …")
        return None
    values = _values(leaf, word, rest, at)
    if values is None:
        return None
    patterns = patterns_of(leaf.scope.sheet, values, fact)
    one_of = OneOf(fact=fact.name, codes=CodeList(patterns=patterns), place=leaf.place())
    return Not(of=one_of, place=leaf.place()) if "not" in word else one_of


def _values(leaf: Text, word: str, rest: str, offset: int) -> list[tuple[str, Place]] | None:
    """The values after `is`, `in` or `includes`."""
    bracketed = rest.startswith("[") and rest.endswith("]")
    if word in ("is", "is not"):
        if bracketed or "," in rest:
            leaf.report("MP301", offset, f"'{word}' takes one value", "write `in [a, b]` for several")
            return None
        return [(rest, leaf.place(offset))]
    if not bracketed:
        leaf.report("MP301", offset, f"'{word}' takes a list in [ ]", "write [a, b]; inside a flow list quote the leaf")
        return None
    values, at = [], offset + 1
    for part in rest[1:-1].split(","):
        values.append((part.strip(), leaf.place(at + _margin(part))))
        at += len(part) + 1
    if not all(text for text, _ in values):
        leaf.report("MP312", offset, "the list has an empty place")
        return None
    return values


# windows


def _window(leaf: Text) -> Criterion | None:
    """How far the event lies before the anchor; distances after it are negative."""
    match = _WINDOW.fullmatch(leaf.text) or _SAME_DAY.fullmatch(leaf.text)
    if match is None:
        word = _WINDOW_WORD.search(leaf.text)
        leaf.report("MP316", word.start() if word else 0, "this time window cannot be read")
        return None
    facts = [_date_fact(leaf, match, name) for name in ("event", "anchor")]
    span = (0, 0, "d") if match.re is _SAME_DAY else _span(leaf, match)
    if span is None or not all(facts):
        return None
    if match["event"] == match["anchor"]:
        leaf.report(
            "MP316", match.start("anchor"), "a date lies in no window before itself", "name another date as the anchor"
        )
        return None
    low, high, unit = span
    if match.re is _WINDOW and match["side"] == "after":
        low, high = (None if high is None else -high), (None if low is None else -low)
    return Window(event=match["event"], anchor=match["anchor"], unit=unit, low=low, high=high, place=leaf.place())


def _date_fact(leaf: Text, match: re.Match[str], group: str) -> bool:
    fact = leaf.fact(match[group], match.start(group))
    if fact is not None and fact.type is not FactType.DATE:
        leaf.report("MP303", match.start(group), f"'{fact.name}' is a {fact.type}; a time window needs dates")
        return False
    return fact is not None


def _span(leaf: Text, match: re.Match[str]) -> tuple[int | None, int | None, str] | None:
    """(low, high, unit), counted away from the anchor."""
    if match["how"]:
        n, unit = _length(leaf, match, "n"), _time_unit(leaf, match, "unit")
        if n is None or unit is None:
            return None
        return (0, n, unit) if match["how"] == "within" else (n, None, unit)
    if match["from"]:
        low, high, unit = _length(leaf, match, "from"), _length(leaf, match, "to"), _time_unit(leaf, match, "units")
        if low is None or high is None or unit is None:
            return None
        if low >= high:
            leaf.report("MP305", match.start("from"), "the first length must be the shorter one")
            return None
        return low, high, unit
    return (0 if match["on"] else 1), None, "d"


def _length(leaf: Text, match: re.Match[str], group: str) -> int | None:
    text = match[group]
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= _LONGEST_WINDOW:
        leaf.report("MP316", match.start(group), f"'{text}' is no whole number of units", "write a whole number from 1")
        return None
    return int(text)


def _time_unit(leaf: Text, match: re.Match[str], group: str) -> str | None:
    unit = TIME_WORDS.get(match[group])
    if unit is None:
        leaf.report(
            "MP316", match.start(group), f"'{match[group]}' is no unit of time", "write days, weeks, months or years"
        )
    return unit
