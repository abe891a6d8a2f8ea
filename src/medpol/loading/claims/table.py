"""From a claims file to lines.

A Parquet file stays where it is: the lines are a view over it. A CSV file is read once, as text, and cast. Only
columns that some criterion reads are read and checked. A row that cannot be a claim line (no code, no possible date,
a value that is none) goes into the rejects with its number and reason; accepted + rejected = rows in the file.
"""

import calendar
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from medpol.loading.claims.csv_rows import RAW, REJECTS
from medpol.loading.claims.mapping import ClaimsMap, ColumnRule
from medpol.loading.claims.recognition import rules
from medpol.loading.claims.relations import (
    DIAGNOSES,
    HISTORY,
    OTHERS,
    first_date,
    prepare_history,
    prepare_others,
)
from medpol.loading.claims.select import AGES, Asked, Selection, select
from medpol.loading.claims.source import Source, cells_of, open_file, source_of
from medpol.loading.claims.values import Check, quoted
from medpol.loading.nodes import Sheet
from medpol.model.codes import CodeList
from medpol.model.facts import DataDictionary
from medpol.model.lines import Lines
from medpol.problems import PolicyRejected

LINES = "claims_lines"
_BASE, _CLEAN = "claims_base", "claims_clean"
_OUTPUT = ("claim", "claim_line", "member", "line_of_business", "billed")
_NOT_THE_FILE = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ParserException,
    duckdb.ConversionException,
    duckdb.OutOfRangeException,
    duckdb.OutOfMemoryException,
)
"""What DuckDB raises when the query or the machine is at fault; anything else while reading is the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsTable:
    """The lines of a file, on the connection they were opened on.

    `lines.table` has for output, beside what `lines` names: line (the row's number in the file, from 1), code,
    service_date, claim, claim_line, member, line_of_business and billed; of the last five `given` names those that
    the file gives, the others are NULL. `rejects_table` has one row for every rejected row of the file: row, code
    (of the first problem), column, message (of all its problems; never what stands in the row).
    """

    lines: Lines
    total: int
    accepted: int
    rejected: int
    rejects_table: str
    given: tuple[str, ...]
    notes: tuple[str, ...]


def open_claims(
    connection: duckdb.DuckDBPyConnection,
    path: Path | str,
    dictionary: DataDictionary,
    claims_map: ClaimsMap | None,
    uses: frozenset[str],
    *,
    lines_of_business: Collection[str] = (),
    also_billed: Sequence[CodeList] = (),
) -> ClaimsTable:
    """Make lines of a file's rows. `uses` are the facts (and 'history') that some criterion reads.

    `lines_of_business` are the names in library.yaml: a line's text is one of them however it is capitalised.
    `also_billed` are the lists that criteria ask of the other codes of a claim; none given keeps every other code.
    Temporary views and tables named claims_… on the connection serve one file at a time.
    Raises PolicyRejected where the file or the map cannot be used.
    """
    asked = Asked(
        dictionary=dictionary,
        claims_map=claims_map or ClaimsMap(),
        uses=uses,
        lines_of_business=lines_of_business,
        also_billed=also_billed,
    )
    sheet = Sheet(str(path))
    file = open_file(connection, Path(path), sheet)
    if file is None:
        raise PolicyRejected(sheet.problems)
    found = rules(file.columns, dictionary, asked.claims_map, asked.columns, sheet)
    cells = cells_of(connection, file.columns, found, asked.claims_map, sheet)
    if sheet.problems:
        raise PolicyRejected(sheet.problems)
    _start(connection)
    try:
        source = source_of(connection, file, found)
        selection = select(connection, source, cells, asked)
        failing = _failing(connection, source, selection.checks)
        _reject(connection, source, failing)
        _use_bare(connection, source, selection)
        _make_base(connection, source, selection, failing)
        _make_lines(connection, selection, asked, with_claims="claim" in found)
        return _table(connection, source, selection, found, asked)
    except _NOT_THE_FILE:
        raise
    except (duckdb.Error, OSError, EOFError, zlib.error):
        sheet.report("MP802", None, "the file is damaged: it cannot be read to its end")
        raise PolicyRejected(sheet.problems) from None


def _start(connection: duckdb.DuckDBPyConnection) -> None:
    for view in (HISTORY, DIAGNOSES, LINES, _BASE):
        connection.execute(f"DROP VIEW IF EXISTS {view}")
    for table in (_CLEAN, RAW, OTHERS, REJECTS):
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    connection.execute(f'CREATE TEMP TABLE {REJECTS} ("row" BIGINT, code VARCHAR, "column" VARCHAR, message VARCHAR)')


def _failing(connection: duckdb.DuckDBPyConnection, source: Source, checks: Sequence[tuple[Check, str]]) -> list[Check]:
    """The checks that fail for some row: by minima and maxima where they tell, else over the distinct texts of a
    column where these are few, else over all rows."""
    by_extremes = [check.may_fail for check, _ in checks if check.may_fail]
    query = f"SELECT {', '.join(by_extremes)} FROM {source.relation}" if by_extremes else "SELECT true"
    may_fail = dict(zip(by_extremes, connection.execute(query).fetchall()[0], strict=False))
    groups: dict[str, list[Check]] = {}
    for check, reads in checks:
        if may_fail.get(check.may_fail, True):
            groups.setdefault(reads, []).append(check)
    failing: list[Check] = []
    for reads, group in groups.items():
        relation = source.texts(connection, reads) if reads else source.relation
        tests = ", ".join(f"bool_or({check.fails})" for check in group)
        answer = connection.execute(f"SELECT {tests} FROM {relation}").fetchall()[0]
        failing += [check for check, fails in zip(group, answer, strict=True) if fails]
    return failing


def _use_bare(connection: duckdb.DuckDBPyConnection, source: Source, selection: Selection) -> None:
    """Let a column of the file stand for what is made of it wherever that changes none of its texts."""
    if not source.lazy or not selection.bare:
        return
    changed = [
        f"(SELECT bool_or({bare} IS DISTINCT FROM {selection.columns[name]}) FROM {source.texts(connection, reads)})"
        for name, (bare, reads) in selection.bare.items()
    ]
    answer = connection.execute(f"SELECT {', '.join(changed)}").fetchall()[0]
    for (name, (bare, _)), changes in zip(selection.bare.items(), answer, strict=True):
        if not changes:
            selection.columns[name] = bare


def _reject(connection: duckdb.DuckDBPyConnection, source: Source, failing: Sequence[Check]) -> None:
    if not failing:
        return
    codes, columns = (
        " ".join(f"WHEN {check.fails} THEN {quoted(part)}" for check, part in zip(failing, parts, strict=True))
        for parts in ([check.code for check in failing], [check.column for check in failing])
    )
    messages = ", ".join(f"CASE WHEN {check.fails} THEN {quoted(_said(check))} END" for check in failing)
    connection.execute(
        f"""INSERT INTO {REJECTS}
            SELECT {source.row}, CASE {codes} END, CASE {columns} END, concat_ws('; ', {messages})
            FROM {source.relation} WHERE {" OR ".join(check.fails for check in failing)}"""
    )


def _said(check: Check) -> str:
    return f"{check.column}: {check.message}" if check.column else check.message


def _make_base(
    connection: duckdb.DuckDBPyConnection, source: Source, selection: Selection, failing: Sequence[Check]
) -> None:
    """The view of the accepted rows: over the file itself, or over the table of a CSV file's cast values."""
    columns = ", ".join(f"{sql} AS {name}" for name, sql in selection.columns.items())
    accepted = f"WHERE NOT ({' OR '.join(check.fails for check in failing)})" if failing else ""
    query = f"SELECT {source.row} AS line, {columns} FROM {source.relation} {accepted}"
    source.forget(connection)
    if source.lazy:
        connection.execute(f"CREATE TEMP VIEW {_BASE} AS {query}")
        return
    connection.execute(f"CREATE TEMP TABLE {_CLEAN} AS {query}")
    connection.execute(f"DROP TABLE {RAW}")
    connection.execute(f"CREATE TEMP VIEW {_BASE} AS SELECT * FROM {_CLEAN}")


def _make_lines(
    connection: duckdb.DuckDBPyConnection, selection: Selection, asked: Asked, *, with_claims: bool
) -> None:
    """The view of the lines: the accepted rows, with the other codes of their claim where criteria read them."""
    if "also_billed" not in asked.uses or "also_billed" in selection.codes or not with_claims:
        connection.execute(f"CREATE TEMP VIEW {LINES} AS SELECT * FROM {_BASE}")
        return
    others = prepare_others(connection, _BASE, asked.also_billed)
    selected = ", ".join(f"{sql} AS {name}" for name, sql in others.selected.items())
    connection.execute(
        f"CREATE TEMP VIEW {LINES} AS SELECT b.*, {selected} FROM {_BASE} b LEFT JOIN {OTHERS} o ON o.claim = b.claim"
    )
    selection.codes["also_billed"], selection.known["also_billed"] = others.columns, others.known
    if others.too_wide:
        selection.notes.append(f"{others.too_wide} claims have so many codes that the other codes count as not known.")


def _table(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    selection: Selection,
    found: Mapping[str, ColumnRule],
    asked: Asked,
) -> ClaimsTable:
    (accepted,) = connection.execute(f"SELECT count(*) FROM {LINES}").fetchall()[0]
    (rejected,) = connection.execute(f"SELECT count(*) FROM {REJECTS}").fetchall()[0]
    if accepted + rejected != source.total:
        raise RuntimeError(f"{accepted} rows accepted and {rejected} rejected are not the {source.total} of the file")
    codes, history = selection.codes, "history" in asked.uses and "member" in found
    since = _history(connection, selection, asked, level="level" in found) if history else None
    on_file = {"claim_history_on_file": "CASE WHEN l.member IS NOT NULL THEN 1 END"} if history else {}
    lines = Lines(
        table=LINES,
        numbers={**selection.numbers, **on_file},
        dates=selection.dates,
        codes=codes,
        known_sets={fact: condition for fact, condition in selection.known.items() if fact in codes},
        history=HISTORY if history else "",
        history_diagnoses=DIAGNOSES if history and "diagnosis" in codes else "",
        history_known="l.member IS NOT NULL" if history else "",
        history_since=f"DATE '{since.isoformat()}'" if since else "",
        level="COALESCE(l.level, '')" if "level" in found else "",
    )
    return ClaimsTable(
        lines=lines,
        total=source.total,
        accepted=accepted,
        rejected=rejected,
        rejects_table=REJECTS,
        given=tuple(name for name in _OUTPUT if name in found or name in asked.claims_map.constants),
        notes=(*_notes(found, asked), *selection.notes),
    )


def _history(connection: duckdb.DuckDBPyConnection, selection: Selection, asked: Asked, *, level: bool) -> date | None:
    """Make the history; the date from which on it is complete."""
    prepare_history(connection, LINES, selection.codes, selection.numbers.get("units"), level=level)
    if asked.claims_map.history_since is not None:
        return asked.claims_map.history_since
    first = first_date(connection, _BASE)
    if first is not None:
        selection.notes.append(f"The history counts as complete from the first service date, {first}, on.")
    return first


def _notes(found: Mapping[str, ColumnRule], asked: Asked) -> list[str]:
    """What was taken for what, in sentences."""
    notes = [asked.claims_map.note] if asked.claims_map.note else []
    notes.append("Read: " + ", ".join(f"{fact} from {' '.join(rule.columns)}" for fact, rule in sorted(found.items())))
    for fact, rule in found.items():
        if rule.year_day:
            month, day = rule.year_day
            notes.append(f"{fact} is {day} {calendar.month_name[month]} of {rule.columns[0]}.")
        if rule.only_if:
            conditions = " and ".join(f"{name} is {said}" for name, said in rule.only_if)
            notes.append(f"{fact} is read only where {conditions}.")
    if "line_of_business" not in found and "line_of_business" not in asked.claims_map.constants:
        notes.append("No column gives the line of business; every line will be asked for it.")
    if "birth_date" in found and not asked.uses.isdisjoint(AGES):
        notes.append("Ages are computed from the birth date at the service date.")
    if "history" in asked.uses and "member" not in found:
        notes.append("No column gives the member: there is no claims history.")
    return notes
