"""A claims input as a relation of DuckDB: Parquet and Arrow files where they stand, or the text of CSV files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import duckdb
import pyarrow as pa

from medpol.loading.claims.csv_rows import RAW, TextFile, load, open_text, unglobbed
from medpol.loading.claims.inputs import Claims, Kind, Part, find_parts, numbered
from medpol.loading.claims.mapping import ClaimsMap, ColumnRule
from medpol.loading.claims.recognition import FileColumn
from medpol.loading.claims.values import Cell, identifier, quoted, readable, text
from medpol.loading.nodes import Sheet
from medpol.problems import Place

ARROW = "claims_arrow"
_ALL = "claims_raw_all"
_ROW = "claims_row_number"


@dataclass(frozen=True, slots=True)
class ClaimsInput:
    """Files whose columns are known: those of the first, which the others have too. `texts` are the files of a CSV
    input, in the order of `parts`."""

    parts: tuple[Part, ...]
    columns: tuple[FileColumn, ...]
    texts: tuple[TextFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """The relation to read from, SQL for the number of its line, the rows of the input, whether it is read from the
    files each time, and the parts with their counts and first lines."""

    relation: str
    row: str
    total: int
    lazy: bool
    parts: tuple[Part, ...] = ()
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


def open_input(connection: duckdb.DuckDBPyConnection, claims: Claims, sheet: Sheet) -> ClaimsInput | None:
    """An input's files and columns; None after a report."""
    parts = find_parts(claims, sheet)
    if not parts:
        return None
    texts = tuple(_text_file(part, sheet) for part in parts) if parts[0].kind is Kind.TEXT else ()
    opened = tuple(file for file in texts if file is not None)
    if texts:
        columns = [tuple(FileColumn(name, "VARCHAR", f"c{i}") for i, name in enumerate(f.header)) for f in opened]
    else:
        columns = [own for part in parts if (own := _typed_columns(connection, part, sheet)) is not None]
    if len(columns) < len(parts):
        return None
    _report_differences(parts, columns, sheet)
    folders = tuple(FileColumn(name, "VARCHAR", _partition(i)) for i, (name, _) in enumerate(parts[0].partition))
    return None if sheet.problems else ClaimsInput(parts, (*columns[0], *folders), opened)


def _text_file(part: Part, sheet: Sheet) -> TextFile | None:
    return open_text(part.path, Sheet(str(part.path), sheet.problems))


def _typed_columns(connection: duckdb.DuckDBPyConnection, part: Part, sheet: Sheet) -> tuple[FileColumn, ...] | None:
    """The columns of a Parquet or Arrow file with their DuckDB types."""
    try:
        if part.kind is Kind.ARROW:
            connection.register(ARROW, _arrow(part).schema.empty_table())
            described = connection.execute(f"DESCRIBE {ARROW}").fetchall()
        else:
            described = connection.execute(f"DESCRIBE SELECT * FROM {_parquet([part])}").fetchall()[:-1]
    except (duckdb.Error, pa.ArrowException, OSError):
        a = "an" if part.kind is Kind.ARROW else "a"
        message = f"it begins like {a} {part.kind} file but cannot be read as one"
        sheet.report("MP802", Place(str(part.path)), message)
        return None
    return tuple(FileColumn(name, kind, identifier(name)) for name, kind, *_ in described)


def _report_differences(parts: Sequence[Part], columns: Sequence[Sequence[FileColumn]], sheet: Sheet) -> None:
    """Every file that has other columns than the first, or one of them with another type; their order is free."""
    first = sorted((column.name, column.type) for column in columns[0])
    for part, others in zip(parts[1:], columns[1:], strict=True):
        own = sorted((column.name, column.type) for column in others)
        if own == first:
            continue
        lacks, extra = (_named(a, b) for a, b in ((first, own), (own, first)))
        said = " and ".join([*([f"lacks {lacks}"] if lacks else []), *([f"has {extra}"] if extra else [])])
        sheet.report("MP810", Place(str(part.path)), f"compared with {parts[0].path}, it {said}")


def _named(some: Sequence[tuple[str, str]], others: Sequence[tuple[str, str]], most: int = 3) -> str:
    """The first columns that the others do not have, with their types where only these differ."""
    names = {name for name, _ in others}
    found = [
        f"'{name}'" if name not in names else f"'{name}' as {kind}" for name, kind in some if (name, kind) not in others
    ]
    return ", ".join(found[:most]) + (f" and {len(found) - most} more" if len(found) > most else "")


def source_of(connection: duckdb.DuckDBPyConnection, file: ClaimsInput, used: frozenset[str]) -> Source:
    """The relation with the columns of these names. Raises duckdb.Error, OSError, EOFError, zlib.error or
    pa.ArrowException where a file is damaged."""
    if file.texts:
        return _text_source(connection, file, used)
    if file.parts[0].kind is Kind.ARROW:
        return _arrow_source(connection, file, used)
    return _parquet_source(connection, file.parts)


