"""The pass over a whole input before its parts: what a line owes to lines in other parts, and everything but answers.

The input is opened as one, as it is without parts, by DuckDB, which writes to disk what its memory limit does not hold.
So rejects, findings of quality, duplicates and counts are those of the whole. What the parts need of one another is
left in files by part:

- `history`: the earlier lines of a member that a line of the part may count: of codes that some criterion counts, not
  after the last line of the part that asks, and where "the same code" is counted, of the codes asked;
- `others`: the other codes of the claims in the part, where `also_billed` is made from them;
- `refused`: lines that the map rejects by a rule of quality;
- `lines`: the lines themselves, of CSV, which is read once.

A library that counts no claims, or an input without members, has no history to pass on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from pathlib import Path

import duckdb

from medpol.engine import DuckDB
from medpol.library.claims import (
    LISTED,
    Adjudication,
    check_output,
    criteria_of,
    damage_of,
    open_table,
)
from medpol.library.policies import PolicyLibrary
from medpol.library.streaming.sizing import share_of_engine
from medpol.loading import ClaimsMap, ClaimsTable, Part, listed_query, parts
from medpol.model.codes import CodeList, CodePattern
from medpol.model.criteria import Claims, Criterion, members
from medpol.model.lines import Lines

_TEXT = "CSV"
_REFUSED = "MP821"
_SURVEY = "survey"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What every process of a run needs. `memory` is in bytes, for all processes together; `day` is that of the run.
    Finished parts are put into `folder`, all else into `work`, which goes when the run ends."""

    library: PolicyLibrary
    job: Adjudication
    claims_map: ClaimsMap
    day: date
    part_rows: int
    memory: int
    workers: int
    folder: Path
    work: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Lines `first` to `first + count - 1` of the input: parts of its files, or none where the lines are staged."""

    number: int
    first: int
    count: int
    rejected: int
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The input as a whole. `lines` is how the whole was opened; `passed_on` names what was left for the parts."""

    lines: Lines
    pieces: tuple[Piece, ...]
    total: int
    rejected: int
    given: tuple[str, ...]
    notes: tuple[str, ...]
    quality: tuple[tuple[str, int], ...]
    listed: bool
    since: date | None
    codes: tuple[str, ...]
    passed_on: frozenset[str] = field(default_factory=frozenset)


def engine_of(run: Run, name: str, workers: int) -> DuckDB:
    """An engine with its share of the memory, and a folder of its own to write to what that does not hold."""
    spill = run.work / f"spill-{name}"
    spill.mkdir(parents=True, exist_ok=True)
    limit = f"{share_of_engine(run.memory, workers) >> 20}MiB"
    connection = duckdb.connect(config={"memory_limit": limit, "temp_directory": str(spill)})
    connection.execute("SET enable_progress_bar = false")
    threads = run.job.threads if run.job.threads or workers == 1 else 1
    return DuckDB(connection, threads)


def make_survey(run: Run) -> Survey:
    """Raises PolicyRejected where the input cannot be used."""
    engine = engine_of(run, _SURVEY, 1)
    connection = engine.connection
    try:
        with damage_of(run.job.claims):
            table = open_table(
                run.library, connection, run.job.claims, run.claims_map, quality=run.job.quality, today=run.day
            )
            check_output(run.job, table)
            return _survey(run, connection, table)
    finally:
        connection.close()


