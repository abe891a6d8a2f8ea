"""Facts from tables beside the claims: the row in force, the latest row, and never a line more or less."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loading.claims_files import csv_file, opened, parquet_file, seen
from medpol.loading.claims import ClaimsTable
from medpol.model.calendar import distance, scale
from medpol.problems import PolicyRejected

CLAIMS = """\
code,service_date,member,claim
E0601,2020-06-01,A,1
E0601,2020-07-01,A,2
E0601,2020-06-01,B,3
E0601,2020-06-01,,4
"""
ENROLMENT = """\
tables:
  enrolment:
    path: enrolment.csv
    key: {member: who}
    from: begin
    until: end
    facts: {line_of_business: kind, plan: plan, birth_date: born}
"""
CLINICAL = """\
tables:
  clinical:
    path: clinical.csv
    key: {member: who}
    date: seen
    latest_within: 12 months
    facts: {bmi: bmi, smoker: smokes, ceap: ceap, stage: stage, test_date: tested}
"""
LONG = """\
tables:
  observations:
    path: observations.csv
    key: {member: who}
    date: seen
    name: what
    value: result
    facts: {bmi: BMI, smoker: "39156-5"}
"""


def joined(
    folder: Path, mapped: str, tables: dict[str, str], claims: str = CLAIMS, **more: Any
) -> tuple[duckdb.DuckDBPyConnection, ClaimsTable]:
    for name, text in tables.items():
        csv_file(folder, text, name)
    return opened(csv_file(folder, claims), mapped=mapped, quality=True, today=date(2026, 1, 1), **more)


def finds(connection: duckdb.DuckDBPyConnection, table: ClaimsTable, rule: str) -> list[int]:
    query = f"SELECT line FROM {table.quality_table} WHERE rule = '{rule}' ORDER BY 1"
    return [line for (line,) in connection.execute(query).fetchall()]


def test_the_row_in_force_on_the_service_date(tmp_path: Path) -> None:
    rows = """\
who,begin,end,kind,plan,born
A,2020-01-01,2020-06-30,MEDICAID,P1,1980-06-02
A,2020-07-01,,Commercial,P2,1980-06-02
B,2020-06-02,,Commercial,P3,1990-01-01
"""
    connection, table = joined(
        tmp_path, ENROLMENT, {"enrolment.csv": rows}, lines_of_business=("commercial", "medicaid")
    )
    assert seen(connection, table, ["line_of_business", "plan", "birth_date", "age", "age_days"]) == [
        ("medicaid", "P1", date(1980, 6, 2), 39, 14609),
        ("commercial", "P2", date(1980, 6, 2), 40, 14639),
        (None, None, None, None, None),
        (None, None, None, None, None),
    ]
    query = f"SELECT line_of_business FROM {table.lines.table} ORDER BY line"
    assert connection.execute(query).fetchall() == [("medicaid",), ("commercial",), (None,), (None,)]
    assert "line_of_business" in table.given
    assert "Read: birth_date, line_of_business, plan from the table 'enrolment'." in table.notes
    assert not any("No column gives the line of business" in note for note in table.notes)
    assert finds(connection, table, "line-of-business-unknown") == [3, 4]
    assert finds(connection, table, "facts-disagree") == []


def test_rows_in_force_that_disagree_are_not_known(tmp_path: Path) -> None:
    rows = """\
