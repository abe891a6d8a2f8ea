"""The numbers, codes and dates of a statement's criterion and grants, and those a text about it may also name."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from medpol.model.codes import CodeList, CodePattern
from medpol.model.criteria import (
    All,
    AnyOf,
    AtLeast,
    CannotDetermine,
    Claims,
    Compare,
    CompareBy,
    Criterion,
    Not,
    OneOf,
    Unless,
    Window,
    Within,
    facts_of,
    members,
)
from medpol.model.facts import DataDictionary, FactType
from medpol.model.policy import State, Statement, Version
from medpol.model.units import TIME_UNITS
from medpol.rendering.english import criterion_text
from medpol.rendering.wording.mentions import Cut, Kind, Mention
from medpol.rendering.wording.text import mentions_of
from medpol.rendering.words import day_of, pattern_text, quantity

_EPOCH = date(1970, 1, 1)
_AGES = {"age": "a", "age_months": "mo", "age_days": "d"}
_QUARTERS = 4
"""Timed services are counted in units of 15 minutes: Medicare Claims Processing Manual (Pub. 100-04), ch. 5, 20.2."""


def meant_by(statement: Statement, facts: DataDictionary) -> list[Mention]:
    """What a whole wording of the statement has to name."""
    either = statement.position.state is not State.APPROVE
    found = list(_of(statement.when, facts)) if statement.when else []
    for grant in statement.grants:
        for row in grant.rows:
            found += _of(row.when, facts) if row.when else []
            kind = Kind.TIME if row.value.unit in TIME_UNITS else Kind.COUNT
            said = f"{grant.name} {quantity(row.value.value, row.value.unit)}"
            hours = frozenset() if kind is Kind.TIME else frozenset({(row.value.value / _QUARTERS, "h")})
            found.append(
                Mention(
                    kind=kind,
                    text=said,
                    cut=Cut(row.value.value),
                    unit=row.value.unit,
                    also=hours,
                    place=statement.place,
                )
            )
    return [replace(mention, either=True) for mention in found] if either else found


def named_beside(statement: Statement, version: Version | None, facts: DataDictionary) -> list[Mention]:
    """What a wording may name as well: labels, questions, the version's dates, codes and other statements."""
    found: list[Mention] = []
    others = [*version.statements, *([version.default] if version.default else [])] if version else []
    criteria = [statement.when, *(other.when for other in others), version.scope if version else None]
    for criterion in (criterion for criterion in criteria if criterion is not None):
        for text in _prose(criterion, facts):
            found += mentions_of(text)
        found += _asides(criterion)
    for other in others:
        found += [replace(mention, either=True) for mention in meant_by(other, facts)]
    if version is not None:
        found += [_code(code.pattern, code.pattern.low) for code in version.codes]
        found += [_code(pattern, str(pattern)) for named in version.code_lists for pattern in named.codes.patterns]
        days = filter(None, (version.effective, version.published, version.ends))
        found += [Mention(kind=Kind.DATE, text=day.isoformat(), cut=Cut((day - _EPOCH).days)) for day in days]
    return found


def _prose(criterion: Criterion, facts: DataDictionary) -> Iterator[str]:
    """The free text in a criterion: labels, what cannot be determined, the questions of its facts."""
    yield criterion.label
    if isinstance(criterion, CannotDetermine):
        yield criterion.what
    for name in facts_of(criterion) - {"history"}:
        fact = facts.get(name)
        yield f"{name.replace('_', ' ')}. {fact.question if fact else ''}"
    for member in members(criterion):
        yield from _prose(member, facts)


def _asides(criterion: Criterion) -> Iterator[Mention]:
    """`one of six indications`: a group's size; `once a day`: claims of the same day; a second time: one earlier."""
    match criterion:
        case All(of=of) | AnyOf(of=of) | AtLeast(of=of):
            yield Mention(kind=Kind.COUNT, text=f"{len(of)} listed", cut=Cut(len(of)))
        case Claims(low=low, high=high, within=within):
            if within is Within.SAME_DAY:
                yield Mention(kind=Kind.TIME, text="the same day", cut=Cut(1), unit="d")
            if 1 in (low, high):
                yield Mention(kind=Kind.COUNT, text="one earlier", cut=Cut(2))
    for member in members(criterion):
        yield from _asides(member)


def _of(criterion: Criterion, facts: DataDictionary) -> Iterator[Mention]:
    match criterion:
        case Not(of=inner):
            yield from (replace(mention, either=True) for mention in _of(inner, facts))
        case Unless(of=inner, waiver=waiver):
            yield from _of(inner, facts)
            yield from _of(waiver, facts)
        case AtLeast(n=n) if n > 1:
            yield Mention(
                kind=Kind.COUNT, text=f"at least {n} of the following", cut=Cut(n, False, 1), place=criterion.place
            )
            yield from _under(criterion, facts)
        case Compare():
            yield from _compared(criterion, facts)
        case CompareBy(rows=rows):
            for row in rows:
                one = _compare_by(criterion, row.then)
                yield from _compared(one, facts)
            yield from (replace(mention, either=True) for mention in _under(criterion, facts))
        case OneOf(fact=name, codes=codes):
            yield from _codes(codes, facts, name, criterion)
        case Window():
            yield from _window(criterion, facts)
        case Claims():
            yield from _claims(criterion, facts)
        case _:
            yield from _under(criterion, facts)


