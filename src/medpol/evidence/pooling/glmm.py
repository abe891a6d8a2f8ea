"""Binomial-normal models: pooling counts by their exact likelihood, without zero-cell corrections.

Models for odds ratios (Jackson et al. 2018, Stat Med 37:1059-1085; Stijnen, Hamza & Özdemir 2010):

    UM.FS  a log odds per study, fixed; random treatment effect entering as ±1/2     (their model 4)
    UM.RS  as UM.FS, but the study log odds are normal around a mean, uncorrelated    (their model 5)
    CM.AL  events of group 1 among all events, binomial; good when events are rare    (their model 7)

and PLO, the random-intercept logistic model of single proportions. Maximum likelihood; integrals by
adaptive Gauss-Hermite quadrature with 7 points, for UM.RS (two random effects) by Laplace: the settings
of R's metafor, whose numbers these are. Standard errors are from the observed information with the
variances estimated.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.polynomial.hermite import hermgauss
from scipy import optimize, special

from medpol.evidence.effects import Effects
from medpol.evidence.pooling.many import check_choice
from medpol.evidence.pooling.model import Array
from medpol.problems import Place, PolicyRejected, Problem

MODELS = ("UM.FS", "UM.RS", "CM.AL", "PLO")
POINTS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedModel:
    """Estimate on the log odds scale; `sigma2` is the variance between studies of UM.RS, else None."""

    model: str
    k: int
    estimate: float
    se: float
    p: float
    ci_low: float
    ci_high: float
    tau2: float
    sigma2: float | None
    log_likelihood: float
    conventions: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Arms:
    """Binomial observations, arms × studies: events, trials, and how the random effect enters each."""

    events: Array
    trials: Array
    loading: Array  # arms × 1

    def log_likelihood(self, logit: Array) -> Array:
        """Summed over arms; without the binomial coefficients, which do not depend on the logits."""
        out: Array = (self.events * logit - self.trials * np.logaddexp(0.0, logit)).sum(axis=0)
        return out

    def integrated(self, base: Array, tau: float) -> Array:
        """Log-likelihood of each study with its random effect integrated out."""
        mode, scale = self._mode(base, tau)
        nodes, weights = hermgauss(POINTS)
        b = mode + math.sqrt(2.0) * scale * nodes[:, None]
        logit = base[:, None, :] + tau * self.loading[:, None, :] * b
        height = self.events[:, None, :] * logit - self.trials[:, None, :] * np.logaddexp(0.0, logit)
        inside = height.sum(axis=0) - 0.5 * b**2 + nodes[:, None] ** 2
        out: Array = special.logsumexp(inside, b=weights[:, None], axis=0) + np.log(scale / math.sqrt(math.pi))
        return out

    def _mode(self, base: Array, tau: float) -> tuple[Array, Array]:
        """Mode and scale of each standardized random effect: Newton on a concave function."""
        b = np.zeros(base.shape[1])
        slope = tau * self.loading
        for _ in range(60):
            risk = special.expit(base + slope * b)
            gradient = (slope * (self.events - self.trials * risk)).sum(axis=0) - b
            bend = (slope**2 * self.trials * risk * (1 - risk)).sum(axis=0) + 1.0
            step = np.clip(gradient / bend, -2.0, 2.0)
            b = b + step
            if np.abs(step).max() < 1e-12:
                break
        risk = special.expit(base + slope * b)
        return b, 1.0 / np.sqrt((slope**2 * self.trials * risk * (1 - risk)).sum(axis=0) + 1.0)


def mixed_model(effects: Effects, *, model: str = "UM.FS", level: float = 0.95) -> MixedModel:
    """Fit one of `MODELS` to OR counts (UM.FS, UM.RS, CM.AL) or to proportions (PLO).

    Tables with no events, or only events, in both arms carry no information and are left out. Raises
    PolicyRejected with fewer than two studies, or counts the model cannot use.
    """
    check_choice("mixed model", model, MODELS)
    columns = effects.columns
    needed = ("xi", "ni") if model == "PLO" else ("ai", "n1i", "ci", "n2i")
    if any(name not in columns for name in needed):
        raise _refused("EV103", f"{model} needs the counts {', '.join(needed)}", "use measure OR, or PLO")
    reported = np.all([np.isfinite(columns[name]) for name in needed], axis=0)
    counts = [columns[name][reported] for name in needed]
    if model != "PLO":
        events, total = counts[0] + counts[2], counts[1] + counts[3]
        keep = (events > 0) & (events < total)
        counts = [values[keep] for values in counts]
    k = len(counts[0])
    if k < 2:
        raise _refused("EV116", f"{model} needs two studies with information, there are {k}", "use MH or EE")
    parameters, information, log_likelihood = _FITS[model](*counts)
    left = len(effects) - k
    tau = abs(float(parameters[-1]))
    estimate, se = float(parameters[0]), _standard_error(information, tau)
    z = float(special.ndtri(0.5 + level / 2))
    return MixedModel(
        model=model,
        k=k,
        estimate=estimate,
        se=se,
        p=float(2 * special.ndtr(-abs(estimate / se))),
        ci_low=estimate - z * se,
        ci_high=estimate + z * se,
        tau2=tau**2,
        sigma2=float(parameters[-2]) ** 2 if model == "UM.RS" else None,
        log_likelihood=log_likelihood,
        conventions={
            "integration": "Laplace" if model == "UM.RS" else f"adaptive Gauss-Hermite, {POINTS} points",
            "coding": "random effect enters as +1/2 and -1/2" if model.startswith("UM") else "random intercept",
        },
        warnings=(f"{left} studies without information are left out",) if left else (),
    )


Fitted = tuple[Array, Array, float]


def _conditional(ai: Array, n1: Array, ci: Array, n2: Array) -> Fitted:
    arms = Arms(ai[None, :], (ai + ci)[None, :], np.ones((1, 1)))
    offset = np.log(n1 / n2)[None, :]
    return _maximize(lambda x: float(arms.integrated(offset + x[0], abs(x[1])).sum()), _start(ai, n1 - ai, ci, n2 - ci))


def _proportions(x: Array, n: Array) -> Fitted:
    arms = Arms(x[None, :], n[None, :], np.ones((1, 1)))
    start = np.array([special.logit((x.sum() + 0.5) / (n.sum() + 1)), 0.5])
    return _maximize(lambda q: float(arms.integrated(np.full((1, len(x)), q[0]), abs(q[1])).sum()), start)


def _fixed_studies(ai: Array, n1: Array, ci: Array, n2: Array) -> Fitted:
    arms = Arms(np.stack([ai, ci]), np.stack([n1, n2]), np.array([[0.5], [-0.5]]))
    side = np.array([[0.5], [-0.5]])
    warm = [special.logit((ai + ci + 0.5) / (n1 + n2 + 1))]

    def profile(x: Array) -> float:
        """Each study's own log odds is maximized out: studies do not share it."""
        level = warm[0]
        step = 1e-3

        def height(at: Array) -> Array:
            return arms.integrated(at + side * x[0], abs(x[1]))

        for _ in range(40):
            here, up, down = height(level), height(level + step), height(level - step)
            bend = np.minimum((up - 2 * here + down) / step**2, -1e-6)
            move = np.clip(-(up - down) / (2 * step) / bend, -1.0, 1.0)
            level = level + move
            if np.abs(move).max() < 1e-7:
                break
        warm[0] = level
        return float(height(level).sum())

    return _maximize(profile, _start(ai, n1 - ai, ci, n2 - ci))


