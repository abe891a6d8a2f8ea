"""The small words read back: facts, limits, codes and lists of codes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from medpol.model.calendar import day_code
from medpol.model.codes import CodeList, CodePattern, normal, parse_pattern
from medpol.model.facts import DataDictionary, Fact, FactType
from medpol.model.units import spoken
from medpol.rendering import phrasings
from medpol.rendering.reading.layout import Notes, Words
from medpol.rendering.words import level_of, phrase, quantity, unit_after, unquoted, value_text

_QUANTITY = re.compile(r"(?P<number>-?\d{1,40}(?:\.\d{1,40})?(?:e[+-]?\d{1,3})?)(?P<unit>.*)")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a text may refer to, and where its problems go. `called` are the facts by their names in English."""

    notes: Notes
    facts: DataDictionary
    lists: Mapping[str, CodeList]
    called: Mapping[str, Fact]

    @classmethod
    def of(cls, notes: Notes, facts: DataDictionary, lists: Mapping[str, CodeList]) -> "Scope":
        return cls(notes, facts, lists, {phrase(fact.name, facts): fact for fact in facts})


def similar(word: str, known: list[str]) -> str:
    close = get_close_matches(word, known, n=1)
    return f" (did you mean “{close[0]}”?)" if close else ""


def fact_of(words: Words, scope: Scope, *types: FactType) -> Fact | None:
    """The fact that is called so in English, of one of the types where some are given."""
    fact = scope.called.get(words.text)
    if fact is None:
        scope.notes.report("MP972", words, f"no fact is called “{words.text}”{similar(words.text, list(scope.called))}")
        return None
    if types and fact.type not in types:
        scope.notes.report("MP973", words, f"“{words.text}” is a {fact.type}, and a {types[0]} is expected here")
        return None
    return fact


def limit_of(words: Words, fact: Fact, scope: Scope, *, unit: bool = True) -> float | None:
    """A threshold in the fact's own unit: a number, a level's index or a day code."""
    match fact.type:
        case FactType.DATE:
            return _day(words, scope)
        case FactType.ORDINAL:
            return _level(words, fact, scope)
    match = _QUANTITY.fullmatch(words.plain)
    if match is None:
        example = quantity(fact.high or 2, fact.unit if unit else "")
        scope.notes.report("MP973", words, f"“{words.text}” is no number; one such as {example} is expected")
        return None
    value = float(match["number"])
    wanted = unit_after(value, fact.unit) if unit else ""
    if match["unit"] != wanted:
        expected = f"the unit “{wanted.strip()}” is expected" if wanted else "no unit is expected"
        scope.notes.report("MP973", words.group(match, "unit"), f"{expected} after {match['number']}")
        return None
    return value


def _day(words: Words, scope: Scope) -> float | None:
    try:
        return day_code(date.fromisoformat(words.text))
    except ValueError:
        scope.notes.report("MP973", words, f"“{words.text}” is no date", "write YYYY-MM-DD, a day that exists")
        return None


def _level(words: Words, fact: Fact, scope: Scope) -> float | None:
    levels = [level_of(index, fact) for index in range(len(fact.levels))]
    if words.text in levels:
        return levels.index(words.text)
    known = f"{', '.join(levels)}{similar(words.text, levels)}"
    scope.notes.report("MP973", words, f"“{words.text}” is no level of “{fact.name}”: {known}")
    return None


def amount_of(text: str) -> tuple[int, str] | None:
    """`3 months` → (3, "mo"), `3` → (3, ""); None where it is no whole number of a unit of time."""
    match = re.fullmatch(r"(\d{1,9})(?: ([a-z]+))?", text)
    if match is None:
        return None
    unit = next((unit for unit in ("d", "wk", "mo", "a") if spoken(unit, int(match[1])) == match[2]), "")
    return None if match[2] and not unit else (int(match[1]), unit)


def codes_of(words: Words, scope: Scope, fact: Fact | None = None) -> CodeList | None:
    """`G47.33, M48.0*`, or `the list “name”`."""
    if match := phrasings.THE_LIST.read(words.plain, name="“·*”"):
        return _named(words.group(match, "name"), scope)
    patterns: list[CodePattern] = []
    at = 0
    parts = words.plain.split(", ")
    for part in parts:
        pattern = _pattern(words.part(at, at + len(part)), fact, scope)
        if pattern is not None:
            patterns.append(pattern)
        at += len(part) + 2
    return CodeList(patterns=tuple(patterns)) if len(patterns) == len(parts) else None


def _named(words: Words, scope: Scope) -> CodeList | None:
    name = unquoted(words.text)
    codes = scope.lists.get(name)
    if codes is None:
        scope.notes.report("MP974", words, f"no code list is called “{name}”{similar(name, list(scope.lists))}")
    return codes


def _pattern(words: Words, fact: Fact | None, scope: Scope) -> CodePattern | None:
    text = words.text
    values = {value_text(normal(value), fact): normal(value) for value in fact.values} if fact else {}
    if text in values:
        return CodePattern(values[text], values[text])
    spelled = text.upper().replace(" ", "_") if re.fullmatch(r"[a-z][a-z0-9_ ]*", text) else text
    pattern = None if " " in spelled or spelled != spelled.upper() else parse_pattern(spelled)
    if pattern is None or values:
        known = f", one of {', '.join(values)}" if values else ", a prefix or a range"
        kind = f"value of “{fact.name}”" if fact and values else "code"
        scope.notes.report("MP973", words, f"“{text}” is no {kind}{known}{similar(text, list(values))}")
        return None
    return pattern