def _under(criterion: Criterion, facts: DataDictionary) -> Iterator[Mention]:
    for member in members(criterion):
        yield from _of(member, facts)


def _compare_by(table: CompareBy, then: float) -> Compare:
    """The comparison of one row."""
    is_open = table.op in (">", "<")
    if table.op.startswith(">"):
        return Compare(fact=table.fact, low=then, low_open=is_open, place=table.place)
    return Compare(fact=table.fact, high=then, high_open=is_open, place=table.place)


def _compared(leaf: Compare, facts: DataDictionary) -> Iterator[Mention]:
    fact = facts.get(leaf.fact)
    if fact is None or fact.type is FactType.ORDINAL:
        return
    text = criterion_text(leaf, facts)
    if leaf.low is not None and leaf.low == leaf.high:
        yield _cut(leaf.fact, Cut(leaf.low), facts, text, leaf)
        return
    if leaf.low is not None:
        yield _cut(leaf.fact, Cut(leaf.low, leaf.low_open, 1), facts, text, leaf)
    if leaf.high is not None:
        yield _cut(leaf.fact, Cut(leaf.high, not leaf.high_open, -1), facts, text, leaf)


def _cut(name: str, cut: Cut, facts: DataDictionary, text: str, leaf: Criterion) -> Mention:
    fact = facts[name]
    if fact.type is FactType.DATE:
        return Mention(kind=Kind.DATE, text=day_of(cut.value), cut=cut, place=leaf.place)
    cut, unit = (cut.mirrored() if cut.value < 0 else cut), _AGES.get(name, fact.unit)
    kind = Kind.AGE if name in _AGES else Kind.TIME if unit in TIME_UNITS else Kind.AMOUNT
    return Mention(kind=kind, text=text, cut=cut, unit=unit, place=leaf.place)


def _window(leaf: Window, facts: DataDictionary) -> Iterator[Mention]:
    for bound, keeps in ((leaf.low, 1), (leaf.high, -1)):
        if bound is None or (bound in (0, 1, -1) and leaf.unit == "d"):
            continue
        after = bound < 0
        if bound:
            cut = Cut(abs(bound), (keeps < 0) != after, -keeps if after else keeps)
            text = criterion_text(leaf, facts)
            yield Mention(kind=Kind.TIME, text=text, cut=cut, unit=leaf.unit, place=leaf.place)


def _claims(leaf: Claims, facts: DataDictionary) -> Iterator[Mention]:
    """A span may be named by the month more that Medicare's full months leave out, and 30 days as a month.

    "Eleven full months after the month of the last one" is "once every 12 months" (bundled policies 210.1, 210.3).
    A limit of 20 is exceeded by the request that 20 earlier ones precede.
    """
    text = criterion_text(replace(leaf, codes=None, diagnosis=None, label="", source=""), facts)
    if leaf.within is Within.LENGTH or leaf.within is Within.CALENDAR_YEAR:
        length, unit = (leaf.length, leaf.unit) if leaf.length else (1, "a")
        also = {(length + 1.0, "mo")} if unit == "mo" else {(length / 30, "mo")} if unit == "d" else set()
        yield Mention(kind=Kind.TIME, text=text, cut=Cut(length), unit=unit, also=frozenset(also), place=leaf.place)
    for bound in {leaf.low, leaf.high} - {None, 0}:
        n = float(bound or 0)
        near = frozenset({(n, ""), (n + 1, ""), ((n + 1) / _QUARTERS, "h")})
        if n > 1:
            yield Mention(kind=Kind.COUNT, text=text, cut=Cut(n), also=near, place=leaf.place)
    for codes, fact in ((leaf.codes, ""), (leaf.diagnosis, "diagnosis")):
        if codes is not None:
            yield from _codes(codes, facts, fact, leaf)


def _codes(codes: CodeList, facts: DataDictionary, name: str, leaf: Criterion) -> Iterator[Mention]:
    """The codes of a leaf; values such as `heart_failure` and named lists are words, not codes; `KX` is a code."""
    fact = facts.get(name) if name else None
    if codes.name or (fact is not None and fact.values):
        return
    for pattern in (pattern for pattern in codes.patterns if re.search(r"\d|^..$", pattern.low)):
        yield replace(_code(pattern, pattern_text(pattern, fact)), group=id(leaf), place=leaf.place)


def _code(pattern: CodePattern, text: str) -> Mention:
    return Mention(kind=Kind.CODE, text=text, code=pattern)
