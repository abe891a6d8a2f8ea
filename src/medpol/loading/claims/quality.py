"""Data quality of the lines: the rules decided for all lines in one pass, as bits of one number.

What a code alone and the days of its lines tell is asked of the distinct codes: only those that are wrong on some of
these days are looked up by line. Lines that may be duplicates are found by sorting a hash of what tells most. A rule
that finds nothing for certain costs the pass nothing, and where none is left there is no pass.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import duckdb
import numpy as np
import pyarrow as pa

from medpol.loading.claims.quality_rules import RULES, QualityRules, bit
from medpol.loading.claims.values import quoted
from medpol.loading.code_systems import PLACES_COVERED_FROM, icd10cm_covered, icd10cm_file, places_of_service_file
from medpol.model.code_systems import SHAPES

QUALITY, LISTED = "claims_quality", "claims_quality_listed"
_PERIODS, _DUPLICATES = "claims_quality_periods", "claims_quality_duplicates"
_SERVICE = "l.service_date"
_NEVER = "false"
_DIAGNOSES = tuple(rule for rule in RULES if rule.startswith("diagnosis-"))
_TELLING = 4  # of what two lines say alike: who, code, date, amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What is looked at: the relation of the lines, the columns of facts in it (diagnoses, modifiers: several), what
    it has of OWN columns, the names of the lines of business, the day of the run, and whether tables disagree."""

    relation: str
    columns: Mapping[str, tuple[str, ...]]
    given: frozenset[str]
    lines_of_business: Sequence[str]
    today: date
    disagree: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityCount:
    """How many lines a rule found."""

    rule: str
    lines: int


def check_quality(connection: duckdb.DuckDBPyConnection, checked: Checked, rules: QualityRules) -> list[str]:
    """Make the table QUALITY (line, findings: bits) of the lines with a finding, and the view LISTED (rule, line);
    the rules that could be applied."""
    conditions = _by_line(connection, checked, rules)
    same = _sameness(checked, rules)
    joins = []
    if same:
        conditions["duplicate-line"] = _NEVER
        if _find_duplicates(connection, checked.relation, same):
            joins.append(f"LEFT JOIN {_DUPLICATES} again ON again.line = l.line")
            conditions["duplicate-line"] = "again.line IS NOT NULL"
    conditions = {rule: condition for rule, condition in conditions.items() if rule not in rules.skip}
    bits = [f"({test})::INTEGER * {bit(rule)}" for rule, test in conditions.items() if test != _NEVER]
    diagnoses = checked.columns.get("diagnosis", ())
    about_diagnoses = [rule for rule in _DIAGNOSES if diagnoses and rule not in rules.skip]
    for i in _wrong_diagnoses(connection, checked.relation, diagnoses, about_diagnoses):
        joins.append(
            f"""LEFT JOIN {_PERIODS} s{i} ON s{i}.code = {diagnoses[i]}
                AND {_SERVICE} >= s{i}.begins AND {_SERVICE} < s{i}.ends"""
        )
        bits.append(f"COALESCE(s{i}.bits, 0)")
    found = f"SELECT l.line, {' | '.join(bits) or '0'} AS findings FROM {checked.relation} l {' '.join(joins)}"
    any_found = "findings <> 0" if bits else _NEVER
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {QUALITY} AS SELECT * FROM ({found}) f WHERE {any_found}")
    _make_listed(connection)
    return [rule for rule in RULES if rule in conditions or rule in about_diagnoses]


def _make_listed(connection: duckdb.DuckDBPyConnection) -> None:
    rules = ", ".join(f"({bit(rule)}, {quoted(rule)})" for rule in RULES)
    connection.execute(
        f"""CREATE OR REPLACE TEMP VIEW {LISTED} AS SELECT r.rule, q.line FROM {QUALITY} q
            JOIN (VALUES {rules}) r(bit, rule) ON q.findings & r.bit <> 0"""
    )


def counted(connection: duckdb.DuckDBPyConnection, rules: Sequence[str]) -> tuple[QualityCount, ...]:
    """Every rule that was applied with its lines, also 0."""
    if not rules:
        return ()
    counts = ", ".join(f"count_if(findings & {bit(rule)} <> 0)" for rule in rules)
    found = connection.execute(f"SELECT {counts} FROM {QUALITY}").fetchall()[0]
    return tuple(QualityCount(rule=rule, lines=n) for rule, n in zip(rules, found, strict=True))


