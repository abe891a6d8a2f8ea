"""Data quality of the lines: every rule decided for every line in one pass, as bits of one number.

Only codes that are wrong for some line are looked up by line: which codes there are is asked of each column alone, and
those that are right on all days of the input are never looked at again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from medpol.loading.claims.quality_rules import RULES, QualityRules, bit
from medpol.loading.claims.values import quoted
from medpol.loading.code_systems import PLACES_COVERED_FROM, icd10cm_covered, icd10cm_file, places_of_service_file
from medpol.model.code_systems import SHAPES

QUALITY, LISTED = "claims_quality", "claims_quality_listed"
_SUSPECTS, _REPEATED = "claims_quality_suspects", "claims_quality_repeated"
_SERVICE = "l.service_date"
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


def check_quality(connection: duckdb.DuckDBPyConnection, checked: Checked, rules: QualityRules) -> dict[str, str]:
    """Make the table QUALITY (line, findings: bits) of the lines with a finding, and the view LISTED (rule, line);
    the rules that could be applied, with their conditions."""
    joins, conditions = _diagnoses(connection, checked)
    conditions |= _by_line(connection, checked, rules)
    same = _sameness(checked, rules)
    if same:
        joins.append(_join_repeated(connection, checked, same))
        conditions["duplicate-line"] = "again.h IS NOT NULL"  # until _settle_duplicates has looked at them
    conditions = {rule: conditions[rule] for rule in RULES if rule in conditions and rule not in rules.skip}
    bits = " + ".join(f"({condition})::INTEGER * {bit(rule)}" for rule, condition in conditions.items())
    what = f"CASE WHEN again.h IS NOT NULL THEN row({', '.join(same)}) END" if same else "NULL"
    found = " OR ".join(f"({condition})" for condition in conditions.values())
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE {QUALITY} AS SELECT l.line, {bits or "0"} AS findings, {what} AS same
            FROM {checked.relation} l {" ".join(joins)} WHERE {found or "false"}"""
    )
    if same:
        _settle_duplicates(connection)
    _make_listed(connection)
    return conditions


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
    """The conditions that one line alone decides; never NULL."""
    found = {"service-in-the-future": f"{_SERVICE} > DATE '{checked.today}'"}
    for fact, rule, sign in (("birth_date", "service-before-birth", "<"), ("death_date", "service-after-death", ">")):
        if fact in checked.columns:
            found[rule] = f"COALESCE({_SERVICE} {sign} {checked.columns[fact][0]}, false)"
    if "units" in checked.columns:
        (units,) = checked.columns["units"]
        found |= {"units-zero": f"COALESCE({units} = 0, false)", "units-negative": f"COALESCE({units} < 0, false)"}
        if rules.maximum_units is not None:
            found["units-above-maximum"] = f"COALESCE({units} > {rules.maximum_units}, false)"
    if "line_of_business" in checked.columns:
        (line,) = checked.columns["line_of_business"]
        known = f"{line} NOT IN ({', '.join(map(quoted, checked.lines_of_business))})"
        found["line-of-business-unknown"] = (
            f"COALESCE({known}, true)" if checked.lines_of_business else f"{line} IS NULL"
        )
    if "place_of_service" in checked.columns:
        found["place-of-service-unlisted"] = _place(connection, checked.columns["place_of_service"][0])
    if checked.disagree:
        found["facts-disagree"] = f"l.{checked.disagree}"
    wrong = _wrong_codes(connection, checked.relation)
    found["procedure-malformed"] = f"l.code IN ({', '.join(map(quoted, wrong))})" if wrong else "false"
    return found


def _wrong_codes(connection: duckdb.DuckDBPyConnection, relation: str) -> list[str]:
    shape = quoted(f"({SHAPES['cpt']})|({SHAPES['hcpcs']})")
    query = (
        f"SELECT code FROM (SELECT DISTINCT code FROM {relation}) WHERE NOT regexp_full_match(code, {shape}) ORDER BY 1"
    )
    return [code for (code,) in connection.execute(query).fetchall()]


