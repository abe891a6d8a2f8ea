"""Data quality: what each rule finds, that findings decide nothing unless the map says so, and what maps get wrong."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loading.claims_files import csv_file, opened, parquet_file, rejects
from medpol.loading.claims import ClaimsTable, open_claims, read_claims_map
from medpol.loading.claims.quality_rules import RULES
from medpol.loading.code_systems import code_systems
from medpol.model.code_systems import Kind
from medpol.model.facts import DataDictionary
from medpol.problems import PolicyRejected

SHARED = Path(__file__).parents[4] / "shared"
MAPS = Path(__file__).parents[3] / "src/medpol/data/claims/maps"
NEW_HAMPSHIRE = SHARED / "claims/nh_apcd_2016/claim_lines.parquet"
TODAY = date(2026, 11, 22)
LINE: dict[str, Any] = {
    "code": "E0601", "service_date": "2020-06-01", "member": "M1", "claim": "C1", "diagnosis1": "M48.061",
    "diagnosis2": None, "modifier1": None, "units": "1", "place_of_service": "11", "birth_date": "1950-01-01",
    "death_date": None, "line_of_business": "commercial", "billed": "100",
}  # fmt: skip


def found(
    folder: Path, lines: list[dict[str, Any]], *, uses: frozenset[str] = frozenset(), mapped: str = ""
) -> tuple[duckdb.DuckDBPyConnection, ClaimsTable, dict[str, list[int]]]:
    """The findings by rule of lines that are LINE but for what is said of them; every line is another member's."""
    rows = [LINE | {"member": f"M{i}"} | line for i, line in enumerate(lines)]
    path = parquet_file(folder, {name: pa.array([row[name] for row in rows], pa.string()) for name in LINE})
    names = ("commercial", "medicaid")
    connection, table = opened(path, uses=uses, mapped=mapped, lines_of_business=names, quality=True, today=TODAY)
    by_rule: dict[str, list[int]] = {}
    query = f"SELECT rule, line FROM {table.quality_table} ORDER BY line"
    for rule, line in connection.execute(query).fetchall():
        by_rule.setdefault(rule, []).append(line)
    assert {q.rule: q.lines for q in table.quality if q.lines} == {r: len(its) for r, its in by_rule.items()}
    return connection, table, by_rule


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ({"diagnosis1": "m48.06"}, "diagnosis-retired"),
        ({"diagnosis2": "M48.06"}, "diagnosis-retired"),
        ({"diagnosis1": "U07.1", "service_date": "2020-03-31"}, "diagnosis-not-yet-valid"),
        ({"diagnosis1": "M48.06", "service_date": "2026-10-01"}, "diagnosis-retired"),
        ({"diagnosis1": "M48"}, "diagnosis-category"),
        ({"diagnosis1": "A00.5"}, "diagnosis-unlisted"),
        ({"diagnosis1": "724.02"}, "diagnosis-malformed"),
        ({"code": "1CGPS"}, "procedure-malformed"),
        ({"place_of_service": "98"}, "place-of-service-unlisted"),
        ({"place_of_service": "10"}, "place-of-service-unlisted"),
        ({"birth_date": "2020-06-02"}, "service-before-birth"),
        ({"death_date": "2020-05-31"}, "service-after-death"),
        ({"service_date": "2026-11-23"}, "service-in-the-future"),
        ({"units": "0"}, "units-zero"),
        ({"units": "-1"}, "units-negative"),
        ({"units": "1000"}, "units-above-maximum"),
        ({"line_of_business": "vision"}, "line-of-business-unknown"),
        ({"line_of_business": None}, "line-of-business-unknown"),
        ({"member": "M1"}, "duplicate-line"),
        ({"member": "M1", "claim": "another"}, "duplicate-line"),
    ],
)
def test_a_rule_finds(tmp_path: Path, line: dict[str, Any], rule: str) -> None:
    lines = [{}, {"member": "M1"}, line]
    _, table, by_rule = found(tmp_path, lines, mapped="quality: {maximum_units: 999}")
    assert by_rule == {rule: [3]}
    assert table.rejected == 0


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"diagnosis1": None},
        {"diagnosis1": "M48.06", "service_date": "2017-09-30"},
        {"diagnosis1": "M48.061", "service_date": "2026-10-01"},  # no edition of that day is here: not known
        {"diagnosis1": "724.02", "service_date": "2014-06-01", "place_of_service": "98"},  # ICD-9; before both lists
        {"code": "0275T"},
        {"code": "G0276"},
        {"place_of_service": None},
        {"place_of_service": "10", "service_date": "2022-01-01"},
        {"birth_date": "2020-06-01"},
        {"death_date": "2020-06-01"},
        {"units": None},
        {"units": "many"},  # that the cell cannot be read is a matter of a criterion that reads it
        {"units": "0.5"},
        {"service_date": "2026-11-22", "diagnosis1": None},
        {"member": "M1", "modifier1": "59"},
        {"member": "M1", "units": "2"},
        {"member": "M1", "billed": "101"},
        {"member": None},
    ],
)
def test_a_rule_does_not_find(tmp_path: Path, line: dict[str, Any]) -> None:
    assert found(tmp_path, [{}, {"member": "M1"}, line], mapped="quality: {maximum_units: 999}")[2] == {}


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_diagnoses_stand_in_sql_as_in_python(tmp_path: Path, data: st.DataObject) -> None:
    periods = code_systems().dated["icd-10-cm"].periods
    known = sorted(code for code, (begin, end) in periods.items() if end or (begin and begin > date(2015, 10, 1)))
    code = st.one_of(
        st.sampled_from(known),
        st.builds(lambda text, n: text[:n], st.sampled_from(known), st.integers(2, 6)),
        st.from_regex(r"[A-Z][0-9A][0-9A-Z]{0,4}", fullmatch=True),
    )
    days = st.one_of(
        st.dates(date(2014, 1, 1), TODAY),
        st.builds(
            lambda day, after: day + timedelta(days=after),
            st.sampled_from([begin for begin, _ in periods.values() if begin]),
            st.sampled_from([-1, 0, 1]),
        ),
    )
    pairs = data.draw(st.lists(st.tuples(code, days), min_size=1, max_size=8))
    lines = [{"diagnosis1": c, "service_date": str(day), "birth_date": None} for c, day in pairs]
    _, _, by_rule = found(tmp_path, lines)
    rule_of = {
        Kind.MALFORMED: "diagnosis-malformed",
        Kind.RETIRED: "diagnosis-retired",
        Kind.NOT_YET_VALID: "diagnosis-not-yet-valid",
        Kind.CATEGORY: "diagnosis-category",
        Kind.NOT_LISTED: "diagnosis-unlisted",
    }
    expected: dict[str, list[int]] = {}
    for number, (c, day) in enumerate(pairs, 1):
        rule = rule_of.get(code_systems().standing("icd-10-cm", c, day).kind)
        if rule and not (rule == "diagnosis-malformed" and day < date(2015, 10, 1)):  # then it is an ICD-9 code
            expected.setdefault(rule, []).append(number)
    assert {rule: its for rule, its in by_rule.items() if rule.startswith("diagnosis")} == expected


