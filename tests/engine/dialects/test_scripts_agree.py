"""A plan written down without a look at the claims gives, on PostgreSQL and DuckDB, what the batch gives on them."""

from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.test_modes_agree import CODES, a_library, requests, statements
from medpol.engine import COLUMNS, DuckDB, adjudicate, lines_of
from medpol.engine.dialects.script import Script
from medpol.engine.dialects.warehouses import DUCKDB, POSTGRES, Dialect
from medpol.engine.reads import code_patterns
from medpol.model.criteria import Criterion
from medpol.model.policy import Position
from medpol.model.request import Request
from medpol.model.rules import Library
from postgres_server import postgres  # noqa: F401
from strategies import FACTS

QUERY = f"SELECT line, {', '.join(COLUMNS)} FROM {{}} ORDER BY line"
cases = given(
    st.fixed_dictionaries(dict.fromkeys(CODES, statements)),
    st.lists(requests(), min_size=12, max_size=20),
    st.booleans(),
    st.sampled_from(["", "layer", "layers"]),
)
few = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


@few
@cases
def test_duckdb_as_a_warehouse(
    by_code: dict[str, list[tuple[Criterion, Position]]], asked: list[Request], default: bool, shared: str
) -> None:
    library = a_library(by_code, default=default, shared=shared)
    script = a_script(DUCKDB, library, asked)
    warehouse = duckdb.connect()
    warehouse.execute("SET disabled_optimizers = 'partial_aggregate_pushdown'")
    for statement in (*script.tables, *script.steps):
        warehouse.execute(statement)
    assert warehouse.execute(QUERY.format(script.name("answers"))).fetchall() == directly(library, asked)


def test_postgres(postgres: Any) -> None:  # noqa: F811
    @few
    @cases
    def agrees(
        by_code: dict[str, list[tuple[Criterion, Position]]], asked: list[Request], default: bool, shared: str
    ) -> None:
        library = a_library(by_code, default=default, shared=shared)
        script = a_script(POSTGRES, library, asked)
        postgres.rollback()
        cursor = postgres.cursor()
        for statement in (*script.tables, *script.steps, *script.steps):  # the second run finds what the first left
            cursor.execute(statement)
        cursor.execute(QUERY.format(script.name("answers")))
        assert [tuple(row) for row in cursor.fetchall()] == directly(library, asked)

    agrees()


def test_a_script_refuses_what_only_the_claims_know() -> None:
    with pytest.raises(ValueError, match="cannot know what the claims hold"):
        Script(POSTGRES, []).fetch("SELECT DISTINCT outcome FROM results_0")


def a_script(dialect: Dialect, library: Library, asked: list[Request]) -> Script:
    script = Script(dialect, code_patterns(library))
    adjudicate(script, library, lines_of(script, asked, FACTS), describe=repr)
    return script


def directly(library: Library, asked: list[Request]) -> list[tuple[Any, ...]]:
    engine = DuckDB(threads=1)
    adjudicate(engine, library, lines_of(engine, asked, FACTS), describe=repr)
    return engine.fetch(QUERY.format("answers"))
