"""The columns of claim lines: what each is made from, and where a value makes its row a reject."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import duckdb

from medpol.loading.claims import values
from medpol.loading.claims.mapping import ClaimsMap
from medpol.loading.claims.source import Source
from medpol.loading.claims.values import Cell, Check, Value, quoted
from medpol.model.codes import CodeList
from medpol.model.facts import DataDictionary, Fact, FactType
from medpol.model.request import FactValue

WIDEST = 60  # values of a set in one column
AGES = ("age", "age_months", "age_days")

_FOR_HISTORY = ("modifier", "diagnosis", "birth_date", "units", "level")
_FOR_OUTPUT = ("code", "service_date", "line_of_business", "member", "provider", "claim", "claim_line", "billed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the lines are for: the facts (and 'history') that criteria read, the names of the lines of business, and
    the lists asked of the other codes of a claim (none: every other code)."""

    dictionary: DataDictionary
    claims_map: ClaimsMap
    uses: frozenset[str]
    lines_of_business: Collection[str] = ()
    also_billed: Sequence[CodeList] = ()

    @property
    def columns(self) -> frozenset[str]:
        """Everything that is to be read of the file, as far as it has it."""
        found = {*self.uses, *_FOR_OUTPUT}
        if "history" in self.uses:
            found.update(_FOR_HISTORY)
        if not found.isdisjoint(AGES):
            found.add("birth_date")
        if "primary_diagnosis" in self.uses:
            found.add("diagnosis")
        return frozenset(found - {"history", "procedure"})


@dataclass(slots=True)
class Selection:
    """The lines' columns as SQL by name, the checks with the columns of the file they look at ('' for a scan of
    the rows), and what queries on the lines `l` call the facts. `bare` gives for some columns the cell that may
    stand for the SQL, with the columns of the file that tell whether it may."""

    columns: dict[str, str] = field(default_factory=dict)
    bare: dict[str, tuple[str, str]] = field(default_factory=dict)
    checks: list[tuple[Check, str]] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)
    dates: dict[str, str] = field(default_factory=dict)
    codes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=lambda: {"modifier": "", "also_billed": ""})
    notes: list[str] = field(default_factory=list)

    def add(self, name: str, value: Value, reads: str = "") -> str:
        self.columns[name] = value.sql
        if value.bare and reads:
            self.bare[name] = (value.bare, reads)
        self.checks += [(check, reads if value.few else "") for check in value.checks]
        return f"l.{name}"


def select(
    connection: duckdb.DuckDBPyConnection, source: Source, cells: Mapping[str, Sequence[Cell]], asked: Asked
) -> Selection:
    """The columns of the lines, for the facts that are used."""
    found, constants = Selection(), asked.claims_map.constants
    _own_columns(found, cells, asked)
    needed = asked.columns - {"service_date", "primary_diagnosis"}
    widths = _widths(connection, source, cells, asked.dictionary)
    for fact in asked.dictionary:
        if fact.name in needed and fact.name in constants:
            _constant(found, fact, constants[fact.name])
        elif fact.name in needed and fact.name in cells:
            _fact(found, fact, cells[fact.name], widths)
    _primary_diagnosis(found, cells, asked)
    _ages(found, cells, asked.uses)
    return found


def select_unchecked(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    cells: Mapping[str, Sequence[Cell]],
    dictionary: DataDictionary,
) -> Selection:
    """The columns of facts whose cells reject no row; one that cannot be read is then mostly NULL."""
    found = Selection(known={})
    widths = _widths(connection, source, cells, dictionary)
    for name, its in cells.items():
        _fact(found, dictionary[name], its, widths)
    return found


def _own_columns(found: Selection, cells: Mapping[str, Sequence[Cell]], asked: Asked) -> None:
    """The columns that every batch of lines has; NULL where the file does not give them."""
    constants = asked.claims_map.constants
    code = cells["code"][0]
    found.add("code", values.code_of_line(code), code.reads)
    found.codes["procedure"] = ("l.code",)
    if "service_date" in constants:
        found.add("service_date", Value(_literal(constants["service_date"])))
    else:
        found.add("service_date", values.service_date_of_line(cells["service_date"][0]))
    found.dates["service_date"] = "l.service_date"
    constant = constants.get("line_of_business")
    line = Cell("NULL::VARCHAR" if constant is None else _literal(constant), "VARCHAR", "")
    line = cells["line_of_business"][0] if "line_of_business" in cells else line
    found.add("line_of_business", values.line_of_business(line, asked.lines_of_business), line.reads)
    for name in ("member", "provider", "claim", "claim_line", "level"):
        found.add(name, Value(values.text(cells[name][0]) if name in cells else "NULL::VARCHAR"))
    billed = cells.get("billed")
    found.add("billed", values.amount(billed[0]) if billed else Value("NULL::DOUBLE"))


