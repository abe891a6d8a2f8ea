"""Estimators of the between-study variance τ².

| name | estimator | source |
|---|---|---|
| DL | moments, weights 1/v | DerSimonian & Laird 1986, Control Clin Trials 7:177-188 |
| HE | moments, equal weights | Hedges & Olkin 1985, Statistical Methods for Meta-Analysis, ch. 9 |
| HS | (Q − k)/Σw | Schmidt & Hunter 2015, Methods of Meta-Analysis; Viechtbauer 2005 |
| HSk | HS with Q·k/(k − p) for Q | Brannick et al. 2019, Res Synth Methods 10:151-164 |
| SJ | model error variance, start Σ(y − ȳ)²/k | Sidik & Jonkman 2005, Appl Stat 54:367-384 |
| ML, REML | maximum (restricted) likelihood | Hardy & Thompson 1996; Viechtbauer 2005 |
| EB, PM | root of Q(τ²) = k − p | Morris 1983, JASA 78:47-55; Paule & Mandel 1982 |
| PMM | root of Q(τ²) = median of χ²(k − p) | Viechtbauer 2021, Stat Med 40:6187-6208 |

All are cut at zero. With no degree of freedom left (k ≤ p) there is nothing to estimate: τ² is 0.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import special

from medpol.evidence.pooling.model import Array, Model

GRID_STEP = 0.2
"""Grid spacing in log(v_min + τ²). Every weight changes by at most this fraction between two points."""

WORK_ARRAY = 24_000
"""Numbers in one work array, studies × points × meta-analyses: small enough to stay in cache."""
REFINED_POINTS = 64
MAX_STEPS = 100
CONVERGED = 1e-10
"""Stop when a step is this small next to τ²: Newton's error is then about its square."""


def _degrees(model: Model) -> Array:
    return model.k - model.p


def _zeros(model: Model) -> Array:
    return np.zeros((1, *model.v_min.shape))


def _dersimonian_laird(model: Model) -> Array:
    at_zero = model.slope(_zeros(model))
    value: Array = (at_zero.q - _degrees(model))[0] / at_zero.trace_p[0]
    return value


def _hedges(model: Model) -> Array:
    residual_ss, trace = model.ordinary()
    value: Array = (residual_ss - trace) / _degrees(model)
    return value


def _hunter_schmidt(model: Model) -> Array:
    at_zero = model.slope(_zeros(model))
    value: Array = (at_zero.q[0] - model.k) / at_zero.sum_w[0]
    return value


def _hunter_schmidt_corrected(model: Model) -> Array:
    at_zero = model.slope(_zeros(model))
    value: Array = (at_zero.q[0] * model.k / _degrees(model) - model.k) / at_zero.sum_w[0]
    return value


def _sidik_jonkman(model: Model) -> Array:
    start = model.spread()
    value: Array = np.where(start > 0, start * model.slope(np.maximum(start, 1e-300)[None]).q[0] / _degrees(model), 0.0)
    return value


def root_of_q(model: Model, target: Array) -> Array:
    """The τ² ≥ 0 at which q(τ²) = target; 0 where q(0) is already below it.

    1/q is increasing and concave in τ² (a harmonic mean of τ² + eigenvalues), so Newton's steps on it
    rise to the root and never pass it: no bracket, no bound on τ² is needed.
    """
    tau2 = np.zeros(np.broadcast_shapes(model.v_min.shape, target.shape))
    for _ in range(MAX_STEPS):
        here = model.slope(tau2[None])
        with np.errstate(divide="ignore", invalid="ignore"):
            step = (here.q[0] ** 2 / target - here.q[0]) / here.q2[0]
        step = np.where(np.isfinite(step), step, 0.0)
        step[(here.q[0] <= target) & (tau2 == 0.0)] = 0.0
        tau2 = np.maximum(tau2 + step, 0.0)
        if np.all(np.abs(step) <= CONVERGED * tau2):
            break
    return tau2


def _paule_mandel(model: Model) -> Array:
    return root_of_q(model, np.maximum(_degrees(model), 1.0))


def _paule_mandel_median(model: Model) -> Array:
    return root_of_q(model, special.chdtri(np.maximum(_degrees(model), 1.0), 0.5))


def upper_bound(model: Model) -> Array:
    """A τ² beyond which either likelihood falls: max(v_max, 2·RSS/(k − p)).

    For τ² ≥ v_max: y'PPy ≤ RSS/(τ² + v_min)² and tr(P) ≥ (k − p)/(τ² + v_max) ≥ (k − p)/2τ²; so the
    slope y'PPy − tr(P) is negative once τ² > 2 RSS/(k − p). Σw ≥ tr(P) gives the same for ML.
    """
    residual_ss, _ = model.ordinary()
    return np.maximum(model.v_max, 2.0 * residual_ss / np.maximum(_degrees(model), 1.0))


def _log_grid(model: Model, step: float) -> Array:
    """τ² from 0 to the bound, evenly spaced in log(v_min + τ²): points × meta-analyses."""
    reach = np.log1p(upper_bound(model) / model.v_min)
    points = int(np.ceil(reach.max() / step)) + 2
    grid: Array = model.v_min * np.expm1(np.linspace(0.0, 1.0, points)[:, None] * reach)
    return grid


