"""SQLite: the second engine, which holds the first to its meaning in the tests."""

import sqlite3
from collections.abc import Sequence
from datetime import date
from typing import Any

from medpol.engine.dialects.base import Rows


class SQLite:
    """An Engine on SQLite; in memory unless a connection is given. Dates are ISO text."""

    stage = "AS MATERIALIZED"

    def __init__(self, connection: sqlite3.Connection | None = None) -> None:
        self.connection = connection or sqlite3.connect(":memory:")
        self.connection.create_function("bit_count", 1, int.bit_count, deterministic=True)

    def execute(self, sql: str) -> None:
        self.connection.execute(sql)

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    def load(self, table: str, rows: Rows) -> None:
        columns = ", ".join(f'"{name}" {kind}' for name, kind in rows.columns)
        self.execute(f"DROP TABLE IF EXISTS {table}")
        self.execute(f"CREATE TEMP TABLE {table} ({columns})")
        marks = ", ".join("?" * len(rows.columns))
        self.connection.executemany(
            f"INSERT INTO {table} VALUES ({marks})",
            [tuple(v.isoformat() if isinstance(v, date) else v for v in row) for row in rows.rows],
        )

    def popcount(self, bits: str) -> str:
        return f"bit_count({bits})"

    def xor(self, left: str, right: str) -> str:
        return f"(({left} | {right}) & ~({left} & {right}))"

    def pick(self, index: str, choices: Sequence[str]) -> str:
        cases = " ".join(f"WHEN {place} THEN {choice}" for place, choice in enumerate(choices, 1))
        return f"CASE {index} {cases} END" if choices else "NULL"

    def day_code(self, day: str) -> str:
        return f"CAST(julianday({day}) - 2440587.5 AS INTEGER)"

    def month_code(self, day: str) -> str:
        part = "CAST(strftime('{}', {}) AS INTEGER)".format
        return f"(({part('%Y', day)} * 12 + {part('%m', day)}) * 31 + {part('%d', day)})"

    def date(self, iso: str) -> str:
        return f"'{iso}'"

    def whole_division(self, numerator: str, denominator: int) -> str:
        return f"(({numerator}) / {denominator})"

    def joined(self, text: str, order: str) -> str:  # noqa: ARG002 - SQLite before 3.44 joins in the subquery's order
        return f"group_concat({text}, '; ')"