def _survey(run: Run, connection: duckdb.DuckDBPyConnection, table: ClaimsTable) -> Survey:
    pieces = _pieces(run, connection, table)
    codes = [code for (code,) in connection.execute(f"SELECT DISTINCT code FROM {table.lines.table}").fetchall()]
    passed_on = set()
    if table.lines.history and _pass_on_history(run, connection, table.lines, codes):
        passed_on.add("history")
    if not pieces[0].parts:
        _stage(run, connection, table.lines, pieces)
    else:
        if _has_others(connection, table.lines):
            _pass_on_others(run, connection, table.lines)
            passed_on.add("others")
        if run.claims_map.quality.reject:
            rejects = f"SELECT \"row\" AS line FROM {table.rejects_table} WHERE code = '{_REFUSED}'"
            _copy(connection, rejects, run.work / "refused.parquet")
            passed_on.add("refused")
    if table.rejected:
        _copy(connection, f"SELECT * FROM {table.rejects_table} ORDER BY row", run.work / "rejects.csv", "csv, HEADER")
    listed = any(count.lines for count in table.quality)
    if listed:
        _copy(connection, listed_query(table, LISTED), run.work / "quality.csv", "csv, HEADER")
    return Survey(
        lines=table.lines,
        pieces=pieces,
        total=table.total,
        rejected=table.rejected,
        given=table.given,
        notes=table.notes,
        quality=tuple((count.rule, count.lines) for count in table.quality),
        listed=listed,
        since=_since(connection, table.lines),
        codes=tuple(sorted(filter(None, codes))),
        passed_on=frozenset(passed_on),
    )


def _since(connection: duckdb.DuckDBPyConnection, lines: Lines) -> date | None:
    if not lines.history_since:
        return None
    found: date = connection.execute(f"SELECT {lines.history_since}").fetchall()[0][0]
    return found


def _pieces(run: Run, connection: duckdb.DuckDBPyConnection, table: ClaimsTable) -> tuple[Piece, ...]:
    """The parts, each with its rejected rows; also as the table `stream_pieces`."""
    if table.parts[0].kind == _TEXT:
        cut = list(_ranges(table.total, run.part_rows))
    else:
        cut = list(_joined(parts(run.job.claims, run.part_rows), run.part_rows))
    values = ", ".join(f"({i}, {first}, {count})" for i, (first, count, _) in enumerate(cut))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE stream_pieces AS SELECT * FROM (VALUES {values}) p(piece, first, many)"
    )
    rejects = f"SELECT p.piece FROM {table.rejects_table} r ASOF JOIN stream_pieces p ON r.row >= p.first"
    rejected = dict(connection.execute(f"SELECT piece, count(*) FROM ({rejects}) GROUP BY 1").fetchall())
    return tuple(
        Piece(number=i, first=first, count=count, rejected=rejected.get(i, 0), parts=its)
        for i, (first, count, its) in enumerate(cut)
    )


def _ranges(total: int, at_most: int) -> Iterator[tuple[int, int, tuple[Part, ...]]]:
    for ahead in range(0, max(total, 1), at_most):
        yield ahead + 1, min(at_most, total - ahead), ()


def _joined(found: Sequence[Part], at_most: int) -> Iterator[tuple[int, int, tuple[Part, ...]]]:
    """Neighbours together as long as they are at most so many rows; empty ones go with the part ahead of them."""
    together: list[Part] = []
    rows = 0
    for part in found:
        if rows and rows + (part.count or 0) > at_most:
            yield together[0].first_line or 1, rows, tuple(together)
            together, rows = [], 0
        together.append(part)
        rows += part.count or 0
    yield together[0].first_line or 1, rows, tuple(together)


