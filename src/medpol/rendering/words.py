"""The small words: fact names, numbers with units, dates, levels, codes and free text, as a reader sees them.

Each can be read back: a name's phrase folds to the name, a quantity keeps every digit, a code keeps its characters,
and free text stands in curly quotes. `english` depends on it.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta

from medpol.model.codes import CodeList, CodePattern, normal
from medpol.model.facts import DataDictionary, Fact, FactType
from medpol.model.units import spoken

_ABBREVIATIONS = {
    word.lower(): word
    for word in (
        *("ADL", "ADLs", "AHI", "BMI", "CEAP", "COPD", "CPAP", "CT", "CTA", "DVT", "ECG", "EEG", "EMG", "FDA", "FEV1"),
        *("FFR", "HbA1c", "INR", "LDL", "LVEF", "MRI", "NCCN", "NRS", "NSAID", "NSAIDs", "NYHA", "ODI", "PT", "RCT"),
        *("UTI", "VAS", "ZCQ", "CED", "CMS", "HIV", "ICD", "OSA", "PAP", "PSA", "STI"),
    )
}
_BUILT_IN_PHRASES = {
    "diagnosis": "diagnoses",
    "modifier": "modifiers",
    "also_billed": "codes also billed",
    "procedure": "requested code",
    "units": "units requested",
    "age_months": "age in months",
    "age_days": "age in days",
}
_CODED = frozenset({"plan", "state", "sex", "procedure", "modifier", "also_billed", "place_of_service"})
_PLURAL = frozenset({"diagnosis", "modifier", "also_billed"})
_DIAGNOSES = frozenset({"diagnosis", "primary_diagnosis"})
_VERBS = frozenset({"is", "include", "includes", "do", "does"})
_RESERVED = frozenset({"not", "one", "on", "any", "none", "known"})  # a value that begins so would read as grammar
_PLAIN = re.compile(r"[\w.%/+<>=-]+( [\w.%/+<>=-]+)*")
_UNSEEN = re.compile(r"(?<![^ ]) | (?=$)|[^\S ]|[\x00-\x1f\x7f\x85]")  # what a line of text would not keep
_ESCAPED = re.compile(r"\\(?:u([0-9a-f]{4})|(.))", re.DOTALL)
_SHOWN_UNITS = {"mm[Hg]": "mmHg", "cm[H2O]": "cmH2O", "{score}": "", "1": ""}


def phrase(name: str, facts: DataDictionary) -> str:
    """A fact's name in a sentence: `hba1c_before_surgery` → `HbA1c before surgery`.

    A name that holds a sentence's verb, or that would not fold back, stays as it is written.
    """
    if name in _BUILT_IN_PHRASES and name not in facts.declared:
        return _BUILT_IN_PHRASES[name]
    words = name.split("_")
    text = " ".join(_ABBREVIATIONS.get(word, word) for word in words)
    ours = text.lower().replace(" ", "_") == name and text not in _BUILT_IN_PHRASES.values()
    ours = ours and all(words) and _VERBS.isdisjoint(words)
    return text if ours else name


def is_plural(name: str) -> bool:
    """Whether the phrase takes "include" rather than "includes"."""
    return name in _PLURAL


def number(value: float) -> str:
    """Every digit, and no decimals where there are none: 34.95, 65."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def quantity(value: float, unit: str) -> str:
    """`65 years`, `1 month`, `21%`, `35 kg/m2`."""
    return f"{number(value)}{unit_after(value, unit)}"


def unit_after(value: float, unit: str) -> str:
    """What follows a number: ` years`, `%`, `/h`, nothing for a plain count."""
    word = _SHOWN_UNITS.get(unit, re.sub(r"[][{}]", "", spoken(unit, value)))
    return word if word in ("", "%") or word.startswith("/") else f" {word}"


def day_of(code: float) -> str:
    """A day code as an ISO date; the bare number where it is no day of the calendar."""
    try:
        return (date(1970, 1, 1) + timedelta(days=code)).isoformat() if float(code).is_integer() else number(code)
    except (OverflowError, ValueError):
        return number(code)