def _by_line(connection: duckdb.DuckDBPyConnection, checked: Checked, rules: QualityRules) -> dict[str, str]:
    """The conditions that one line alone decides; never NULL, and _NEVER where no line can meet one."""
    found = {"service-in-the-future": f"{_SERVICE} > DATE '{checked.today}'"}
    may = {"service-in-the-future": f"max({_SERVICE}) > DATE '{checked.today}'"}
    for fact, rule, sign in (("birth_date", "service-before-birth", "<"), ("death_date", "service-after-death", ">")):
        if fact in checked.columns:
            found[rule] = f"COALESCE({_SERVICE} {sign} {checked.columns[fact][0]}, false)"
            may[rule] = f"bool_or({found[rule]})"
    if "units" in checked.columns:
        (units,) = checked.columns["units"]
        found |= {"units-zero": f"COALESCE({units} = 0, false)", "units-negative": f"COALESCE({units} < 0, false)"}
        may |= {"units-zero": f"min({units}) <= 0", "units-negative": f"min({units}) < 0"}
        if rules.maximum_units is not None:
            found["units-above-maximum"] = f"COALESCE({units} > {rules.maximum_units}, false)"
            may["units-above-maximum"] = f"max({units}) > {rules.maximum_units}"
    if "line_of_business" in checked.columns:
        (line,) = checked.columns["line_of_business"]
        unknown = f"COALESCE({line} NOT IN {_listed(checked.lines_of_business)}, true)"
        found["line-of-business-unknown"] = unknown if checked.lines_of_business else f"{line} IS NULL"
        names = f"(SELECT DISTINCT line_of_business FROM {checked.relation})"
        may["line-of-business-unknown"] = f"(SELECT bool_or({found['line-of-business-unknown']}) FROM {names} l)"
    if checked.disagree:
        found["facts-disagree"] = f"l.{checked.disagree}"
    asked = connection.execute(f"SELECT {', '.join(may.values())} FROM {checked.relation} l").fetchall()[0]
    found |= {rule: _NEVER for rule, happens in zip(may, asked, strict=True) if not happens}
    if "place_of_service" in checked.columns:
        found["place-of-service-unlisted"] = _place(
            connection, checked.relation, checked.columns["place_of_service"][0]
        )
    found["procedure-malformed"] = _procedure(connection, checked.relation)
    return found


def _procedure(connection: duckdb.DuckDBPyConnection, relation: str) -> str:
    shape = f"({SHAPES['cpt']})|({SHAPES['hcpcs']})"
    codes = connection.execute(f"SELECT DISTINCT code FROM {relation}").fetchall()
    wrong = sorted(code for (code,) in codes if not re.fullmatch(shape, code))
    return f"l.code IN {_listed(wrong)}" if wrong else _NEVER


def _listed(codes: Sequence[str]) -> str:
    return f"({', '.join(map(quoted, codes))})"


def _place(connection: duckdb.DuckDBPyConnection, relation: str, column: str) -> str:
    """Whether the place is not in the list on a day that the list covers."""
    rows = connection.execute(
        f"SELECT code, valid_from FROM read_csv({quoted(str(places_of_service_file()))}, all_varchar = true)"
    ).fetchall()
    begins = {code: date.fromisoformat(day) if day else PLACES_COVERED_FROM for code, day in rows}
    seen = connection.execute(
        f"SELECT {column}, min({_SERVICE}) FROM {relation} l WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    tests = []
    for code, first in seen:
        if code not in begins:
            tests.append(f"{column} = {quoted(code)}")
        elif max(first, PLACES_COVERED_FROM) < begins[code]:
            tests.append(f"{column} = {quoted(code)} AND {_SERVICE} < DATE '{begins[code]}'")
    if not tests:
        return _NEVER
    return f"{_SERVICE} >= DATE '{PLACES_COVERED_FROM}' AND COALESCE({' OR '.join(tests)}, false)"


def _wrong_diagnoses(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str], rules: Sequence[str]
) -> list[int]:
    """Make _PERIODS: code, begins, ends (the first day after it), bits, of the codes to which one of these rules
    applies on a day of their lines; the columns that have such codes."""
    if not rules:
        return []
    seen = " UNION ALL ".join(
        f"SELECT {i} AS i, {c} AS code, min({_SERVICE}) AS a, max({_SERVICE}) AS z FROM {relation} l GROUP BY {c}"
        for i, c in enumerate(columns)
    )
    edition = f"read_parquet({quoted(str(icd10cm_file()))})"
    rows = connection.execute(
        f"""SELECT p.code, list(DISTINCT i), min(p.a), max(p.z), any_value(e.billable_from),
                   any_value(e.billable_until), NOT regexp_full_match(p.code, {quoted(SHAPES["icd-10-cm"])}),
                   p.code IN (SELECT substr(c.code, 1, n.n::INTEGER) FROM {edition} c
                              JOIN range(3, 7) n(n) ON n.n < length(c.code))
            FROM ({seen}) p LEFT JOIN {edition} e ON e.code = p.code
            WHERE p.code IS NOT NULL AND (e.code IS NULL OR e.billable_from > p.a OR e.billable_until < p.z)
            GROUP BY p.code ORDER BY p.code"""
    ).fetchall()
    periods: list[tuple[str, date, date, int]] = []
    found: set[int] = set()
    for code, where, a, z, since, until, malformed, category in rows:
        own = [
            (code, begins, ends, bits)
            for begins, ends, bits in _periods(rules, since, until, malformed=malformed, category=category)
            if begins <= z and ends > a
        ]
        periods += own
        found.update(where if own else ())
    kinds = (pa.string(), pa.date32(), pa.date32(), pa.int64())
    columns_of = zip(*periods, strict=True) if periods else [()] * len(kinds)
    arrays = [pa.array(values, kind) for values, kind in zip(columns_of, kinds, strict=True)]
    connection.register("incoming", pa.table(arrays, names=["code", "begins", "ends", "bits"]))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {_PERIODS} AS SELECT * FROM incoming")
    connection.unregister("incoming")
    return sorted(found)