def test_findings_change_nothing_of_the_lines(tmp_path: Path) -> None:
    lines = [{}, {"units": "0", "diagnosis1": "M48"}, {"units": "many"}, {"death_date": "1999-01-01"}]
    connection, table, _ = found(tmp_path, lines)
    plain, other = opened(tmp_path / "claims.parquet", uses=frozenset(), lines_of_business=("commercial", "medicaid"))
    columns = "line, code, service_date, claim, member, line_of_business, billed"
    with_rules = connection.execute(f"SELECT {columns} FROM {table.lines.table} ORDER BY 1").fetchall()
    assert with_rules == plain.execute(f"SELECT {columns} FROM {other.lines.table} ORDER BY 1").fetchall()
    assert (table.notes, table.given, table.rejected) == (other.notes, other.given, other.rejected)
    assert other.quality == ()


@pytest.mark.parametrize("quality", [True, False])
@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_the_map_may_reject_by_a_rule(tmp_path: Path, ending: str, *, quality: bool) -> None:
    text = "code,service_date,claim,units,diagnosis\nE0601,2020-01-01,1,0,M48\nE0601,2020-01-01,2,1,M48\nE0601,,3,0,\n"
    path = csv_file(tmp_path, text)
    if ending == "parquet":
        duckdb.execute(f"COPY (FROM read_csv('{path}', all_varchar = true)) TO '{tmp_path}/claims.parquet'")
        path = tmp_path / "claims.parquet"
    connection, table = opened(path, uses=frozenset(), mapped="quality: {reject: [units-zero]}", quality=quality)
    assert rejects(connection, table) == [(1, "MP821", ""), (3, "MP814", "service_date")]
    assert (table.total, table.accepted, table.rejected) == (3, 1, 2)
    assert connection.execute(f"SELECT line FROM {table.lines.table}").fetchall() == [(2,)]
    message = connection.execute(f'SELECT message FROM {table.rejects_table} WHERE "row" = 1').fetchall()
    assert message == [("units-zero: the units are zero",)]
    assert {q.rule: q.lines for q in table.quality if q.lines} == ({"diagnosis-category": 1} if quality else {})