who,begin,end,kind,plan,born
A,2020-01-01,2020-06-30,commercial,P1,
A,2020-01-01,2020-12-31,commercial,P2,
A,2020-01-01,2020-12-31,,P2,
"""
    connection, table = joined(tmp_path, ENROLMENT, {"enrolment.csv": rows})
    assert seen(connection, table, ["line_of_business", "plan"]) == [
        ("commercial", None),
        ("commercial", "P2"),
        (None, None),
        (None, None),
    ]
    assert finds(connection, table, "facts-disagree") == [1]


def test_a_row_whose_dates_cannot_be_read_is_never_in_force(tmp_path: Path) -> None:
    rows = "who,begin,end,kind,plan,born\nA,2020-01-01,soon,commercial,P1,\nB,,2020-12-31,commercial,P1,never\n"
    connection, table = joined(tmp_path, ENROLMENT, {"enrolment.csv": rows})
    assert seen(connection, table, ["plan"]) == [(None,)] * 4
    assert "The table 'enrolment' has 1 rows whose dates cannot be read; nothing was taken from there." in table.notes
    assert (
        "The table 'enrolment' has 1 rows whose birth_date cannot be read; nothing was taken from there." in table.notes
    )


def test_a_birth_date_that_cannot_be_gives_no_age(tmp_path: Path) -> None:
    rows = "who,begin,end,kind,plan,born\nA,2020-01-01,,commercial,P1,2020-06-15\n"
    connection, table = joined(tmp_path, ENROLMENT, {"enrolment.csv": rows})
    assert seen(connection, table, ["age"]) == [(None,), (0,), (None,), (None,)]
    assert finds(connection, table, "service-before-birth") == [1]


def test_the_age_of_the_line_serves_where_the_table_has_no_birth_date(tmp_path: Path) -> None:
    rows = "who,begin,end,kind,plan,born\nA,2020-01-01,,commercial,P1,1980-06-02\n"
    claims = CLAIMS.replace("claim\n", "claim,age\n").replace(",3\n", ",3,55\n").replace(",1\n", ",1,99\n")
    claims = claims.replace(",2\n", ",2,\n").replace(",4\n", ",4,\n")
    connection, table = joined(tmp_path, ENROLMENT, {"enrolment.csv": rows}, claims)
    assert seen(connection, table, ["age"]) == [(39,), (40,), (55,), (None,)]


def test_the_latest_row_on_or_before_the_service_date(tmp_path: Path) -> None:
    rows = """\
who,seen,bmi,smokes,ceap,stage,tested
A,2019-06-01,31,yes,C0,trial,2019-05-01
A,2020-06-01,35,,C2,Permanent,
A,2020-06-02,36,,,,
A,2020-07-02,40,no,C1,trial,
B,2019-06-02,33,no,,,
B,2019-06-02,34,no,,,
"""
    connection, table = joined(tmp_path, CLINICAL, {"clinical.csv": rows})
    assert seen(connection, table, ["bmi", "smoker", "ceap", "stage", "test_date"]) == [
        (35, None, 2, "PERMANENT", None),  # the row of 2019-06-01 is a year old
        (36, None, 2, "PERMANENT", None),
        (None, 0, None, None, None),  # two values on one day
        (None, None, None, None, None),
    ]
    assert finds(connection, table, "facts-disagree") == [3]


def test_long_form(tmp_path: Path) -> None:
    rows = """\
who,seen,what,result
A,2020-05-01,BMI,31.5
A,2020-06-01,39156-5,true
A,2020-06-01,weight,heavy
A,2020-06-20,BMI,lots
B,2020-06-02,BMI,25
"""
    connection, table = joined(tmp_path, LONG, {"observations.csv": rows})
    assert seen(connection, table, ["bmi", "smoker"]) == [(31.5, 1), (31.5, 1), (None, None), (None, None)]
    assert "The table 'observations' has 1 rows whose bmi cannot be read; nothing was taken from there." in table.notes


def test_values_of_the_map_and_numbers_as_keys(tmp_path: Path) -> None:
    claims = parquet_file(
        tmp_path, {"code": ["E0601"], "service_date": [date(2020, 6, 1)], "member": [17], "claim": ["1"]}
    )
    parquet_file(tmp_path, {"id": [17.0], "begin": [date(2020, 1, 1)], "kind": ["COM"]}, "lob.parquet")
    mapped = """\
