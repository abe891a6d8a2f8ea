"""Criteria of published policies, in our own words, each with requests for which it is yes, no and unknown.

A story whose yes or no is impossible by design says why, and then shows only what is left. Stories about more
than one criterion (positions on codes used together, scope, defaults, durations, layers) are policies in `library/`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from medpol.engine import DuckDB, SQLite, adjudicate, lines_of
from medpol.engine.one import decide
from medpol.library import PolicyLibrary, run_cases
from medpol.loading import load_cases, parse_criterion, request_from, write_criterion
from medpol.loading.cases import laid_over
from medpol.model.codes import CodePattern
from medpol.model.criteria import Criterion
from medpol.model.policy import Policy, Position, ServiceCode, State, Statement, Status, Version
from medpol.model.request import Request
from medpol.model.rules import Library
from medpol.model.truth import Truth
from medpol.rendering import criterion_text, finding_lines

HERE = Path(__file__).parent
TRUTHS = {"yes": Truth.YES, "no": Truth.NO, "unknown": Truth.UNKNOWN}
STATES = {State.APPROVE.value: "yes", State.NOT_COVERED.value: "no"}
BASE = {
    "member": {"id": "T1", "birth_date": "1970-05-10", "sex": "F", "line_of_business": "commercial", "state": "IA"},
    "service": {"system": "cpt", "code": "99999", "date": "2025-09-01"},
}
IN_THE_LIBRARY = {4, 8, 15, 17, 33, 39, 42, 43, 45, 48, 49, 50}


@dataclass(frozen=True)
class Story:
    number: int
    title: str
    criterion: str
    requests: tuple[Mapping[str, Any], ...]
    impossible: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.number}: {self.title}"


def read_stories() -> Iterator[Story]:
    for path in sorted((HERE / "criteria").glob("*.yaml")):
        for raw in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)["stories"]:
            assert raw.keys() <= {"number", "title", "source", "criterion", "requests", "impossible"}, path
            assert raw["source"], path
            yield Story(
                int(raw["number"]), raw["title"], raw["criterion"], tuple(raw["requests"]), raw.get("impossible", {})
            )


STORIES = tuple(read_stories())


@cache
def library() -> PolicyLibrary:
    return PolicyLibrary(HERE / "library")


def criterion_of(story: Story) -> Criterion:
    return parse_criterion(story.criterion, library().content.facts, name=str(story))


def requests_of(story: Story) -> list[Request]:
    asked = [{key: value for key, value in raw.items() if key not in ("name", "then")} for raw in story.requests]
    return [request_from(laid_over(BASE, raw), library().content, str(story)) for raw in asked]


def expected(story: Story) -> list[tuple[str, str]]:
    return [(raw["name"], raw["then"]) for raw in story.requests]


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_singly(story: Story) -> None:
    criterion = criterion_of(story)
    findings = [decide(criterion, request) for request in requests_of(story)]
    words = {truth: word for word, truth in TRUTHS.items()}
    assert [(name, words[f.truth]) for (name, _), f in zip(expected(story), findings, strict=True)] == expected(story)


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_as_a_batch(story: Story) -> None:
    content = only(criterion_of(story))
    for engine in (DuckDB(), SQLite()):
        lines = lines_of(engine, requests_of(story), content.facts)
        adjudicate(engine, content, lines, describe=str)
        states = [row[0] for row in engine.fetch("SELECT state FROM answers ORDER BY line")]
        answers = [STATES.get(state, "unknown") for state in states]
        assert list(zip((name for name, _ in expected(story)), answers, strict=True)) == expected(story)


def only(criterion: Criterion) -> Library:
    """A library of one policy on every code that approves where the criterion holds and denies where it does not."""
    version = Version(
        policy="story",
        effective=date(2000, 1, 1),
        status=Status.APPROVED,
        published=date(2000, 1, 1),
        codes=(ServiceCode(system="cpt", pattern=CodePattern("0", "Z~")),),
        statements=(Statement(id="story", position=Position.MEDICALLY_NECESSARY, when=criterion),),
        default=Statement(id="default", position=Position.NOT_MEDICALLY_NECESSARY),
    )
    policy = Policy(number="story", authority="medical_policy", title="story", versions=(version,))
    return replace(library().content, policies={"story": policy})


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_each_shows_yes_no_and_unknown_or_says_why_not(story: Story) -> None:
    shown = {then for _, then in expected(story)}
    assert shown.isdisjoint(story.impossible)
    assert shown | story.impossible.keys() == set(TRUTHS)
    assert all(story.impossible.values())


def test_all_fifty_criteria_are_told() -> None:
    numbers = {story.number for story in STORIES}
    policies = {int(number.split("-")[0]) for number in library().content.policies}
    assert policies == IN_THE_LIBRARY
    assert numbers | policies == set(range(1, 51))


def test_the_library_decides_its_cases_as_expected_in_every_mode() -> None:
    cases = load_cases(HERE / "library")
    failed = {f"{r.case.policy}: {r.case.name}": r.failures for r in run_cases(library(), cases) if r.failures}
    assert failed == {}


def test_no_two_criteria_read_alike_and_every_finding_can_be_read() -> None:
    facts = library().content.facts
    criteria = [criterion_of(story) for story in STORIES]
    assert len({criterion_text(criterion, facts) for criterion in criteria}) == len(set(criteria))
    for story, criterion in zip(STORIES, criteria, strict=True):
        for request in requests_of(story):
            (_, first), *_rest = finding_lines(decide(criterion, request), facts)
            assert first.startswith(("met: ", "not met: ", "unknown: "))


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_each_is_written_back_as_it_was_read(story: Story) -> None:
    facts = library().content.facts
    criterion = criterion_of(story)
    assert parse_criterion(write_criterion(criterion, facts), facts) == criterion
