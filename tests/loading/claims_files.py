"""Small claims files for the tests of claims."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from medpol.loading.claims import ClaimsTable, open_claims, read_claims_map
from medpol.model.facts import BUILT_IN, DataDictionary, Fact, FactType

FACTS = DataDictionary(
    {
        fact.name: fact
        for fact in (
            Fact(name="bmi", type=FactType.NUMBER, unit="kg/m2", low=10, high=100),
            Fact(name="therapy", type=FactType.DURATION, unit="wk"),
            Fact(name="smoker", type=FactType.BOOLEAN),
            Fact(name="ceap", type=FactType.ORDINAL, levels=("C0", "C1", "C2")),
            Fact(name="test_date", type=FactType.DATE),
            Fact(name="stage", type=FactType.CODE, values=("trial", "permanent")),
            Fact(name="comorbidity", type=FactType.SET, values=("diabetes", "osa")),
        )
    }
)
ALL = frozenset({*BUILT_IN, *FACTS.declared, "history"})


def opened(
    path: Path,
    *,
    uses: frozenset[str] = ALL,
    mapped: str = "",
    connection: duckdb.DuckDBPyConnection | None = None,
    **more: Any,
) -> tuple[duckdb.DuckDBPyConnection, ClaimsTable]:
    connection = connection or duckdb.connect()
    claims_map = None
    if mapped:
        map_file = path.with_name("map.yaml")
        map_file.write_text(mapped, encoding="utf-8")
        claims_map = read_claims_map(map_file, FACTS)
    return connection, open_claims(connection, path, FACTS, claims_map, uses, **more)


def csv_file(folder: Path, text: str, name: str = "claims.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def parquet_file(folder: Path, columns: dict[str, Any], name: str = "claims.parquet") -> Path:
    path = folder / name
    pq.write_table(pa.table(columns), path)
    return path


def seen(connection: duckdb.DuckDBPyConnection, table: ClaimsTable, facts: Sequence[str]) -> list[tuple[Any, ...]]:
    """What the lines know of these facts, by line; a set as its columns."""
    lines = table.lines
    columns = [
        column
        for fact in facts
        for column in lines.codes.get(fact, (lines.numbers.get(fact) or lines.dates.get(fact) or "NULL",))
    ]
    return connection.execute(f"SELECT {', '.join(columns)} FROM {lines.table} l ORDER BY l.line").fetchall()


def rejects(connection: duckdb.DuckDBPyConnection, table: ClaimsTable) -> list[tuple[Any, ...]]:
    return connection.execute(f'SELECT "row", code, "column" FROM {table.rejects_table} ORDER BY 1').fetchall()


def rows(header: str, lines: Iterable[str]) -> str:
    return "\n".join([header, *lines]) + "\n"
