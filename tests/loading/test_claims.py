"""Claims files become lines: what is recognised, what a cell means, which rows are rejected and why."""

import gzip
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loading.claims_files import csv_file, opened, parquet_file, rejects, rows, seen
from medpol.engine.predicates.claims import sides
from medpol.loading.claims.relations import _sides
from medpol.loading.claims.values import completed_age, in_normal_form
from medpol.loading.values import code as request_code
from medpol.model.calendar import completed
from medpol.model.codes import CodeList, normal, parse_pattern
from medpol.problems import PolicyRejected

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "src/medpol/data/claims"
SHARED = HERE.parents[2] / "shared/claims"
_FOLDER, _CONNECTION = TemporaryDirectory(), duckdb.connect()


def test_usual_names_are_recognised(tmp_path: Path) -> None:
    header = "Proc Code,Date_of_Service,DX2,dx1,Principal Diagnosis,MOD1,Mod2,Member ID,DOB,LOB,POS,Qty,BMI,Claim ID"
    line = "g0444,2015-05-30,E11.9,i10,m48.062,gp,,7,1950-05-31,commercial,11,2,31.5,A1"
    connection, table = opened(csv_file(tmp_path, rows(header, [line])))
    facts = ("procedure", "service_date", "diagnosis", "primary_diagnosis", "modifier", "age", "units", "bmi")
    assert seen(connection, table, facts) == [
        ("G0444", date(2015, 5, 30), "M48062", "I10", "E119", "M48062", "GP", None, 64, 2, 31.5)
    ]
    assert set(table.given) == {"member", "claim", "line_of_business"}
    kept = f"SELECT line, code, claim, claim_line, member, line_of_business, billed FROM {table.lines.table}"
    assert connection.execute(kept).fetchall() == [(1, "G0444", "A1", None, "7", "commercial", None)]


def test_a_fact_nobody_reads_is_neither_read_nor_checked(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "code,service_date,bmi\nE0601,2020-01-01,none\n")
    _, table = opened(path, uses=frozenset({"age"}))
    assert (table.accepted, table.lines.numbers) == (1, {})
    connection, table = opened(path, uses=frozenset({"bmi"}))
    assert rejects(connection, table) == [(1, "MP817", "bmi")]


