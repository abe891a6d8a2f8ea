"""facts.yaml: the data dictionary."""

import re
from collections.abc import Mapping

from medpol.loading.criteria import RESERVED
from medpol.loading.nodes import File, Keys, Node, Sheet, number_of, text_of
from medpol.model.codes import normal
from medpol.model.facts import BUILT_IN, DataDictionary, Fact, FactSource, FactType
from medpol.model.units import TIME_UNITS, named

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_TYPES = tuple(FactType)
_SOURCES = tuple(FactSource)
_KEYS_OF = {
    "unit": (FactType.NUMBER, FactType.DURATION),
    "range": (FactType.NUMBER, FactType.DURATION),
    "levels": (FactType.ORDINAL,),
    "values": (FactType.CODE, FactType.SET),
}


def read_facts(file: File | None) -> DataDictionary:
    """The dictionary; facts that cannot be read are left out and reported."""
    if file is None:
        return DataDictionary({})
    keys = Keys(file.root, file.sheet)
    facts = keys.mapping("facts")
    if facts is None:
        keys.need("facts")
    keys.close()
    declared: dict[str, Fact] = {}
    for name, (key, node) in facts.found.items() if facts else ():
        fact = _fact(name, key, node, file.sheet)
        if fact is not None:
            declared[name] = fact
    return DataDictionary(declared)


def _fact(name: str, key: Node, node: Node, sheet: Sheet) -> Fact | None:
    if not _NAME.fullmatch(name):
        sheet.report("MP201", key, f"'{name}' is no name for a fact")
        return None
    if name in BUILT_IN or name in RESERVED:
        owner = "comes with every request" if name in BUILT_IN else "is a word of the criteria language"
        sheet.report("MP202", key, f"'{name}' {owner}")
        return None
    keys = Keys(node, sheet)
    kind = keys.choice("type", _TYPES)
    if not kind:
        return None
    fact_type = FactType(kind)
    for other, types in _KEYS_OF.items():
        if other in keys and fact_type not in types:
            sheet.report("MP203", keys.key(other), f"a {fact_type} has no '{other}'")
    low, high = _range(keys)
    fact = Fact(
        name=name,
        type=fact_type,
        unit=_unit(keys, fact_type),
        low=low,
        high=high,
        levels=_levels(keys, fact_type),
        values=_values(keys),
        question=keys.text("question"),
        source=FactSource(keys.choice("source", _SOURCES, "record")),
        found_in=_found_in(keys),
        place=sheet.place(key),
    )
    keys.close()
    return fact


def _unit(keys: Keys, kind: FactType) -> str:
    unit = named(keys.text("unit"))
    if kind is FactType.DURATION and unit not in TIME_UNITS:
        keys.sheet.report(
            "MP206", keys.found["unit"][1] if "unit" in keys else keys.node, "a duration's unit is one of time"
        )
    return unit


def _range(keys: Keys) -> tuple[float | None, float | None]:
    node = keys.get("range")
    text = None if node is None else text_of(node, keys.sheet)
    if text is None:
        return None, None
    parts = [part.strip() for part in text.split("..")]
    ends = [number_of(part) for part in parts]
    malformed = (
        len(parts) != 2 or not any(parts) or any(part and end is None for part, end in zip(parts, ends, strict=True))
    )
    if malformed or (None not in ends and ends[0] > ends[1]):  # type: ignore[operator]
        keys.sheet.report("MP205", node, f"'{text}' is no range")
        return None, None
    return ends[0], ends[1]


def _levels(keys: Keys, kind: FactType) -> tuple[str, ...]:
    levels = keys.texts("levels")
    if kind is FactType.ORDINAL and len(levels) < 2:
        keys.sheet.report("MP204", keys.node, "an ordinal has two or more levels")
    return levels


def _values(keys: Keys) -> tuple[str, ...]:
    values = keys.texts("values")
    forms = [normal(value) for value in values]
    for index, form in enumerate(forms):
        if form in forms[:index]:
            keys.sheet.report(
                "MP119", keys.found["values"][1], f"'{values[index]}' and another value are the same code"
            )
    return values


def _found_in(keys: Keys) -> tuple[tuple[str, str], ...]:
    found = keys.mapping("found_in")
    if found is None:
        return ()
    pairs: Mapping[str, str] = {name: found.text(name) for name in found}
    return tuple(pairs.items())
