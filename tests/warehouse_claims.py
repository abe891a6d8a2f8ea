"""Lines that DuckDB has read as the relation a warehouse brings, and a script run on it."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import duckdb

from medpol.library.warehouse import WarehousePlan
from medpol.library.warehouse_lines import RELATION, Column
from medpol.model.facts import DataDictionary, FactType
from medpol.model.lines import Lines


def claims_query(lines: Lines, columns: Sequence[Column], facts: DataDictionary) -> str:
    """DuckDB's query for `medpol_claims` over these lines."""
    seen: Counter[str] = Counter()
    selected = []
    for column in columns:
        if column.fact:
            sql = _cell(lines, column.fact, seen[column.fact], facts)
            seen[column.fact] += 1
        else:
            sql = (lines.level or "NULL") if column.name == "level" else f"l.{column.name}"
        selected.append(f"CAST({sql} AS {column.type}) AS {column.name}")
    return f"SELECT {', '.join(selected)} FROM {lines.table} l"


def _cell(lines: Lines, fact: str, nth: int, facts: DataDictionary) -> str:
    if fact in lines.codes:
        return dict(enumerate(lines.codes[fact])).get(nth, "NULL")
    if fact in lines.dates:
        return lines.dates[fact]
    number = lines.numbers.get(fact, "NULL")
    if facts[fact].type is FactType.ORDINAL:
        levels = " ".join(f"WHEN {i} THEN '{level}'" for i, level in enumerate(facts[fact].levels))
        return f"CASE {number} {levels} END"
    return number


def run_on_duckdb(connection: duckdb.DuckDBPyConnection, plan: WarehousePlan) -> list[tuple[Any, ...]]:
    """The answers; `medpol_claims` is there."""
    # An aggregate above stacked projections plans exponentially with this optimizer in DuckDB 2.0.0.
    connection.execute("SET disabled_optimizers = 'partial_aggregate_pushdown'")
    for statement in (*plan.script.tables, *plan.script.steps):
        connection.execute(statement)
    return connection.execute(plan.answers).fetchall()


def run_on_postgres(connection: Any, plan: WarehousePlan) -> list[tuple[Any, ...]]:
    """The answers, by a DB-API connection of pg8000; `medpol_claims` is there."""
    cursor = connection.cursor()
    for statement in (*plan.script.tables, *plan.script.steps):
        cursor.execute(statement)
    cursor.execute(plan.answers)
    return [tuple(row) for row in cursor.fetchall()]


def copy_to_postgres(connection: Any, columns: Sequence[Column], claims: duckdb.DuckDBPyConnection, query: str) -> None:
    """Make `medpol_claims` and fill it with a query's rows, by COPY."""
    from tempfile import NamedTemporaryFile

    types = {"DOUBLE": "DOUBLE PRECISION", "VARCHAR": "TEXT"}
    cursor = connection.cursor()
    cursor.execute(f"DROP TABLE IF EXISTS {RELATION}")
    cursor.execute(f"CREATE TABLE {RELATION} ({', '.join(f'{c.name} {types.get(c.type, c.type)}' for c in columns)})")
    with NamedTemporaryFile(suffix=".csv") as file:
        claims.execute(f"COPY ({query}) TO '{file.name}' (FORMAT csv, HEADER false)")
        with open(file.name, "rb") as stream:  # noqa: PTH123
            cursor.execute(f"COPY {RELATION} FROM STDIN WITH (FORMAT csv)", stream=stream)
    cursor.execute(f"ANALYZE {RELATION}")
