"""Instruments: published scoring examples, ranges, bands, thresholds; patient-level responder analysis."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpol.evidence import INSTRUMENTS, analyse_outcomes, read_observations, score
from medpol.problems import PolicyRejected

SCORED = [key for key, instrument in INSTRUMENTS.items() if instrument.rule is not None]


def test_the_published_odi_examples() -> None:
    """16 of 50 is 32%; with one section left out 16 of 45 is 35.6% (instructions of the questionnaire)."""
    odi = INSTRUMENTS["odi"]
    assert score(odi, [2, 2, 2, 2, 2, 2, 1, 1, 1, 1]).value == 32
    assert score(odi, [2, 2, 2, 2, 2, 2, 2, 1, 1, None]).value == pytest.approx(35.56, abs=0.005)


def test_the_rand_rule_leaves_blanks_out_and_averages_the_rest() -> None:
    pf = INSTRUMENTS["sf36-pf"]
    assert score(pf, [1] * 10).value == 0
    assert score(pf, [3] * 10).value == 100
    assert score(pf, [3, 3, 2, 1, 2, None, None, None, 1, 3]).value == pytest.approx((3 * 100 + 2 * 50) / 7)


def test_the_roland_score_counts_statements() -> None:
    assert score(INSTRUMENTS["rmdq"], [1] * 7 + [0] * 10 + [None] * 7).value == 7


@pytest.mark.parametrize("key", SCORED)
def test_scores_stay_on_the_scale_and_reach_both_ends(key: str) -> None:
    instrument = INSTRUMENTS[key]
    values, count = instrument.item_values, instrument.items
    ends = {score(instrument, [v] * count).value for v in (min(values), max(values))}
    assert ends == {instrument.low, instrument.high}

    @given(st.lists(st.sampled_from(values), min_size=count, max_size=count))
    def law(answers: list[int]) -> None:
        assert instrument.holds(score(instrument, answers).value)

    law()


@pytest.mark.parametrize(
    ("key", "answers", "message"),
    [
        ("odi", [6] + [0] * 9, "allows 0, 1, 2, 3, 4, 5"),
        ("odi", [1] * 9, "10 items, not 9"),
        ("odi", [1] * 4 + [None] * 6, "at least half"),
        ("sf12-pcs", [1], "no published item scoring"),
        ("nrs", [1], "no published item scoring"),
    ],
)
def test_answers_that_cannot_be_scored_are_refused(key: str, answers: list, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        score(INSTRUMENTS[key], answers)


@pytest.mark.parametrize("key", INSTRUMENTS)
def test_every_instrument_is_described_with_sources(key: str) -> None:
    instrument = INSTRUMENTS[key]
    assert instrument.low < instrument.high
    assert all(t.source and 0 < t.points < instrument.high - instrument.low for t in instrument.thresholds)
    assert (instrument.rule is None) == (instrument.items is None)
    assert instrument.rule is None or instrument.rule_source
    assert not instrument.bands or (instrument.bands[0].low, instrument.bands[-1].high) == (
        instrument.low,
        instrument.high,
    )


def test_bands_and_directions() -> None:
    odi, pf = INSTRUMENTS["odi"], INSTRUMENTS["sf36-pf"]
    bands = [odi.band(x) for x in (0, 20, 21, 40.5, 60, 61, 81)]
    assert bands == [
        "minimal disability", "minimal disability", "moderate disability", "severe disability",
        "severe disability", "crippled", "bed-bound or exaggerating",
    ]  # fmt: skip
    assert odi.improvement(50, 38) == 12
    assert pf.improvement(50, 38) == -12


# Díaz-Arribas 2017 (SF-12), Ostelo 2008 (NRS, VAS, RMDQ, ODI), MiDAS ENCORE (ZCQ).
@pytest.mark.parametrize(
    ("key", "points"),
    [("odi", 10), ("nrs", 2), ("vas", 15), ("rmdq", 5), ("zcq-ss", 0.5), ("sf12-pcs", 3.29), ("sf12-mcs", 3.77)],
)
def test_published_important_changes(key: str, points: float) -> None:
    assert INSTRUMENTS[key].important_change.points == points


ROWS = """\
patient,arm,instrument,timepoint,score
1,thing,odi,baseline,50
2,thing,odi,baseline,52
3,thing,odi,baseline,48
4,care,odi,baseline,50
5,care,odi,baseline,51
6,care,odi,baseline,49
1,thing,odi,1 y,40
2,thing,odi,1 y,45
3,thing,odi,1 y,20
4,care,odi,1 y,41
5,care,odi,1 y,
"""


def test_patients_become_responders_under_every_assumption(tmp_path: Path) -> None:
    path = tmp_path / "patients.csv"
    path.write_text(ROWS, encoding="utf-8")
    (table,) = analyse_outcomes(read_observations(path))
    thing, care = table.arms
    assert (thing.n, thing.seen, thing.responders) == (3, 3, 2)  # improved by 10, 7 and 28
    assert (care.n, care.seen, care.responders) == (3, 1, 0)
    assert thing.improvement_mean == pytest.approx(15)
    assert thing.bands["minimal disability"] == 1
    rates = {c.assumption: [(r.events, r.n) for r in c.rates] for c in table.comparisons}
    assert rates == {
        "failures": [(2, 3), (0, 3)],
        "completers": [(2, 3), (0, 1)],
        "best case": [(2, 3), (0, 3)],
        "worst case": [(2, 3), (2, 3)],
    }
    (strict,) = analyse_outcomes(read_observations(path), thresholds={"odi": 20})
    assert [arm.responders for arm in strict.arms] == [1, 0]


def test_item_columns_are_scored(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    items = ",".join(f"item{n}" for n in range(1, 6))
    path.write_text(
        f"patient,arm,instrument,timepoint,{items}\n1,a,zcq-pf,baseline,3,3,3,3,3\n1,a,zcq-pf,6 mo,2,2,3,3,\n",
        encoding="utf-8",
    )
    (table,) = analyse_outcomes(read_observations(path))
    assert table.arms[0].follow_up_mean == 2.5
    assert table.arms[0].responders == 1


@pytest.mark.parametrize(
    ("row", "code", "path"),
    [
        ("7,thing,odi,1 y,101", "EV014", "row 13, column score"),
        ("7,thing,odd,1 y,10", "EV006", "row 13, column instrument"),
        ("1,care,odi,2 y,10", "EV005", "row 13, column arm"),
        ("1,thing,odi,1 y,10", "EV005", ""),
        (",thing,odi,1 y,10", "EV002", "row 13, column patient"),
    ],
)
def test_a_bad_patient_row_is_told_with_its_cell(row: str, code: str, path: str, tmp_path: Path) -> None:
    file = tmp_path / "patients.csv"
    file.write_text(ROWS + row + "\n", encoding="utf-8")
    with pytest.raises(PolicyRejected) as rejected:
        read_observations(file)
    assert [(p.code, p.place.path) for p in rejected.value.problems] == [(code, path)]


def test_an_instrument_without_a_confirmed_change_needs_one(tmp_path: Path) -> None:
    path = tmp_path / "pf.csv"
    path.write_text(
        "patient,arm,instrument,timepoint,score\n1,a,sf36-pf,baseline,40\n1,a,sf36-pf,1 y,70\n", encoding="utf-8"
    )
    rows = read_observations(path)
    with pytest.raises(ValueError, match="state a threshold"):
        analyse_outcomes(rows)
    assert analyse_outcomes(rows, thresholds={"sf36-pf": 16})[0].arms[0].responders == 1
