"""Responder rates: the audit of the commissioning document recomputed, and the laws they obey."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.small_folder import HEADER, ROWS, read
from medpol.evidence import ArmCount, Rate, compare, course, load_evidence, marker_holds, responder_analysis
from medpol.evidence.responders import chi_square_p

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "src/medpol/data/demonstration/policies/07.01.89/evidence"
CHECKS = ROOT / "../shared/evidence/seed_policy_checks.json"

# Table 1 recomputed (whole patients, Newcombe interval, chi-square): outcome, time → counts, RD, low, high.
TABLE_1 = {
    ("NRS", "6 mo"): (80, 143, 43, 129, 22.6, 10.8, 33.5),
    ("NRS", "1 y"): (82, 143, 35, 129, 30.2, 18.6, 40.7),
    ("ODI", "6 mo"): (89, 143, 46, 129, 26.6, 14.7, 37.4),
    ("ODI", "1 y"): (83, 143, 35, 129, 30.9, 19.3, 41.3),
    ("ZCQ-SS", "6 mo"): (75, 142, 37, 129, 24.1, 12.5, 34.9),
    ("ZCQ-SS", "1 y"): (74, 143, 41, 129, 20.0, 8.2, 30.9),
    ("ZCQ-PF", "6 mo"): (75, 143, 18, 129, 38.5, 27.7, 47.9),
    ("ZCQ-PF", "1 y"): (63, 143, 23, 129, 26.2, 15.3, 36.2),
    ("ZCQ-PS", "6 mo"): (92, 142, 39, 129, 34.6, 22.8, 44.9),
    ("ZCQ-PS", "1 y"): (88, 143, 43, 129, 28.2, 16.4, 38.9),
}


@pytest.fixture(scope="module")
def evidence():
    return load_evidence(DEMO)


@pytest.mark.parametrize("cell", TABLE_1)
def test_table_1_recomputed(evidence, cell: tuple[str, str]) -> None:
    x1, n1, x2, n2, gap, low, high = TABLE_1[cell]
    found = responder_analysis(evidence, "MiDAS ENCORE", *cell).under("as reported")
    assert [(r.events, r.n) for r in found.rates] == [(x1, n1), (x2, n2)]
    assert (found.difference, found.low, found.high) == pytest.approx((gap, low, high), abs=0.05)
    rows = evidence.rows("MiDAS ENCORE", *cell)
    assert marker_holds(rows[0], rows[1]) is True


def test_the_two_year_rates_under_the_rule_of_the_first_year(evidence) -> None:
    analyses = [responder_analysis(evidence, "MiDAS ENCORE", "ODI", t) for t in ("6 mo", "1 y", "2 y")]
    assert analyses[2].under("as reported").rates[0].pct == pytest.approx(72.4, abs=0.05)
    assert analyses[2].under("failures").rates[0] == Rate(events=71, n=143)
    (whole,) = course(analyses)
    assert whole.rule_changes
    assert [round(x, 1) for x in whole.failures_pct] == [62.2, 58.0, 49.7]
    assert [round(x, 1) for x in whole.reported_pct] == [62.2, 58.0, 72.4]


def test_the_tipping_point_and_the_worst_case_of_the_audit(evidence) -> None:
    found = responder_analysis(evidence, "MiDAS ENCORE", "ODI", "1 y")
    assert found.tipping is not None
    assert (found.tipping.needed, found.tipping.withdrawals) == (25, 32)
    assert found.tipping.completer_pct == pytest.approx(36.1, abs=0.05)
    worst = found.under("worst case")
    assert (worst.difference, worst.low, worst.high) == pytest.approx((-3.2, -14.2, 7.9), abs=0.05)
    completers = found.under("completers")
    assert [r.n for r in completers.rates] == [121, 97]


def test_withdrawals_told_for_one_year_are_not_used_at_six_months(evidence) -> None:
    found = responder_analysis(evidence, "MiDAS ENCORE", "ODI", "6 mo")
    assert {c.assumption for c in found.comparisons} == {"as reported", "failures", "failures, all randomized"}
    with pytest.raises(KeyError):
        found.under("completers")


def test_a_percentage_no_count_gives_is_refused(evidence) -> None:
    with pytest.raises(ValueError, match="no percentage that fits"):
        responder_analysis(evidence, "MiDAS ENCORE", "ZCQ-PF", "2 y")


@pytest.mark.skipif(not CHECKS.exists(), reason="the audit is not beside the repository")
def test_the_audit_file_agrees(evidence) -> None:
    claims = {c["id"]: c for c in json.loads(CHECKS.read_text(encoding="utf-8"))["claims"]}
    same_rule = claims["2y-denominator"]["computed"]
    for outcome in ("NRS", "ODI", "ZCQ-SS"):
        found = responder_analysis(evidence, "MiDAS ENCORE", outcome, "2 y")
        assert round(found.under("failures").rates[0].pct, 1) == same_rule[outcome]
    for outcome, when, claim in (("NRS", "6 mo", "T1-NRS-6m"), ("ODI", "1 y", "T1-ODI-1y")):
        computed = claims[claim]["computed"]
        found = responder_analysis(evidence, "MiDAS ENCORE", outcome, when).under("as reported")
        assert found.p == pytest.approx(computed["p_chi2"], rel=0.05)


counts = st.tuples(*[st.integers(0, 60)] * 4).map(sorted)


@st.composite
def arms(draw: st.DrawFn) -> ArmCount:
    events, observed, treated, randomized = draw(counts)
    return ArmCount(
        arm="a", label="a", events=events, observed=observed + 1, treated=treated + 1, randomized=randomized + 1
    )


@given(arms(), arms())
def test_every_assumption_lies_between_worst_and_best(one: ArmCount, two: ArmCount) -> None:
    reported = [Rate(events=a.events, n=a.treated) for a in (one, two)]
    comparisons, _ = compare([one, two], reported)
    found = {c.assumption: c.difference for c in comparisons}
    assert found["worst case"] <= found["failures, all randomized"] <= found["best case"]
    for comparison in comparisons:
        assert comparison.low <= comparison.difference <= comparison.high
        assert -100 <= comparison.low <= comparison.high <= 100
        assert 0 <= comparison.p <= 1


@given(arms(), arms())
def test_the_tipping_point_is_the_first_count_without_significance(one: ArmCount, two: ArmCount) -> None:
    reported = [Rate(events=a.events, n=a.treated) for a in (one, two)]
    comparisons, tipping = compare([one, two], reported)
    plain = {c.assumption: c for c in comparisons}["failures"]
    if tipping is None:
        assert plain.p >= 0.05
        return
    fixed = Rate(events=one.events, n=one.treated)
    lost = [
        extra
        for extra in range(two.treated - two.observed + 1)
        if chi_square_p(fixed, Rate(events=two.events + extra, n=two.treated)) >= 0.05
    ]
    assert tipping.needed == (lost[0] if lost else None)


def test_counts_that_cannot_be_are_refused() -> None:
    wrong = ArmCount(arm="a", label="a", events=9, observed=8, treated=10)
    with pytest.raises(ValueError, match="does not hold"):
        compare([wrong], [Rate(events=9, n=10)])


@pytest.mark.parametrize(
    ("marker", "holds"),
    [("<.001", True), ("<.0001", False), ("=.0003", True), ("=.001", False), ("NS", False), (">.05", False)],
)
def test_a_printed_p_is_checked_against_the_counts(marker: str, holds: bool, tmp_path: Path) -> None:
    rows = [ROWS[0].replace("<.001", marker), *ROWS[1:]]
    evidence = read(tmp_path, results="\n".join([HEADER, *rows]) + "\n")
    one, two = evidence.rows("ash", "ODI", "1 y")
    assert marker_holds(one, two) is holds  # 30/50 against 12/50: chi-square p = .00027
