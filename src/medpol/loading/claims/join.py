"""Facts from tables beside the claims, joined to the lines without making a line two or none.

For every key and service date among the lines a table is reduced to one row first, by aggregates; only these rows are
joined. A fact that no row gives is not known. So is one that several rows in force, or several rows of the latest
day, give differently: the line then has a finding `facts-disagree`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from medpol.loading.claims import values
from medpol.loading.claims.csv_rows import unglobbed
from medpol.loading.claims.fact_tables import FactTable
from medpol.loading.claims.mapping import ClaimsMap
from medpol.loading.claims.quality_rules import with_death_date
from medpol.loading.claims.select import Asked
from medpol.loading.claims.values import Cell, Value, identifier, quoted, text
from medpol.loading.nodes import Sheet, similar
from medpol.loading.requests import OLDEST
from medpol.model.calendar import MONTH, scale
from medpol.model.facts import BUILT_IN, Fact
from medpol.problems import Place, PolicyRejected

JOINED, AGED = "claims_joined", "claims_aged"
_EPOCH = "DATE '1970-01-01'"


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table whose columns are there: its relation and the DuckDB types of its columns."""

    table: FactTable
    relation: str
    types: Mapping[str, str]

    def cell(self, column: str, meanings: Mapping[str, str] | None = None) -> Cell:
        return Cell(f"t.{identifier(column)}", self.types[column], column, meanings=meanings or {})


@dataclass(frozen=True, slots=True)
class Joined:
    """What the tables gave: a column of the lines for every fact, one that is true where rows disagree ('' without
    tables), and sentences about them."""

    columns: Mapping[str, str]
    disagree: str
    notes: tuple[str, ...]


def open_tables(
    connection: duckdb.DuckDBPyConnection,
    claims_map: ClaimsMap,
    wanted: Collection[str],
    given: Collection[str],
    sheet: Sheet,
) -> tuple[OpenTable, ...]:
    """The tables that give a wanted fact. A missing file, column or key is reported."""
    found = []
    for table in claims_map.tables:
        facts = {fact: column for fact, column in table.facts.items() if fact in wanted}
        if not facts:
            continue
        opened = _open(connection, replace(table, facts=facts), sheet)
        for name, _ in table.key:
            if name not in given:
                sheet.report("MP804", table.place, f"the table '{table.name}' needs the {name}; no column gives it")
        if opened is not None:
            found.append(opened)
    return tuple(found)


def _open(connection: duckdb.DuckDBPyConnection, table: FactTable, sheet: Sheet) -> OpenTable | None:
    place = Place(str(table.path))
    try:
        with table.path.open("rb") as stream:
            parquet = stream.read(4) == b"PAR1"
        path = quoted(unglobbed(table.path))
        relation = f"read_parquet({path})" if parquet else f"read_csv({path}, header = true, all_varchar = true)"
        described = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    except OSError as error:
        sheet.report("MP832", place, error.strerror or "cannot be read")
        return None
    except duckdb.Error as error:
        sheet.report("MP832", place, str(error).splitlines()[0])
        return None
    types = {name: kind for name, kind, *_ in described}
    absent = [name for name in table.columns if name not in types]
    for name in absent:
        sheet.report("MP803", table.place, f"{table.path.name} has no column '{name}'{similar(name, types)}")
    for name in table.columns:
        if name in types and not values.readable(types[name]):
            sheet.report("MP809", place, f"column '{name}' has the type {types[name].partition('(')[0]}")
    return None if absent else OpenTable(table, relation, types)


