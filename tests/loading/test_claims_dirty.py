"""Whatever a claims file holds: a list of problems, or every row accounted for."""

import csv
import io
import re
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from loading.claims_files import FACTS, csv_file, opened, parquet_file, rows
from medpol.loading.catalogue import CATALOGUE
from medpol.loading.claims import read_claims_map
from medpol.loading.claims.csv_rows import RAW, REJECTS, load, open_text
from medpol.loading.nodes import Sheet
from medpol.problems import PolicyRejected

GOLDEN = Path(__file__).parent / "golden"
FOLDER, CONNECTION = TemporaryDirectory(), duckdb.connect()
COLUMNS = (
    "code", "service_date", "birth_date", "age", "member", "claim", "modifier", "diagnosis", "units", "bmi", "smoker",
    "ceap", "test_date", "stage", "comorbidity", "billed",
)  # fmt: skip

UNTIMED = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))

sound_cells = st.sampled_from(
    ["E0601", "2020-01-01", "30-May-2015", "12", "-1", "nan", "yes", "C1", "i10;E11.9", "1950-02-29", "trial", "", " "]
)
cells = st.one_of(sound_cells, st.text(st.characters(exclude_categories=["Cs"]), max_size=6))
tables = st.lists(st.lists(cells, min_size=len(COLUMNS), max_size=len(COLUMNS)), max_size=6)


def as_csv(table: list[list[str]], header: tuple[str, ...] = COLUMNS) -> bytes:
    text = io.StringIO()
    bare_return = any("\r" in cell for row in table for cell in row)  # which the writer leaves without quotes
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL if bare_return else csv.QUOTE_MINIMAL)
    writer.writerow(header)
    writer.writerows(table)
    return text.getvalue().encode()


def accounted_for(data: bytes, name: str = "dirty.csv") -> int | None:
    """The rows of the file; None where it was refused. Fails unless each is a line or a reject, and only once."""
    path = Path(FOLDER.name) / name
    path.write_bytes(data)
    try:
        _, table = opened(path, connection=CONNECTION)
    except PolicyRejected as error:
        refused = error.problems
    else:
        refused = ()
    assert all(problem.code in CATALOGUE and problem.remedy for problem in refused)
    if refused:
        return None
    numbers = f'SELECT line FROM {table.lines.table} UNION ALL SELECT "row" FROM {table.rejects_table}'
    assert sorted(n for (n,) in CONNECTION.execute(numbers).fetchall()) == list(range(1, table.total + 1))
    codes = CONNECTION.execute(f"SELECT DISTINCT code FROM {table.rejects_table}").fetchall()
    assert all(code in CATALOGUE for (code,) in codes)
    return table.total


@UNTIMED
@given(tables)
def test_every_row_of_a_table_is_a_line_or_a_reject(table: list[list[str]]) -> None:
    assert accounted_for(as_csv(table)) == len(table)


@UNTIMED
@given(tables, st.data())
def test_damage_anywhere_in_a_file(table: list[list[str]], data: st.DataObject) -> None:
    whole = as_csv(table)
    at = data.draw(st.integers(0, len(whole)))
    accounted_for(whole[:at] + data.draw(st.binary(max_size=4)) + whole[at + data.draw(st.integers(0, 4)) :])


@UNTIMED
@given(st.binary(max_size=200))
@example(b"")
@example(b"\xff\xfec\0o\0")
@example(b"PAR1")
@example(b"PAR1" + bytes(20) + b"PAR1")
@example(b"code,service_date")
@example(b"\n\ncode,service_date\nE0601,2020-01-01")
def test_any_bytes(data: bytes) -> None:
    accounted_for(data)


@UNTIMED
@given(st.binary(max_size=60))
def test_any_bytes_under_a_header(data: bytes) -> None:
    assert accounted_for(b"code,service_date\n" + data) is not None


@UNTIMED
@given(tables)
def test_both_ways_of_reading_csv_agree(table: list[list[str]]) -> None:
    path = Path(FOLDER.name) / "both.csv"
    path.write_bytes(as_csv(table))
    sheet = Sheet(str(path))
    file = open_text(path, sheet)
    assert file is not None
    assert file.sound
    found = []
    for sound in (True, False):
        CONNECTION.execute(f"CREATE OR REPLACE TEMP TABLE {REJECTS} (a BIGINT, b VARCHAR, c VARCHAR, d VARCHAR)")
        loaded = load(CONNECTION, replace(file, sound=sound), range(len(COLUMNS)))
        columns = ", ".join(f"COALESCE(c{i}, '')" for i in range(len(COLUMNS)))
        read = CONNECTION.execute(f"SELECT {loaded.row} AS number, {columns} FROM {RAW} ORDER BY number").fetchall()
        found.append((loaded.total, loaded.malformed, read))
    assert found[0] == found[1]


