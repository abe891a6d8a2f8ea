"""How the cells of a claims file become values, in DuckDB's SQL, and which cells cannot.

An empty cell, and one that the map calls '', is NULL: not known. A value is made from the text of the cell except
where the file has a number or a date already. A check is a condition, never NULL, under which the row is rejected;
its message says what is wrong with the column, never what stands in it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from medpol.loading.requests import OLDEST
from medpol.loading.values import expected_range
from medpol.model.calendar import MONTH, YEAR
from medpol.model.codes import normal
from medpol.model.facts import BUILT_IN, Fact, FactType

_LEGAL = r"[A-Z0-9_\-/+&'():]{1,64}"  # as `values.code` takes them from requests
_WHOLE = re.compile(r"U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)")
_FRACTIONAL = re.compile(r"FLOAT|DOUBLE|DECIMAL.*")
_MOMENT = re.compile(r"DATE|TIMESTAMP.*")
_EARLIEST, _LATEST = "DATE '1850-01-01'", "DATE '2199-12-31'"  # beyond them a date is a slip or a filler
_YEAR_FIRST = "[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}([ T].*)?"
_NAMED_MONTH = "[0-9]{8}|[0-9]{1,2}-[A-Za-z]{3}-[0-9]{4}"
_YES, _NO = ("true", "yes", "1", "t", "y"), ("false", "no", "0", "f", "n")
_LISTED = ("diagnosis", "modifier", "also_billed")  # their codes have no blank inside: there it parts two codes
_AGES = {"age": ("a", OLDEST), "age_months": ("mo", OLDEST * 12), "age_days": ("d", OLDEST * 366)}
_NEVER_NEGATIVE = ("units",)


@dataclass(frozen=True, slots=True)
class Check:
    """Where `fails` is true for a row of the file, the row is rejected.

    `may_fail` is an aggregate over the file that is true where some row may fail: for minima and maxima a Parquet
    file need not be read. Without it every row is looked at.
    """

    fails: str
    code: str
    column: str
    message: str
    may_fail: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the file: SQL for what stands in it, its DuckDB type, the column's name, all columns of the file
    that `sql` reads, and how the map reads its texts."""

    sql: str
    type: str
    column: str
    reads: str = ""
    meanings: Mapping[str, str] = field(default_factory=dict)
    pad: int = 0
    format: str = ""
    year_day: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """SQL for a typed value, with its checks. `few` says that the cell holds few distinct texts.

    `bare` is the cell itself: where the file's texts are all in normal form it can stand for `sql`.
    """

    sql: str
    checks: tuple[Check, ...] = ()
    few: bool = True
    bare: str = ""


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A column's name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def in_normal_form(text: str) -> str:
    """`model.codes.normal` in SQL."""
    return f"upper(replace(replace({text}, '.', ''), ' ', ''))"


def readable(type_: str) -> bool:
    """Whether cells of this type can be read as text: no blobs, no structures."""
    return not re.match(r"BLOB|STRUCT|MAP|UNION|BIT|VARIANT|GEOMETRY|.*\[\d*\]\[\d*\]|(BLOB|STRUCT.*|MAP.*)\[", type_)


def text(cell: Cell) -> str:
    """The cell as text, as the map reads it."""
    return _read_by_map(cell, _bare_text(cell))


def _bare_text(cell: Cell) -> str:
    if _FRACTIONAL.fullmatch(cell.type):  # codes and identifiers that went through a spreadsheet or a data frame
        number = f"CAST({cell.sql} AS DOUBLE)"
        return (
            f"CASE WHEN isnan({number}) THEN NULL "
            f"WHEN {number} = floor({number}) AND abs({number}) < 1e18 "
            f"THEN CAST(TRY_CAST({number} AS BIGINT) AS VARCHAR) ELSE CAST({cell.sql} AS VARCHAR) END"
        )
    if cell.type.endswith("]"):
        return f"NULLIF(trim(array_to_string({cell.sql}, '|')), '')"
    as_text = cell.sql if cell.type == "VARCHAR" else f"CAST({cell.sql} AS VARCHAR)"
    return as_text if _WHOLE.fullmatch(cell.type) else f"NULLIF(trim({as_text}), '')"


def _read_by_map(cell: Cell, bare: str) -> str:
    if cell.meanings:
        cases = " ".join(
            f"WHEN {quoted(said)} THEN {quoted(meant) if meant else 'NULL'}" for said, meant in cell.meanings.items()
        )
        bare = f"CASE {bare} {cases} ELSE {bare} END"
    if cell.pad:
        filled = f"lpad({bare}, greatest({cell.pad}, length({bare}))::INTEGER, '0')"
        bare = f"CASE WHEN regexp_full_match({bare}, '[0-9]+') THEN {filled} ELSE {bare} END"
    return bare


def _itself(cell: Cell) -> str:
    return cell.sql if cell.type == "VARCHAR" else ""