@pytest.mark.parametrize("delimiter", [",", "|", ";", "\t"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_delimiter_byte_order_mark_and_line_end(tmp_path: Path, delimiter: str, start: str, end: str) -> None:
    lines = ["code,service_date,note", 'E0601,2020-01-01,"a ,|;\t b"', "", "G0444,2020-01-02,"]
    text = end.join(line.replace(",", delimiter) if '"' not in line else line for line in lines)
    text = start + text.replace('E0601,2020-01-01,"', f'E0601{delimiter}2020-01-01{delimiter}"') + end
    connection, table = opened(csv_file(tmp_path, text))
    assert seen(connection, table, ("procedure", "service_date")) == [
        ("E0601", date(2020, 1, 1)),
        ("G0444", date(2020, 1, 2)),
    ]


def test_compressed_csv(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv.gz"
    path.write_bytes(gzip.compress(b"code,service_date\nE0601,2020-01-01\nE0601\n"))
    _, table = opened(path)
    assert (table.total, table.rejected) == (2, 1)


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("service_date", "2015-05-30", date(2015, 5, 30)),
        ("service_date", "2015/5/30", date(2015, 5, 30)),
        ("service_date", "20150530", date(2015, 5, 30)),
        ("service_date", "30-May-2015", date(2015, 5, 30)),
        ("service_date", "2015-05-30T23:59:59", date(2015, 5, 30)),
        ("service_date", "", "MP814"),
        ("service_date", "05/06/2015", "MP815"),
        ("service_date", "2015-02-29", "MP815"),
        ("service_date", "9999-12-31", "MP815"),
        ("service_date", "infinity", "MP815"),
        ("service_date", "epoch", "MP815"),
        ("procedure", "", "MP812"),
        ("procedure", " . ", "MP812"),
        ("procedure", "99213.0", "MP813"),
        ("procedure", "992?3", "MP813"),
        ("birth_date", "2020-01-02", "MP816"),
        ("birth_date", "1880-01-01", "MP816"),
        ("age", "130", 130),
        ("age", "131", "MP818"),
        ("age", "12.5", "MP818"),
        ("age", "-1", "MP818"),
        ("units", "-1", "MP818"),
        ("units", "1e2", 100),
        ("units", "nan", "MP817"),
        ("units", "1e400", "MP817"),
        ("units", "two", "MP817"),
        ("bmi", "9.9", "MP818"),
        ("bmi", "10", 10),
        ("bmi", "100.1", "MP818"),
        ("therapy", "-0.5", "MP818"),
        ("smoker", "Yes", 1),
        ("smoker", "0", 0),
        ("smoker", "maybe", "MP820"),
        ("ceap", "C2", 2),
        ("ceap", "C7", "MP819"),
        ("test_date", "", None),
        ("test_date", "soon", "MP815"),
        ("stage", "Trial", "TRIAL"),
        ("stage", "other", "MP819"),
        ("sex", "?", "MP813"),
        ("diagnosis", "E11.9 I10", "MP813"),
        ("modifier", "g.p", "GP"),
        ("billed", "much", "MP817"),
    ],
)
def test_a_cell_means_this_or_rejects_its_row(tmp_path: Path, column: str, cell: str, expected: object) -> None:
    values = {"procedure": "E0601", "service_date": "2020-01-01", "birth_date": "", "age": "", column: cell}
    line = ",".join(f'"{value}"' for value in values.values())
    connection, table = opened(
        csv_file(tmp_path, rows(",".join(values), [line, ",".join(["", *[""] * 9][: len(values)])]))
    )
    found = rejects(connection, table)
    if isinstance(expected, str) and expected.startswith("MP"):
        assert [(1, expected, column)] == found[:1]
    else:
        assert [row for row, *_ in found] == [2]
        assert seen(connection, table, (column,)) == [(expected,)]


def test_sets_between_bars_and_semicolons(tmp_path: Path) -> None:
    header = "code|service_date|diagnosis|comorbidity"
    lines = ["E0601|2020-01-01|e11.9; i10;|diabetes", "E0601|2020-01-01|m48.062|diabetes;osa", "E0601|2020-01-01||gout"]
    connection, table = opened(csv_file(tmp_path, rows(header, lines)))
    assert seen(connection, table, ("diagnosis", "comorbidity")) == [
        ("E119", "I10", None, "DIABETES", None),
        ("M48062", None, None, "DIABETES", "OSA"),
    ]
    assert rejects(connection, table) == [(3, "MP819", "comorbidity")]


def test_modifiers_are_known_to_be_none_and_diagnoses_are_not(tmp_path: Path) -> None:
    _, table = opened(csv_file(tmp_path, "code,service_date,modifier_1,dx1\nE0601,2020-01-01,,\n"))
    assert table.lines.known_sets == {"modifier": ""}


def test_the_line_of_business_is_a_name_of_the_library(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path, rows("code,service_date,lob", [f"E0601,2020-01-01,{x}" for x in ("FEP", "Other one", "")])
    )
    connection, table = opened(path, lines_of_business=("Fep", "commercial"))
    query = f"SELECT line_of_business FROM {table.lines.table} ORDER BY line"
    assert connection.execute(query).fetchall() == [("Fep",), ("other one",), (None,)]
    assert seen(connection, table, ("line_of_business",)) == [("FEP",), ("OTHERONE",), (None,)]


MAP = """
columns:
  code: {column: proc, pad: 5}
  service_date: {year: y, day: 07-01}
  birth_date: {column: born, format: "%m/%d/%Y"}
  diagnosis: {columns: [a, b], only_if: {icd: 10, kind: x}}
values: {line_of_business: {M: commercial}, place_of_service: {"-1": ""}}
constants: {state: NH, comorbidity: osa, bmi: 30}
ignore: [plan]
note: As the state gave it.
history_since: 2014-01-01
"""


def test_a_map(tmp_path: Path) -> None:
    header = "proc,y,born,a,b,icd,kind,lob,pos,plan,member"
    lines = ["810,2016,02/29/1952,i10,e119,10,x,M,-1,P,1", "G0444,2016,,i10,,9,x,other,11,P,1"]
    connection, table = opened(csv_file(tmp_path, rows(header, lines)), mapped=MAP)
    facts = ("procedure", "service_date", "age", "diagnosis", "place_of_service", "state", "comorbidity", "bmi", "plan")
    assert seen(connection, table, facts) == [
        ("00810", date(2016, 7, 1), 64, "I10", "E119", None, "NH", "OSA", 30, None),
        ("G0444", date(2016, 7, 1), None, None, None, "11", "NH", "OSA", 30, None),
    ]
    assert table.lines.history_since == "DATE '2014-01-01'"
    assert table.notes[0] == "As the state gave it."
    assert "service_date is 1 July of y." in table.notes
    assert "diagnosis is read only where icd is 10 and kind is x." in table.notes


def test_parquet_keeps_its_types_and_stays_where_it_is(tmp_path: Path) -> None:
    path = parquet_file(
        tmp_path,
        {
            "code": [99213, 99214, 99215, 99216],
            "service_date": [datetime(2020, 1, d, 23) for d in (1, 2, 3, 4)],  # noqa: DTZ001 a file without zones
            "units": [1.0, float("nan"), float("inf"), None],
            "pos": [11.0, 22.5, None, float("nan")],
            "diagnosis": [["i10", "e11.9"], [], None, ["i10"]],
            "smoker": [True, False, None, True],
            "age": [64, 65, 66, 131],
        },
    )
    connection, table = opened(path)
    assert rejects(connection, table) == [(3, "MP817", "units"), (4, "MP818", "age")]
    facts = ("procedure", "service_date", "units", "place_of_service", "diagnosis", "smoker", "age")
    assert seen(connection, table, facts) == [
        ("99213", date(2020, 1, 1), 1, "11", "I10", "E119", 1, 64),
        ("99214", date(2020, 1, 2), None, "225", None, None, 0, 65),
    ]
    tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert tables == {table.rejects_table}


def test_other_codes_of_a_claim(tmp_path: Path) -> None:
    lines = ["A0001,1", "B0001,1", "B0001,1", "C0001,2", "D0001,", "E0001,3", "E0002,3", "?,3"]
    path = csv_file(tmp_path, rows("code,claim,service_date", [f"{line},2020-01-01" for line in lines]))
    connection, table = opened(path)
    query = f"SELECT l.code, {', '.join(table.lines.codes['also_billed'])}, {table.lines.known_sets['also_billed']}"
    found = connection.execute(f"{query} FROM {table.lines.table} l ORDER BY l.line").fetchall()
    assert [(code, {*others} - {None}, known) for code, *others, known in found] == [
        ("A0001", {"B0001"}, True),
        ("B0001", {"A0001"}, True),
        ("B0001", {"A0001"}, True),
        ("C0001", set(), True),
        ("D0001", set(), False),
        ("E0001", {"E0002"}, True),
        ("E0002", {"E0001"}, True),
    ]
    pattern = parse_pattern("E000*")
    assert pattern is not None
    connection, table = opened(path, also_billed=[CodeList(patterns=(pattern,))])
    others = seen(connection, table, ("also_billed",))
    assert [{*columns} - {None} for columns in others] == [set()] * 5 + [{"E0002"}, {"E0001"}]


def test_a_claim_with_too_many_codes_does_not_say_what_else_was_billed(tmp_path: Path) -> None:
    lines = [f"{10000 + i},A,2020-01-01" for i in range(61)]
    connection, table = opened(csv_file(tmp_path, rows("code,claim,service_date", lines)))
    known = f"SELECT DISTINCT {table.lines.known_sets['also_billed']} FROM {table.lines.table} l"
    assert connection.execute(known).fetchall() == [(False,)]
    assert table.notes[-1].startswith("1 claims have so many codes")


def test_history_is_the_members_own_lines(tmp_path: Path) -> None:
    header = "code,service_date,member,claim,units,modifier_1,modifier_2,dx1,level"
    lines = [
        "E0601,2020-01-02,1,A,2,LT,,I10,L4",
        "E0601,2020-01-01,1,B,,50,RT,,",
        "E0601,2020-01-03,,C,1,,,,",
        "E0601,soon,1,D,1,,,,",
    ]
    connection, table = opened(csv_file(tmp_path, rows(header, lines)))
    assert connection.execute(f"SELECT * FROM {table.lines.history} ORDER BY row").fetchall() == [
        (1, 1, "1", "A", "E0601", date(2020, 1, 2), 2, 1, 0, "L4"),
        (2, 2, "1", "B", "E0601", date(2020, 1, 1), 1, 1, 1, ""),
    ]
    assert connection.execute(f"SELECT * FROM {table.lines.history_diagnoses}").fetchall() == [(1, "I10")]
    assert table.lines.history_since == "DATE '2020-01-01'"


def test_without_a_member_there_is_no_history(tmp_path: Path) -> None:
    _, table = opened(csv_file(tmp_path, "code,service_date\nE0601,2020-01-01\n"))
    assert (table.lines.history, table.lines.history_since) == ("", "")
    assert "No column gives the member: there is no claims history." in table.notes


@settings(deadline=None)
@given(st.lists(st.sampled_from(["LT", "RT", "50", "GP", None]), max_size=3))
def test_sides_are_those_of_the_engine(modifiers: list[str | None]) -> None:
    columns = [f"'{modifier}'" if modifier else "NULL::VARCHAR" for modifier in modifiers]
    about = sides([modifier for modifier in modifiers if modifier])
    left, right = _sides(columns)
    assert duckdb.execute(f"SELECT {left}, {right}").fetchall() == [(int("LT" in about), int("RT" in about))]


@settings(deadline=None)
@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_ages_are_those_of_the_calendar(birth: date, service: date) -> None:
    birth, service = sorted((birth, service))
    names = ("age", "age_months", "age_days")
    sql = ", ".join(completed_age(name, f"DATE '{birth}'", f"DATE '{service}'") for name in names)
    expected = tuple(completed(birth, service, unit) for unit in ("a", "mo", "d"))
    assert duckdb.execute(f"SELECT {sql}").fetchall() == [expected]


@settings(deadline=None)
@given(st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=8))
def test_codes_have_the_normal_form_of_the_model(text: str) -> None:
    assert duckdb.execute(f"SELECT {in_normal_form('?')}", [text]).fetchall() == [(normal(text),)]


