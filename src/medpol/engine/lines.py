"""Whether a batch's lines can give a measure a value, and requests as lines."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from medpol.engine.dialects.base import Engine, Rows
from medpol.engine.predicates.claims import SIDES, sides
from medpol.engine.predicates.shapes import ClaimsMeasure, DistanceMeasure, FactMeasure, Measured
from medpol.model.criteria import Claims
from medpol.model.facts import DataDictionary, FactType
from medpol.model.lines import Lines
from medpol.model.request import HistoryLine, Request

EARLIER = -1  # the `line` of a history row that comes before every line of the batch


def gives(lines: Lines, measure: Measured) -> bool:
    """Whether the lines can ever give the measure a value."""
    match measure:
        case FactMeasure(fact=fact):
            return fact in lines.numbers or fact in lines.dates
        case DistanceMeasure(event=event, anchor=anchor):
            return event in lines.dates and anchor in lines.dates
        case ClaimsMeasure(leaf=leaf):
            return bool(lines.history) and leaf.before in lines.dates and _can_count(lines, leaf)


def _can_count(lines: Lines, leaf: Claims) -> bool:
    has_level = "level" not in leaf.same or bool(lines.level)
    return has_level and (leaf.diagnosis is None or bool(lines.history_diagnoses))


def is_known(lines: Lines, fact: str) -> str:
    """The condition under which a line has a code fact, in SQL."""
    condition = lines.known_sets.get(fact)
    if condition is None:
        return " OR ".join(f"{column} IS NOT NULL" for column in lines.codes[fact])
    return condition or "1 = 1"


def lines_of(engine: Engine, requests: Sequence[Request], facts: DataDictionary) -> Lines:
    """Load requests as lines 0, 1, … with every fact they have, each with its own history."""
    used = sorted({name for request in requests for name in request.facts})
    numbers, dates, sets = [], [], {}
    for name in used:
        kind = facts[name].type
        if kind is FactType.DATE:
            dates.append(name)
        elif kind in (FactType.CODE, FactType.SET):
            width = max(len(_members(request.facts.get(name))) for request in requests)
            sets[name] = max(width, 1)
        else:
            numbers.append(name)
    columns = [("line", "BIGINT"), ("member", "VARCHAR"), ("claim", "VARCHAR"), ("code", "VARCHAR")]
    columns += [("service_date", "DATE"), ("line_of_business", "VARCHAR"), ("level", "VARCHAR")]
    columns += [("history_since", "DATE"), ("has_history", "BIGINT")]
    columns += [(f"n_{name}", "DOUBLE") for name in numbers] + [(f"d_{name}", "DATE") for name in dates]
    for name, width in sets.items():
        columns += [(f"s_{name}_{c}", "VARCHAR") for c in range(width)] + [(f"k_{name}", "BIGINT")]
    rows = [_row(i, request, numbers, dates, sets) for i, request in enumerate(requests)]
    engine.load("request_lines", Rows(tuple(columns), rows))
    _load_history(engine, requests)
    return Lines(
        table="request_lines",
        numbers={name: f"n_{name}" for name in numbers},
        dates={name: f"d_{name}" for name in dates},
        codes={name: tuple(f"s_{name}_{c}" for c in range(width)) for name, width in sets.items()},
        known_sets={name: f"k_{name} = 1" for name in sets},
        history="request_history",
        history_diagnoses="request_history_diagnoses",
        history_known="l.has_history = 1",
        history_since="l.history_since",
        level="l.level",
    )


def _row(
    i: int, request: Request, numbers: Iterable[str], dates: Iterable[str], sets: dict[str, int]
) -> tuple[Any, ...]:
    row: list[Any] = [i, str(i), request.claim, request.code, request.service_date, request.line_of_business]
    row += [request.level, request.history_since, int(request.history is not None)]
    for name in numbers:
        value = request.facts.get(name)
        row.append(None if value is None else float(value))  # type: ignore[arg-type]
    row += [request.facts.get(name) for name in dates]
    for name, width in sets.items():
        members = sorted(_members(request.facts.get(name)))
        row += [*members, *[None] * (width - len(members)), int(name in request.facts)]
    return tuple(row)


def _members(value: object) -> frozenset[str]:
    return frozenset() if value is None else value if isinstance(value, frozenset) else frozenset((str(value),))


def _load_history(engine: Engine, requests: Sequence[Request]) -> None:
    rows: list[tuple[Any, ...]] = []
    diagnoses: list[tuple[int, str]] = []
    for i, request in enumerate(requests):
        for earlier in request.history or ():
            diagnoses += [(len(rows), code) for code in sorted(earlier.diagnoses)]
            rows.append(_history_row(len(rows), i, earlier))
    columns = (
        ("row", "BIGINT"), ("line", "BIGINT"), ("member", "VARCHAR"), ("claim", "VARCHAR"), ("code", "VARCHAR"),
        ("date", "DATE"), ("units", "DOUBLE"), ("left_side", "BIGINT"), ("right_side", "BIGINT"), ("level", "VARCHAR"),
    )  # fmt: skip
    engine.load("request_history", Rows(columns, rows))
    engine.load("request_history_diagnoses", Rows((("row", "BIGINT"), ("code", "VARCHAR")), list(diagnoses)))


def _history_row(row: int, member: int, earlier: HistoryLine) -> tuple[Any, ...]:
    about = sides(earlier.modifiers)
    left, right = (int(side in about) for side in sorted(SIDES))
    day: date = earlier.date
    return (row, EARLIER, str(member), earlier.claim, earlier.code, day, earlier.units, left, right, earlier.level)
