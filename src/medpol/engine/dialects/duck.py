"""DuckDB."""

from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa

from medpol.engine.dialects.base import Rows

_ARROW = {
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "DOUBLE": pa.float64(),
    "VARCHAR": pa.string(),
    "DATE": pa.date32(),
}
MOST_WORDS = 50_000  # distinct texts of a column that is still kept as an ENUM


class DuckDB:
    """An Engine on DuckDB; in memory unless a connection is given."""

    stage = "AS"

    def __init__(self, connection: duckdb.DuckDBPyConnection | None = None, threads: int | None = None) -> None:
        self.connection = connection or duckdb.connect()
        self._interned: set[str] = set()
        # An aggregate above stacked projections plans exponentially with this optimizer in DuckDB 2.0.0.
        self.connection.execute("SET disabled_optimizers = 'partial_aggregate_pushdown'")
        if threads is not None:
            self.connection.execute(f"SET threads = {int(threads)}")

    def execute(self, sql: str) -> None:
        self.connection.execute(sql)

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    def load(self, table: str, rows: Rows) -> None:
        columns = list(zip(*rows.rows, strict=True)) if rows.rows else [()] * len(rows.columns)
        arrays = {
            name: pa.array(values, type=_ARROW[kind])
            for (name, kind), values in zip(rows.columns, columns, strict=True)
        }
        self.connection.register("incoming", pa.table(arrays))
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM incoming")
        self.connection.unregister("incoming")

    def popcount(self, bits: str) -> str:
        return f"bit_count({bits})"

    def xor(self, left: str, right: str) -> str:
        return f"xor({left}, {right})"

    def pick(self, index: str, choices: Sequence[str]) -> str:
        return f"list_extract([{', '.join(choices)}], {index})"

    def day_code(self, day: str) -> str:
        return f"({day} - DATE '1970-01-01')"

    def month_code(self, day: str) -> str:
        return f"((year({day}) * 12 + month({day})) * 31 + day({day}))"

    def date(self, iso: str) -> str:
        return f"DATE '{iso}'"

    def whole_division(self, numerator: str, denominator: int) -> str:
        return f"(({numerator}) // {denominator})"

    def joined(self, text: str, order: str) -> str:
        return f"string_agg({text}, '; ' ORDER BY {order})"

    def intern(self, table: str, columns: Sequence[str], also: Sequence[str]) -> None:
        """As ENUM types: a wide result is then sorted and written as small numbers. Columns of many texts stay text."""
        extra = ", ".join(f"('{text}')" for text in also)
        counts = ", ".join(f"approx_count_distinct({column})" for column in columns)
        distinct = dict(zip(columns, self.fetch(f"SELECT {counts} FROM {table}")[0], strict=True))
        self._interned = {column for column in columns if distinct[column] <= MOST_WORDS}
        for column in self._interned:
            texts = f"SELECT {column} AS text FROM {table} UNION SELECT * FROM (VALUES {extra})"
            self.execute(f"DROP TYPE IF EXISTS {column}_word CASCADE")
            self.execute(
                f"CREATE TYPE {column}_word AS ENUM (SELECT text FROM ({texts}) WHERE text IS NOT NULL ORDER BY text)"
            )
        casts = ", ".join(f"{column}::{column}_word AS {column}" for column in sorted(self._interned))
        self.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * REPLACE ({casts}) FROM {table}")

    def interned(self, text: str, column: str) -> str:
        return f"'{text}'::{column}_word" if column in self._interned else f"'{text}'"