def _fact(found: Selection, fact: Fact, cells: Sequence[Cell], widths: Mapping[str, int]) -> None:
    if fact.type is FactType.SET:
        names: list[str] = []
        for cell in cells:
            width = min(widths.get(cell.sql, 1), WIDEST)
            if widths.get(cell.sql, 1) > WIDEST:
                found.checks.append((_too_many(fact, cell), cell.reads))
            for value in values.values_of_set(fact, cell, width):
                names.append(found.add(f"s_{fact.name}_{len(names)}", value, cell.reads))
        found.codes[fact.name] = tuple(names)
        return
    cell, value = cells[0], values.value(fact, cells[0])
    if fact.type is FactType.CODE:
        if fact.name == "line_of_business":
            value = replace(value, checks=())  # one that is unknown is asked for, whatever it looks like
        found.codes[fact.name] = (found.add(f"s_{fact.name}_0", value, cell.reads),)
    elif fact.type is FactType.DATE:
        found.dates[fact.name] = found.add(f"d_{fact.name}", value, cell.reads)
    else:
        found.numbers[fact.name] = found.add(f"n_{fact.name}", value, cell.reads)


def _too_many(fact: Fact, cell: Cell) -> Check:
    fails = f"COALESCE({values.count_in_set(cell)} > {WIDEST}, false)"
    return Check(fails, "MP813", cell.column, f"'{fact.name}' has more than {WIDEST} values")


def _widths(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    cells: Mapping[str, Sequence[Cell]],
    dictionary: DataDictionary,
) -> dict[str, int]:
    """How many values the cells of sets hold at most."""
    listed = {
        cell.sql: f"(SELECT max({values.count_in_set(cell)}) FROM {source.texts(connection, cell.reads)})"
        for name, group in cells.items()
        if (fact := dictionary.get(name)) is not None and fact.type is FactType.SET
        for cell in group
        if cell.type == "VARCHAR" or cell.type.endswith("]")
    }
    if not listed:
        return {}
    found = connection.execute(f"SELECT {', '.join(listed.values())}").fetchall()[0]
    return {sql: width or 1 for sql, width in zip(listed, found, strict=True)}


def _primary_diagnosis(found: Selection, cells: Mapping[str, Sequence[Cell]], asked: Asked) -> None:
    """From a column of its own, or the first of the diagnoses."""
    if "primary_diagnosis" not in asked.uses:
        return
    if "primary_diagnosis" in cells:
        _fact(found, asked.dictionary["primary_diagnosis"], cells["primary_diagnosis"], {})
    elif found.codes.get("diagnosis"):
        found.codes["primary_diagnosis"] = found.codes["diagnosis"][:1]


def _ages(found: Selection, cells: Mapping[str, Sequence[Cell]], uses: frozenset[str]) -> None:
    """Ages from the birth date; where a line has none, from the column, if there is one."""
    if "d_birth_date" not in found.columns:
        return
    birth, service = found.columns["d_birth_date"], found.columns["service_date"]
    column = cells["birth_date"][0].column if "birth_date" in cells else ""
    found.checks += [(check, "") for check in values.birth_checks(birth, service, column)]
    for name in AGES:
        if name in uses:
            completed = values.completed_age(name, birth, service)
            given = found.columns.get(f"n_{name}")
            found.columns[f"n_{name}"] = f"COALESCE({completed}, {given})" if given else completed
            later = values.completed_age(name, "l.d_birth_date", "l.service_date")  # for the lines a query keeps only
            found.numbers[name] = f"l.n_{name}" if given else later


def _constant(found: Selection, fact: Fact, value: FactValue) -> None:
    if isinstance(value, frozenset):
        members = sorted(value)
        names = [found.add(f"s_{fact.name}_{i}", Value(quoted(member))) for i, member in enumerate(members)]
        found.codes[fact.name] = tuple(names)
    elif fact.type is FactType.CODE:
        found.codes[fact.name] = (found.add(f"s_{fact.name}_0", Value(_literal(value))),)
    elif fact.type is FactType.DATE:
        found.dates[fact.name] = found.add(f"d_{fact.name}", Value(_literal(value)))
    else:
        found.numbers[fact.name] = found.add(f"n_{fact.name}", Value(_literal(value)))


def _literal(value: FactValue) -> str:
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, frozenset):
        raise TypeError("a set has several literals")
    return repr(float(value))