@settings(deadline=None)
@given(st.text(st.characters(codec="ascii", exclude_characters='\0"\r\n|;,'), min_size=1, max_size=8).map(str.strip))
def test_a_code_is_a_code_as_in_requests(text: str) -> None:
    path = Path(_FOLDER.name) / "code.csv"
    path.write_text(f'code,service_date,sex\nE0601,2020-01-01,"{text}"\n', encoding="utf-8")
    connection, table = opened(path, uses=frozenset({"sex"}), connection=_CONNECTION)
    if normal(text) and request_code(text) is None:
        assert rejects(connection, table) == [(1, "MP813", "sex")]
    else:
        assert seen(connection, table, ("sex",)) == [(request_code(text),)]


def test_bundled_lines_are_all_lines(tmp_path: Path) -> None:
    connection, table = opened(DATA / "cms_bfd/claims.csv", uses=frozenset({"age", "sex", "diagnosis", "history"}))
    assert (table.total, table.accepted) == (1052, 1052)
    ages = f"SELECT min(n_age), max(n_age), count(*) - count(n_age) FROM {table.lines.table}"
    assert connection.execute(ages).fetchall() == [(53, 105, 0)]


def test_the_bundled_lines_can_be_made_again(tmp_path: Path) -> None:
    folder = SHARED / "cms_bfd"
    if not folder.is_dir():
        pytest.skip("CMS's sample files are not here")
    out = tmp_path / "claims.csv"
    script = (HERE.parents[1] / "tools/make_cms_bfd_claims.py").read_text(encoding="utf-8")
    names = {"__name__": "tool", "__file__": str(HERE.parents[1] / "tools/make_cms_bfd_claims.py")}
    exec(compile(script, "make_cms_bfd_claims.py", "exec"), names)
    names["main"](folder, out)  # type: ignore[operator]
    assert out.read_bytes() == (DATA / "cms_bfd/claims.csv").read_bytes()