def join_tables(
    connection: duckdb.DuckDBPyConnection,
    base: str,
    tables: Sequence[OpenTable],
    asked: Asked,
) -> Joined:
    """Make the view JOINED of the lines with the facts of the tables, as columns t_FACT; their line of business in
    place of the lines' own. Raises duckdb.Error where a table is damaged."""
    columns: dict[str, str] = {}
    joins, disagree, notes = [], [], []
    dictionary, meanings = with_death_date(asked.dictionary), asked.claims_map.values
    for i, opened in enumerate(tables):
        name = f"claims_facts_{i}"
        readers = {
            fact: _reader(opened, dictionary[fact], meanings.get(fact, {}), asked.lines_of_business)
            for fact in opened.table.facts
        }
        try:
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {_reduced(opened, readers, base)}")
        except duckdb.Error:
            _report_damage(connection, opened)
            raise
        on = " AND ".join(f"f{i}.{key} = b.{key}" for key, _ in opened.table.key)
        joins.append(f"LEFT JOIN {name} f{i} ON {on} AND f{i}.service_date = b.service_date")
        columns |= {fact: f"f{i}.t_{fact} AS t_{fact}" for fact in readers}
        disagree.append(f"COALESCE(f{i}.disagree, false)")
        notes += _unreadable(connection, opened, readers)
        notes.append(f"Read: {', '.join(sorted(readers))} from the table '{opened.table.name}'.")
    selected = ", ".join([*columns.values(), f"{' OR '.join(disagree)} AS claims_disagree"])
    own = f"b.* {_replaced(columns)}"
    connection.execute(f"CREATE TEMP VIEW {JOINED} AS SELECT {own}, {selected} FROM {base} b {' '.join(joins)}")
    return Joined({fact: f"t_{fact}" for fact in columns}, "claims_disagree", tuple(notes))


def _report_damage(connection: duckdb.DuckDBPyConnection, opened: OpenTable) -> None:
    """Raise PolicyRejected where it is the table that cannot be read to its end."""
    columns = ", ".join(map(identifier, opened.table.columns))
    try:
        connection.execute(f"SELECT max(hash({columns})) FROM {opened.relation}").fetchall()
    except duckdb.Error as error:
        sheet = Sheet(str(opened.table.path))
        sheet.report("MP832", None, f"it cannot be read to its end: {str(error).splitlines()[0]}")
        raise PolicyRejected(sheet.problems) from None


def _replaced(columns: Mapping[str, str]) -> str:
    if "line_of_business" not in columns:
        return ""
    value = columns["line_of_business"].partition(" AS ")[0]
    return f"REPLACE ({value} AS line_of_business)"


def add_ages(
    connection: duckdb.DuckDBPyConnection, relation: str, names: Sequence[str], present: Collection[str]
) -> str:
    """The view of the lines with their ages by the birth date of a table; by the lines' own where it gives none or one
    that cannot be right."""
    birth, service = "j.t_birth_date", "j.service_date"
    right = f"{birth} <= {service} AND {values.completed_age('age', birth, service)} <= {OLDEST}"
    replaced, added = [], []
    for name in names:
        by_birth = f"CASE WHEN {right} THEN {values.completed_age(name, birth, service)} END"
        own = f"n_{name}"
        if own in present:
            replaced.append(f"COALESCE({by_birth}, j.{own}) AS {own}")
        else:
            added.append(f"{by_birth} AS {own}")
    columns = ", ".join([f"j.* REPLACE ({', '.join(replaced)})" if replaced else "j.*", *added])
    connection.execute(f"CREATE TEMP VIEW {AGED} AS SELECT {columns} FROM {relation} j")
    return AGED


def _reader(opened: OpenTable, fact: Fact, meanings: Mapping[str, str], lines_of_business: Collection[str]) -> Value:
    """The value of a fact in a row of the table `t`; NULL where it cannot be read."""
    table = opened.table
    cell = opened.cell(table.value or table.facts[fact.name], meanings)
    if fact.name == "line_of_business":
        return values.line_of_business(cell, lines_of_business)
    return values.value(fact, cell)


def _read(value: Value) -> str:
    return f"CASE WHEN {_fails(value)} THEN NULL ELSE {value.sql} END" if value.checks else value.sql


def _fails(value: Value) -> str:
    return " OR ".join(f"({check.fails})" for check in value.checks)


