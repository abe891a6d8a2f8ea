"""The evidence folder: what loads, and that everything wrong is told with its place, at once."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.small_folder import APPRAISAL, FLOW, HEADER, REFERENCES, ROWS, STUDIES, read, with_row, write
from medpol.evidence import load_evidence, possible_counts
from medpol.problems import PolicyRejected, Problem

DEMO = Path(__file__).resolve().parents[2] / "src/medpol/data/demonstration/policies/07.01.89/evidence"


def problems(folder: Path, **changes: str) -> list[Problem]:
    with pytest.raises(PolicyRejected) as rejected:
        read(folder, **changes)
    return [p for p in rejected.value.problems if p.level == "error"]


def test_a_folder_is_read_as_written(tmp_path: Path) -> None:
    evidence = read(tmp_path / "1.1" / "evidence")
    assert evidence.policy == "1.1"
    assert [study.name for study in evidence.studies] == ["Ash", "Elm"]
    first = evidence.results[0]
    assert (first.percent, first.count, first.place.line) == (Decimal("60.0"), 30, 2)
    assert evidence.study("Ash") is evidence.study("ash")
    assert evidence.appraisal.conclusion("function").certainty.level == "moderate"
    assert evidence.warnings == ()


BAD_ROWS = {
    "EV010 percent": ("ash,thing,died,1 y,,50,,33.3,,,,,,,,ash-2019,,", "row 8, column percent"),
    "EV010 events": ("ash,thing,died,1 y,,50,10,30,,,,,,,,ash-2019,,", "row 8, column percent"),
    "EV011": ("ash,thing,died,1 y,,50,51,,,,,,,,,ash-2019,,", "row 8, column events"),
    "EV012": ("ash,thing,ODI,6 mo,,50,,,40,-3,,,,,,ash-2019,,", "row 8, column sd"),
    "EV013 outside": ("ash,thing,ODI,6 mo,,50,,,,,-9,-8,-2,,,ash-2019,,", "row 8, column change"),
    "EV013 reversed": ("ash,thing,ODI,6 mo,,50,,,,,-9,-2,-12,,,ash-2019,,", "row 8, column ci_low"),
    "EV014 mean": ("ash,thing,ODI,6 mo,,50,,,101,,,,,,,ash-2019,,", "row 8, column mean"),
    "EV014 change": ("ash,thing,ODI,6 mo,,50,,,,,-120,,,,,ash-2019,,", "row 8, column change"),
    "EV015": ("ash,thing,ODI,6 mo,,40,20,,,,,,,,,ash-2019,,", "row 2, column n"),
    "EV016": ("ash,thing,happy,1 y,,50,,,,,-1,,,,,ash-2019,,", "row 8, column change"),
    "EV006 study": ("oak,thing,ODI,6 mo,,50,20,,,,,,,,,ash-2019,,", "row 8, column study"),
    "EV006 arm": ("ash,sham,ODI,6 mo,,50,20,,,,,,,,,ash-2019,,", "row 8, column arm"),
    "EV006 outcome": ("ash,thing,VAS,6 mo,,50,20,,,,,,,,,ash-2019,,", "row 8, column outcome"),
    "EV006 time": ("ash,thing,ODI,9 mo,,50,20,,,,,,,,,ash-2019,,", "row 8, column timepoint"),
    "EV006 reference": ("ash,thing,ODI,6 mo,,50,20,,,,,,,,,oak-1990,,", "row 8, column reference"),
    "EV005": (ROWS[0], ""),
    "EV004 count": ("ash,thing,ODI,6 mo,,many,20,,,,,,,,,ash-2019,,", "row 8, column n"),
    "EV004 number": ("ash,thing,ODI,6 mo,,50,,NaN,,,,,,,,ash-2019,,", "row 8, column percent"),
    "EV004 p": ("ash,thing,ODI,6 mo,,50,20,,,,,,,tiny,,ash-2019,,", "row 8, column p"),
    "EV002": ("ash,thing,ODI,6 mo,,50,,,,,,,,,,ash-2019,,", "row 8, column n"),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_an_impossible_cell_is_told_with_its_place(case: str, tmp_path: Path) -> None:
    row, path = BAD_ROWS[case]
    found = problems(tmp_path, results=with_row(row))
    assert (case.split(maxsplit=1)[0], path) in {(p.code, p.place.path) for p in found}
    assert all(p.place.file.endswith("results.csv") and p.place.line for p in found)


def test_a_defect_of_the_source_loads_with_a_warning_and_needs_a_note(tmp_path: Path) -> None:
    printed = "ash,thing,died,1 y,,50,,33.3,,,,,,,,ash-2019,yes,no count of 50 is a third"
    evidence = read(tmp_path / "noted", results=with_row(printed))
    assert [(w.code, w.level) for w in evidence.warnings] == [("EV010", "warning")]
    assert evidence.results[-1].count is None
    bare = "ash,thing,died,1 y,,50,,33.3,,,,,,,,ash-2019,yes,"
    assert [p.code for p in problems(tmp_path / "bare", results=with_row(bare))] == ["EV002"]


def test_every_problem_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        references=REFERENCES.replace("30000001", "x1"),
        studies=STUDIES.replace("instrument: odi", "instrument: odd").replace("NCT01234567", "NCT1"),
        appraisal=APPRAISAL.replace("key: 1", "key: 9").replace("overall: some_concerns", "overall: low"),
        results=with_row("oak,thing,ODI,6 mo,,50,51,,,,,,,,,ash-2019,,"),
    )
    assert {p.code for p in found} >= {"EV020", "EV006", "EV030", "EV011"}
    assert {Path(p.place.file).name for p in found} == {
        "references.yaml",
        "studies.yaml",
        "appraisal.yaml",
        "results.csv",
    }


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("populations: [", "EV001", 2),
        ("- a list", "EV004", 1),
        ("populations: {a: {label: x}}\npopulations: {}", "EV005", 2),
        ("populations: &p {}\nstudies: *p", "EV004", 1),
        ("colour: red", "EV003", 1),
        ("randomized: [1", "EV001", 2),
    ],
)
def test_broken_yaml_is_a_problem_with_its_line(text: str, code: str, line: int, tmp_path: Path) -> None:
    found = problems(tmp_path, studies=text)
    assert code in {p.code for p in found if p.place.file.endswith("studies.yaml")}
    assert any(p.place.line <= line for p in found if p.code == code)


@pytest.mark.parametrize("text", ["", "study,arm\n", HEADER + ",n\n", "\x00", HEADER + '\n"ash'])
def test_a_broken_table_is_a_problem(text: str, tmp_path: Path) -> None:
    if text == HEADER + '\n"ash':
        text += ",thing"
    assert problems(tmp_path, results=text)


def test_a_folder_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(PolicyRejected, match="EV001 no such folder"):
        load_evidence(tmp_path / "nowhere")


def test_a_printed_p_that_the_counts_contradict_is_told(tmp_path: Path) -> None:
    rows = [ROWS[0].replace("<.001", "=.2"), *ROWS[1:]]
    evidence = read(tmp_path, results="\n".join([HEADER, *rows]) + "\n")
    (warning,) = evidence.warnings
    assert (warning.code, warning.place.path) == ("EV023", "row 2, column p")
    assert "the counts give 0.00027" in warning.message


def test_arms_that_do_not_add_up_are_kept_and_told(tmp_path: Path) -> None:
    evidence = read(tmp_path, studies=STUDIES.replace("randomized: 100", "randomized: 102"))
    assert evidence.study("ash").randomized == 102
    assert [w.message for w in evidence.warnings] == ["102 randomized, but the arms account for 100"]


def test_evidence_as_of_a_date_is_what_was_in_print(tmp_path: Path) -> None:
    evidence = read(tmp_path)
    assert [s.key for s in evidence.as_of(date(2019, 2, 28)).studies] == []
    early = evidence.as_of(date(2020, 1, 1))
    assert [s.key for s in early.studies] == ["ash"]
    assert {r.study for r in early.results} == {"ash"}
    assert [r.key for r in early.references] == ["ash-2019"]
    assert evidence.as_of(date(2021, 1, 1)).studies == evidence.studies


@given(n=st.integers(1, 400), data=st.data(), decimals=st.integers(0, 2))
def test_every_true_percentage_passes_grim(n: int, data: st.DataObject, decimals: int) -> None:
    events = data.draw(st.integers(0, n))
    printed = Decimal(f"{100 * events / n:.{decimals}f}")
    assert events in possible_counts(printed, n)


@given(n=st.integers(1, 200), percent=st.decimals(0, 100, places=1))
def test_grim_finds_exactly_the_counts_that_round_to_it(n: int, percent: Decimal) -> None:
    brute = tuple(k for k in range(n + 1) if abs(Decimal(100 * k) - percent * n) * 20 <= n)
    assert tuple(possible_counts(percent, n)) == brute


# The audit of the commissioning document names each of these cells.
def test_the_demonstration_evidence_holds_the_printed_defects_and_no_other() -> None:
    evidence = load_evidence(DEMO)
    told = {(w.code, w.place.path or w.message) for w in evidence.warnings}
    assert told == {
        ("EV010", "row 31, column percent"),
        ("EV010", "row 38, column percent"),
        ("EV010", "row 39, column percent"),
        ("EV010", "row 40, column percent"),
        ("EV010", "row 43, column percent"),
        ("EV015", "row 22, column n"),
        ("EV015", "row 36, column n"),
        ("EV016", "row 38, column change"),
        ("EV017", "row 32, column n"),
        ("EV017", "row 33, column n"),
        ("EV018", "302 randomized, but the arms account for 300"),
        ("EV018", "arm 'esi': 153 randomized, 151 accounted for"),
    }


def test_the_demonstration_evidence_holds_the_review() -> None:
    evidence = load_evidence(DEMO)
    trials = [s for s in evidence.studies if s.design == "rct"]
    assert sum(s.randomized or 0 for s in trials) == 478
    assert {number for r in evidence.references for number in r.printed_as} == set(range(1, 19))
    assert [r.key for r in evidence.references if len(r.printed_as) > 1] == ["deer-2022"]
    assert not evidence.for_population("cervical-thoracic").studies
    assert all(not c.sufficient for c in evidence.appraisal.conclusions)
    early = evidence.as_of(date(2016, 3, 1))
    assert "motion" not in {s.key for s in early.studies}
    assert {r.timepoint for r in early.results if r.study == "midas-encore"} == {"baseline", "6 mo"}


def test_write_then_read_is_stable(tmp_path: Path) -> None:
    assert load_evidence(write(tmp_path)) == load_evidence(tmp_path)


def test_a_flow_of_records_must_add_up(tmp_path: Path) -> None:
    assert read(tmp_path / "good", studies=STUDIES + FLOW).flow is not None
    found = problems(tmp_path / "bad", studies=STUDIES + FLOW.replace("screened: 90", "screened: 95"))
    assert [p.code for p in found] == ["EV019", "EV019"]


BITS = ("", "0", "-1", "{}", "[1]", "~", "1e400", "999999999", "\n", "  ", "&a", '"', ":", ",", "é", "\x00", "NaN", "|")


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["references", "studies", "appraisal", "guidelines", "results"]),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 20), st.sampled_from(BITS)), min_size=1, max_size=4),
)
def test_no_damage_to_a_file_is_more_than_a_list_of_problems(
    name: str, cuts: list[tuple[float, int, str]], tmp_path: Path
) -> None:
    ending = "csv" if name == "results" else "yaml"
    text = (write(tmp_path) / f"{name}.{ending}").read_text(encoding="utf-8")
    for where, length, bit in cuts:
        at = int(where * len(text))
        text = text[:at] + bit + text[at + length :]
    problems: tuple[Problem, ...] = ()
    try:
        problems = read(tmp_path, **{name: text}).warnings
    except PolicyRejected as rejected:
        problems = rejected.problems
    assert all(p.code and p.message and p.place.file for p in problems)
