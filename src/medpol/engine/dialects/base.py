"""What the batch asks of a SQL engine."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import pyarrow as pa


@dataclass(slots=True)
class Rows:
    """A small table on its way into the engine: column names with their SQL types, and tuples."""

    columns: tuple[tuple[str, str], ...]
    rows: list[tuple[Any, ...]] = field(default_factory=list)


class Engine(Protocol):
    """One connection, with the expressions its dialect writes differently.

    All truth is arithmetic on integers; no dialect's boolean NULL is ever asked.
    """

    stage: str
    """The words between a CTE's name and its query that keep the planner from copying its expressions."""

    def execute(self, sql: str) -> None: ...

    def fetch(self, sql: str) -> list[tuple[Any, ...]]: ...

    def load(self, table: str, rows: Rows) -> None:
        """Create (or replace) a temporary table with these rows."""

    def popcount(self, bits: str) -> str: ...

    def xor(self, left: str, right: str) -> str: ...

    def pick(self, index: str, choices: Sequence[str]) -> str:
        """The index-th (from 1) of the choices, all numbers; NULL for index 0."""

    def day_code(self, day: str) -> str:
        """Days since 1970-01-01 of a date (model.calendar.day_code)."""

    def month_code(self, day: str) -> str:
        """(year × 12 + month) × 31 + day (model.calendar.month_code)."""

    def date(self, iso: str) -> str:
        """A date literal."""

    def whole_division(self, numerator: str, denominator: int) -> str: ...

    def joined(self, text: str, order: str) -> str:
        """An aggregate: the texts in order, with `; ` between."""


@runtime_checkable
class Columnar(Engine, Protocol):
    """An engine that also hands out and takes in columns."""

    def arrow(self, sql: str) -> pa.Table: ...

    def stream(self, sql: str, rows: int) -> Iterator[pa.RecordBatch]:
        """The result in batches of so many rows; read to the end before the engine is asked anything else."""

    def adopt(self, table: str, data: pa.Table) -> None:
        """Create a temporary table with this content."""
