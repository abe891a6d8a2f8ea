"""The answers of a batch on their way into a file, and added up.

Answers are numbers until here. A row group of Parquet has each text of its answers once, as a dictionary, and a line's
place in it. The lines come in the order of the file they were read from, so nothing is sorted.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from medpol.engine import COLUMNS, GOVERNED, DuckDB, elsewhere
from medpol.model.lines import Lines
from medpol.model.rules import Library

Array: TypeAlias = NDArray[Any]
ROWS = 1 << 19  # lines in a row group
_FEW_VALUES = ("code", "service_date", "line_of_business", "provider", *COLUMNS)  # kept as dictionaries
_LARGEST_DICTIONARY = 1 << 30  # bytes; above it pyarrow would write the texts out
_TEXT = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True, slots=True)
class Said:
    """The answers of a part in words, in order of their numbers; `place` has the row of a number. The first GOVERNED
    are about lines that nothing governs. `codes` are the places in `texts`, by column; -1 for no text."""

    place: Array
    codes: Mapping[str, Array]
    texts: Mapping[str, pa.StringArray]


@dataclass(slots=True)
class Tally:
    """Lines and amounts billed, of all parts, by state, policy, layer and missing facts."""

    lines: int = 0
    governed: int = 0
    totals: dict[tuple[str, str, str, str], tuple[int, float]] = field(default_factory=dict)

    def add(self, said: Said, lines: Array, billed: Array) -> None:
        """A part's lines and amounts by the row of `said`."""
        self.lines += int(lines.sum())
        self.governed += int(lines[GOVERNED:].sum())
        used = np.flatnonzero(lines)
        names = ("state", "policy", "layer", "missing")
        key = np.zeros(len(used), np.int64)
        for name in names:
            key = key * len(said.texts[name]) + said.codes[name][used]
        _, first, group = np.unique(key, return_index=True, return_inverse=True)
        words = [said.texts[name].take(pa.array(said.codes[name][used[first]])).to_pylist() for name in names]
        sums = (np.bincount(group, lines[used]).astype(np.int64), np.bincount(group, billed[used]))
        for *words_of, many, amount in zip(*words, *(each.tolist() for each in sums), strict=True):
            old = self.totals.get(tuple(words_of), (0, 0.0))
            self.totals[tuple(words_of)] = (old[0] + many, old[1] + amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Lines that were decided, numbered from `first` to `last`, and which of their own columns go with the answers."""

    lines: Lines
    first: int
    last: int
    own: Sequence[str]
    governed_only: bool = False


def answers_of(engine: DuckDB, library: Library, part: Part, tally: Tally) -> Iterator[pa.RecordBatch]:
    """The rows to write: line, the line's own columns and COLUMNS; `tally` has counted every line when they end."""
    said = _read_said(engine)
    answers = _answers_by_line(engine, library, part, said)
    many = len(said.codes["state"])
    lines, billed = np.zeros(many, np.int64), np.zeros(many)
    columns = ", ".join(f"l.{name}" for name in ("line", *part.own))
    query = f"SELECT {columns}, COALESCE(l.billed, 0) AS amount FROM {part.lines.table} l"
    last = part.first - 1
    for batch in _in_groups(engine.stream(query, ROWS)):
        line = batch.column("line").to_numpy()
        if len(line) and (line[0] <= last or (np.diff(line) <= 0).any()):
            raise AssertionError("lines came out of order")
        last = line[-1]
        answer = answers[line - part.first]
        lines += np.bincount(answer, minlength=many)
        billed += np.bincount(answer, weights=batch.column("amount").to_numpy(), minlength=many)
        own = batch.drop_columns(["amount"])
        if part.governed_only:
            governed = answer >= GOVERNED
            own, answer = own.filter(pa.array(governed)), answer[governed]
        yield _with_answers(own, said, answer)
    tally.add(said, lines, billed)


def _read_said(engine: DuckDB) -> Said:
    table = engine.arrow(f"SELECT answer, {', '.join(COLUMNS)} FROM said ORDER BY answer")
    numbers = table.column("answer").to_numpy()
    place = np.zeros(numbers[-1] + 1, np.int32)
    place[numbers] = np.arange(len(numbers))
    columns = {name: table.column(name).combine_chunks().dictionary_encode() for name in COLUMNS}
    codes = {name: column.indices.fill_null(-1).to_numpy() for name, column in columns.items()}
    return Said(place, codes, {name: column.dictionary for name, column in columns.items()})


def _answers_by_line(engine: DuckDB, library: Library, part: Part, said: Said) -> Array:
    """For every line from the first the row of its answer in `said`."""
    found = np.zeros(part.last - part.first + 1, np.int32)
    others = f"SELECT l.line, {elsewhere(library)} AS answer FROM {part.lines.table} l"
    queries = ["SELECT line, answer FROM decided"]  # never about the same line as the others
    texts = {text for (text,) in engine.fetch(f"SELECT DISTINCT line_of_business FROM {part.lines.table}")}
    if not texts <= library.rules.lines_of_business.keys():
        queries.append(f"SELECT * FROM ({others}) o WHERE answer <> 0")
    for query in queries:
        for batch in engine.stream(query, ROWS):
            found[batch.column("line").to_numpy() - part.first] = said.place[batch.column("answer").to_numpy()]
    return found


def _in_groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows, ROWS at a time, however the engine parts them."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += len(batch)
        while rows >= ROWS:
            table = pa.Table.from_batches(waiting)
            yield _one_batch(table.slice(0, ROWS))
            waiting, rows = table.slice(ROWS).to_batches(), rows - ROWS
    if rows:
        yield _one_batch(pa.Table.from_batches(waiting))


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    return table.combine_chunks().to_batches()[0]


def _with_answers(own: pa.RecordBatch, said: Said, answer: Array) -> pa.RecordBatch:
    used = np.flatnonzero(np.bincount(answer, minlength=1))
    columns = [_texts(said.texts[name], said.codes[name], answer, used) for name in COLUMNS]
    fields = [*own.schema, *(pa.field(name, _TEXT) for name in COLUMNS)]
    return pa.record_batch([*own.columns, *columns], schema=pa.schema(fields))


def _texts(texts: pa.StringArray, code: Array, answer: Array, used: Array) -> pa.DictionaryArray:
    """The text of each answer, over a dictionary of those that occur; `code` is an answer's place in `texts`."""
    occurs = np.zeros(len(texts) + 1, bool)  # the last for no text, code -1
    occurs[code[used]] = True
    kept = np.flatnonzero(occurs[:-1])
    new = np.full(len(occurs), -1, np.int32)
    new[kept] = np.arange(len(kept))
    of_said = np.full(len(code), -1, np.int32)
    of_said[used] = new[code[used]]
    index = of_said[answer]
    indices = pa.array(index, mask=index < 0) if occurs[-1] else pa.array(index)
    return pa.DictionaryArray.from_arrays(indices, texts.take(pa.array(kept)))


def write_parquet(path: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema, metadata: Mapping[str, str]) -> int:
    """A row group a batch; the number of rows."""
    few = [name for name in schema.names if name in _FEW_VALUES]
    rows = 0
    with pq.ParquetWriter(
        path,
        schema,
        use_dictionary=few,
        dictionary_pagesize_limit=_LARGEST_DICTIONARY,
        write_statistics=["line", "code", "service_date"],
        column_encoding={"line": "DELTA_BINARY_PACKED"},
        store_schema=False,
    ) as writer:
        writer.add_key_value_metadata(dict(metadata))
        with ThreadPoolExecutor(1) as pool:  # a group is written while the next is made
            writing: Future[None] | None = None
            for batch in batches:
                if writing is not None:
                    writing.result()
                writing = pool.submit(writer.write_batch, batch, row_group_size=max(len(batch), 1))
                rows += len(batch)
            if writing is not None:
                writing.result()
    return rows


def write_csv(path: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> int:
    """The number of rows."""
    connection = duckdb.connect(config={"threads": 1})
    connection.register("rows", pa.RecordBatchReader.from_batches(schema, batches))
    target = str(path).replace("'", "''")
    copied = connection.execute(f"COPY (SELECT * FROM rows) TO '{target}' (FORMAT csv, HEADER)")
    return int((copied.fetchone() or (0,))[0])


def schema_of(engine: DuckDB, part: Part) -> pa.Schema:
    """The columns of the file."""
    columns = ", ".join(f"l.{name}" for name in ("line", *part.own))
    own = engine.arrow(f"SELECT {columns} FROM {part.lines.table} l LIMIT 0").schema
    return pa.schema([*own, *(pa.field(name, _TEXT) for name in COLUMNS)])