values: {line_of_business: {COM: commercial}}
tables: {t: {path: lob.parquet, key: {member: id}, from: begin, facts: {line_of_business: kind}}}
"""
    connection, table = opened(claims, mapped=mapped, lines_of_business=("commercial",))
    assert seen(connection, table, ["line_of_business"]) == [("commercial",)]


def test_a_table_takes_the_place_of_a_column_that_would_be_recognised(tmp_path: Path) -> None:
    claims = CLAIMS.replace("claim\n", "claim,plan\n").replace("\nE0601,2020-06-01,A,1\n", "\nE0601,2020-06-01,A,1,X\n")
    claims = claims.replace(",2\n", ",2,X\n").replace(",3\n", ",3,X\n").replace(",4\n", ",4,X\n")
    rows = "who,begin,end,kind,plan,born\nA,2020-01-01,,commercial,P1,\n"
    connection, table = joined(tmp_path, ENROLMENT, {"enrolment.csv": rows}, claims)
    assert seen(connection, table, ["plan"]) == [("P1",), ("P1",), (None,), (None,)]


def test_facts_nobody_reads_need_no_table(tmp_path: Path) -> None:
    _, table = opened(csv_file(tmp_path, CLAIMS), mapped=CLINICAL, uses=frozenset({"sex"}))
    assert table.accepted == 4


def test_history_and_other_codes_of_joined_lines(tmp_path: Path) -> None:
    rows = "who,begin,end,kind,plan,born\nA,2020-01-01,,commercial,P1,\nA,2020-01-01,,medicaid,P1,\n"
    connection, table = joined(tmp_path, ENROLMENT, {"enrolment.csv": rows})
    assert connection.execute(f"SELECT count(*) FROM {table.lines.history}").fetchall() == [(3,)]
    assert connection.execute(f"SELECT count(*) FROM {table.lines.table}").fetchall() == [(4,)]


DAYS = st.dates(date(2019, 1, 1), date(2020, 12, 31))
MEMBERS = st.sampled_from(["A", "B", "C"])
UNTIMED = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


@UNTIMED
@given(
    lines=st.lists(st.tuples(MEMBERS | st.none(), DAYS), min_size=1, max_size=8),
    spans=st.lists(
        st.tuples(MEMBERS, DAYS, st.integers(0, 400) | st.none(), st.sampled_from(["P", "Q", ""])), max_size=8
    ),
    observed=st.lists(st.tuples(MEMBERS, DAYS, st.sampled_from(["20", "30", ""])), max_size=8),
    within=st.sampled_from([None, (6, "mo"), (2, "wk")]),
)
def test_joins_never_make_or_lose_a_line(
    tmp_path: Path,
    lines: list[tuple[str | None, date]],
    spans: list[tuple[str, date, int | None, str]],
    observed: list[tuple[str, date, str]],
    within: tuple[int, str] | None,
) -> None:
    """And they give what the words say: the one value in force, the one value of the latest day."""
    text = "code,service_date,member\n" + "".join(f"E0601,{day},{who or ''}\n" for who, day in lines)
    ends = [(who, a, a + timedelta(days=n) if n is not None else None, plan) for who, a, n, plan in spans]
    mapped = """\
