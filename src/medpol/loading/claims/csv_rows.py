"""CSV into DuckDB as text, row by row accounted for.

DuckDB's strict parser reads a file that is sound from end to end. Where it is not, the rows are read one by one:
those that fit the header are kept, the others become rejects, and a quote that is never closed spoils its own line
only. A row is a record after the header, numbered from 1; blank lines are none.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from medpol.loading.claims.values import quoted
from medpol.loading.nodes import Sheet

RAW = "claims_raw"
REJECTS = "claims_rejects"

_DELIMITERS = (",", "|", ";", "\t")
_HEAD = 2**20  # bytes in which the header must end
_LONGEST = 200  # lines that one record may span
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class TextFile:
    """A CSV file whose header was read. `sound` is false where the header alone already needs the slow way."""

    path: Path
    delimiter: str
    header: tuple[str, ...]
    sound: bool


@dataclass(frozen=True, slots=True)
class Loaded:
    """The table RAW: columns c0, c1, … of those asked for, and what numbers its rows."""

    row: str
    total: int
    malformed: int


def open_text(path: Path, sheet: Sheet) -> TextFile | None:
    """The header of a file; None after a report."""
    try:
        head = _head(path)
    except (OSError, EOFError, zlib.error) as error:
        sheet.report("MP801", None, getattr(error, "strerror", None) or "the compressed file is damaged")
        return None
    if head.startswith(_UTF_16):
        sheet.report("MP802", None, "neither Parquet nor UTF-8 text")
        return None
    lines = _lines(head)
    delimiter, header = _header(lines)
    if header is None or not _encodable(header) or any("\0" in name for name in header):
        sheet.report("MP802", None, "the first line is no CSV header in UTF-8")
        return None
    sound = len(header) > 1 and lines[0].endswith("\n") and bool(lines[0].strip())
    return TextFile(path, delimiter, tuple(name.strip() for name in header), sound)


def load(connection: duckdb.DuckDBPyConnection, file: TextFile, positions: Sequence[int], before: int = 0) -> Loaded:
    """Fill RAW with the columns at these positions, and REJECTS (which exists) with the malformed rows.

    The rows are numbered on from `before`, the rows of the files ahead of it.

    Raises OSError, EOFError or zlib.error where the file cannot be read to its end.
    """
    connection.execute(f"DROP TABLE IF EXISTS {RAW}")
    if file.sound:
        try:
            _load_sound(connection, file, positions)
        except duckdb.Error:  # not sound after all: whatever displeased the strict parser, look at every row
            connection.execute(f"DROP TABLE IF EXISTS {RAW}")
        else:
            (total,) = connection.execute(f"SELECT count(*) FROM {RAW}").fetchall()[0]
            return Loaded(f"rowid + {before + 1}", total, 0)
    return _load_each(connection, file, positions, before)


def _load_sound(connection: duckdb.DuckDBPyConnection, file: TextFile, positions: Sequence[int]) -> None:
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(file.header)))
    chosen = ", ".join(f"c{i}" for i in positions)
    connection.execute("SET preserve_insertion_order = true")
    connection.execute(
        f"""CREATE TEMP TABLE {RAW} AS SELECT {chosen} FROM read_csv({quoted(unglobbed(file.path))},
            delim = {quoted(file.delimiter)}, quote = '"', escape = '"', header = true, auto_detect = false,
            strict_mode = true, nullstr = '', columns = {{{columns}}})"""
    )


def unglobbed(path: Path) -> str:
    """The path, its own brackets and stars taken literally."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))


def _load_each(connection: duckdb.DuckDBPyConnection, file: TextFile, positions: Sequence[int], before: int) -> Loaded:
    numbers: list[int] = []
    kept: list[list[str]] = [[] for _ in positions]
    malformed: list[tuple[int, str, str, str]] = []
    data = _opened(file.path).read()
    number = 0
    for number, record in enumerate(_records(_lines(data), file.delimiter), 0):
        fault = record if isinstance(record, str) else _fault(record, len(file.header), positions)
        if number == 0:
            continue
        if fault:
            malformed.append((before + number, "MP811", "", fault))
            continue
        numbers.append(before + number)
        for values, position in zip(kept, positions, strict=True):
            values.append(record[position])
    arrays = {f"c{p}": pa.array(values, pa.string()) for p, values in zip(positions, kept, strict=True)}
    _create(connection, RAW, pa.table({"row": pa.array(numbers, pa.int64()), **arrays}))
    if malformed:
        columns = zip(("row", "code", "column", "message"), zip(*malformed, strict=True), strict=True)
        connection.register("incoming", pa.table({name: list(values) for name, values in columns}))
        connection.execute(f"INSERT INTO {REJECTS} SELECT * FROM incoming")
        connection.unregister("incoming")
    return Loaded('"row"', number, len(malformed))


def _create(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    connection.register("incoming", table)
    connection.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM incoming")
    connection.unregister("incoming")


def _fault(record: list[str], width: int, positions: Sequence[int]) -> str:
    """What keeps a record from being a row; '' for nothing. Empty values beyond the header do no harm, nor do bytes
    that are not UTF-8 in columns nobody reads."""
    if len(record) < width or any(record[width:]):
        return f"the row has {len(record)} values, the header {width}"
    return "" if _encodable([record[position] for position in positions]) else "the row is not UTF-8 text"


def _encodable(record: Sequence[str]) -> bool:
    try:
        "".join(record).encode()
    except UnicodeEncodeError:
        return False
    return True


def _records(lines: Sequence[str], delimiter: str) -> Iterator[list[str] | str]:
    """The records of all lines, blank ones left out; a text says what is wrong with the line."""
    at = 0
    while at < len(lines):
        taken = _Taken(lines, at)
        try:
            record = next(csv.reader(taken, delimiter=delimiter, strict=True))
        except csv.Error:
            at += 1
            yield "a quote is not closed, or stands inside a value"
            continue
        at = taken.at
        if record:
            yield record


class _Taken:
    """Feeds lines to the csv reader and remembers how many it took."""

    __slots__ = ("at", "end", "lines")

    def __init__(self, lines: Sequence[str], at: int) -> None:
        self.lines, self.at, self.end = lines, at, min(len(lines), at + _LONGEST)

    def __iter__(self) -> "_Taken":
        return self

    def __next__(self) -> str:
        if self.at >= self.end:
            raise StopIteration
        self.at += 1
        return self.lines[self.at - 1]


def _header(lines: Sequence[str]) -> tuple[str, list[str] | None]:
    """The delimiter that makes most columns of the first record, and those."""
    best: tuple[str, list[str] | None] = (",", None)
    for delimiter in _DELIMITERS:
        first = next(_records(lines, delimiter), "")
        if isinstance(first, list) and len(first) > len(best[1] or ()):
            best = (delimiter, first)
    return best


def _opened(path: Path) -> io.BufferedIOBase:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _head(path: Path) -> bytes:
    with _opened(path) as stream:
        return stream.read(_HEAD)


def _lines(data: bytes) -> list[str]:
    """Lines with their ends; bytes that are not UTF-8 become what cannot be encoded again."""
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    return list(io.StringIO(text, newline=""))
