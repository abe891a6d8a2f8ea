"""What must hold of any pooled effect, and what degenerate input gives."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medpol.evidence import (
    METHODS,
    effect_sizes,
    egger,
    leave_one_out,
    meta_analysis,
    meta_regression,
    mixed_model,
    pool,
    pool_many,
    profile_likelihood,
    q_profile,
    subgroups,
    trim_and_fill,
)
from medpol.problems import PolicyRejected

rows = st.lists(
    st.tuples(st.floats(-5, 5).map(lambda y: round(y, 3)), st.floats(0.01, 5).map(lambda v: round(v, 3))),
    min_size=2,
    max_size=10,
)
methods = st.sampled_from(METHODS)


def given_effects(pairs: list[tuple[float, float]]):
    return effect_sizes("GEN", yi=[y for y, _ in pairs], vi=[v for _, v in pairs])


@settings(deadline=None)
@given(rows, methods, st.sampled_from(["z", "t", "knha", "adhoc"]))
def test_nothing_is_nan_and_the_interval_holds_the_estimate(pairs, method, ci) -> None:
    fit = pool(given_effects(pairs), method=method, ci=ci)
    numbers = (fit.estimate, fit.se, fit.p, fit.ci_low, fit.ci_high, fit.tau2, fit.i2, fit.h2, fit.q, fit.q_p)
    assert all(math.isfinite(number) for number in numbers)
    assert fit.ci_low <= fit.estimate <= fit.ci_high
    assert min(y for y, _ in pairs) - 1e-9 <= fit.estimate <= max(y for y, _ in pairs) + 1e-9
    assert fit.tau2 >= 0
    assert 0 <= fit.i2 < 100
    assert fit.weights_pct.sum() == pytest.approx(100)


@settings(deadline=None)
@given(rows, methods, st.floats(-3, 3), st.floats(0.2, 5))
def test_shifting_and_scaling_the_effects(pairs, method, shift, scale) -> None:
    data = given_effects(pairs)
    moved = effect_sizes("GEN", yi=scale * data.yi + shift, vi=scale**2 * data.vi)
    before, after = pool(data, method=method), pool(moved, method=method)
    if method in {"ML", "REML"} and not math.isclose(after.tau2, scale**2 * before.tau2, rel_tol=1e-5, abs_tol=1e-9):
        return  # two peaks of equal height
    assert after.tau2 == pytest.approx(scale**2 * before.tau2, rel=1e-5, abs=1e-9)
    assert after.estimate == pytest.approx(scale * before.estimate + shift, rel=1e-5, abs=1e-6)


@settings(deadline=None)
@given(rows, methods)
def test_the_order_of_studies_does_not_matter(pairs, method) -> None:
    one, other = pool(given_effects(pairs), method=method), pool(given_effects(pairs[::-1]), method=method)
    assert other.estimate == pytest.approx(one.estimate, rel=1e-7, abs=1e-9)


@settings(deadline=None)
@given(rows)
def test_paule_mandel_solves_its_equation(pairs) -> None:
    data = given_effects(pairs)
    tau2 = pool(data, method="PM").tau2
    w = 1 / (data.vi + tau2)
    q = float((w * (data.yi - (w * data.yi).sum() / w.sum()) ** 2).sum())
    assert q == pytest.approx(len(pairs) - 1, rel=1e-8) if tau2 > 0 else q <= len(pairs) - 1 + 1e-9


@settings(deadline=None)
@given(rows)
def test_the_q_profile_interval_holds_paule_mandel(pairs) -> None:
    data = given_effects(pairs)
    interval = q_profile(data)
    assert interval is not None
    tau2 = pool(data, method="PM").tau2
    assert interval.tau2[0] <= tau2 + 1e-9
    assert tau2 <= interval.tau2[1] + 1e-9 or interval.tau2 == (0.0, 0.0)


@settings(deadline=None, max_examples=40)
@given(rows, st.sampled_from(["ML", "REML"]))
def test_the_likelihood_interval_holds_its_estimate(pairs, method) -> None:
    data = given_effects(pairs)
    interval = profile_likelihood(data, method=method)
    assert interval is not None
    tau2 = pool(data, method=method).tau2
    assert interval.tau2[0] <= tau2 <= interval.tau2[1]


@given(rows)
def test_the_guarded_knapp_hartung_interval_is_never_narrower_than_wald(pairs) -> None:
    data = given_effects(pairs)
    assert pool(data, ci="adhoc").se >= pool(data, ci="z").se * (1 - 1e-12)


def test_leaving_one_out_is_pooling_the_others() -> None:
    data = effect_sizes("GEN", study=list("abcd"), yi=[0.1, 0.9, 0.4, 0.6], vi=[0.02, 0.03, 0.05, 0.04])
    row = leave_one_out(data, method="REML", ci="knha")[1]
    others = pool(data.take([0, 2, 3]), method="REML", ci="knha")
    assert row.study == "b"
    assert (row.estimate, row.ci_low, row.tau2) == pytest.approx((others.estimate, others.ci_low, others.tau2))


def test_absent_studies_in_a_batch_are_as_if_never_there() -> None:
    full = pool_many([[0.1, 0.9, 7.0]], [[0.02, 0.03, np.inf]], method="REML", ci="knha")
    short = pool_many([[0.1, 0.9]], [[0.02, 0.03]], method="REML", ci="knha")
    for key in ("estimate", "se", "tau2", "q", "ci_low", "k"):
        assert getattr(full, key) == pytest.approx(getattr(short, key))


# Degenerate input: what the documentation promises.


def test_one_study_is_itself() -> None:
    fit = pool(effect_sizes("GEN", yi=[0.3], vi=[0.04]), method="REML", ci="knha")
    assert (fit.estimate, fit.tau2, fit.i2, fit.h2, fit.q_p) == (0.3, 0, 0, 1, 1)
    assert fit.se == pytest.approx(0.2)
    assert fit.se_tau2 is None
    assert any("one study" in warning for warning in fit.warnings)


def test_two_studies_have_no_t_interval_with_k_minus_2() -> None:
    fit = pool(effect_sizes("GEN", yi=[0.1, 0.9], vi=[0.02, 0.03]), prediction="t_kminus2")
    assert fit.prediction_low is None
    assert any("no prediction interval" in warning for warning in fit.warnings)


def test_equal_effects_have_a_knapp_hartung_error_of_zero_and_say_so() -> None:
    data = effect_sizes("GEN", yi=[0.5] * 5, vi=[0.1, 0.2, 0.3, 0.4, 0.5])
    fit = pool(data, ci="knha")
    assert fit.se == 0
    assert any("adhoc" in warning for warning in fit.warnings)
    assert egger(data).stat is None
    assert trim_and_fill(data) is None
    assert meta_analysis(data).as_json()["trim_fill"] == {}


def test_equal_standard_errors_have_no_egger_test() -> None:
    assert egger(effect_sizes("GEN", yi=[0.1, 0.4, 0.2], vi=[0.1] * 3)).why == "the predictor does not vary"


def test_rows_without_an_effect_are_named_and_not_pooled() -> None:
    data = effect_sizes(
        "OR", study=["a", "b", "c"], ai=[0, 3, np.nan], n1i=[9, 9, 9], ci=[0, 1, 2], n2i=[9, 9, 9], zero_cells="none"
    )
    fit = pool(data)
    assert fit.k == 1
    assert [study for study, _ in fit.left_out] == ["a", "c"]
    assert any("a is not pooled" in warning for warning in fit.warnings)


def test_numbers_no_computer_can_square_are_not_pooled_and_named() -> None:
    data = effect_sizes("GEN", yi=[0.1, 1e200, 0.3], vi=[0.1, 0.1, 1e-250])
    assert pool(data).k == 1
    assert set(data.left_out) == {1, 2}
    assert pool(effect_sizes("GEN", yi=[9e29, -9e29], vi=[1.1e-60, 9e59])).tau2 > 0


def test_tables_without_information_cannot_be_pooled() -> None:
    empty = effect_sizes("OR", ai=[0, 0], n1i=[9, 9], ci=[0, 0], n2i=[9, 9])
    for method in ("MH", "PETO"):
        with pytest.raises(PolicyRejected, match="EV116"):
            pool(empty, method=method)
    with pytest.raises(PolicyRejected, match="EV116"):
        mixed_model(empty)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"method": "XX"}, "EV103"),
        ({"ci": "XX"}, "EV103"),
        ({"prediction": "XX"}, "EV103"),
        ({"method": "MH"}, "EV103"),
    ],
)
def test_options_that_do_not_exist(options: dict[str, str], code: str) -> None:
    with pytest.raises(PolicyRejected, match=code):
        pool(effect_sizes("GEN", yi=[0.1, 0.2], vi=[0.1, 0.1]), **options)


def test_bad_numbers_in_a_batch_are_all_named() -> None:
    with pytest.raises(PolicyRejected) as caught:
        pool_many([[0.1, np.nan], [0.2, 0.3]], [[0.1, 0.1], [-1.0, 0.2]])
    assert [problem.place.path for problem in caught.value.problems] == ["row 1, study 2", "row 2, study 1"]


@pytest.mark.parametrize(
    "moderators",
    [{"x": [1.0, 1.0, 1.0, 1.0]}, {"x": [1.0, 2.0, 3.0, 4.0], "y": [2.0, 4.0, 6.0, 8.0]}, {"x": list("abcd")}],
)
def test_moderators_that_cannot_be_used(moderators: dict[str, list[object]]) -> None:
    data = effect_sizes("GEN", yi=[0.1, 0.2, 0.4, 0.3], vi=[0.1] * 4)
    with pytest.raises(PolicyRejected, match="EV114"):
        meta_regression(data, moderators)


def test_a_category_becomes_indicators_against_the_first_level() -> None:
    data = effect_sizes("GEN", yi=[0.1, 0.2, 0.9, 1.1], vi=[0.1] * 4)
    fit = meta_regression(data, {"arm": ["b", "b", "a", "a"]}, method="EE")
    assert fit.names == ("intercept", "arm: b")
    assert fit.coef == pytest.approx([1.0, -0.85])


def test_a_single_subgroup_has_nothing_to_compare() -> None:
    data = effect_sizes("GEN", yi=[0.1, 0.2, 0.4], vi=[0.1] * 3)
    found = subgroups(data, ["all"] * 3)
    assert (found.q_between, found.p) == (0.0, 1.0)
    assert found.warnings