def _place(connection: duckdb.DuckDBPyConnection, column: str) -> str:
    """Whether the place is not in the list on a day that the list covers."""
    rows = connection.execute(
        f"SELECT code, valid_from FROM read_csv({quoted(str(places_of_service_file()))}, all_varchar = true) ORDER BY 1"
    ).fetchall()
    listed = f"COALESCE({column} NOT IN ({', '.join(quoted(code) for code, _ in rows)}), false)"
    early = (f"({column} = {quoted(code)} AND {_SERVICE} < DATE '{day}')" for code, day in rows if day)
    return f"{_SERVICE} >= DATE '{PLACES_COVERED_FROM}' AND ({listed} OR COALESCE({' OR '.join(early)}, false))"


def _diagnoses(connection: duckdb.DuckDBPyConnection, checked: Checked) -> tuple[list[str], dict[str, str]]:
    """`model.code_systems.DatedCodes.standing` in SQL, for the codes that are not valid on all days of the input."""
    columns = checked.columns.get("diagnosis", ())
    if not columns:
        return [], {}
    first, last = icd10cm_covered()
    present = " UNION ".join(
        f"SELECT DISTINCT {i} AS i, {c} AS code FROM {checked.relation} l WHERE {c} IS NOT NULL"
        for i, c in enumerate(columns)
    )
    days = f"(SELECT min(service_date) AS a, max(service_date) AS z FROM {checked.relation})"
    edition = f"read_parquet({quoted(str(icd10cm_file()))})"
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE {_SUSPECTS} AS
            SELECT p.i, p.code, e.billable_from AS since, e.billable_until AS until,
                   NOT regexp_full_match(p.code, {quoted(SHAPES["icd-10-cm"])}) AS malformed,
                   p.code IN (SELECT substr(c.code, 1, n.n::INTEGER) FROM {edition} c
                              JOIN range(3, 7) n(n) ON n.n < length(c.code)) AS category
            FROM ({present}) p JOIN {days} d ON true LEFT JOIN {edition} e ON e.code = p.code
            WHERE e.code IS NULL OR e.billable_from > d.a OR e.billable_until < d.z"""
    )
    numbers = [i for (i,) in connection.execute(f"SELECT DISTINCT i FROM {_SUSPECTS} ORDER BY 1").fetchall()]
    joins = [f"LEFT JOIN {_SUSPECTS} s{i} ON s{i}.i = {i} AND s{i}.code = {columns[i]}" for i in numbers]
    covered = f"{_SERVICE} BETWEEN DATE '{first}' AND DATE '{last}'"
    tests = {
        "diagnosis-malformed": f"{_SERVICE} >= DATE '{first}' AND s.malformed",
        "diagnosis-retired": f"{_SERVICE} >= DATE '{first}' AND {_SERVICE} > s.until",
        "diagnosis-not-yet-valid": f"{covered} AND NOT s.category AND {_SERVICE} < s.since",
        "diagnosis-category": f"{covered} AND s.category AND (s.since IS NULL OR {_SERVICE} < s.since)",
        "diagnosis-unlisted": f"{covered} AND NOT s.malformed AND NOT s.category AND s.since IS NULL",
    }
    conditions = {}
    for rule, test in tests.items():
        said = (f"COALESCE(s{i}.code IS NOT NULL AND {test.replace('s.', f's{i}.')}, false)" for i in numbers)
        conditions[rule] = " OR ".join(said) or "false"
    return joins, conditions


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


def _join_repeated(connection: duckdb.DuckDBPyConnection, checked: Checked, same: Sequence[str]) -> str:
    """The hashes of what tells most that several lines have, and their join: few lines then need to be compared."""
    listed = f"hash({', '.join(same[:_TELLING])})"
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE {_REPEATED} AS
            SELECT {listed} AS h FROM {checked.relation} l WHERE {same[0]} IS NOT NULL GROUP BY 1 HAVING count(*) > 1"""
    )
    return f"LEFT JOIN {_REPEATED} again ON again.h = {listed} AND {same[0]} IS NOT NULL"


def _settle_duplicates(connection: duckdb.DuckDBPyConnection) -> None:
    """Keep the finding for lines that really say the same as an earlier one."""
    duplicate = bit("duplicate-line")
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE {QUALITY} AS SELECT line, findings FROM (
                SELECT line, CASE WHEN same IS NOT NULL AND row_number() OVER (PARTITION BY same ORDER BY line) = 1
                                  THEN findings - {duplicate} ELSE findings END AS findings
                FROM {QUALITY}
            ) WHERE findings <> 0"""
    )
