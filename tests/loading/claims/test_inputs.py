"""Several files as one input: folders, partitions, globs, lists, parts, and every kind of file."""

import gzip
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loading.claims_files import FACTS, csv_file, opened, parquet_file
from medpol.loading.claims import ClaimsTable, open_claims, parts
from medpol.problems import PolicyRejected

TOTAL = 23


def lines_of(first: int, count: int) -> pa.Table:
    """Lines that know their own number; every seventh has no code and is rejected."""
    numbers = range(first, first + count)
    return pa.table(
        {
            "code": [None if n % 7 == 0 else "E0601" for n in numbers],
            "service_date": ["2020-01-01"] * count,
            "claim": [str(n) for n in numbers],
        }
    )


def write(table: pa.Table, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.name.endswith(".parquet"):
        pq.write_table(table, path, row_group_size=4)
    elif path.name.endswith(".gz"):
        with gzip.open(path, "wb") as stream:
            pyarrow.csv.write_csv(table, stream)
    elif path.name.endswith(".csv"):
        pyarrow.csv.write_csv(table, path)
    else:
        pyarrow.feather.write_feather(table, path, compression="uncompressed", chunksize=5)
    return path


def numbers(connection: duckdb.DuckDBPyConnection, table: ClaimsTable) -> dict[int, str]:
    return dict(connection.execute(f"SELECT line, claim FROM {table.lines.table}").fetchall())


def expected(first: int = 1, count: int = TOTAL) -> dict[int, str]:
    return {n: str(n) for n in range(first, first + count) if n % 7}


@pytest.fixture(params=["parquet", "csv", "csv.gz", "arrow", "feather"])
def three(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder of three files with the lines 1 to 23, named so that only sorting gives their order."""
    folder, ending = tmp_path / "in", request.param
    write(lines_of(19, 5), folder / f"month=2020-03/a.{ending}")
    write(lines_of(1, 10), folder / f"month=2020-01/b.{ending}")
    write(lines_of(11, 8), folder / f"month=2020-02/a.{ending}")
    (folder / "_SUCCESS").touch()
    (folder / ".hidden.csv").write_text("nothing")
    return folder


def test_a_folder_numbers_its_lines_by_sorted_path(three: Path) -> None:
    connection, table = opened(three)
    assert numbers(connection, table) == expected()
    assert (table.total, table.accepted, table.rejected) == (TOTAL, 20, 3)


def test_a_rejected_row_names_its_file_and_the_row_in_it(three: Path) -> None:
    connection, table = opened(three)
    query = f'SELECT "row", file, file_row FROM {table.rejects_table} ORDER BY 1'
    found = [(row, Path(file).parent.name, n) for row, file, n in connection.execute(query).fetchall()]
    assert found == [(7, "month=2020-01", 7), (14, "month=2020-02", 4), (21, "month=2020-03", 3)]
    assert [str(table.place_of(row)).split("in/")[1].partition(".")[0] for row, *_ in found] == [
        "month=2020-01/b",
        "month=2020-02/a",
        "month=2020-03/a",
    ]
    assert str(table.place_of(14)).endswith("row 4")


def test_globs_and_lists_give_the_same_lines(three: Path) -> None:
    files = sorted(three.glob("*/*"), reverse=True)
    for claims in (str(three / "*" / "*"), str(three / "month=2020-0[123]" / "*"), files, [str(f) for f in files]):
        connection = duckdb.connect()
        table = open_claims(connection, claims, FACTS, None, frozenset())
        assert numbers(connection, table) == expected()


def test_partitions_are_columns(three: Path) -> None:
    mapped = "columns: {plan: month}\n"
    connection, table = opened(three, mapped=mapped)
    (column,) = table.lines.codes["plan"]
    query = f"SELECT {column}, count(*) FROM {table.lines.table} l GROUP BY 1 ORDER BY 1"
    assert connection.execute(query).fetchall() == [("2020-01", 9), ("2020-02", 7), ("2020-03", 4)]


def test_a_null_partition_is_not_known(tmp_path: Path) -> None:
    write(lines_of(1, 2), tmp_path / "in/plan=A/a.parquet")
    write(lines_of(3, 2), tmp_path / "in/plan=__HIVE_DEFAULT_PARTITION__/a.parquet")
    connection, table = opened(tmp_path / "in")
    (column,) = table.lines.codes["plan"]
    query = f"SELECT line, {column} FROM {table.lines.table} l ORDER BY 1"
    assert connection.execute(query).fetchall() == [(1, "A"), (2, "A"), (3, None), (4, None)]


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(at_most=st.integers(1, 30))
def test_parts_are_all_rows_once_with_their_numbers(three: Path, at_most: int) -> None:
    found = parts(three, at_most)
    assert found == parts(three, at_most)
    lines: dict[int, str] = {}
    total = rejected = 0
    for part in found:
        assert part.count is None or part.count <= at_most
        connection = duckdb.connect()
        table = open_claims(connection, part, FACTS, None, frozenset())
        if part.first_line is not None:
            assert part.count is None or table.parts == (part,)
            assert lines.keys().isdisjoint(numbers(connection, table))
            lines |= numbers(connection, table)
        total, rejected = total + table.total, rejected + table.rejected
    assert (total, rejected) == (TOTAL, 3)
    if all(part.count is not None for part in found):
        assert lines == expected()


def test_neighbouring_parts_open_together(three: Path) -> None:
    found = parts(three, 4)
    connection = duckdb.connect()
    table = open_claims(connection, found, FACTS, None, frozenset())
    assert numbers(connection, table) == expected()


def test_parts_of_parquet_follow_its_row_groups(tmp_path: Path) -> None:
    path = write(lines_of(1, TOTAL), tmp_path / "a.parquet")  # row groups of 4
    assert [(p.first_row, p.count, p.first_line) for p in parts(path, 9)] == [(0, 8, 1), (8, 8, 9), (16, 7, 17)]
    assert [p.count for p in parts(path, 3)] == [3, 1] * 5 + [3]


def test_a_csv_file_is_one_part_of_unknown_size(tmp_path: Path) -> None:
    write(lines_of(1, 10), tmp_path / "in/a.csv")
    write(lines_of(11, 5), tmp_path / "in/b.csv")
    first, second = parts(tmp_path / "in", 3)
    assert (first.first_line, first.count, second.first_line, second.count) == (1, None, None, None)


def test_files_with_malformed_rows_keep_the_numbers(tmp_path: Path) -> None:
    head = "code,service_date,claim"
    (tmp_path / "in").mkdir()
    csv_file(tmp_path / "in", f"{head}\nE0601,2020-01-01,1\nE0601,2020-01-01,2,3,4\nE0601,2020-01-01,3\n", "a.csv")
    csv_file(tmp_path / "in", f"claim,{head[:-6]}\n4,E0601,2020-01-01\n", "b.csv")  # the order of columns is free
    csv_file(tmp_path / "in", f'{head}\nE0601,2020-01-01,"5\nE0601,2020-01-01,6\n', "c.csv")
    connection, table = opened(tmp_path / "in")
    assert numbers(connection, table) == {1: "1", 3: "3", 4: "4", 6: "6"}
    query = f'SELECT "row", code, file_row FROM {table.rejects_table} ORDER BY 1'
    assert connection.execute(query).fetchall() == [(2, "MP811", 2), (5, "MP811", 1)]


def problems_of(claims: object) -> list[str]:
    with pytest.raises(PolicyRejected) as caught:
        open_claims(duckdb.connect(), claims, FACTS, None, frozenset())  # type: ignore[arg-type]
    return [f"{Path(p.place.file).name}: {p.code} {p.message}" for p in caught.value.problems]


def test_a_file_with_other_columns_is_one_problem(tmp_path: Path) -> None:
    first = parquet_file(tmp_path, {"code": ["E0601"], "service_date": ["2020-01-01"], "age": [3]}, "a.parquet")
    parquet_file(tmp_path, {"code": ["E0601"], "service_date": ["2020-01-01"], "years": [3]}, "b.parquet")
    parquet_file(tmp_path, {"age": [3], "code": ["E0601"], "service_date": ["2020-01-01"]}, "c.parquet")
    parquet_file(tmp_path, {"code": ["E0601"], "service_date": ["2020-01-01"], "age": ["3"]}, "d.parquet")
    assert problems_of(tmp_path) == [
        f"b.parquet: MP810 compared with {first}, it lacks 'age' and has 'years'",
        f"d.parquet: MP810 compared with {first}, it lacks 'age' as BIGINT and has 'age' as VARCHAR",
    ]


def test_inputs_that_cannot_be_used(tmp_path: Path) -> None:
    a = csv_file(tmp_path, "code,service_date\nE0601,2020-01-01\n", "a.csv")
    b = parquet_file(tmp_path, {"code": ["E0601"], "service_date": ["2020-01-01"]}, "b.parquet")
    assert problems_of([a, b]) == [f"b.parquet: MP810 this is Parquet, {a} is CSV"]
    assert problems_of([]) == ["0 files: MP801 no file is given"]
    assert problems_of(tmp_path / "*.orc") == ["*.orc: MP801 no file has such a name"]
    assert problems_of(tmp_path / "none.csv") == ["none.csv: MP801 no such file"]
    (tmp_path / "empty").mkdir()
    assert problems_of(tmp_path / "empty")[0].startswith("empty: MP801 no file in this folder ends in")
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / "a.arrow").write_bytes(b"ARROW1\0\0")
    assert problems_of(tmp_path / "cut") == ["a.arrow: MP802 it begins like an Arrow file but cannot be read as one"]
    (tmp_path / "cut" / "a.arrow").write_bytes(b"PAR1" + bytes(9))
    with pytest.raises(PolicyRejected):
        parts(tmp_path / "cut", 5)
    write(lines_of(1, 1), tmp_path / "mixed/plan=A/a.csv")
    write(lines_of(1, 1), tmp_path / "mixed/a.csv")
    assert "its folders give other columns" in problems_of(tmp_path / "mixed")[0]


def test_a_partition_and_a_column_of_one_name(tmp_path: Path) -> None:
    write(lines_of(1, 1), tmp_path / "in/claim=A/a.parquet")
    assert problems_of(tmp_path / "in") == ["in: MP808 the file has 2 columns 'claim'"]