def _parquet_source(connection: duckdb.DuckDBPyConnection, given: Sequence[Part]) -> Source:
    counted = [replace(part, count=_rest(connection, part)) if part.count is None else part for part in given]
    parts = tuple(numbered(counted, 1))
    starts = [(part.first_line or 1) - part.first_row for part in parts]
    relation, total = _parquet(parts), sum(part.count or 0 for part in parts)
    if len(parts) == 1 and not given[0].partition and given[0].count is None:
        return Source(relation, f"file_row_number + {starts[0]}", total, lazy=True, parts=parts)
    columns = [f"{_by_file(starts)} + file_row_number AS {_ROW}"]
    for i in range(len(parts[0].partition)):
        columns.append(f"NULLIF({_by_file([quoted(part.partition[i][1]) for part in parts])}, '') AS {_partition(i)}")
    cuts = [
        f"(file_index = {i} AND file_row_number BETWEEN {part.first_row} AND {part.first_row + (part.count or 0) - 1})"
        for i, part in enumerate(parts)
    ]
    where = f" WHERE {' OR '.join(cuts)}" if any(part.count is not None for part in given) else ""
    return Source(f"(SELECT *, {', '.join(columns)} FROM {relation}{where})", _ROW, total, lazy=True, parts=parts)


def _rest(connection: duckdb.DuckDBPyConnection, part: Part) -> int:
    (rows,) = connection.execute(f"SELECT count(*) FROM {_parquet([part])}").fetchall()[0]
    return int(rows) - part.first_row


def _by_file(values: Sequence[object]) -> str:
    return f"[{', '.join(map(str, values))}][file_index::BIGINT + 1]" if len(values) > 1 else str(values[0])


def _arrow_source(connection: duckdb.DuckDBPyConnection, file: ClaimsInput, used: frozenset[str]) -> Source:
    names = [column.name for column in file.columns[: len(file.columns) - len(file.parts[0].partition)]]
    names = [name for name in names if name in used]
    tables, parts = [], []
    for part in numbered([replace(part, count=_arrow_rows(part)) for part in file.parts], 1):
        table = _arrow(part).read_all().select(names).slice(part.first_row, part.count)
        first = part.first_line or 1
        table = table.append_column(_ROW, pa.array(range(first, first + table.num_rows), pa.int64()))
        for i, (_, value) in enumerate(part.partition):
            constant = pa.repeat(pa.scalar(value or None, pa.string()), table.num_rows)
            table = table.append_column(_partition(i), constant)
        tables.append(table)
        parts.append(part)
    whole = pa.concat_tables(tables)
    connection.register(ARROW, whole)
    return Source(ARROW, _ROW, whole.num_rows, lazy=True, parts=tuple(parts))


def _arrow(part: Part) -> pa.ipc.RecordBatchFileReader:
    return pa.ipc.open_file(pa.memory_map(str(part.path)))


def _arrow_rows(part: Part) -> int:
    if part.count is not None:
        return part.count
    reader = _arrow(part)
    return sum(int(reader.get_batch(i).num_rows) for i in range(reader.num_record_batches)) - part.first_row


def _text_source(connection: duckdb.DuckDBPyConnection, file: ClaimsInput, used: frozenset[str]) -> Source:
    """The text of every file: of one alone as it is loaded, of several together in one table."""
    folders = len(file.parts[0].partition)
    columns = [column for column in file.columns[: len(file.columns) - folders] if column.name in used]
    parts: list[Part] = []
    for part, text_file in zip(file.parts, file.texts, strict=True):
        before = 0 if not parts else (parts[-1].first_line or 1) + (parts[-1].count or 0) - 1
        before = before if part.first_line is None else part.first_line - 1
        positions = [_position(text_file, file.texts[0], int(column.sql[1:])) for column in columns]
        loaded = load(connection, text_file, positions, before)
        parts.append(replace(part, count=loaded.total, first_line=before + 1))
        if len(file.parts) == 1 and not part.partition:
            return Source(RAW, loaded.row, loaded.total, lazy=False, parts=tuple(parts))
        chosen = [f"c{there} AS {column.sql}" for there, column in zip(positions, columns, strict=True)]
        values = [f"NULLIF({quoted(v)}, '') AS {_partition(i)}" for i, (_, v) in enumerate(part.partition)]
        into = f"INSERT INTO {_ALL}" if len(parts) > 1 else f"CREATE OR REPLACE TEMP TABLE {_ALL} AS"
        connection.execute(f"{into} SELECT {', '.join([f'{loaded.row} AS {_ROW}', *chosen, *values])} FROM {RAW}")
    connection.execute(f"DROP TABLE {RAW}")
    connection.execute(f"ALTER TABLE {_ALL} RENAME TO {RAW}")
    return Source(RAW, _ROW, sum(part.count or 0 for part in parts), lazy=False, parts=tuple(parts))


def _position(here: TextFile, there: TextFile, position: int) -> int:
    """Where a file has the column that stands at a position of another; of several of one name the same one."""
    name = there.header[position]
    nth = there.header[:position].count(name)
    return [i for i, other in enumerate(here.header) if other == name][nth]


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


def _parquet(parts: Sequence[Part]) -> str:
    paths = ", ".join(quoted(unglobbed(part.path)) for part in parts)
    return f"read_parquet([{paths}], file_row_number = true, hive_partitioning = false)"


def _partition(number: int) -> str:
    return f"claims_partition_{number}"
