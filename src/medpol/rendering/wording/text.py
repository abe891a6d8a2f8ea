"""The numbers, codes and dates of a text, with the words around them that give their direction and their unit."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from medpol.model.calendar import day_code
from medpol.model.codes import CodePattern, parse_pattern
from medpol.rendering.wording.mentions import Cut, Kind, Mention

_SMALL = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
}  # fmt: skip
_TENS = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_WORDS = {**_SMALL, **_TENS, "twice": 2, "dozen": 12}
_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
_SPELLED = rf"(?:{'|'.join(_TENS)})-(?:{'|'.join(_SMALL)})|{_WORD}"
_NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|{_SPELLED})(?![\w])"
_UNITS = {
    r"kg\s*/\s*m(?:2|²|\^2)|kg per (?:m2|m²|square met(?:er|re))|kilograms? per square met(?:er|re)": "kg/m2",
    r"%|per ?cent": "%",
    r"mm ?Hg|millimet(?:er|re)s of mercury": "mm[Hg]",
    r"dollars?|USD": "USD",
    r"(?:events? )?(?:per hour|/ ?h(?:our|r)?\b|an hour)": "/h",
    r"tesla|T\b": "T",
    r"(?:calendar )?days?|d\b": "d", r"weeks?|wks?\b": "wk", r"months?|mos?\b": "mo", r"years?|yrs?\b|y\b": "a",
    r"hours?|hrs?\b|h\b": "h",
    r"mg/dL": "mg/dL", r"g/dL": "g/dL", r"mmol/L": "mmol/L", r"L/min": "L/min",
    r"millimet(?:er|re)s?|mm\b": "mm", r"centimet(?:er|re)s?|cm\b": "cm", r"inch(?:es)?": "[in_i]",
    r"kilograms?|kg\b": "kg", r"pounds?|lbs?\b": "[lb_av]", r"milligrams?|mg\b": "mg", r"grams?|g\b": "g",
}  # fmt: skip
_TIMES = ("d", "wk", "mo", "a")
_UNIT = "|".join(f"(?P<u{at}>{pattern})" for at, pattern in enumerate(_UNITS))
# (words before a number, or after it): does the cut lie past the number, and which side is kept
_BEFORE: dict[str, tuple[bool, int]] = {
    r"at least|no less than|not less than|no fewer than|(?:a )?minimum(?: of)?|≥|>=|=>|from|starting at|since|"
    r"no earlier than|no sooner than": (False, 1),
    r"more than|greater than|over|above|exceed(?:s|ing)|older than|higher than|longer than|>": (True, 1),
    r"at most|no more than|not more than|up to|(?:a )?maximum(?: of)?|≤|<=|not (?:to )?exceed(?:ing)?|no older than|"
    r"no longer than|within(?: the)?(?: last| past| previous)?|in the (?:last|past|previous)": (True, -1),
    r"less than|under|below|fewer than|younger than|lower than|shorter than|<": (False, -1),
    r"not (?:more|greater) than|not (?:over|above|older than)": (True, -1),
    r"not (?:under|below|younger than|less than)": (False, 1),
}
_AFTER: dict[str, tuple[bool, int]] = {
    r"(?:or|and) (?:more|greater|older|above|higher|over|longer|later|up|upwards?|after)|\+": (False, 1),
    r"(?:or|and) (?:less|fewer|younger|below|lower|under|shorter|earlier)": (True, -1),
}
_OF_AGE = r"(?:\s+(?:of age|old|in age))"
_BEFORE_WORDS = "|".join(f"(?P<b{n}>{words})" for n, words in enumerate(_BEFORE))
_AFTER_WORDS = "|".join(f"(?P<a{n}>{words})" for n, words in enumerate(_AFTER))
_MEASURE = re.compile(
    rf"(?P<age>\b(?:aged?|ages)\s+(?:of\s+|is\s+)?)?(?:(?<!\w)(?P<before>{_BEFORE_WORDS}))?\s*"
    rf"(?P<aged>\b(?:aged?|ages)\s+(?:of\s+)?)?(?P<dollar>\$\s*)?(?<![\w.])(?P<number>{_NUMBER})(?:\s*\(\d+\))?"
    rf"(?:[\s-]*(?:full |consecutive |continuous )?(?:{_UNIT}))?(?P<old>{_OF_AGE})?"
    rf"(?:\s*,?\s*(?P<after>{_AFTER_WORDS})(?!\w)(?!\s+{_NUMBER}))?(?P<old_too>{_OF_AGE})?",
    re.IGNORECASE,
)
_RANGE = re.compile(
    rf"(?:(?P<word>between|from|aged?|ages)\s+)?(?<![\w.])(?P<low>{_NUMBER})\s*(?:to|and|through|-|–)\s*"
    rf"(?P<high>{_NUMBER})(?:[\s-]*(?:{_UNIT}))?(?P<old>{_OF_AGE})?",
    re.IGNORECASE,
)
_PERIOD = re.compile(
    r"(?<!half )\b(?:a|an|per|each|every|one|past|last|previous|preceding|within)\s+(?:calendar\s+)?"
    r"(?P<unit>day|week|month|year)\b|\b(?P<ly>daily|weekly|monthly|yearly|annual(?:ly)?)\b",
    re.IGNORECASE,
)
_PRODUCT = re.compile(rf"(?<![\w.])(?P<one>{_NUMBER})\s+\w+s\s+of\s+(?P<other>{_NUMBER})\s+\w+", re.IGNORECASE)
_LY = {"daily": "d", "weekly": "wk", "monthly": "mo", "yearly": "a", "annual": "a", "annually": "a"}
_PER = {"day": "d", "week": "wk", "month": "mo", "year": "a"}
_CODE = r"(?:[A-TV-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?|\d{5}|\d{4}[A-Z]|[A-Z]\d{4})"
_CODES = re.compile(
    rf"(?<![\w.$])(?P<low>{_CODE})(?P<prefix>\*)?(?:\s*(?:-|–|to|through)\s*(?P<high>{_CODE}))?"
    r"(?![\w%]|\s*(?:dollars|USD))"
)
_MODIFIER = re.compile(r"\bmodifiers?\s+(?P<low>[A-Z0-9]{2})\b")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_NAMED = re.compile(
    r"\b(?:[A-Za-z]{2,}-\d+(?:-[A-Z]+)?|[A-Z]\d+(?:-[A-Z]?\d+)+|(?:type|phase|grade|stage|class) \d+)\b"
)
_DATE = re.compile(
    rf"(?:(?P<before>on or (?P<on>after|before)|(?P<past>after)|(?P<until>before)|{_BEFORE_WORDS})\s+)?(?:"
    rf"(?P<y>\d{{4}})-(?P<m>\d\d)-(?P<d>\d\d)|(?P<us_m>\d{{1,2}})/(?P<us_d>\d{{1,2}})/(?P<us_y>\d{{4}})|"
    rf"(?P<name>{'|'.join(_MONTHS)})\s+(?P<name_d>\d{{1,2}}),?\s+(?P<name_y>\d{{4}})|"
    rf"(?P<eu_d>\d{{1,2}})\s+(?P<eu_name>{'|'.join(_MONTHS)})\s+(?P<eu_y>\d{{4}}))", re.IGNORECASE,
)  # fmt: skip
_YEAR = re.compile(r"(?<![\w.,$-])(?:19|20)\d\d(?![\w%]|[.,]\d|\s*(?:dollars|USD))")


@lru_cache(maxsize=4096)
def mentions_of(text: str) -> tuple[Mention, ...]:
    """Everything a text mentions, in its order; no stretch of it is read twice."""
    found: list[Mention] = []
    free = text
    for read in (_dates, _years, _codes, _names, _products, _ranges, _measures, _periods):
        for start, end, mentions in list(read(free)):
            if "\0" in free[start:end]:
                continue
            found += mentions
            free = free[:start] + "\0" * (end - start) + free[end:]
    return tuple(sorted(found, key=lambda mention: mention.offset))


Found = Iterator[tuple[int, int, list[Mention]]]


def _dates(text: str) -> Found:
    for m in _DATE.finditer(text):
        year, day = (m["y"] or m["us_y"] or m["name_y"] or m["eu_y"]), (m["d"] or m["us_d"] or m["name_d"] or m["eu_d"])
        try:
            found = date(int(year), _month(m), int(day))
        except ValueError:
            continue
        past, keeps = _direction(m, "b", _BEFORE)
        if m["on"]:
            past, keeps = (False, 1) if m["on"].lower() == "after" else (True, -1)
        elif m["past"] or m["until"]:
            past, keeps = (True, 1) if m["past"] else (False, -1)
        yield *m.span(), [_mention(Kind.DATE, m, Cut(day_code(found), past, keeps))]


def _month(m: re.Match[str]) -> int:
    name = m["name"] or m["eu_name"]
    return _MONTHS.index(name.lower()) + 1 if name else int(m["m"] or m["us_m"])


def _years(text: str) -> Found:
    for m in _YEAR.finditer(text):
        yield *m.span(), [_mention(Kind.YEAR, m, Cut(int(m[0])))]


def _codes(text: str) -> Found:
    for m in (*_CODES.finditer(text), *_MODIFIER.finditer(text)):
        parts = m.groupdict()
        written = f"{m['low']}{parts.get('prefix') or ''}" + (f"-{parts['high']}" if parts.get("high") else "")
        pattern: CodePattern | None = parse_pattern(written)
        if pattern is not None:
            yield *m.span(), [_mention(Kind.CODE, m, Cut(0), code=pattern)]


def _names(text: str) -> Found:
    """Numbers that are part of a name: ICD-10-CM, SF-36, L4-L5, type 2."""
    for m in _NAMED.finditer(text):
        yield *m.span(), []


def _products(text: str) -> Found:
    """`two attempts of four sessions` are eight."""
    for m in _PRODUCT.finditer(text):
        yield *m.span(), [_mention(Kind.COUNT, m, Cut(_value(m["one"]) * _value(m["other"])))]


def _ranges(text: str) -> Found:
    for m in _RANGE.finditer(text):
        unit = _unit(m)
        if not unit and not m["word"] and not re.search(r"\d\s*[-–]\s*\d", m[0]):
            continue
        aged = m["old"] or (m["word"] or "").lower().startswith("age")
        kind = Kind.AGE if aged else Kind.TIME if unit in _TIMES else Kind.AMOUNT
        ends = (Cut(_value(m["low"]), False, 1), Cut(_value(m["high"]), True, -1))
        yield *m.span(), [_mention(kind, m, cut, unit=unit or ("a" if aged else "")) for cut in ends]


def _measures(text: str) -> Found:
    for m in _MEASURE.finditer(text):
        value, unit = _value(m["number"]), "USD" if m["dollar"] else _unit(m)
        directed = _direction(m, "a", _AFTER) if m["after"] else _direction(m, "b", _BEFORE)
        aged = bool(m["age"] or m["aged"] or m["old"] or m["old_too"])
        if value == 1 and not unit and not aged:
            continue  # “one of them” and “at least one” count nothing
        kind = Kind.AGE if aged else Kind.TIME if unit in _TIMES else Kind.AMOUNT if unit or directed[1] else Kind.COUNT
        yield *m.span(), [_mention(kind, m, Cut(value, *directed), unit=unit or ("a" if aged else ""))]


def _periods(text: str) -> Found:
    """`once a year`, `yearly`."""
    for m in _PERIOD.finditer(text):
        unit = _PER[m["unit"].lower()] if m["unit"] else _LY[m["ly"].lower()]
        yield *m.span(), [_mention(Kind.TIME, m, Cut(1), unit=unit)]


def _mention(kind: Kind, m: re.Match[str], cut: Cut, *, unit: str = "", code: CodePattern | None = None) -> Mention:
    offset = m.end() - len(m[0].lstrip())
    return Mention(kind=kind, text=m[0].strip(), cut=cut, unit=unit, code=code, offset=offset)


def _direction(m: re.Match[str], letter: str, table: dict[str, tuple[bool, int]]) -> tuple[bool, int]:
    parts = m.groupdict()
    return next((found for n, found in enumerate(table.values()) if parts.get(f"{letter}{n}")), (False, 0))


def _unit(m: re.Match[str]) -> str:
    parts = m.groupdict()
    return next((unit for at, unit in enumerate(_UNITS.values()) if parts.get(f"u{at}")), "")


def _value(text: str) -> float:
    if text[0].isdigit():
        return float(text.replace(",", ""))
    tens, _, ones = text.lower().partition("-")
    return _WORDS[tens] + (_WORDS[ones] if ones else 0)