def _pass_on_history(run: Run, connection: duckdb.DuckDBPyConnection, lines: Lines, codes: Sequence[str]) -> bool:
    """The history of each part; False where no line can ask for any."""
    leaves, asking, same = _counting(run.library)
    counted = CodeList(patterns=tuple(p for leaf in leaves if leaf.codes for p in leaf.codes.patterns))
    listed = [code for code in codes if counted.matches(code)]
    if not any(map(asking.matches, codes)):
        return False
    _code_table(connection, "stream_asking", [code for code in codes if asking.matches(code)])
    _code_table(connection, "stream_listed", listed)
    _code_table(connection, "stream_same", [code for code in codes if same.matches(code) and code not in set(listed)])
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE stream_asks AS
            SELECT p.piece, l.member, l.code, max(l.service_date) AS last
            FROM (SELECT line, member, code, service_date FROM {lines.table}
                  WHERE member IS NOT NULL AND code IN (SELECT code FROM stream_asking)) l
            ASOF JOIN stream_pieces p ON l.line >= p.first GROUP BY ALL"""
    )
    history = f"(SELECT * FROM {lines.history} WHERE code IN (SELECT code FROM {{}}))"
    members_asked = "(SELECT piece, member, max(last) AS last FROM stream_asks GROUP BY ALL)"
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE stream_events AS
            SELECT a.piece, h.* FROM {history.format("stream_listed")} h
            JOIN {members_asked} a ON a.member = h.member AND h.date <= a.last
            UNION ALL SELECT a.piece, h.* FROM {history.format("stream_same")} h
            JOIN stream_asks a ON a.member = h.member AND a.code = h.code AND h.date <= a.last"""
    )
    diagnoses = "NULL::VARCHAR[]"
    join = ""
    if lines.history_diagnoses and any(leaf.diagnosis for leaf in leaves):
        of_events = f"SELECT * FROM {lines.history_diagnoses} SEMI JOIN stream_events USING (row)"
        diagnoses, join = "d.codes", f"LEFT JOIN (SELECT row, list(code) AS codes FROM ({of_events}) GROUP BY 1) d"
        join += " ON d.row = e.row"
    query = f"SELECT e.*, {diagnoses} AS diagnoses FROM stream_events e {join}"
    _copy(connection, query, run.work / "history", "parquet, PARTITION_BY (piece)")
    for name in ("asks", "events", "asking", "listed", "same"):
        connection.execute(f"DROP TABLE stream_{name}")
    return True


def _code_table(connection: duckdb.DuckDBPyConnection, name: str, codes: Sequence[str]) -> None:
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT unnest(?::VARCHAR[]) AS code", [list(codes)])


def _counting(library: PolicyLibrary) -> tuple[list[Claims], CodeList, CodeList]:
    """The criteria that count claims, the codes of the versions that have one, and of those that count the code asked
    about itself."""
    leaves: list[Claims] = []
    asking: list[CodePattern] = []
    same: list[CodePattern] = []
    for policy in library.content.policies.values():
        for version in policy.versions:
            own = [leaf for criterion in criteria_of(version) for leaf in _claims(criterion)]
            patterns = [code.pattern for code in version.codes] if own else []
            leaves += own
            asking += patterns
            same += patterns if any(leaf.codes is None for leaf in own) else []
    return leaves, CodeList(patterns=tuple(dict.fromkeys(asking))), CodeList(patterns=tuple(dict.fromkeys(same)))


def _claims(criterion: Criterion) -> Iterator[Claims]:
    if isinstance(criterion, Claims):
        yield criterion
    yield from chain.from_iterable(_claims(member) for member in members(criterion))


def _has_others(connection: duckdb.DuckDBPyConnection, lines: Lines) -> bool:
    """Whether the other codes of a claim were made from its lines."""
    columns = connection.execute(f"DESCRIBE {lines.table}").fetchall()
    return any(name == "others" for name, *_ in columns)


def _pass_on_others(run: Run, connection: duckdb.DuckDBPyConnection, lines: Lines) -> None:
    """For each part its claims with their codes, of those asked for. A line's own code is one of them: it is taken
    away where the line is read."""
    query = f"""SELECT DISTINCT p.piece, o.* FROM (SELECT line, claim FROM {lines.table} WHERE claim IS NOT NULL) l
                ASOF JOIN stream_pieces p ON l.line >= p.first JOIN claims_others o ON o.claim = l.claim"""
    _copy(connection, query, run.work / "others", "parquet, PARTITION_BY (piece)")


def _stage(run: Run, connection: duckdb.DuckDBPyConnection, lines: Lines, pieces: Sequence[Piece]) -> None:
    (run.work / "lines").mkdir()
    for piece in pieces:
        own = f"SELECT * FROM {lines.table} WHERE line BETWEEN {piece.first} AND {piece.first + piece.count - 1}"
        _copy(connection, f"{own} ORDER BY line", run.work / "lines" / f"{piece.number}.parquet")


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path, how: str = "parquet") -> None:
    target = str(path).replace("'", "''")
    connection.execute(f"COPY ({query}) TO '{target}' (FORMAT {how})")