def _is_about(opened: OpenTable, fact: str) -> str:
    """In the long form, whether a row is about the fact."""
    table = opened.table
    if not table.label:
        return "true"
    return f"COALESCE({text(opened.cell(table.label))} = {quoted(table.facts[fact])}, false)"


def _unreadable(connection: duckdb.DuckDBPyConnection, opened: OpenTable, readers: Mapping[str, Value]) -> list[str]:
    checked = {"dates": _bad_days(opened)}
    for fact, value in readers.items():
        if value.checks:
            checked[fact] = f"{_is_about(opened, fact)} AND ({_fails(value)})"
    counts = (f"count_if({fails})" for fails in checked.values())
    found = connection.execute(f"SELECT {', '.join(counts)} FROM {opened.relation} t").fetchall()[0]
    name = opened.table.name
    return [
        f"The table '{name}' has {n:,} rows whose {what} cannot be read; nothing was taken from there."
        for what, n in zip(checked, found, strict=True)
        if n
    ]


def _reduced(opened: OpenTable, readers: Mapping[str, Value], base: str) -> str:
    """One row for every key and service date among the lines that the table says something of."""
    table = opened.table
    keys = [key for key, _ in table.key]
    ours = ", ".join(f"k.{key}" for key in keys)
    theirs = ", ".join(f"{text(opened.cell(column))} AS {key}" for key, column in table.key)
    given = ", ".join(f"CASE WHEN {_is_about(opened, f)} THEN {_read(v)} END AS v_{f}" for f, v in readers.items())
    rank = f"(t.day - {_EPOCH})" if table.date else "0"
    facts, disagree = [], []
    for fact in readers:
        # of the latest day (or of all days in force) the greatest and the least value: one, or the rows disagree
        known = f"FILTER (t.v_{fact} IS NOT NULL)"
        greatest = f"(max(struct_pack(a := {rank}, b := t.v_{fact})) {known}).b"
        least = f"(min(struct_pack(a := -{rank}, b := t.v_{fact})) {known}).b"
        facts.append(f"CASE WHEN {greatest} = {least} THEN {greatest} END AS t_{fact}")
        disagree.append(f"COALESCE({greatest} <> {least}, false)")
    return f"""
        SELECT {ours}, k.service_date, {", ".join(facts)}, {" OR ".join(disagree)} AS disagree
        FROM (SELECT DISTINCT {", ".join(keys)}, service_date FROM {base}) k
        JOIN (SELECT {theirs}, {_days(opened)}, {given} FROM {opened.relation} t WHERE NOT ({_bad_days(opened)})) t
          ON {" AND ".join(f"t.{key} = k.{key}" for key in keys)} AND {_in_time(table)}
        GROUP BY {ours}, k.service_date"""


def _days(opened: OpenTable) -> str:
    return ", ".join(f"{value.sql} AS {name}" for name, value in _day_values(opened).items())


def _bad_days(opened: OpenTable) -> str:
    """Whether a date of a row is none: the row then says nothing, least of all that it is still in force."""
    return " OR ".join(_fails(value) for value in _day_values(opened).values())


def _day_values(opened: OpenTable) -> dict[str, Value]:
    table = opened.table
    given = {"day": table.date, "since": table.since, "until": table.until}
    return {
        name: values.value(BUILT_IN["service_date"], opened.cell(column)) for name, column in given.items() if column
    }


def _in_time(table: FactTable) -> str:
    if not table.date:
        until = " AND (t.until IS NULL OR t.until >= k.service_date)" if table.until else ""
        return f"t.since <= k.service_date{until}"
    if table.within is None:
        return "t.day <= k.service_date"
    value, unit = table.within
    gap = (
        "k.service_date - t.day"
        if unit in ("d", "wk")
        else " - ".join(f"((year({d}) * 12 + month({d})) * {MONTH} + day({d}))" for d in ("k.service_date", "t.day"))
    )
    return f"t.day <= k.service_date AND {gap} < {int(value) * scale(unit)}"