def line_of_business(cell: Cell, names: Iterable[str]) -> Value:
    """One of the names, however it is capitalised; any other text in lower case."""
    said = text(cell)
    cases = " ".join(f"WHEN {quoted(normal(name))} THEN {quoted(name)}" for name in names)
    lower = f"lower({said})"
    return Value(f"CASE {in_normal_form(said)} {cases} ELSE {lower} END" if cases else lower, bare=_itself(cell))


def value(fact: Fact, cell: Cell) -> Value:
    """A fact of one value."""
    return _READERS[fact.type](fact, cell)


def code_of_line(cell: Cell) -> Value:
    """The procedure code, which every line must have."""
    bare = text(cell)
    code = in_normal_form(bare)
    number = f"COALESCE(regexp_full_match({bare}, '[0-9]+[.]0+'), false)"
    return Value(
        code,
        (
            Check(f"COALESCE({code}, '') = ''", "MP812", cell.column, "no code"),
            Check(_illegal(code), "MP813", cell.column, "not a code"),
            Check(number, "MP813", cell.column, "a number, not a code: save the column as text"),
        ),
        bare=_itself(cell),
    )


def service_date_of_line(cell: Cell) -> Value:
    """The service date, which every line must have."""
    day = value(BUILT_IN["service_date"], cell)
    given = cell.sql if _stored_date(cell) else text(cell)
    none = Check(f"{given} IS NULL", "MP814", cell.column, "no service date")
    return Value(day.sql, (none, *day.checks), few=False)


def values_of_set(fact: Fact, cell: Cell, width: int) -> tuple[Value, ...]:
    """A set's values in one column, `width` of them between `|` or `;`."""
    if width == 1:
        return (_coded(fact, cell, text(cell)),)
    bare = f"replace({_bare_text(cell)}, ';', '|')"
    parts = (f"NULLIF(trim(split_part({bare}, '|', {i + 1})), '')" for i in range(width))
    return tuple(_coded(fact, cell, _read_by_map(cell, part)) for part in parts)


def count_in_set(cell: Cell) -> str:
    """How many values a set's cell holds, or more."""
    bare = _bare_text(cell)
    return f"length({bare}) - length(replace(replace({bare}, ';', ''), '|', '')) + 1"


def completed_age(name: str, birth: str, service: str) -> str:
    """`model.calendar.completed` in SQL, as a number."""
    unit, _ = _AGES[name]
    if unit == "d":
        return f"CAST({service} - {birth} AS DOUBLE)"
    months = f"CAST({_month_code(service)} - {_month_code(birth)} AS DOUBLE)"  # `//` is DuckDB's alone
    return f"CAST(FLOOR({months} / {YEAR if unit == 'a' else MONTH}) AS DOUBLE)"


def birth_checks(birth: str, service: str, column: str) -> tuple[Check, ...]:
    years = completed_age("age", birth, service)
    message = f"the age at the service date lies outside 0 to {OLDEST} years"
    span = f"max({service}) - min({birth}) > {OLDEST * 365}"
    return (
        Check(f"COALESCE({birth} > {service}, false)", "MP816", column, message),
        Check(f"COALESCE({years} > {OLDEST}, false)", "MP816", column, message, span),
    )


def _month_code(day: str) -> str:
    return f"((year({day}) * 12 + month({day})) * {MONTH} + day({day}))"


def _illegal(code: str) -> str:
    return f"COALESCE({code} <> '' AND NOT regexp_full_match({code}, {quoted(_LEGAL)}), false)"


def _number(fact: Fact, cell: Cell) -> Value:
    read = amount(cell)
    low, high, message = fact.low, fact.high, f"'{fact.name}' lies outside its range: it is{expected_range(fact)}"
    whole = fact.name in _AGES
    if whole:
        low, high = 0, _AGES[fact.name][1]
        message = f"'{fact.name}' is a whole number from 0 to {high}"
    elif low is None and (fact.type is FactType.DURATION or fact.name in _NEVER_NEGATIVE):
        low, message = 0, f"'{fact.name}' is negative"
    ends = [(end, sign, extreme) for end, sign, extreme in ((low, "<", "min"), (high, ">", "max")) if end is not None]
    fails = [f"{read.sql} {sign} {end!r}" for end, sign, _ in ends]
    may_fail = [f"{extreme}({cell.sql}) {sign} {end!r}" for end, sign, extreme in ends if _stored_number(cell)]
    if whole and not _WHOLE.fullmatch(cell.type):
        fails.append(f"{read.sql} <> floor({read.sql})")
        may_fail = []
    if not fails:
        return read
    check = Check(f"COALESCE({' OR '.join(fails)}, false)", "MP818", cell.column, message, " OR ".join(may_fail))
    return replace(read, checks=(*read.checks, check))


def _stored_number(cell: Cell) -> bool:
    return not cell.meanings and bool(_WHOLE.fullmatch(cell.type) or _FRACTIONAL.fullmatch(cell.type))


