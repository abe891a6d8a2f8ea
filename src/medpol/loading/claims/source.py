"""A claims file as a relation of DuckDB: a Parquet file where it stands, or the text of a CSV file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from medpol.loading.claims.csv_rows import RAW, TextFile, load, open_text, unglobbed
from medpol.loading.claims.mapping import ClaimsMap, ColumnRule
from medpol.loading.claims.recognition import FileColumn
from medpol.loading.claims.values import Cell, quoted, readable, text
from medpol.loading.nodes import Sheet


@dataclass(frozen=True, slots=True)
class ClaimsFile:
    """A file whose columns are known. `text` is set for CSV."""

    path: Path
    columns: tuple[FileColumn, ...]
    text: TextFile | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """The relation to read from, SQL for the number of its row (from 1), the rows of the file, and whether it is
    read from the file each time."""

    relation: str
    row: str
    total: int
    lazy: bool
    seen: dict[str, str] = field(default_factory=dict, compare=False)

    def texts(self, connection: duckdb.DuckDBPyConnection, columns: str) -> str:
        """A table of the distinct values of these columns, made once."""
        if columns not in self.seen:
            self.seen[columns] = f"claims_texts_{len(self.seen)}"
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE {self.seen[columns]} AS SELECT DISTINCT {columns} FROM {self.relation}"
            )
        return self.seen[columns]

    def forget(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Drop those tables."""
        while self.seen:
            connection.execute(f"DROP TABLE {self.seen.popitem()[1]}")


def open_file(connection: duckdb.DuckDBPyConnection, path: Path, sheet: Sheet) -> ClaimsFile | None:
    """A file's columns; None after a report."""
    if not path.is_file():
        sheet.report("MP801", None, "this is a folder, not a file" if path.is_dir() else "no such file")
        return None
    try:
        with path.open("rb") as stream:
            parquet = stream.read(4) == b"PAR1"
    except OSError as error:
        sheet.report("MP801", None, error.strerror or "cannot be read")
        return None
    if not parquet:
        csv = open_text(path, sheet)
        if csv is None:
            return None
        return ClaimsFile(path, tuple(FileColumn(name, "VARCHAR", f"c{i}") for i, name in enumerate(csv.header)), csv)
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {_parquet(path)}").fetchall()
    except duckdb.Error:
        sheet.report("MP802", None, "it begins like a Parquet file but cannot be read as one")
        return None
    return ClaimsFile(path, tuple(FileColumn(name, kind, _identifier(name)) for name, kind, *_ in described[:-1]))


def source_of(connection: duckdb.DuckDBPyConnection, file: ClaimsFile, found: Mapping[str, ColumnRule]) -> Source:
    """The relation with the columns that the rules name. Raises duckdb.Error, OSError, EOFError or zlib.error
    where the file is damaged."""
    if file.text is None:
        relation = _parquet(file.path)
        (total,) = connection.execute(f"SELECT count(*) FROM {relation}").fetchall()[0]
        return Source(relation, "file_row_number + 1", total, lazy=True)
    used = {name for rule in found.values() for name in rule.reads}
    loaded = load(connection, file.text, [i for i, column in enumerate(file.columns) if column.name in used])
    return Source(RAW, loaded.row, loaded.total, lazy=False)


def cells_of(
    connection: duckdb.DuckDBPyConnection,
    columns: Sequence[FileColumn],
    found: Mapping[str, ColumnRule],
    claims_map: ClaimsMap,
    sheet: Sheet,
) -> dict[str, list[Cell]]:
    """The cells each fact is read from. Types and formats that cannot be read are reported."""
    by_name = {column.name: column for column in columns}
    for name in sorted({name for rule in found.values() for name in rule.reads if name in by_name}):
        if not readable(by_name[name].type):
            kind = by_name[name].type.partition("(")[0]
            sheet.report("MP809", None, f"column '{name}' has the type {kind}")
    cells: dict[str, list[Cell]] = {}
    for fact, rule in found.items():
        if rule.format and not _is_format(connection, rule.format):
            sheet.report("MP806", rule.place, "'format' is no strptime format, such as %m/%d/%Y")
        if all(name in by_name for name in rule.reads):
            cells[fact] = [_cell(by_name, name, rule, claims_map.values.get(fact, {})) for name in rule.columns]
    return cells


def _cell(by_name: Mapping[str, FileColumn], name: str, rule: ColumnRule, meanings: Mapping[str, str]) -> Cell:
    column, sql = by_name[name], by_name[name].sql
    conditions = [
        f"{text(Cell(by_name[other].sql, by_name[other].type, other))} = {quoted(said)}" for other, said in rule.only_if
    ]
    if conditions:
        sql = f"CASE WHEN {' AND '.join(conditions)} THEN {sql} END"
    reads = ", ".join(dict.fromkeys([column.sql, *(by_name[other].sql for other, _ in rule.only_if)]))
    return Cell(sql, column.type, name, reads, meanings, rule.pad, rule.format, rule.year_day)


def _is_format(connection: duckdb.DuckDBPyConnection, text: str) -> bool:
    try:
        connection.execute(f"SELECT try_strptime('', {quoted(text)})")
    except duckdb.Error:
        return False
    return True


def _parquet(path: Path) -> str:
    return f"read_parquet({quoted(unglobbed(path))}, file_row_number = true)"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