def level_of(index: float, fact: Fact) -> str:
    """An ordinal's level by its index, as the dictionary names it."""
    known = float(index).is_integer() and 0 <= index < len(fact.levels)
    return _level(fact.levels[int(index)]) if known else number(index)


def _level(level: str) -> str:
    """A level's name, quoted where it holds what stands between the parts of a sentence."""
    plain = _PLAIN.fullmatch(level) and {"and", "if", "otherwise", "unless"}.isdisjoint(level.split(" "))
    return level if plain else quoted(level)


def pattern_text(pattern: CodePattern, fact: Fact | None) -> str:
    """A code, prefix or range as people write it: `M48.0*`, `heart failure`, `IA`."""
    text = str(pattern)
    if fact is not None and fact.name in _DIAGNOSES:
        return "-".join(_dotted(end) for end in text.split("-"))
    return value_text(text, fact)


def value_text(code: str, fact: Fact | None) -> str:
    """A code in normal form: spelled as the dictionary spells it, a word in lower case, any other code as it is."""
    if fact is not None and fact.name in _DIAGNOSES:
        return _dotted(code)
    for value in fact.values if fact is not None else ():
        if normal(value) == code:
            return _words(value)
    if fact is None or fact.name in _CODED:
        return code
    return _words(code.lower()) if re.fullmatch(r"[A-Z]+(_[A-Z]+)+|[A-Z]{4,}(_[A-Z0-9]+)*", code) else code


def codes_text(codes: CodeList, fact: Fact | None) -> str:
    """The members of a list, or its name where it has one."""
    if codes.name:
        return f"the list {quoted(codes.name)}"
    return ", ".join(pattern_text(pattern, fact) for pattern in codes.patterns) or "no codes"


def diagnoses_text(codes: CodeList) -> str:
    """The members of a list of diagnoses, or its name."""
    return codes_text(codes, _DIAGNOSIS)


def quoted(text: str) -> str:
    """Free text in curly quotes, so that nothing in it is read as grammar."""
    escaped = text.replace("\\", "\\\\").replace("”", "\\”").replace("\n", "\\n")
    seen = _UNSEEN.sub(lambda found: "\\" + f"u{ord(found[0]):04x}", escaped)
    return f"“{seen}”"


def unquoted(text: str) -> str:
    """The free text that `quoted` has put in curly quotes."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2].replace("n", "\n"), text[1:-1])


def key_text(key: str) -> str:
    """A source key between its brackets; quoted where it holds what a bracket, a list or a clause ends with."""
    return key if re.fullmatch(r"[\w.:/@#&+-]+( [\w.:/@#&+-]+)*", key) else quoted(key)


def listing(words: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def seen_text(value: object, fact: Fact | None) -> str:
    """A value that was seen; a number without its unit, a duration with it."""
    if fact is None:
        return _plain(value)
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | float():
            if fact.type is FactType.ORDINAL:
                return level_of(value, fact)
            return quantity(value, fact.unit) if fact.type is FactType.DURATION else number(value)
        case frozenset():
            return ", ".join(sorted(value_text(str(member), fact) for member in value)) or "(none)"
        case str():
            return value_text(value, fact)
        case _:
            return _plain(value)


def _plain(value: object) -> str:
    match value:
        case date():
            return value.isoformat()
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return number(value)
        case frozenset():
            return ", ".join(sorted(map(str, value))) or "(none)"
        case _:
            return str(value)


def _words(value: str) -> str:
    """`heart_failure` → `heart failure`; quoted or left as it is where the sentence around it could be misread."""
    shown = value.replace("_", " ")
    if not _PLAIN.fullmatch(shown):
        return quoted(value)
    if value.lower().split("_")[0] in _RESERVED:
        return value
    return quoted(value) if value.lower().split(" ")[0] in _RESERVED else shown


def _dotted(code: str) -> str:
    """An ICD-10-CM code with its point after the third character (ICD-10-CM Official Guidelines, I.A.2)."""
    return f"{code[:3]}.{code[3:]}" if re.fullmatch(r"[A-Z][0-9][0-9A-Z][0-9A-Z]+\*?", code) else code


_DIAGNOSIS = Fact(name="diagnosis", type=FactType.SET)
