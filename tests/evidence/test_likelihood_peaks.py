"""τ² by ML and REML is the highest peak of the likelihood, however many there are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medpol.evidence import effect_sizes, meta_regression, pool, pool_many
from medpol.evidence.pooling.model import Means, Regression
from medpol.evidence.pooling.tau2 import estimate_tau2, upper_bound

# Days off work or school in trials of asthma self-management: Gibson et al. 2002, the 13 with means and SDs
# (R package metadat, dat.gibson2002). Their REML likelihood has a peak at 0 and a higher one at 9.68.
GIBSON = {
    "m1i": [2.2, 17.6, 0.38, 2.09, 4.92, 0.85, 2.8, 24.1, 1.4, 6.23, 2.1, 0.73, 8],
    "sd1i": [12.73, 24.2, 0.56, 5.93, 6.05, 4.75, 9, 11.8, 3.3, 12.2, 8, 1.48, 32],
    "n1i": [50, 140, 23, 97, 35, 45, 56, 20, 128, 119, 32, 86, 25],
    "m2i": [5.2, 34.1, 0.23, 2.66, 20, 2.31, 4.8, 31.8, 2.3, 5.71, 5.1, 0.47, 26],
    "sd2i": [12.5, 38.8, 0.29, 4.95, 26.34, 9.16, 7.2, 17.9, 7.6, 8.57, 14, 1.2, 70],
    "n2i": [54, 136, 19, 94, 35, 55, 59, 20, 143, 100, 33, 100, 24],
}


def best_on_a_fine_grid(model: Means, *, restricted: bool, points: int = 2000) -> np.ndarray:
    """The highest likelihood on a grid a hundred times finer than the search, past its bound, 0 included."""
    reach = np.log1p(2 * upper_bound(model) / model.v_min)
    best = np.full(reach.shape, -np.inf)
    for part in np.array_split(np.linspace(0, 1, points), points // 20):
        tau2 = model.v_min * np.expm1(part[:, None] * reach)
        best = np.maximum(best, model.log_likelihood(tau2, restricted=restricted).max(axis=0))
    return best


def deficit(y: np.ndarray, v: np.ndarray, *, restricted: bool) -> float:
    """How much higher brute force gets than the estimate; 0 or less is right."""
    model = Means.of(y, v)
    tau2 = estimate_tau2(model, "REML" if restricted else "ML")
    ours = model.log_likelihood(tau2[None], restricted=restricted)[0]
    return float((best_on_a_fine_grid(model, restricted=restricted) - ours).max())


def test_the_gibson_trials_have_two_peaks_and_reml_finds_the_higher() -> None:
    trials = effect_sizes("MD", **GIBSON)
    model = Means.of(trials.yi[:, None], trials.vi[:, None])
    grid = np.geomspace(1e-6, 1e3, 4000)[:, None]
    slope = np.diff(model.log_likelihood(grid, restricted=True)[:, 0])
    assert slope[0] < 0  # falling from a peak at 0
    assert ((slope[:-1] > 0) & (slope[1:] < 0)).sum() == 1  # and one more
    fit = pool(trials, method="REML")
    assert fit.tau2 == pytest.approx(9.67921400, rel=1e-8)  # R metafor 3.8-1, threshold 1e-13
    assert fit.estimate == pytest.approx(-2.45702698, rel=1e-8)


@pytest.mark.parametrize("restricted", [True, False])
def test_bootstraps_of_the_gibson_trials(restricted: bool) -> None:
    trials = effect_sizes("MD", **GIBSON)
    drawn = np.random.default_rng(20021117).integers(0, 13, (13, 1500))
    assert deficit(trials.yi[drawn], trials.vi[drawn], restricted=restricted) < 1e-9


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("k", [2, 3, 5, 8])
def test_sets_of_wildly_different_precision(k: int, restricted: bool) -> None:
    rng = np.random.default_rng(k)
    y = rng.standard_normal((k, 400)) * 10 ** rng.uniform(-3, 3, (k, 400))
    assert deficit(y, 10 ** rng.uniform(-8, 4, (k, 400)), restricted=restricted) < 1e-9
    y = rng.standard_t(2, (k, 400))
    assert deficit(y, np.exp(rng.normal(0, 3, (k, 400))), restricted=restricted) < 1e-9


effect = st.floats(-50, 50).map(lambda value: round(value, 3))
variance = st.floats(-5, 4).map(lambda power: 10**power)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(effect, variance), min_size=2, max_size=9), st.booleans())
def test_any_set(rows: list[tuple[float, float]], restricted: bool) -> None:
    y, v = np.array(rows).T[:, :, None]
    assert deficit(y, v, restricted=restricted) < 1e-7


def test_no_peak_lies_beyond_the_bound() -> None:
    rng = np.random.default_rng(7)
    model = Means.of(rng.standard_t(1.5, (4, 500)), np.exp(rng.normal(0, 3, (4, 500))))
    for times in (1.0, 1.5, 3.0, 10.0, 1e3):
        here = model.slope(upper_bound(model)[None] * times)
        assert (here.q2 <= here.trace_p).all()
        assert (here.q2 <= here.sum_w).all()


def test_regression_without_moderators_is_the_mean_model() -> None:
    trials = effect_sizes("MD", **GIBSON)
    ones = np.ones((13, 1))
    for method in ("DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM", "PMM"):
        means = estimate_tau2(Means.of(trials.yi[:, None], trials.vi[:, None]), method)
        by_qr = estimate_tau2(Regression.of(trials.yi, trials.vi, ones), method)
        assert by_qr == pytest.approx(means, rel=1e-10, abs=1e-12)


def test_reml_of_a_regression_is_its_highest_peak() -> None:
    trials = effect_sizes("MD", **GIBSON)
    dose = np.arange(13.0)
    fit = meta_regression(trials, {"dose": dose}, method="REML")
    model = Regression.of(trials.yi, trials.vi, np.column_stack([np.ones(13), dose]))
    grid = np.append(0.0, np.geomspace(1e-6, 1e4, 3000))[:, None]
    best = model.log_likelihood(grid, restricted=True).max()
    assert model.log_likelihood(np.array([[fit.tau2]]), restricted=True)[0, 0] >= best - 1e-9


def test_the_search_does_not_depend_on_the_company() -> None:
    """A set pooled in a batch with others gets the τ² it gets alone, to the last bits."""
    trials = effect_sizes("MD", **GIBSON)
    drawn = np.random.default_rng(3).integers(0, 13, (300, 13))
    together = pool_many(trials.yi[drawn], trials.vi[drawn], method="REML").tau2
    alone = [pool_many(trials.yi[d], trials.vi[d], method="REML").tau2[0] for d in drawn]
    assert together == pytest.approx(alone, rel=1e-11, abs=1e-14)
