"""What must hold of effects and intervals of a single comparison, and of numbers worked out from reports."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from medpol.evidence import (
    compare_proportions,
    count_from_percent,
    effect_sizes,
    number_needed,
    score_interval,
    sd_from_ci,
    sd_from_difference_p,
    sd_from_se,
    sd_of_change,
    se_from_ci,
)
from medpol.evidence.effects.measures import inverse_freeman_tukey
from medpol.evidence.effects.single import score_statistic
from medpol.problems import PolicyRejected

arm = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(deadline=None)
@given(arm, arm)
def test_score_limits_are_where_the_test_is_just_significant(first, second) -> None:
    low, high = score_interval(*first, *second)
    difference = first[0] / first[1] - second[0] / second[1]
    assert -1 <= low <= difference <= high <= 1
    for end in (low, high):
        if -1 < end < 1 and abs(end - difference) > 1e-9:
            assert score_statistic(*first, *second, end) == pytest.approx(stats.chi2.ppf(0.95, 1), rel=1e-5)


@settings(deadline=None)
@given(arm, arm)
def test_swapping_the_arms_turns_every_interval_over(first, second) -> None:
    one, other = compare_proportions(*first, *second), compare_proportions(*second, *first)
    for name in ("wald", "newcombe", "score"):
        here, there = getattr(one, name), getattr(other, name)
        assert here == pytest.approx((-there[1], -there[0]), abs=1e-9)
    assert one.rr.log == pytest.approx(-other.rr.log)
    assert one.fisher_p == pytest.approx(other.fisher_p)


@settings(deadline=None)
@given(arm, arm)
def test_or_and_rr_agree_on_the_direction(first, second) -> None:
    tables = {"ai": [first[0]], "n1i": [first[1]], "ci": [second[0]], "n2i": [second[1]]}
    odds, risk = (float(effect_sizes(m, **tables).yi[0]) for m in ("OR", "RR"))
    assert abs(odds) >= abs(risk) - 1e-12
    assert odds * risk >= 0


def test_the_number_needed_runs_through_infinity_where_the_interval_holds_zero() -> None:
    found = number_needed(0.1, (-0.05, 0.25))
    assert (found.kind, found.value, found.benefit, found.harm) == ("benefit", 10.0, 4.0, 20.0)
    assert found.through_infinity
    assert number_needed(0.0, (-0.1, 0.1)).value == math.inf
    assert number_needed(-0.2, (-0.3, -0.1)).kind == "harm"


@given(st.floats(0.01, 0.99), st.integers(5, 500))
def test_freeman_tukey_comes_back(share, n) -> None:
    x = round(share * n)
    yi = effect_sizes("PFT", xi=[x], ni=[n]).yi
    assert float(inverse_freeman_tukey(yi, n)[0]) == pytest.approx(x / n, abs=1e-9)


@pytest.mark.parametrize("measure", ["PLN", "PLO", "PAS"])
def test_proportions_come_back(measure: str) -> None:
    data = effect_sizes(measure, xi=[3, 8], ni=[10, 11])
    assert data.back(data.yi) == pytest.approx([0.3, 8 / 11])


def test_sd_from_what_papers_print() -> None:
    """Round trips: the SE, interval and p that a known SD gives lead back to it."""
    sd, n = 12.9, 143
    se = sd / math.sqrt(n)
    assert sd_from_se(se, n) == pytest.approx(sd)
    z, t = stats.norm.ppf(0.975), stats.t.ppf(0.975, n - 1)
    assert sd_from_ci(50 - z * se, 50 + z * se, n) == pytest.approx(sd)
    assert sd_from_ci(50 - t * se, 50 + t * se, n, t=True) == pytest.approx(sd)
    p = stats.ttest_ind_from_stats(53, sd, 143, 51.7, sd, 129).pvalue
    assert sd_from_difference_p(1.3, p, 143, 129) == pytest.approx(sd)
    assert se_from_ci(math.exp(-0.2), math.exp(0.6), ratio=True) == pytest.approx(0.8 / (2 * z))
    assert sd_of_change(3, 4, 0) == pytest.approx(5)


def test_small_groups_use_t() -> None:
    assert sd_from_ci(0, 2, 10) < sd_from_ci(0, 2, 10, t=False)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_printed_percentage_leads_back_to_its_count(table) -> None:
    x, n = table
    found = count_from_percent(float(f"{100 * x / n:.2f}"), n, decimals=2)
    assert f"{100 * found / n:.2f}" == f"{100 * x / n:.2f}"


@pytest.mark.parametrize(("percent", "n", "code"), [(59.6, 98, "EV113"), (76.8, 98, "EV113"), (120, 50, "EV115")])
def test_percentages_no_count_can_give(percent: float, n: int, code: str) -> None:
    """59.6% and 76.8% of 98 are in the reviewed policy's results."""
    with pytest.raises(PolicyRejected, match=code):
        count_from_percent(percent, n)


BAD = [
    ("OR", {"ai": [5], "n1i": [3], "ci": [1], "n2i": [9]}, "EV106"),
    ("OR", {"ai": [-1], "n1i": [3], "ci": [1], "n2i": [9]}, "EV105"),
    ("OR", {"ai": [1.5], "n1i": [3], "ci": [1], "n2i": [9]}, "EV105"),
    ("OR", {"ai": [0], "n1i": [0], "ci": [1], "n2i": [9]}, "EV107"),
    ("MD", {"m1i": [1], "sd1i": [-2], "n1i": [9], "m2i": [1], "sd2i": [1], "n2i": [9]}, "EV108"),
    ("SMD", {"m1i": [1], "sd1i": [2], "n1i": [1], "m2i": [1], "sd2i": [1], "n2i": [9]}, "EV107"),
    ("ROM", {"m1i": [1], "sd1i": [2], "n1i": [9], "m2i": [-1], "sd2i": [1], "n2i": [9]}, "EV111"),
    ("IRR", {"x1i": [1], "t1i": [0], "x2i": [1], "t2i": [9]}, "EV109"),
    ("PR", {"xi": [4], "ni": [3]}, "EV106"),
    ("ZCOR", {"ri": [1], "ni": [30]}, "EV110"),
    ("COR", {"ri": [-1.2], "ni": [30]}, "EV110"),
    ("GEN", {"yi": [1], "vi": [0]}, "EV108"),
    ("GEN", {"yi": [1]}, "EV102"),
    ("XYZ", {"yi": [1]}, "EV103"),
]


@pytest.mark.parametrize(("measure", "columns", "code"), BAD)
def test_impossible_numbers_are_named_with_their_code(measure: str, columns: dict[str, list[float]], code: str) -> None:
    with pytest.raises(PolicyRejected, match=code):
        effect_sizes(measure, **columns)


def test_every_bad_cell_is_named_at_once() -> None:
    with pytest.raises(PolicyRejected) as caught:
        effect_sizes("OR", ai=[5, 1, -2], n1i=[3, 9, 9], ci=[1, 0.5, 1], n2i=[9, 9, 9])
    places = [(p.place.path, p.code) for p in caught.value.problems]
    assert places == [
        ("row 1, column ai", "EV106"),
        ("row 2, column ci", "EV105"),
        ("row 3, column ai", "EV105"),
    ]


def test_what_is_not_reported_is_not_an_error() -> None:
    data = effect_sizes("MD", m1i=[1, np.nan], sd1i=[1, 1], n1i=[9, 9], m2i=[0, 0], sd2i=[1, 1], n2i=[9, 9])
    assert data.included.tolist() == [True, False]
    assert data.left_out == {1: "not all numbers are reported"}
