"""Requests: JSON → model.request.Request. Problems carry JSON paths and never repeat what was sent."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import TypeVar

import orjson

from medpol.loading.catalogue import CATALOGUE
from medpol.loading.json_text import parse_json
from medpol.loading.values import Misfit, code, day, fact_value, quantity
from medpol.loading.versions import SYSTEMS
from medpol.model.calendar import completed
from medpol.model.codes import normal
from medpol.model.facts import BUILT_IN, DataDictionary
from medpol.model.request import FactValue, HistoryLine, Request
from medpol.model.rules import Library
from medpol.model.units import Quantity
from medpol.problems import Place, PolicyRejected, Problem

T = TypeVar("T")
OLDEST = 130  # years; the greatest documented age is 122
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_REQUEST = ("id", "member", "service", "diagnoses", "facts", "history", "history_since")
_MEMBER = ("id", "birth_date", "age", "sex", "line_of_business", "plan", "state")
_SERVICE = (
    "system", "code", "modifiers", "date", "place_of_service", "units", "level", "claim", "also_billed",
    "provider_specialty", "requested",
)  # fmt: skip
_LINE = ("code", "date", "units", "modifiers", "diagnoses", "level", "claim")


def read_request(data: bytes, library: Library, name: str = "request") -> Request:
    """A request from JSON, or PolicyRejected with every problem and its JSON path."""
    return request_from(parse_json(data, name), library, name)


def request_from(mapping: object, library: Library, name: str = "request") -> Request:
    """A request from a parsed object: JSON's types, or text throughout as in cases.yaml."""
    reading = _Reading(name, library.facts)
    request = _request(reading, mapping, library)
    if reading.problems or request is None:
        raise PolicyRejected(reading.problems)
    return request


@dataclass(slots=True)
class _Reading:
    name: str
    dictionary: DataDictionary
    problems: list[Problem] = field(default_factory=list)

    def report(self, code: str, path: str, message: str) -> None:
        self.problems.append(Problem(Place(self.name, path=path), code, message, CATALOGUE[code].remedy))

    def mapping(self, raw: object, path: str, known: tuple[str, ...] | None) -> Mapping[str, object]:
        """An object without the keys that are null; `known` None allows every key."""
        if raw is None:
            return {}
        if not isinstance(raw, Mapping):
            self.report("MP602", path, "an object is expected")
            return {}
        for key in raw:
            if known is not None and key not in known:
                self.report("MP603", path, f"the key {_shown(key)}is not known here")
        return {key: value for key, value in raw.items() if value is not None}

    def items(self, raw: object, path: str) -> list[object]:
        if isinstance(raw, list):
            return raw
        self.report("MP602", path, "a list is expected")
        return []

    def take(
        self, raw: Mapping[str, object], key: str, path: str, read: Callable[[object], T | None], error: tuple[str, str]
    ) -> T | None:
        """`read` of the value under a key; None where there is none, or after a report."""
        if key not in raw:
            return None
        value = read(raw[key])
        if value is None:
            self.report(error[0], f"{path}.{key}", error[1])
        return value

    def text(self, raw: Mapping[str, object], key: str, path: str) -> str:
        return self.take(raw, key, path, _text, ("MP602", "text is expected")) or ""

    def code(self, raw: Mapping[str, object], key: str, path: str) -> str | None:
        return self.take(raw, key, path, code, ("MP612", "a code is expected"))

    def day(self, raw: Mapping[str, object], key: str, path: str) -> date | None:
        return self.take(raw, key, path, day, ("MP608", "a date is expected"))

    def codes(self, raw: Mapping[str, object], key: str, path: str) -> list[str]:
        """A list of codes in normal form, in their order."""
        if key not in raw:
            return []
        found = []
        for index, item in enumerate(self.items(raw[key], f"{path}.{key}")):
            value = code(item)
            if value is None:
                self.report("MP612", f"{path}.{key}[{index}]", "a code is expected")
            else:
                found.append(value)
        return found

    def units(self, raw: Mapping[str, object], key: str, path: str) -> float | None:
        """A number from 0, without a unit."""
        amount = self.take(raw, key, path, quantity, ("MP602", "a number is expected"))
        if amount is None:
            return None
        if amount.unit or amount.value < 0:
            self.report("MP606", f"{path}.{key}", "a number of units from 0 is expected")
            return None
        return amount.value