def amount(cell: Cell) -> Value:
    """A finite number; NaN in a file of numbers stands for nothing."""
    if not _stored_number(cell):
        bare = text(cell)
        number = f"TRY_CAST({bare} AS DOUBLE)"
        fails = f"{bare} IS NOT NULL AND NOT COALESCE(isfinite({number}), false)"
        return Value(number, (Check(fails, "MP817", cell.column, "not a number"),), few=False)
    number = f"CAST({cell.sql} AS DOUBLE)"
    if cell.type not in ("FLOAT", "DOUBLE"):
        return Value(number, few=False)
    may_fail = f"isinf(min({cell.sql})) OR isinf(max({cell.sql})) OR isnan(max({cell.sql}))"
    infinite = Check(f"COALESCE(isinf({number}), false)", "MP817", cell.column, "not a number", may_fail)
    return Value(f"CASE WHEN isnan({number}) THEN NULL ELSE {number} END", (infinite,), few=False)


def _stored_date(cell: Cell) -> bool:
    return not cell.meanings and bool(_MOMENT.fullmatch(cell.type))


def _date(_: Fact, cell: Cell) -> Value:
    if _stored_date(cell):
        given, day = cell.sql, cell.sql if cell.type == "DATE" else f"CAST({cell.sql} AS DATE)"
        may_fail = f"min({given}) < {_EARLIEST} OR max({given}) > {_LATEST}"
    else:
        given, may_fail = text(cell), ""
        day = _day_from_text(given, cell)
    fails = f"{given} IS NOT NULL AND NOT COALESCE({day} BETWEEN {_EARLIEST} AND {_LATEST}, false)"
    message = f"not a date in the form {cell.format}" if cell.format else "not a date that can be read with certainty"
    return Value(day, (Check(fails, "MP815", cell.column, message, may_fail),), few=False)


def _day_from_text(given: str, cell: Cell) -> str:
    """Year first, or the day with the month's name; with the map's format or day of the year nothing else."""
    if cell.year_day:
        month, day = cell.year_day
        year = (
            f"CASE WHEN regexp_full_match({given}, '[0-9]{{4}}([.]0)?') THEN TRY_CAST({given} AS DOUBLE)::INTEGER END"
        )
        return f"try_strptime(({year})::VARCHAR || '-{month:02}-{day:02}', '%Y-%m-%d')::DATE"
    if cell.format:
        return f"CAST(try_strptime({given}, {quoted(cell.format)}) AS DATE)"
    named = f"CAST(try_strptime({given}, ['%d-%b-%Y', '%Y%m%d']) AS DATE)"
    return (
        f"CASE WHEN regexp_full_match({given}, {quoted(_YEAR_FIRST)}) THEN TRY_CAST({given} AS DATE) "
        f"WHEN regexp_full_match({given}, {quoted(_NAMED_MONTH)}) THEN {named} END"
    )


def _boolean(fact: Fact, cell: Cell) -> Value:
    if cell.type == "BOOLEAN" and not cell.meanings:
        return Value(f"CAST({cell.sql} AS INTEGER)")
    bare = text(cell)
    lower = f"lower({bare})"
    truth = f"CASE WHEN {lower} IN {_listed(_YES)} THEN 1 WHEN {lower} IN {_listed(_NO)} THEN 0 END"
    fails = f"{bare} IS NOT NULL AND {truth} IS NULL"
    return Value(truth, (Check(fails, "MP820", cell.column, f"'{fact.name}' is true or false"),))


def _ordinal(fact: Fact, cell: Cell) -> Value:
    bare = text(cell)
    cases = " ".join(f"WHEN {quoted(level)} THEN {i}" for i, level in enumerate(fact.levels))
    level = f"CASE {bare} {cases} END"
    message = f"'{fact.name}' is one of {', '.join(fact.levels)}"
    return Value(level, (Check(f"{bare} IS NOT NULL AND {level} IS NULL", "MP819", cell.column, message),))


def _code(fact: Fact, cell: Cell) -> Value:
    return _coded(fact, cell, text(cell))


def _coded(fact: Fact, cell: Cell, bare: str) -> Value:
    code = f"NULLIF({in_normal_form(bare)}, '')"
    checks = [Check(_illegal(code), "MP813", cell.column, f"'{fact.name}' is not a code")]
    if fact.name in _LISTED:
        message = f"'{fact.name}' holds a blank inside a code: put | or ; between two codes"
        checks.append(Check(f"COALESCE(contains({bare}, ' '), false)", "MP813", cell.column, message))
    if fact.values:
        fails = f"COALESCE({code} NOT IN {_listed(map(normal, fact.values))}, false)"
        checks.append(Check(fails, "MP819", cell.column, f"'{fact.name}' is one of {', '.join(fact.values)}"))
    return Value(code, tuple(checks), bare=_itself(cell))


def _listed(texts: Iterable[str]) -> str:
    return f"({', '.join(map(quoted, texts))})"


_READERS: Mapping[FactType, Callable[[Fact, Cell], Value]] = {
    FactType.NUMBER: _number,
    FactType.DURATION: _number,
    FactType.DATE: _date,
    FactType.BOOLEAN: _boolean,
    FactType.CODE: _code,
    FactType.ORDINAL: _ordinal,
}
