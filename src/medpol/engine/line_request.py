"""One line of a batch as a request, with everything the batch knows of it: for its full trace."""

from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from typing import Any

from medpol.engine.dialects.base import Engine
from medpol.model.facts import DataDictionary, Fact, FactType
from medpol.model.lines import Lines
from medpol.model.request import FactValue, HistoryLine, Request


def request_of(engine: Engine, lines: Lines, number: int, facts: DataDictionary) -> Request:
    """Line `number` of the lines, typed as a request's facts are. Raises KeyError where there is no such line."""
    scalars = {**lines.numbers, **lines.dates}
    columns = [f"({expression})" for expression in scalars.values()]
    columns += [f"({column})" for group in lines.codes.values() for column in group]
    columns += [f"CASE WHEN {condition or '1 = 1'} THEN 1 ELSE 0 END" for condition in lines.known_sets.values()]
    fixed = ["l.code", "l.service_date", "l.line_of_business", lines.level or "''", lines.history_since or "NULL"]
    found = engine.fetch(f"SELECT {', '.join(fixed + columns)} FROM {lines.table} l WHERE l.line = {int(number)}")
    if not found:
        raise KeyError(number)
    code, service_date, line_of_business, level, since, *values = found[0]
    seen = iter(values)
    known: dict[str, FactValue] = {}
    for name in scalars:
        if (value := next(seen)) is not None:
            known[name] = _typed(facts[name], value)
    members = {name: [next(seen) for _ in group] for name, group in lines.codes.items()}
    is_known = {name: bool(next(seen)) for name in lines.known_sets}
    for name, listed in members.items():
        codes = frozenset(str(member) for member in listed if member is not None)
        if is_known.get(name, bool(codes)):
            known[name] = codes if facts[name].type is FactType.SET else next(iter(codes))
    day = _day(service_date)
    history = _history(engine, lines, number) if lines.history else None
    identity = repr((code, day, sorted((k, sorted(v) if isinstance(v, frozenset) else v) for k, v in known.items())))
    return Request(
        id=f"line {number}",
        system="",
        code=str(code),
        service_date=day,
        line_of_business=line_of_business or None,
        facts=known,
        history=history,
        history_since=_day(since) if since else None,
        claim=_claim(engine, lines, number) if lines.history else "",
        level=level or "",
        digest=sha256(identity.encode()).hexdigest(),
    )


def _typed(fact: Fact, value: Any) -> FactValue:
    match fact.type:
        case FactType.BOOLEAN:
            return bool(value)
        case FactType.ORDINAL:
            return int(value)
        case FactType.DATE:
            return _day(value)
        case _:
            return float(value)


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _claim(engine: Engine, lines: Lines, number: int) -> str:
    found: Sequence[tuple[Any, ...]] = engine.fetch(f"SELECT claim FROM {lines.table} WHERE line = {int(number)}")
    return str(found[0][0] or "")


def _history(engine: Engine, lines: Lines, number: int) -> tuple[HistoryLine, ...] | None:
    """The lines of the member that come before this one; None where the member is not known."""
    known = f" AND ({lines.history_known})" if lines.history_known else ""
    member = engine.fetch(f"SELECT l.member FROM {lines.table} l WHERE l.line = {int(number)}{known}")
    if not member:
        return None
    rows = engine.fetch(
        f"""SELECT e.row, e.code, e.date, e.units, e.left_side, e.right_side, e.level, e.claim
            FROM {lines.history} e JOIN {lines.table} l ON l.member = e.member
            WHERE l.line = {int(number)}
              AND (e.line < 0 OR e.date < l.service_date OR (e.date = l.service_date AND e.line < l.line))
            ORDER BY e.date, e.row"""
    )
    diagnoses: dict[int, set[str]] = {}
    if lines.history_diagnoses and rows:
        listed = ", ".join(str(row[0]) for row in rows)
        for row, code in engine.fetch(f"SELECT row, code FROM {lines.history_diagnoses} WHERE row IN ({listed})"):
            diagnoses.setdefault(row, set()).add(str(code))
    return tuple(
        HistoryLine(
            code=str(code),
            date=_day(day),
            units=float(units if units is not None else 1),
            modifiers=frozenset(side for side, about in (("LT", left), ("RT", right)) if about),
            diagnoses=frozenset(diagnoses.get(row, ())),
            level=level or "",
            claim=str(claim or ""),
        )
        for row, code, day, units, left, right, level, claim in rows
    )