def test_a_skipped_rule_is_not_applied(tmp_path: Path) -> None:
    mapped = "quality: {skip: [units-zero, duplicate-line]}"
    _, table, by_rule = found(tmp_path, [{"units": "0"}, {"units": "0", "member": "M0"}], mapped=mapped)
    assert by_rule == {}
    assert not {"units-zero", "duplicate-line"} & {q.rule for q in table.quality}


def test_rules_without_their_columns_are_not_applied(tmp_path: Path) -> None:
    path = parquet_file(tmp_path, {"code": ["E0601"], "service_date": ["2020-01-01"]})
    _, table = opened(path, uses=frozenset(), quality=True)
    assert [q.rule for q in table.quality] == ["procedure-malformed", "service-in-the-future"]


def test_a_column_that_only_a_rule_would_read_may_be_unreadable(tmp_path: Path) -> None:
    path = parquet_file(tmp_path, {"code": ["E0601"], "service_date": ["2020-01-01"], "units": [b"1"]})
    _, table = opened(path, uses=frozenset(), quality=True)
    assert "units-zero" not in {q.rule for q in table.quality}


def test_facts_that_criteria_read_are_checked_as_they_read_them(tmp_path: Path) -> None:
    uses = frozenset({"units", "diagnosis", "place_of_service", "age"})
    _, _, by_rule = found(tmp_path, [{"units": "0"}, {"diagnosis2": "M48"}, {"place_of_service": "98"}], uses=uses)
    assert by_rule == {"units-zero": [1], "diagnosis-category": [2], "place-of-service-unlisted": [3]}


def test_a_cell_with_several_diagnoses(tmp_path: Path) -> None:
    _, _, by_rule = found(tmp_path, [{"diagnosis1": "M48.061;M48"}, {"diagnosis1": "M48.061|I10"}])
    assert by_rule == {"diagnosis-category": [1]}


def test_a_map_that_names_no_rule(tmp_path: Path) -> None:
    with pytest.raises(PolicyRejected) as caught:
        found(
            tmp_path,
            [{}],
            mapped="quality:\n  reject: [units-zeros, duplicate-line]\n  skip: [duplicate-line]\n"
            "  maximum_units: many\n  a: b\n",
        )
    assert [f"{p.place.line}: {p.code} {p.message}" for p in caught.value.problems] == [
        "2: MP822 'units-zeros' is no rule (did you mean 'units-zero'?)",
        "3: MP822 'duplicate-line' is to be rejected and skipped",
        "4: MP822 maximum_units is a whole number above 0",
        "5: MP110 'a' is not known here",
    ]


def test_the_documentation_has_every_rule() -> None:
    page = (Path(__file__).parents[3] / "docs/claims.md").read_text(encoding="utf-8")
    assert all(f"| {rule} |" in page for rule in RULES)


def test_the_new_hampshire_lines() -> None:
    if not NEW_HAMPSHIRE.exists():
        pytest.skip("the New Hampshire lines are not bundled")
    dictionary = DataDictionary({})
    claims_map = read_claims_map(MAPS / "nh_apcd_2016.yaml", dictionary)
    connection = duckdb.connect()
    table = open_claims(
        connection,
        NEW_HAMPSHIRE,
        dictionary,
        claims_map,
        frozenset({"diagnosis"}),
        lines_of_business=("commercial", "medicare_advantage"),
        quality=True,
        today=TODAY,
    )
    assert {q.rule: q.lines for q in table.quality if q.lines} == {
        "diagnosis-malformed": 13,
        "diagnosis-not-yet-valid": 1994,  # the file gives the year only: codes of October look too new in July
        "diagnosis-category": 67,
        "procedure-malformed": 5,
        "place-of-service-unlisted": 28,
        "units-zero": 10,
        "units-negative": 9,  # rejects (MP818) where a criterion reads the units
        "duplicate-line": 2131,
    }
    assert pq.read_metadata(NEW_HAMPSHIRE).num_rows == table.total
