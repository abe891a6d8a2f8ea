"""From a claims file to lines.

A Parquet file stays where it is: the lines are a view over it. A CSV file is read once, as text, and cast. Only
columns that some criterion reads are read and checked. A row that cannot be a claim line (no code, no possible date,
a value that is none) goes into the rejects with its number and reason; accepted + rejected = rows in the file.
"""

import calendar
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import duckdb
import pyarrow as pa

from medpol.loading.claims.accept import BASE, CLEAN, failing_checks, make_base, reject, use_bare
from medpol.loading.claims.csv_rows import RAW, REJECTS
from medpol.loading.claims.examine import KEPT, add_columns, columns_known, examination, examine
from medpol.loading.claims.inputs import Claims, Part, name_of
from medpol.loading.claims.join import AGED, JOINED, Joined, OpenTable, add_ages, join_tables, open_tables
from medpol.loading.claims.mapping import ClaimsMap, ColumnRule
from medpol.loading.claims.quality import LISTED, QUALITY, QualityCount
from medpol.loading.claims.quality_rules import CHECKED, with_death_date
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
from medpol.loading.claims.source import ARROW, Source, cells_of, open_input, source_of
from medpol.loading.claims.values import quoted
from medpol.loading.nodes import Sheet
from medpol.model.codes import CodeList
from medpol.model.facts import DataDictionary, FactType
from medpol.model.lines import Lines
from medpol.problems import Place, PolicyRejected

