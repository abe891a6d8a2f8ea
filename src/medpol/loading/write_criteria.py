"""Criteria → the text and mappings that `criteria` and `expressions` read."""

import re
from datetime import date, timedelta

from medpol.loading.emit import Content, Flow, number
from medpol.model.codes import CodeList, normal
from medpol.model.criteria import (
    All,
    AnyOf,
    AtLeast,
    CannotDetermine,
    Claims,
    Compare,
    CompareBy,
    Criterion,
    Is,
    Measure,
    Not,
    OneOf,
    Unless,
    Window,
    Within,
)
from medpol.model.facts import DataDictionary, Fact, FactType
from medpol.model.units import Quantity, spoken

_DIAGNOSES = ("diagnosis", "primary_diagnosis")
_CATEGORY = re.compile(r"\b([A-Z][0-9][0-9A-Z])(?=[0-9A-Z])")
_EPOCH = date(1970, 1, 1)


def criterion_content(criterion: Criterion, facts: DataDictionary) -> Content:
    """The criterion as it is written: text for a bare leaf, a mapping for everything else."""
    bare = _bare(criterion, facts)
    beside: dict[str, Content] = {
        name: text for name, text in (("label", criterion.label), ("source", criterion.source)) if text
    }
    if not beside:
        return bare
    # `that` keeps a text leaf's words beside it, and keeps an inner criterion's own label apart.
    return {**bare, **beside} if isinstance(bare, dict) else {"that": bare, **beside}


def _bare(criterion: Criterion, facts: DataDictionary) -> Content:
    match criterion:
        case All(of=of):
            return {"all": [criterion_content(member, facts) for member in of]}
        case AnyOf(of=of):
            return {"any": [criterion_content(member, facts) for member in of]}
        case AtLeast(n=n, of=of):
            return {"at_least": n, "of": [criterion_content(member, facts) for member in of]}
        case Not(of=inner):
            return {"not": criterion_content(inner, facts)}
        case Unless(of=inner, waiver=waiver):
            return {"that": criterion_content(inner, facts), "unless": criterion_content(waiver, facts)}
        case CompareBy():
            return _table(criterion, facts)
        case Compare():
            return _comparison(criterion, facts[criterion.fact])
        case Is(fact=fact):
            return fact
        case OneOf(fact=name, codes=codes):
            return {name: code_list_content(codes, facts[name])}
        case Window():
            return _window(criterion)
        case Claims():
            return {"claims": _claims(criterion, facts)}
        case CannotDetermine(because=because, what=what):
            return {"cannot_determine": str(because), "what": what}


def written_code(code: str, fact: Fact) -> str:
    """A normal form as the dictionary spells it, or, for a diagnosis, with its dot."""
    if fact.name in _DIAGNOSES:
        return dotted(code)
    return next((value for value in fact.values if normal(value) == code), code)


def dotted(code: str) -> str:
    """ICD-10 codes with the dot after the category: `M480*` → `M48.0*`."""
    return _CATEGORY.sub(r"\1.", code)


def code_list_content(codes: CodeList, fact: Fact) -> Content:
    """`{list: name}`, or the codes on one line."""
    if codes.name:
        return {"list": codes.name}
    return Flow(written_code(str(pattern), fact) for pattern in codes.patterns)


def quantity_text(quantity: Quantity) -> str:
    """`6 months`, `20`."""
    amount = number(quantity.value)
    return f"{amount} {spoken(quantity.unit, quantity.value) or quantity.unit}" if quantity.unit else amount


def _constant(value: float, fact: Fact) -> str:
    if fact.type is FactType.ORDINAL:
        return fact.levels[int(value)]
    if fact.type is FactType.DATE:
        return (_EPOCH + timedelta(days=int(value))).isoformat()
    return number(value)


def _comparison(leaf: Compare, fact: Fact) -> str:
    low = None if leaf.low is None else _constant(leaf.low, fact)
    high = None if leaf.high is None else _constant(leaf.high, fact)
    if low is not None and leaf.low == leaf.high:
        return f"{fact.name} == {low}"
    upper = f" {'<' if leaf.high_open else '<='} {high}" if high is not None else ""
    if low is None:
        return fact.name + upper
    if not upper:
        return f"{fact.name} {'>' if leaf.low_open else '>='} {low}"
    return f"{low} {'<' if leaf.low_open else '<='} {fact.name}{upper}"


def _window(leaf: Window) -> str:
    """Distances after the anchor are written as such; the unit of an open end without a length is the day."""
    side, low, high = "before", leaf.low, leaf.high
    if (low is None and high is not None and high <= 0) or (low is not None and low < 0):
        side, low, high = "after", None if high is None else -high, None if low is None else -low
    if low is None or (low < 0) or (high is not None and high < low):
        raise ValueError(f"no words for this window: {leaf}")
    if high is None:
        if leaf.unit == "d" and low <= 1:
            return f"{leaf.event} {'on or ' if low == 0 else ''}{side} {leaf.anchor}"
        return f"{leaf.event} at least {low} {spoken(leaf.unit, low)} {side} {leaf.anchor}"
    if low == 0:
        if high == 0:
            return f"{leaf.event} on {leaf.anchor}"
        return f"{leaf.event} within {high} {spoken(leaf.unit, high)} {side} {leaf.anchor}"
    return f"{leaf.event} between {low} and {high} {spoken(leaf.unit, high)} {side} {leaf.anchor}"


def _table(leaf: CompareBy, facts: DataDictionary) -> Content:
    fact = facts[leaf.fact]
    rows: list[Content] = [
        {"otherwise": _constant(row.then, fact)}
        if row.when is None
        else {"when": criterion_content(row.when, facts), "then": _constant(row.then, fact)}
        for row in leaf.rows
    ]
    return {"compare": f"{leaf.fact} {leaf.op}", "by": rows}


def _claims(leaf: Claims, facts: DataDictionary) -> Content:
    within = f"{leaf.length} {spoken(leaf.unit, leaf.length)}" if leaf.within is Within.LENGTH else str(leaf.within)
    content: dict[str, Content] = {
        "codes": "same" if leaf.codes is None else code_list_content(leaf.codes, facts["procedure"]),
        "within": within,
        "count": _count(leaf.low, leaf.high),
    }
    if leaf.before != "service_date":
        content["before"] = leaf.before
    if leaf.measure is not Measure.LINES:
        content["measure"] = str(leaf.measure)
    if leaf.diagnosis is not None:
        content["diagnosis"] = code_list_content(leaf.diagnosis, facts["diagnosis"])
    if leaf.same:
        content["same"] = Flow(leaf.same)
    return content


def _count(low: int | None, high: int | None) -> str:
    if low is not None and high is not None:
        return f"== {low}" if low == high else f"{low}..{high}"
    return f"<= {high}" if low is None else f">= {low}"
