"""DuckDB."""

from collections.abc import Iterator, Sequence
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


class DuckDB:
    """An Engine on DuckDB; in memory unless a connection is given."""

    stage = "AS"

    def __init__(self, connection: duckdb.DuckDBPyConnection | None = None, threads: int | None = None) -> None:
        self.connection = connection or duckdb.connect()
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

    def arrow(self, sql: str) -> pa.Table:
        return self.connection.sql(sql).to_arrow_table()

    def stream(self, sql: str, rows: int) -> Iterator[pa.RecordBatch]:
        self.connection.execute("SET streaming_buffer_size = '256MB'")  # the default, 1 MB, keeps one thread busy
        yield from self.connection.sql(sql).to_arrow_reader(rows)

    def adopt(self, table: str, data: pa.Table) -> None:
        self.connection.register("incoming", data)
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM incoming")
        self.connection.unregister("incoming")