LINES = "claims_lines"
_PLACED, _LISTED_PLACED = "claims_rejects_placed", "claims_quality_placed"
_OUTPUT = ("claim", "claim_line", "member", "provider", "line_of_business", "billed")
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
    service_date, claim, claim_line, member, provider, line_of_business and billed; of the last six `given` names those
    that the file gives, the others are NULL. `rejects_table` has one row for every rejected row of the file: row, code
    (of the first problem), column, message (of all its problems; never what stands in the row); of an input of several
    files also file and file_row (from 1). `parts` are the files or parts of them, counted and numbered.

    Where quality was asked for, `quality` has every rule that could be applied with the lines it found, and
    `quality_table` a row for each: rule, line (of several files also file and file_row).
    """

    lines: Lines
    total: int
    accepted: int
    rejected: int
    rejects_table: str
    given: tuple[str, ...]
    notes: tuple[str, ...]
    parts: tuple[Part, ...] = ()
    quality: tuple[QualityCount, ...] = ()
    quality_table: str = ""

    def place_of(self, line: int) -> Place:
        """The file and the row in it (from 1) of a line or a rejected row. Raises KeyError for another number."""
        for part in self.parts:
            first = part.first_line or 1
            if first <= line < first + (part.count or 0):
                return Place(str(part.path), path=f"row {part.first_row + line - first + 1}")
        raise KeyError(line)


def open_claims(
    connection: duckdb.DuckDBPyConnection,
    claims: Claims,
    dictionary: DataDictionary,
    claims_map: ClaimsMap | None,
    uses: frozenset[str],
    *,
    lines_of_business: Collection[str] = (),
    also_billed: Sequence[CodeList] = (),
    quality: bool = False,
    today: date | None = None,
) -> ClaimsTable:
    """Make lines of the rows of a file, a folder, a glob, a list of these, or parts of them. `uses` are the facts
    (and 'history') that some criterion reads.

    `lines_of_business` are the names in library.yaml: a line's text is one of them however it is capitalised.
    `also_billed` are the lists that criteria ask of the other codes of a claim; none given keeps every other code.
    With `quality` the rules of quality_rules.py are applied, those about the future with `today` (None: the day it is);
    without it only those by which the map rejects lines.
    Temporary views and tables named claims_… on the connection serve one input at a time.
    Raises PolicyRejected where the file or the map cannot be used.
    """
    asked = Asked(
        dictionary=dictionary,
        claims_map=claims_map or ClaimsMap(),
        uses=uses,
        lines_of_business=lines_of_business,
        also_billed=also_billed,
    )
    sheet = Sheet(name_of(claims))
    file = open_input(connection, claims, sheet)
    if file is None:
        raise PolicyRejected(sheet.problems)
    found = rules(file.columns, dictionary, asked.claims_map, asked.columns - asked.claims_map.given_by_tables, sheet)
    cells = cells_of(connection, file.columns, found, asked.claims_map, sheet)
    day = today or datetime.now(tz=UTC).date()
    look = examination(connection, file.columns, asked, found, everything=quality, today=day)
    wanted = asked.columns | ({*CHECKED, "death_date"} if look else set())
    tables = open_tables(connection, asked.claims_map, wanted, found, sheet)
    if sheet.problems:
        raise PolicyRejected(sheet.problems)
    _start(connection)
    try:
        used = frozenset(name for rule in found.values() for name in rule.reads)
        source = source_of(connection, file, used | (look.reads if look else frozenset()))
        selection = select(connection, source, cells, asked)
        extra = add_columns(connection, source, look, selection, asked) if look else {}
        failing = failing_checks(connection, source, selection.checks)
        reject(connection, source, failing)
        use_bare(connection, source, selection)
        make_base(connection, source, selection, failing)
        relation, joined = _join(connection, tables, selection, asked) if tables else (BASE, None)
        counts: tuple[QualityCount, ...] = ()
        if look:
            known = columns_known(selection, extra)
            if "line_of_business" in _givers(found, asked):
                known["line_of_business"] = ("l.line_of_business",)
            relation, counts = examine(
                connection, relation, look, known, given=found, lines_of_business=lines_of_business, joined=joined
            )
        _make_lines(connection, relation, selection, asked, with_claims="claim" in found)
        table = _table(connection, source, selection, found, asked)
        if not quality:
            return table
        listed = _placed(connection, source.parts, LISTED, "line", _LISTED_PLACED)
        return replace(table, quality=counts, quality_table=listed)
    except _NOT_THE_FILE:
        raise
    except (duckdb.Error, pa.ArrowException, OSError, EOFError, zlib.error):
        sheet.report("MP802", None, "the file is damaged: it cannot be read to its end")
        raise PolicyRejected(sheet.problems) from None


def listed_query(table: ClaimsTable, most: int) -> str:
    """The findings of quality, of every rule the first `most` lines."""
    numbered = f"SELECT *, row_number() OVER (PARTITION BY rule ORDER BY line) AS n FROM {table.quality_table}"
    return f"SELECT * EXCLUDE (n) FROM ({numbered}) WHERE n <= {most} ORDER BY rule, line"


def _start(connection: duckdb.DuckDBPyConnection) -> None:
    for view in (HISTORY, DIAGNOSES, LINES, _LISTED_PLACED, LISTED, KEPT, AGED, JOINED, BASE, _PLACED):
        connection.execute(f"DROP VIEW IF EXISTS {view}")
    connection.unregister(ARROW)
    for table in (CLEAN, RAW, OTHERS, REJECTS, QUALITY):
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    connection.execute(f'CREATE TEMP TABLE {REJECTS} ("row" BIGINT, code VARCHAR, "column" VARCHAR, message VARCHAR)')


def _join(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[OpenTable], selection: Selection, asked: Asked
) -> tuple[str, Joined]:
    """The lines with the facts of the tables, which the selection then has."""
    dictionary = with_death_date(asked.dictionary)
    joined = join_tables(connection, BASE, tables, asked)
    for fact, column in joined.columns.items():
        match dictionary[fact].type:
            case FactType.CODE:
                selection.codes[fact] = (f"l.{column}",)
            case FactType.DATE:
                selection.dates[fact] = f"l.{column}"
            case _:
                selection.numbers[fact] = f"l.{column}"
    selection.notes.extend(joined.notes)
    ages = [name for name in AGES if name in asked.uses and name not in joined.columns]
    if "birth_date" not in joined.columns or not ages:
        return JOINED, joined
    selection.numbers |= {name: f"l.n_{name}" for name in ages}
    return add_ages(connection, JOINED, ages, selection.columns), joined


def _make_lines(
    connection: duckdb.DuckDBPyConnection, relation: str, selection: Selection, asked: Asked, *, with_claims: bool
) -> None:
    """The view of the lines: the accepted rows, with the other codes of their claim where criteria read them."""
    if "also_billed" not in asked.uses or "also_billed" in selection.codes or not with_claims:
        connection.execute(f"CREATE TEMP VIEW {LINES} AS SELECT * FROM {relation}")
        return
    others = prepare_others(connection, relation, asked.also_billed)
    selected = ", ".join(f"{sql} AS {name}" for name, sql in others.selected.items())
    connection.execute(
        f"""CREATE TEMP VIEW {LINES} AS
            SELECT b.*, {selected} FROM {relation} b LEFT JOIN {OTHERS} o ON o.claim = b.claim"""
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
        rejects_table=_placed(connection, source.parts, REJECTS, '"row"', _PLACED),
        given=tuple(name for name in _OUTPUT if name in _givers(found, asked)),
        notes=(*_notes(found, asked), *selection.notes),
        parts=source.parts,
    )


def _givers(found: Mapping[str, ColumnRule], asked: Asked) -> frozenset[str]:
    """What columns, constants or tables give."""
    return frozenset({*found, *asked.claims_map.constants, *asked.claims_map.given_by_tables})


def _placed(connection: duckdb.DuckDBPyConnection, parts: Sequence[Part], relation: str, number: str, view: str) -> str:
    """The relation; where the input has several files a view of it that names file and row."""
    if len({part.path for part in parts}) < 2:
        return relation
    rows = ", ".join(
        f"({p.first_line}, {(p.first_line or 1) + (p.count or 0)}, {quoted(str(p.path))}, {p.first_row})" for p in parts
    )
    connection.execute(
        f"""CREATE TEMP VIEW {view} AS
            SELECT r.*, p.file, r.{number} - p.first + p.ahead + 1 AS file_row FROM {relation} r
            JOIN (VALUES {rows}) p(first, beyond, file, ahead) ON r.{number} >= p.first AND r.{number} < p.beyond"""
    )
    return view


def _history(connection: duckdb.DuckDBPyConnection, selection: Selection, asked: Asked, *, level: bool) -> date | None:
    """Make the history; the date from which on it is complete."""
    prepare_history(connection, LINES, selection.codes, selection.numbers.get("units"), level=level)
    if asked.claims_map.history_since is not None:
        return asked.claims_map.history_since
    first = first_date(connection, LINES)
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
    if "line_of_business" not in _givers(found, asked):
        notes.append("No column gives the line of business; every line will be asked for it.")
    if "birth_date" in found and not asked.uses.isdisjoint(AGES):
        notes.append("Ages are computed from the birth date at the service date.")
    if "history" in asked.uses and "member" not in found:
        notes.append("No column gives the member: there is no claims history.")
    return notes
