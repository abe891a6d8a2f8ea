"""A line of a batch as a request: the same facts, the same answer."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libraries import NO, YES, library, one_policy, request, statement
from medpol.engine import Determiner, DuckDB, Engine, SQLite, lines_of, request_of
from medpol.engine.predicates.claims import sides
from medpol.model.criteria import Criterion
from medpol.model.request import Request
from strategies import FACTS, criteria, facts_for, histories, history_starts

REQUESTS = st.lists(
    st.builds(
        lambda facts, history, since, level, claim: request(
            history=history, since=since if history is not None else None, level=level, claim=claim, **facts
        ),
        facts_for(), histories(), history_starts(), st.sampled_from(("", "L4")), st.sampled_from(("", "A")),
    ),
    min_size=1, max_size=4,
)  # fmt: skip


def engines() -> list[Engine]:
    return [DuckDB(threads=1), SQLite()]


@settings(max_examples=25, deadline=None)
@given(REQUESTS)
def test_every_fact_comes_back(asked: list[Request]) -> None:
    for engine in engines():
        lines = lines_of(engine, asked, FACTS)
        for number, sent in enumerate(asked):
            back = request_of(engine, lines, number, FACTS)
            assert back.facts == sent.facts
            assert {name: type(value) for name, value in back.facts.items()} == {
                name: float if isinstance(value, float) else type(value) for name, value in sent.facts.items()
            }
            assert (back.code, back.service_date, back.line_of_business) == (
                sent.code, sent.service_date, sent.line_of_business,
            )  # fmt: skip
            assert (back.level, back.claim, back.history_since) == (sent.level, sent.claim, sent.history_since)
            assert (back.history is None) is (sent.history is None)
            assert _events(back) == _events(sent)


def _events(asked: Request) -> list[tuple[object, ...]]:
    """The earlier lines as the engine reads them: a line that names no side is about both."""
    return sorted(
        (
            line.date,
            line.code,
            line.units,
            sorted(sides(line.modifiers)),
            sorted(line.diagnoses),
            line.level,
            line.claim,
        )
        for line in asked.history or ()
    )  # type: ignore[type-var]


@settings(max_examples=25, deadline=None)
@given(REQUESTS, criteria())
def test_the_line_is_decided_as_the_request_was(asked: list[Request], criterion: Criterion) -> None:
    determiner = Determiner(library(one_policy(statement(YES, criterion), default=NO)))
    engine = DuckDB(threads=1)
    lines = lines_of(engine, asked, FACTS)
    for number, sent in enumerate(asked):
        one, other = determiner.determine(sent), determiner.determine(request_of(engine, lines, number, FACTS))
        assert (one.state, one.statement, one.missing) == (other.state, other.statement, other.missing)


@pytest.mark.parametrize("engine", [DuckDB, SQLite])
def test_there_is_no_such_line(engine: type[DuckDB | SQLite]) -> None:
    connected = engine()
    lines = lines_of(connected, [request()], FACTS)
    with pytest.raises(KeyError):
        request_of(connected, lines, 1, FACTS)


def test_the_digest_is_of_what_the_line_says() -> None:
    engine = DuckDB(threads=1)
    lines = lines_of(engine, [request(bmi=30.0), request(bmi=30.0), request(bmi=31.0)], FACTS)
    first, same, other = (request_of(engine, lines, number, FACTS).digest for number in range(3))
    assert first == same != other