tables:
  e: {path: e.csv, key: {member: who}, from: a, until: z, facts: {plan: plan}}
  c: {path: c.csv, key: {member: who}, date: d, facts: {bmi: bmi}""" + (
        f", latest_within: {within[0]} {within[1]}}}\n" if within else "}\n"
    )
    e = "who,a,z,plan\n" + "".join(f"{who},{a},{z or ''},{plan}\n" for who, a, z, plan in ends)
    c = "who,d,bmi\n" + "".join(f"{who},{d},{bmi}\n" for who, d, bmi in observed)
    connection, table = joined(tmp_path, mapped, {"e.csv": e, "c.csv": c}, text)
    assert (table.total, table.accepted, table.rejected) == (len(lines), len(lines), 0)
    expected, disagreeing = [], []
    for number, (who, day) in enumerate(lines, 1):
        plans = {plan for m, a, z, plan in ends if m == who and a <= day and (z is None or day <= z) and plan}
        known = [(d, float(bmi)) for m, d, bmi in observed if m == who and d <= day and bmi]
        if within:
            known = [(d, v) for d, v in known if distance(d, day, within[1]) < within[0] * scale(within[1])]
        latest = {v for d, v in known if d == max(known)[0]}
        expected.append((*(plans if len(plans) == 1 else [None]), *(latest if len(latest) == 1 else [None])))
        if len(plans) > 1 or len(latest) > 1:
            disagreeing.append(number)
    assert seen(connection, table, ["plan", "bmi"]) == expected
    assert finds(connection, table, "facts-disagree") == disagreeing


BAD = """\
columns: {plan: p}
tables:
  Enrolment: {path: e.csv}
  one:
    path: e.csv
    key: {patient: who}
    from: a
    date: b
    latest_within: a while
    facts: {plan: p, diagnosis: d, bmii: b, service_date: s}
  two: {key: {member: who}, until: z, name: n, facts: {bmi: b}}
  three: {path: e.csv, key: {member: who}, date: d, until: z, facts: {bmi: b}, columns: {}}
"""


def test_messages_about_tables_in_a_map(tmp_path: Path) -> None:
    with pytest.raises(PolicyRejected) as caught:
        opened(csv_file(tmp_path, CLAIMS), mapped=BAD)
    found = [f"{p.place.line}:{p.place.column} {p.code} {p.message}" for p in caught.value.problems]
    assert found == [
        "3:3 MP806 a table is called by small letters, digits and _",
        "4:3 MP807 'plan' is given by a table, and by a column or as a constant",
        "4:3 MP831 a table has either from (and until), or date",
        "6:11 MP831 the key is one of member, claim, claim_line, provider",
        "9:20 MP831 write a length of time, such as 12 months",
        "10:22 MP831 'diagnosis' cannot come from a table: it is a set",
        "10:36 MP805 'bmii' is no fact of the data dictionary (did you mean 'bmi'?)",
        "10:45 MP831 'service_date' cannot come from a table",
        "11:3 MP831 a table has either from (and until), or date",
        "11:3 MP831 name and value go together: the column of the fact's name and of its value",
        "11:8 MP111 'path' is missing",
        "12:3 MP807 'bmi' is given by the tables two and three",
        "12:3 MP831 until goes with from, latest_within goes with date",
        "12:80 MP110 'columns' is not known here",
    ]


def test_messages_about_tables_and_their_files(tmp_path: Path) -> None:
    csv_file(tmp_path, "whom,begin,end,plan,born\n", "enrolment.csv")
    claims = csv_file(tmp_path, "code,service_date\nE0601,2020-01-01\n")
    mapped = ENROLMENT + CLINICAL.removeprefix("tables:\n").replace("clinical.csv", "cut.parquet")
    mapped += (
        LONG.removeprefix("tables:\n").replace("observations.csv", "none.csv").replace("bmi: BMI, smoker", "units")
    )
    (tmp_path / "cut.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(PolicyRejected) as caught:
        opened(claims, mapped=mapped)
    found = [f"{Path(p.place.file).name}:{p.place.line} {p.code} {p.message}" for p in caught.value.problems]
    assert found[0].startswith("cut.parquet:0 MP832 ")
    assert found[1:] == [
        "map.yaml:2 MP803 enrolment.csv has no column 'kind'",
        "map.yaml:2 MP803 enrolment.csv has no column 'who' (did you mean 'whom'?)",
        "map.yaml:2 MP804 the table 'enrolment' needs the member; no column gives it",
        "map.yaml:8 MP804 the table 'clinical' needs the member; no column gives it",
        "map.yaml:14 MP804 the table 'observations' needs the member; no column gives it",
        "none.csv:0 MP832 No such file or directory",
    ]


def test_a_table_that_is_damaged_further_on(tmp_path: Path) -> None:
    path = parquet_file(
        tmp_path,
        {"who": ["A"] * 5000, "d": ["2020-01-01"] * 5000, "bmi": [str(i / 7) for i in range(5000)]},
        "c.parquet",
    )
    data = path.read_bytes()
    path.write_bytes(data[:60] + bytes(len(data) // 3) + data[60 + len(data) // 3 :])
    mapped = "tables: {c: {path: c.parquet, key: {member: who}, date: d, facts: {bmi: bmi}}}\n"
    with pytest.raises(PolicyRejected) as caught:
        opened(csv_file(tmp_path, CLAIMS), mapped=mapped)
    assert [(Path(p.place.file).name, p.code) for p in caught.value.problems] == [("c.parquet", "MP832")]