def _random_studies(ai: Array, n1: Array, ci: Array, n2: Array) -> Fitted:
    events, trials = np.stack([ai, ci]), np.stack([n1, n2])
    half = np.array([[0.5], [-0.5]])

    def laplace(x: Array) -> float:
        theta, mean, sigma, tau = x
        base = mean + theta * np.array([[1.0], [0.0]])
        u = np.zeros((2, events.shape[1]))
        loads = (np.full((2, 1), sigma), tau * half)
        for _ in range(60):
            logit = base + loads[0] * u[0] + loads[1] * u[1]
            risk = special.expit(logit)
            left, w = events - trials * risk, trials * risk * (1 - risk)
            gradient = np.stack([(loads[0] * left).sum(axis=0) - u[0], (loads[1] * left).sum(axis=0) - u[1]])
            h11 = (loads[0] ** 2 * w).sum(axis=0) + 1
            h22 = (loads[1] ** 2 * w).sum(axis=0) + 1
            h12 = (loads[0] * loads[1] * w).sum(axis=0)
            determinant = h11 * h22 - h12**2
            step = np.stack(
                [
                    (h22 * gradient[0] - h12 * gradient[1]) / determinant,
                    (h11 * gradient[1] - h12 * gradient[0]) / determinant,
                ]
            )
            u = u + np.clip(step, -2.0, 2.0)
            if np.abs(step).max() < 1e-11:
                break
        logit = base + loads[0] * u[0] + loads[1] * u[1]
        height = (events * logit - trials * np.logaddexp(0.0, logit)).sum(axis=0) - 0.5 * (u**2).sum(axis=0)
        return float((height - 0.5 * np.log(determinant)).sum())

    theta, tau = _start(ai, n1 - ai, ci, n2 - ci)
    controls = special.logit((ci + 0.5) / (n2 + 1))
    return _maximize(laplace, np.array([theta, controls.mean(), max(controls.std(), 0.3), tau]))


_FITS: dict[str, Callable[..., Fitted]] = {
    "UM.FS": _fixed_studies,
    "UM.RS": _random_studies,
    "CM.AL": _conditional,
    "PLO": _proportions,
}


def _start(a: Array, b: Array, c: Array, d: Array) -> Array:
    log_odds = np.log((a + 0.5) * (d + 0.5) / ((b + 0.5) * (c + 0.5)))
    return np.array([float(np.median(log_odds)), 0.5])


def _maximize(function: Callable[[Array], float], start: Array) -> Fitted:
    """Parameters, the observed information there, and the height. Standard deviations come last."""
    found = start
    for _ in range(3):  # a restarted simplex leaves the flat spot the first one may shrink into
        result = optimize.minimize(
            lambda x: -function(x),
            found,
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000},
        )
        moved = np.abs(result.x - found).max()
        found = result.x
        if moved < 1e-6:
            break
    return found, _information(function, found), -float(result.fun)


def _information(function: Callable[[Array], float], at: Array) -> Array:
    """Minus the matrix of second derivatives, by central differences."""
    n = len(at)
    steps = 1e-3 * np.eye(n)
    out = np.empty((n, n))
    for i in range(n):
        for j in range(i, n):
            plus = function(at + steps[i] + steps[j]) - function(at + steps[i] - steps[j])
            minus = function(at - steps[i] + steps[j]) - function(at - steps[i] - steps[j])
            out[i, j] = out[j, i] = -(plus - minus) / (4e-6)
    return out


def _standard_error(information: Array, tau: float) -> float:
    """SE of the first parameter; at τ = 0 the boundary parameter is left out of the information."""
    if tau < 1e-4:
        information = information[:-1, :-1]
    return math.sqrt(float(np.linalg.inv(information)[0, 0]))


def _refused(code: str, message: str, remedy: str) -> PolicyRejected:
    return PolicyRejected([Problem(place=Place(file="input"), code=code, message=message, remedy=remedy)])