def _periods(
    rules: Sequence[str], since: date | None, until: date | None, *, malformed: bool, category: bool
) -> Iterator[tuple[date, date, int]]:
    """`model.code_systems.DatedCodes.standing` for one code: when (from, up to) which rules apply, as bits; nothing
    where none does."""
    first, last = icd10cm_covered()
    over, always = last + timedelta(1), date.max
    applies = {
        "diagnosis-malformed": (first, always) if malformed else None,
        "diagnosis-retired": (max(first, until + timedelta(1)), always) if until else None,
        "diagnosis-not-yet-valid": (first, min(over, since)) if since and not category else None,
        "diagnosis-category": (first, min(over, since) if since else over) if category else None,
        "diagnosis-unlisted": (first, over) if not (malformed or category or since) else None,
    }
    spans = [(rule, span) for rule, span in applies.items() if span and span[0] < span[1] and rule in rules]
    for begins, ends in pairwise(sorted({day for _, span in spans for day in span})):
        bits = sum(bit(rule) for rule, span in spans if span[0] <= begins < span[1])
        if bits:
            yield begins, ends, bits


def _sameness(checked: Checked, rules: QualityRules) -> list[str]:
    """What two lines that are one say alike; without a member the claim must be the same too. Nothing where the rule
    cannot be applied."""
    if "duplicate-line" in rules.skip or not checked.given & {"member", "claim"}:
        return []
    who = "member" if "member" in checked.given else "claim"
    own = [f"l.{name}" for name in (who, "code", "service_date", "billed")]
    own += [f"l.{name}" for name in ("provider", "level") if name in checked.given]
    facts = ("modifier", "diagnosis", "units", "place_of_service")
    return [*own, *(column for fact in facts for column in checked.columns.get(fact, ()))]


def _find_duplicates(connection: duckdb.DuckDBPyConnection, relation: str, same: Sequence[str]) -> bool:
    """Make _DUPLICATES: the lines that say the same as an earlier one; whether there is one.

    Few lines share the hash of what tells most; these are compared as a whole.
    """
    telling, known = f"hash({', '.join(same[:_TELLING])})", f"{same[0]} IS NOT NULL"
    table = connection.sql(f"SELECT {telling} AS h FROM {relation} l WHERE {known}").to_arrow_table()
    hashes = np.sort(table.column("h").to_numpy())
    repeated = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
    if not len(repeated):
        return False
    connection.register("incoming", pa.table({"h": repeated}))
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE {_DUPLICATES} AS SELECT line FROM (
                SELECT l.line, row_number() OVER (PARTITION BY {", ".join(same)} ORDER BY l.line) AS n
                FROM {relation} l JOIN incoming r ON r.h = {telling} WHERE {known}
            ) WHERE n > 1"""
    )
    connection.unregister("incoming")
    ((found,),) = connection.execute(f"SELECT count(*) FROM {_DUPLICATES}").fetchall()
    return bool(found)
