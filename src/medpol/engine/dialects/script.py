"""An Engine that writes the plan down for a warehouse instead of running it, and never sees a claim.

Where the plan asks which codes the lines have, it is given one code for every set of codes that no policy tells
apart: each code that a list names, and between two such codes, where a range covers what lies there, a `Gap`. What
the plan then says of a gap is written as a range of codes, which the warehouse joins with the distinct codes it has.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from medpol.engine.dialects.base import Rows
from medpol.engine.dialects.codespace import CodeSpace, Gap
from medpol.engine.dialects.spelling import respell
from medpol.engine.dialects.statements import Drop, Make, Rename, read, with_names
from medpol.engine.dialects.warehouses import Dialect, InDialect
from medpol.model.codes import CodePattern

PREFIX = "medpol_"
ROWS = 500  # rows of one INSERT
_CODES = re.compile(r"SELECT DISTINCT code FROM ")
_SCALAR = re.compile(r"SELECT (?:MAX|MIN)\(\w+\) FROM \w+")


class Script(InDialect):
    """An Engine. `tables` are the statements that make the parameter tables, `steps` those that decide."""

    def __init__(self, dialect: Dialect, patterns: Iterable[CodePattern]) -> None:
        super().__init__(dialect)
        self.tables: list[str] = [dialect.functions] if dialect.functions else []
        self._drops: list[str] = []
        self._steps: list[str] = []
        self._space = CodeSpace(patterns)
        self._present: dict[str, str] = {}  # queries for the codes that are there, until one is needed
        self._names: dict[str, str] = {}
        self._taken: set[str] = set()

    @property
    def steps(self) -> list[str]:
        """What an earlier run left goes first, from the last it made to the first, as views stand on tables."""
        return [*self._drops, *self._steps]

    # what the plan asks for

    def execute(self, sql: str) -> None:
        match read(sql):
            case Make(name, query, is_view):
                query = with_names(query, self._names)  # before the new name hides an old one
                self._make(self._new_name(name), query, is_view=is_view)
            case Drop(name):
                self._names.pop(name, None)
            case Rename(old, new):
                self._names[new] = self._names.pop(old)

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        """The codes that may be there, or a single value as the query that finds it."""
        if _SCALAR.fullmatch(sql):
            return [(f"({with_names(sql, self._names)})",)]
        if not _CODES.match(sql):
            raise ValueError(f"a script cannot know what the claims hold: {sql}")
        relation = self._new_name("codes")
        self._present[relation] = with_names(sql, self._names)
        return [(code,) for code in self._space.members(relation)]

    def load(self, table: str, rows: Rows) -> None:
        gaps = ((i, cell) for row in rows.rows for i, cell in enumerate(row) if isinstance(cell, Gap))
        coded, gap = next(gaps, (0, None))
        name = self._new_name(table)
        if gap is None:
            self._load(name, rows)
            return
        if gap.relation in self._present:
            self._make(gap.relation, self._present.pop(gap.relation))
        single, ranges = self._space.parted(rows, coded)
        self._load(f"{name}_codes", single)
        self._load(f"{name}_ranges", ranges)
        columns = [column for column, _ in rows.columns]
        looked_up = [f"c.code AS {column}" if i == coded else f"r.{column}" for i, column in enumerate(columns)]
        code, low, end = map(self.dialect.binary.format, ("c.code", "r.low_code", "r.end_code"))
        query = f"""SELECT {", ".join(columns)} FROM {name}_codes UNION ALL SELECT {", ".join(looked_up)}
            FROM {name}_ranges r JOIN {gap.relation} c ON {code} >= {low} AND {code} < {end}"""
        self._make(name, query)

    def name(self, table: str) -> str:
        """What a table of the plan is called in the script."""
        return self._names[table]

    # what is written

    def _new_name(self, table: str) -> str:
        """A name that the script has not used; the plan's name stands for it from now on."""
        name, number = PREFIX + table, 1
        while name in self._taken:
            number += 1
            name = f"{PREFIX}{table}_v{number}"
        self._taken.add(name)
        self._names[table] = name
        return name

    def _make(self, name: str, query: str, *, is_view: bool = False) -> None:
        kind = "VIEW" if is_view else "TABLE"
        self._drops.insert(0, f"DROP {kind} IF EXISTS {name}")
        self._steps.append(respell(f"CREATE {self.dialect.temporary}{kind} {name} AS {query}", self.dialect.spelling))
        if self.dialect.after_table and not is_view:
            self._steps.append(self.dialect.after_table.format(name))

    def _load(self, name: str, rows: Rows) -> None:
        """A lasting table: it is the same for every run until a policy changes."""
        columns = ", ".join(f"{column} {kind}" for column, kind in rows.columns)
        self.tables.append(f"DROP TABLE IF EXISTS {name}")
        self.tables.append(respell(f"CREATE TABLE {name} ({columns})", self.dialect.spelling))
        for start in range(0, len(rows.rows), ROWS):
            values = ",\n".join(f"({', '.join(map(self._literal, row))})" for row in rows.rows[start : start + ROWS])
            self.tables.append(f"INSERT INTO {name} VALUES\n{values}")
        if self.dialect.after_table:
            self.tables.append(self.dialect.after_table.format(name))

    def _literal(self, value: object) -> str:
        match value:
            case None:
                return "NULL"
            case str():
                return self.dialect.quoted(value)
            case date():
                return f"DATE '{value.isoformat()}'"
            case _:
                return repr(value)