def _shown(key: object) -> str:
    """A key in a message, if it is one: anything longer or stranger might be about a person."""
    return f"'{key}' " if isinstance(key, str) and _KEY.fullmatch(key) else ""


def _text(raw: object) -> str | None:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return str(raw) if abs(raw) < 10**18 else None
    return raw.strip() if isinstance(raw, str) else None


def _request(reading: _Reading, mapping: object, library: Library) -> Request | None:
    if not isinstance(mapping, Mapping):
        reading.report("MP602", "$", "an object is expected")
        return None
    raw = reading.mapping(mapping, "$", _REQUEST)
    member = reading.mapping(raw.get("member"), "$.member", _MEMBER)
    service = reading.mapping(raw.get("service"), "$.service", _SERVICE)
    facts: dict[str, FactValue] = {}
    service_date = reading.day(service, "date", "$.service")
    procedure = reading.code(service, "code", "$.service")
    for key in ("code", "date"):
        if key not in service:
            reading.report("MP604", f"$.service.{key}", f"the service's {key} is missing")
    _member(reading, member, service_date, facts)
    _service(reading, service, facts)
    diagnoses = reading.codes(raw, "diagnoses", "$")
    if diagnoses:
        facts["diagnosis"] = frozenset(diagnoses)
        facts["primary_diagnosis"] = diagnoses[0]
    _declared(reading, reading.mapping(raw.get("facts"), "$.facts", None), facts)
    line = _line_of_business(reading, member, library)
    if line is not None:
        facts["line_of_business"] = normal(line)
    system = reading.text(service, "system", "$.service").lower()
    if system and system not in SYSTEMS:
        reading.report("MP602", "$.service.system", f"the system is one of {', '.join(SYSTEMS)}")
    history = _history(reading, raw)
    if history is not None:
        facts["claim_history_on_file"] = True
    since = reading.day(raw, "history_since", "$")
    requested = _requested(reading, service)
    level, claim = reading.text(service, "level", "$.service"), reading.text(service, "claim", "$.service")
    request_id = reading.text(raw, "id", "$")
    digest = None if reading.problems else _digest(reading, mapping)
    if service_date is None or procedure is None or digest is None:
        return None
    facts["service_date"], facts["procedure"] = service_date, procedure
    return Request(
        id=request_id, system=system, code=procedure, service_date=service_date, line_of_business=line, facts=facts,
        history=history, history_since=since, claim=claim, level=level, requested=requested, digest=digest,
    )  # fmt: skip


def _digest(reading: _Reading, mapping: Mapping[str, object]) -> str | None:
    """SHA-256 of the canonical JSON: keys in order, no space."""
    try:
        return sha256(orjson.dumps(mapping, option=orjson.OPT_SORT_KEYS)).hexdigest()
    except TypeError:
        reading.report("MP601", "$", "a key or a value of the request has no place in JSON")
        return None


def _member(reading: _Reading, raw: Mapping[str, object], service: date | None, facts: dict[str, FactValue]) -> None:
    reading.text(raw, "id", "$.member")
    for name in ("sex", "plan", "state"):
        value = reading.code(raw, name, "$.member")
        if value is not None:
            facts[name] = value
    birth = reading.day(raw, "birth_date", "$.member")
    age = reading.units(raw, "age", "$.member")
    if age is not None and (age != int(age) or age > OLDEST):
        reading.report("MP606", "$.member.age", f"an age in completed years, 0 to {OLDEST}, is expected")
        age = None
    if age is not None:
        facts["age"] = age
    if birth is None or service is None:
        if birth is not None:
            facts["birth_date"] = birth
        return
    years = completed(birth, service, "a")
    if not 0 <= years <= OLDEST:
        reading.report("MP609", "$.member.birth_date", f"the age at the service date lies outside 0 to {OLDEST} years")
        return
    if age is not None and age != years:
        reading.report("MP610", "$.member.age", "the age does not follow from birth date and service date")
    facts["birth_date"], facts["age"] = birth, float(years)
    facts["age_months"], facts["age_days"] = (
        float(completed(birth, service, "mo")),
        float(completed(birth, service, "d")),
    )