def test_a_stray_quote_spoils_its_own_line_only(tmp_path: Path) -> None:
    lines = [f"E0601,2020-01-01,{i}" for i in range(500)]
    lines[100] = 'E0601,2020-01-01,"open'
    lines[200] = 'E0601,2020-01-01,"a"b'
    lines[300] = "E0601,2020-01-01"
    lines[400] = "E0601,2020-01-01,1,2"
    lines[401] = "E0601,2020-01-01,1,,"
    lines[402] = '"E0601",2020-01-01,"two\nlines"'
    connection, table = opened(csv_file(tmp_path, rows("code,service_date,note", lines)))
    found = connection.execute(f'SELECT "row", message FROM {table.rejects_table} ORDER BY 1').fetchall()
    assert found == [
        (101, "a quote is not closed, or stands inside a value"),
        (201, "a quote is not closed, or stands inside a value"),
        (301, "the row has 2 values, the header 3"),
        (401, "the row has 4 values, the header 3"),
    ]
    assert (table.total, table.accepted) == (500, 496)


def test_a_row_that_is_not_utf_8_is_a_reject(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    lines = [b"code,service_date,member,name", b"E0601,2020-01-01,Ren\xe9,", b"E0601,2020-01-02,Ren\xc3\xa9,Ren\xe9"]
    path.write_bytes(b"\n".join(lines))
    connection, table = opened(path)
    query = f'SELECT "row", code, message FROM {table.rejects_table}'
    assert connection.execute(query).fetchall() == [(1, "MP811", "the row is not UTF-8 text")]


def test_row_numbers_hold_in_a_file_read_by_several_threads(tmp_path: Path) -> None:
    count = 400_000
    lines = (f"{10000 + i % 80000},2020-01-01,{i + 1},{'x' * 60}" for i in range(count))
    connection, table = opened(csv_file(tmp_path, rows("code,service_date,member,filler", lines)))
    assert table.total == count
    wrong = f"SELECT count(*) FROM {table.lines.table} WHERE member <> line::VARCHAR"
    assert connection.execute(wrong).fetchall() == [(0,)]


def test_a_damaged_parquet_file(tmp_path: Path) -> None:
    path = parquet_file(tmp_path, {"code": [f"E{i:04}" for i in range(5000)], "service_date": ["2020-01-01"] * 5000})
    whole = path.read_bytes()
    assert accounted_for(whole, "whole.parquet") == 5000
    assert accounted_for(whole[:-100], "cut.parquet") is None
    assert accounted_for(whole[:20] + bytes(200) + whole[220:], "holed.parquet") in (None, 5000)


def test_a_damaged_archive(tmp_path: Path) -> None:
    assert accounted_for(b"code,service_date\n", "plain.csv.gz") is None
    assert accounted_for(b"\x1f\x8b\x08\x00" + bytes(20), "cut.csv.gz") is None


def test_what_stands_in_a_row_is_never_repeated(tmp_path: Path) -> None:
    secret = "Xq7Zw"
    line = ",".join(f"{secret} {i}" for i in range(len(COLUMNS)))
    connection, table = opened(csv_file(tmp_path, rows(",".join(COLUMNS), [line])))
    assert table.rejected == 1
    assert secret not in str(connection.execute(f"SELECT * FROM {table.rejects_table}").fetchall())


ROWS = """\
E0601,2020-01-01,1950-01-01,65,1,A,,,,,,,,,,
,soon,1950-01-01,,1,A,,,,,,,,,,
E0601,,2030-01-01,,1,A,,,,,,,,,,
E06?1,2020-01-01,2030-01-01,131,1,A,?,I10 E119,-1,101,perhaps,C9,never,none,gout,lots
"""


def test_messages_of_rejects(tmp_path: Path) -> None:
    connection, table = opened(csv_file(tmp_path, ",".join(COLUMNS) + "\n" + ROWS))
    found = connection.execute(
        f'SELECT "row", code, "column", message FROM {table.rejects_table} ORDER BY 1'
    ).fetchall()
    written = "".join(f"row {row}, {column}: {code} {message}\n" for row, code, column, message in found)
    assert written == (GOLDEN / "claims_rejects.txt").read_text(encoding="utf-8")


MAP = """\
columns:
  code: [a, b]
  procedure: a
  servce_date: c
  member: {column: m, format: "%Y"}
  age: {columns: []}
  birth_date: {year: y}
  test_date: {column: t, format: "%Q"}
  claim: {column: x, pad: 100}
  diagnosis: {columns: [d], only_iff: {a: 1}}
  bmi: b
values: {stage: {T: trail}, units: {many: "-x"}, nothing: {a: b}}
constants: {bmi: 30, ceap: C9, code: E0601}
ignore: [sexx]
history_since: last year
colums: {}
"""


def test_messages_about_a_map(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(MAP, encoding="utf-8")
    with pytest.raises(PolicyRejected) as caught:
        read_claims_map(path, FACTS)
    assert str(caught.value).replace(str(tmp_path), "") + "\n" == (GOLDEN / "claims_map.txt").read_text(
        encoding="utf-8"
    )


def test_messages_about_a_map_and_its_file(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "proc_code,service date,service date,age\nE0601,2020-01-01,,1\n")
    columns = "code: proc_cod, diagnosis: {column: age, only_if: {icd: 1}}, service_date: {column: service date}"
    with pytest.raises(PolicyRejected) as caught:
        opened(path, mapped=f'columns: {{{columns}, test_date: {{column: age, format: "%Q"}}}}')
    found = str(caught.value).replace(str(tmp_path), "") + "\n"
    assert found == (GOLDEN / "claims_map_and_file.txt").read_text(encoding="utf-8")


@UNTIMED
@given(
    st.one_of(
        st.text(st.characters(exclude_characters="\r\x85\u2028\u2029"), max_size=80),
        st.text(st.sampled_from("columns:cdevau{}[],&*!\n \"'-01%"), max_size=80),
    )
)
def test_any_map(tmp_path: Path, text: str) -> None:
    path = tmp_path / "any.yaml"
    path.write_text("columns: " + text, encoding="utf-8", errors="replace")
    try:
        read_claims_map(path, FACTS)
    except PolicyRejected as error:
        codes = {problem.code for problem in error.problems}
    else:
        codes = set()
    assert codes <= set(CATALOGUE)


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"service_date": ["2020-01-01"]}, "MP804"),
        ({"code": ["E0601"]}, "MP804"),
        ({"code": [b"E0601"], "service_date": ["2020-01-01"]}, "MP809"),
        ({"code": [{"a": "E0601"}], "service_date": ["2020-01-01"]}, "MP809"),
    ],
)
def test_a_parquet_file_that_cannot_serve(tmp_path: Path, columns: dict[str, list[object]], code: str) -> None:
    with pytest.raises(PolicyRejected) as caught:
        opened(parquet_file(tmp_path, columns))
    assert [problem.code for problem in caught.value.problems] == [code]


def test_a_folder_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.parquet"):
        with pytest.raises(PolicyRejected) as caught:
            opened(path)
        assert [problem.code for problem in caught.value.problems] == ["MP801"]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.csv", b"", "the first line is no CSV header in UTF-8"),
        ("b.csv", "code,service_date\n".encode("utf-16"), "neither Parquet nor UTF-8 text"),
        ("c.parquet", b"PAR1 but not really", "it begins like a Parquet file but cannot be read as one"),
        ("d.parquet", b"\x89PNG\r\n\x1a\n\0\0", "the first line is no CSV header in UTF-8"),
    ],
)
def test_a_file_that_is_something_else(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(PolicyRejected) as caught:
        opened(path)
    assert [(problem.code, problem.message) for problem in caught.value.problems] == [("MP802", message)]


def test_every_code_about_claims_is_tested() -> None:
    here = Path(__file__).parent
    files = [*here.glob("test_claims*.py"), *here.glob("claims/test_*.py"), *GOLDEN.glob("claims*.txt")]
    told = set(re.findall(r"\bMP8\d{2}\b", "".join(path.read_text(encoding="utf-8") for path in files)))
    assert told == {code for code in CATALOGUE if code.startswith("MP8")}
