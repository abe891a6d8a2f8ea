"""Requests: JSON values typed by the data dictionary; what is absent is unknown, what is given is checked."""

from datetime import date
from typing import Any

import orjson
import pytest

from medpol.loading import read_request, request_from
from medpol.model.request import HistoryLine, Request
from medpol.model.rules import Library, LineOfBusiness, PlanRules
from medpol.model.units import Quantity
from medpol.problems import PolicyRejected
from strategies import FACTS

LINES = {name: LineOfBusiness(name=name, precedence=()) for name in ("commercial", "medicare_advantage")}
LIBRARY = Library(folder="", rules=PlanRules(plan="A plan", lines_of_business=LINES), facts=FACTS, policies={})
SERVICE = {"code": "62330", "date": "2025-09-01"}


def read(**keys: Any) -> Request:
    return read_request(orjson.dumps({"service": SERVICE, **keys}), LIBRARY)


def test_the_least_request() -> None:
    request = read()
    assert (request.code, request.service_date, request.line_of_business) == ("62330", date(2025, 9, 1), None)
    assert dict(request.facts) == {
        "procedure": "62330",
        "service_date": date(2025, 9, 1),
        "modifier": frozenset(),
        "also_billed": frozenset(),
    }
    assert request.history is None


def test_built_in_facts() -> None:
    member = {"birth_date": "1950-09-02", "sex": "f", "line_of_business": "Medicare_Advantage", "state": "IA"}
    service = {**SERVICE, "modifiers": ["kx"], "place_of_service": 11, "units": 2, "provider_specialty": "207X00000X"}
    request = read(member=member, service=service, diagnoses=["M48.062", "g47.33"])
    assert request.line_of_business == "medicare_advantage"
    assert request.facts["age"] == 74
    assert request.facts["age_months"] == 74 * 12 + 11
    assert request.facts["sex"] == "F"
    assert request.facts["modifier"] == frozenset({"KX"})
    assert request.facts["diagnosis"] == frozenset({"M48062", "G4733"})
    assert request.facts["primary_diagnosis"] == "M48062"
    assert request.facts["place_of_service"] == "11"
    assert request.facts["units"] == 2


def test_an_age_without_a_birth_date_is_the_only_age_known() -> None:
    request = read(member={"age": 71})
    assert request.facts["age"] == 71
    assert "age_days" not in request.facts


@pytest.mark.parametrize(
    ("name", "sent", "known"),
    [
        ("bmi", 31, 31.0),
        ("bmi", "31.5 kg/m2", 31.5),
        ("pain_duration", {"value": 1, "unit": "years"}, 12.0),
        ("pain_duration", "6 months", 6.0),
        ("therapy", "84 days", 12.0),
        ("ceap", "C4a", 4),
        ("comorbidity", ["OSA", "diabetes"], frozenset({"OSA", "DIABETES"})),
        ("comorbidity", [], frozenset()),
        ("comorbidity", "osa", frozenset({"OSA"})),
        ("approach", "open", "OPEN"),
        ("evaluation_date", "2025-01-31", date(2025, 1, 31)),
        ("consent", True, True),
        ("consent", "no", False),
    ],
)
def test_fact(name: str, sent: object, known: object) -> None:
    assert read(facts={name: sent}).facts[name] == known


def test_null_is_unknown() -> None:
    assert "bmi" not in read(facts={"bmi": None}).facts
    assert read(member={"sex": None}, history=None).history is None


def test_history_and_what_was_asked_for() -> None:
    line = {
        "code": "62322",
        "date": "2025-01-31",
        "units": 2,
        "modifiers": ["lt"],
        "diagnoses": ["M48.06"],
        "level": "L4",
    }
    service = {**SERVICE, "requested": {"duration": "1 year", "visits": 12}}
    request = read(service=service, history=[line, {"code": "62323", "date": "2025-02-01"}], history_since="2024-01-01")
    assert request.history == (
        HistoryLine(
            code="62322", date=date(2025, 1, 31), units=2, modifiers=frozenset({"LT"}),
            diagnoses=frozenset({"M4806"}), level="L4",
        ),
        HistoryLine(code="62323", date=date(2025, 2, 1)),
    )  # fmt: skip
    assert request.history_since == date(2024, 1, 1)
    assert request.requested == {"duration": Quantity(1, "a"), "visits": Quantity(12)}


def test_text_throughout_means_the_same() -> None:
    typed = read(member={"age": 71}, facts={"bmi": 31, "consent": True})
    text = request_from(
        {"service": SERVICE, "member": {"age": "71"}, "facts": {"bmi": "31", "consent": "true"}}, LIBRARY
    )
    assert text.facts == typed.facts


def test_the_digest_is_of_the_content() -> None:
    spaced = b'{ "service": {"date": "2025-09-01", "code": "62330"} }'
    assert read_request(spaced, LIBRARY).digest == read().digest
    assert read(id="another").digest != read().digest


def test_what_was_sent_is_never_repeated() -> None:
    secret = "Jane-Doe-1950-03-02"
    sent = {
        secret: secret,
        "id": [secret],
        "member": {"birth_date": secret, "age": secret, "sex": secret + "!", "line_of_business": secret, secret: 1},
        "service": {
            "code": secret + "?",
            "date": secret,
            "units": secret,
            "system": secret,
            "requested": {secret: secret},
        },
        "diagnoses": [secret + "?"],
        "facts": {secret: 1, **{fact.name: secret + "?" for fact in FACTS.declared.values()}},
        "history": [{"code": secret + "?", "date": secret, secret: 1}],
    }
    with pytest.raises(PolicyRejected) as caught:
        read_request(orjson.dumps(sent), LIBRARY)
    assert len(caught.value.problems) > 20
    assert secret not in str(caught.value)


def test_a_key_that_stands_twice_is_refused() -> None:
    text = b'{"service": {"code": "62330", "date": "2025-09-01"}, "facts": {"note": 1, "note": 2}, "facts": {}}'
    with pytest.raises(PolicyRejected) as rejected:
        read_request(text, LIBRARY)
    assert [(p.code, p.place.path) for p in rejected.value.problems] == [("MP614", "$"), ("MP614", "$.facts")]


def test_a_text_that_looks_like_a_key_is_a_text() -> None:
    text = b'{"id": "a \\": b", "service": {"code": "62330", "date": "2025-09-01"}}'
    assert read_request(text, LIBRARY).code == "62330"