def _service(reading: _Reading, raw: Mapping[str, object], facts: dict[str, FactValue]) -> None:
    """A request that names no modifiers or other codes has none."""
    for name in ("place_of_service", "provider_specialty"):
        value = reading.code(raw, name, "$.service")
        if value is not None:
            facts[name] = value
    facts["modifier"] = frozenset(reading.codes(raw, "modifiers", "$.service"))
    facts["also_billed"] = frozenset(reading.codes(raw, "also_billed", "$.service"))
    units = reading.units(raw, "units", "$.service")
    if units is not None:
        facts["units"] = units


def _declared(reading: _Reading, raw: Mapping[str, object], facts: dict[str, FactValue]) -> None:
    for name, value in raw.items():
        fact = reading.dictionary.declared.get(name) if isinstance(name, str) else None
        if fact is None:
            owner = "comes from the request itself" if name in BUILT_IN else "is in no data dictionary"
            reading.report("MP605", "$.facts", f"the fact {_shown(name)}{owner}")
            continue
        typed = fact_value(fact, value)
        if isinstance(typed, Misfit):
            reading.report(typed.code, f"$.facts.{name}", typed.message)
        else:
            facts[name] = typed


def _line_of_business(reading: _Reading, member: Mapping[str, object], library: Library) -> str | None:
    """The name library.yaml gives it, however it was capitalised."""
    text = reading.text(member, "line_of_business", "$.member")
    if not text:
        return None
    names = {normal(name): name for name in library.rules.lines_of_business}
    line = names.get(normal(text))
    if line is None:
        reading.report("MP611", "$.member.line_of_business", f"one of {', '.join(names.values())} is expected")
    return line


def _requested(reading: _Reading, service: Mapping[str, object]) -> dict[str, Quantity]:
    """What was asked for, by the name of the grant; a bare number has no unit."""
    raw = reading.mapping(service.get("requested"), "$.service.requested", None)
    found: dict[str, Quantity] = {}
    for name, value in raw.items():
        amount = quantity(value)
        if amount is None or amount.value < 0 or not _shown(name):
            reading.report("MP602", "$.service.requested", "names with a number, or a number and a unit, are expected")
        else:
            found[name] = amount
    return found


def _history(reading: _Reading, raw: Mapping[str, object]) -> tuple[HistoryLine, ...] | None:
    if "history" not in raw:
        return None
    lines = [
        _line(reading, item, f"$.history[{i}]") for i, item in enumerate(reading.items(raw["history"], "$.history"))
    ]
    return tuple(line for line in lines if line is not None)


def _line(reading: _Reading, item: object, path: str) -> HistoryLine | None:
    raw = reading.mapping({} if item is None else item, path, _LINE)
    earlier, on = reading.code(raw, "code", path), reading.day(raw, "date", path)
    for key in ("code", "date"):
        if key not in raw:
            reading.report("MP604", f"{path}.{key}", f"the line's {key} is missing")
    units = reading.units(raw, "units", path)
    modifiers, diagnoses = reading.codes(raw, "modifiers", path), reading.codes(raw, "diagnoses", path)
    level, claim = reading.text(raw, "level", path), reading.text(raw, "claim", path)
    if earlier is None or on is None:
        return None
    return HistoryLine(
        code=earlier, date=on, units=1 if units is None else units, modifiers=frozenset(modifiers),
        diagnoses=frozenset(diagnoses), level=level, claim=claim,
    )  # fmt: skip