@pytest.mark.parametrize("name", ["claim_lines.parquet", "claim_lines.csv.gz"])
def test_the_new_hampshire_lines(tmp_path: Path, name: str) -> None:
    path = SHARED / "nh_apcd_2016" / name
    if not path.is_file():
        pytest.skip("the New Hampshire lines are not here")
    copy = tmp_path / name
    copy.symlink_to(path)
    mapped = (DATA / "maps/nh_apcd_2016.yaml").read_text(encoding="utf-8")
    connection, table = opened(copy, mapped=mapped, uses=frozenset({"age", "diagnosis", "place_of_service", "units"}))
    assert (table.total, table.accepted, table.rejected) == (100_000, 99_991, 9)
    query = f"SELECT min(code), count(DISTINCT code), count(s_diagnosis_0), sum(n_age) FROM {table.lines.table}"
    assert connection.execute(query).fetchall() == [("00100", 2850, 98698, 4120410)]


def test_two_files_one_after_the_other_on_one_connection(tmp_path: Path) -> None:
    first = csv_file(tmp_path, "code,service_date\nE0601,soon\n")
    connection, table = opened(first)
    assert table.rejected == 1
    second = parquet_file(tmp_path, {"code": ["E0601"], "service_date": [date(2020, 1, 1)]})
    _, table = opened(second, connection=connection)
    assert (table.accepted, table.rejected) == (1, 0)


def test_names_that_would_break_sql(tmp_path: Path) -> None:
    name = 'it\'s "a" [b]*.parquet'
    path = parquet_file(tmp_path, {'co"de': ["E0601"], "service_date": [date(2020, 1, 1)]}, name)
    connection, table = opened(path, mapped="columns: {code: 'co\"de'}")
    assert seen(connection, table, ("procedure",)) == [("E0601",)]
    path = csv_file(tmp_path, "x','y,code,service_date\n1,2,E0601,2020-01-01\n", "it's [a]?.csv")
    assert opened(path)[1].accepted == 1


def test_a_rejected_file_says_so_once(tmp_path: Path) -> None:
    with pytest.raises(PolicyRejected) as caught:
        opened(tmp_path / "absent.csv")
    assert [problem.code for problem in caught.value.problems] == ["MP801"]