def _brackets(model: Model, grid: Array, slope: Array, *, restricted: bool) -> tuple[NDArray[np.intp], Array, Array]:
    """(which meta-analysis, left end, right end) of every interval where the slope turns negative.

    A pair of turns inside one interval shows no sign change. There the scaled slope has an extremum near
    zero, so the two intervals around such an extremum are looked at again, closely.
    """
    positive = slope > 0
    point, which = np.nonzero(positive[:-1] & ~positive[1:])
    found = [(which, grid[point, which], grid[point + 1, which])]
    scaled = slope * (grid + model.v_min)
    bend = scaled[2:] - 2.0 * scaled[1:-1] + scaled[:-2]
    middle = scaled[1:-1]
    near_zero = (middle * bend > 0) & (np.abs(middle) < np.abs(bend)) & ~(positive[:-2] ^ positive[2:])
    row, column = np.nonzero(near_zero)
    if row.size:
        fine = np.linspace(grid[row, column], grid[row + 2, column], REFINED_POINTS)
        positive = model.take(column).likelihood_slope(fine, restricted=restricted) > 0
        point, which = np.nonzero(positive[:-1] & ~positive[1:])
        found.append((column[which], fine[point, which], fine[point + 1, which]))
    whiches, lefts, rights = zip(*found, strict=True)
    return np.concatenate(whiches), np.concatenate(lefts), np.concatenate(rights)


def _polish(model: Model, left: Array, right: Array, *, restricted: bool) -> Array:
    """The zero of the slope between left (slope > 0) and right (slope ≤ 0): Newton, kept in the bracket."""
    tau2 = 0.5 * (left + right)
    for _ in range(MAX_STEPS):
        here = model.curvature(tau2[None])
        value = (here.q2 - (here.trace_p if restricted else here.sum_w))[0]
        bend = ((here.trace_pp if restricted else here.sum_w2) - 2.0 * here.q3)[0]
        left, right = np.where(value > 0, tau2, left), np.where(value > 0, right, tau2)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = tau2 - value / bend
        step = np.where((step >= left) & (step <= right), step, 0.5 * (left + right))
        done = np.abs(step - tau2) <= CONVERGED * tau2
        tau2 = step
        if done.all():
            break
    return tau2


def _maximum_likelihood(model: Model, *, restricted: bool) -> Array:
    """The τ² of the highest peak of the likelihood, which may have several.

    Found by looking at the slope on a grid dense enough that no weight changes by more than a fifth from
    point to point, polishing every turn, and comparing the likelihood at all of them and at zero.
    """
    grid = _log_grid(model, GRID_STEP)
    blocks = np.array_split(grid, min(len(grid), 1 + grid.size * int(model.k.max()) // WORK_ARRAY))
    slope = np.concatenate([model.likelihood_slope(block, restricted=restricted) for block in blocks])
    which, left, right = _brackets(model, grid, slope, restricted=restricted)
    best = np.zeros(model.v_min.shape)
    if not which.size:
        return best
    peaks = _polish(model.take(which), left, right, restricted=restricted)
    at_zero = slope[0] <= 0
    candidates = np.bincount(which, minlength=best.size) + at_zero
    single = candidates[which] == 1
    best[which[single]] = peaks[single]
    if not single.all():
        _choose_highest(model, best, which[~single], peaks[~single], restricted=restricted)
    return best


def _choose_highest(model: Model, best: Array, which: NDArray[np.intp], peaks: Array, *, restricted: bool) -> None:
    """Write into `best` the peak with the highest likelihood, zero included (it wins a tie)."""
    contested = np.unique(which)
    height = np.full(best.size, -np.inf)
    zero = np.zeros((1, contested.size))
    height[contested] = model.take(contested).log_likelihood(zero, restricted=restricted)[0]
    heights = model.take(which).log_likelihood(peaks[None], restricted=restricted)[0]
    for one, peak, its_height in zip(which, peaks, heights, strict=True):
        if its_height > height[one]:
            best[one], height[one] = peak, its_height


def _ml(model: Model) -> Array:
    return _maximum_likelihood(model, restricted=False)


def _reml(model: Model) -> Array:
    return _maximum_likelihood(model, restricted=True)


ESTIMATORS: dict[str, Callable[[Model], Array]] = {
    "DL": _dersimonian_laird,
    "HE": _hedges,
    "HS": _hunter_schmidt,
    "HSk": _hunter_schmidt_corrected,
    "SJ": _sidik_jonkman,
    "ML": _ml,
    "REML": _reml,
    "EB": _paule_mandel,
    "PM": _paule_mandel,
    "PMM": _paule_mandel_median,
}


def estimate_tau2(model: Model, method: str) -> Array:
    """τ² of each meta-analysis by one of `ESTIMATORS`; zeros for EE and where k ≤ p."""
    if method == "EE":
        return np.zeros(model.v_min.shape)
    enough = model.k > model.p
    if not enough.any():
        return np.zeros(model.v_min.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        tau2 = ESTIMATORS[method](model)
    return np.where(enough, np.maximum(tau2, 0.0), 0.0)
