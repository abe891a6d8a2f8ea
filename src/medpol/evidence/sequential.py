"""Group-sequential boundaries and the information a meta-analysis needs.

Alpha spending: Lan and DeMets 1983, Biometrika 70:659. The recursion over looks: Armitage, McPherson and Rowe
1969, J R Stat Soc A 132:235. O'Brien and Fleming 1979, Biometrics 35:549; Pocock 1977, Biometrika 64:191.
Required information size and its heterogeneity adjustment (D²): Wetterslev et al. 2009, BMC Med Res Methodol 9:86.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

Array = NDArray[np.float64]
Spending = Literal["asOF", "asP", "OF", "P"]

# Below this probability a look cannot stop anything; the boundary is reported as unreachable (infinite).
NOTHING = 1e-300
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_PANELS = 20
_EDGE = 10.0


@dataclass(frozen=True, slots=True)
class Boundaries:
    """One efficacy boundary per look: z to exceed, and the one-sided alpha spent up to it."""

    information: tuple[float, ...]
    z: tuple[float, ...]
    alpha_spent: tuple[float, ...]
    spending: Spending
    alpha_two_sided: float


class _Process:
    """The score process S(t), variance t and drift `theta`, among paths that have crossed no boundary yet."""

    def __init__(self, theta: float, two_sided: bool) -> None:
        self._theta, self._two_sided = theta, two_sided
        self._at = 0.0
        self._points: Array = np.zeros(1)
        self._mass: Array = np.ones(1)

    def beyond(self, information: float, z: float) -> float:
        """The probability of first crossing at this look, above z (and below -z when two-sided)."""
        step = information - self._at
        mean, spread = self._points + self._theta * step, math.sqrt(step)
        bound = z * math.sqrt(information)
        over = ndtr((mean - bound) / spread)
        if self._two_sided:
            over = over + ndtr((-bound - mean) / spread)
        return float(over @ self._mass)

    def pass_look(self, information: float, z: float) -> None:
        """Go on with the paths that did not cross."""
        step, root = information - self._at, math.sqrt(information)
        centre = self._theta * information
        low = -z * root if self._two_sided else min(centre, 0.0) - _EDGE * root
        low = max(low, centre - _EDGE * root)
        high = min(z * root, centre + _EDGE * root)
        edges = np.linspace(low, high, _PANELS + 1)
        half = (edges[1:] - edges[:-1]) / 2
        points = (half[:, None] * (_NODES + 1) + edges[:-1, None]).ravel()
        weights = (half[:, None] * _WEIGHTS).ravel()
        gap = (points[:, None] - self._points - self._theta * step) / math.sqrt(step)
        density = np.exp(-0.5 * gap * gap) @ self._mass / math.sqrt(2 * math.pi * step)
        self._at, self._points, self._mass = information, points, density * weights


def spent(spending: Spending, alpha: float, fraction: float) -> float:
    """One-sided alpha spent by an information fraction in 0 to 1 (`asOF` or `asP`), `alpha` one-sided."""
    fraction = min(fraction, 1.0)
    if spending == "asOF":
        return 2 * float(ndtr(ndtri(alpha / 2) / math.sqrt(fraction)))
    return alpha * math.log1p((math.e - 1) * fraction)


def boundaries(
    information: Sequence[float], spending: Spending = "asOF", *, alpha: float = 0.05, final: float | None = None
) -> Boundaries:
    """Symmetric efficacy boundaries at each look, as two one-sided designs at alpha/2 (as rpact and TSA draw them).

    `information` are increasing positive amounts; fractions are of `final` (default: the last look).
    `asOF`/`asP` spend alpha by Lan–DeMets; `OF`/`P` are the classical constant shapes z·t^-½ and z.
    Raises ValueError for looks that do not increase.
    """
    looks = tuple(float(x) for x in information)
    if not looks or looks[0] <= 0 or any(b <= a for a, b in pairwise(looks)):
        raise ValueError("looks must be positive and increase")
    fractions = tuple(look / (final or looks[-1]) for look in looks)
    if spending in ("OF", "P"):
        z = _classical(fractions, spending, alpha / 2)
    else:
        z = _spending(fractions, [spent(spending, alpha / 2, f) for f in fractions])
    return Boundaries(looks, z, _alpha_used(fractions, z), spending, alpha)


def _spending(fractions: Sequence[float], cumulative: Sequence[float]) -> tuple[float, ...]:
    process, before, bounds = _Process(0.0, two_sided=False), 0.0, []
    for fraction, total in zip(fractions, cumulative, strict=True):
        budget = total - before
        if budget < NOTHING:
            bounds.append(math.inf)
            process.pass_look(fraction, _EDGE)
            continue
        excess: Callable[[float], float] = partial(_excess, process, fraction, budget)
        z = float(brentq(excess, -5.0, 40.0, xtol=1e-12, rtol=1e-14))
        bounds.append(z)
        process.pass_look(fraction, z)
        before = total
    return tuple(bounds)


def _excess(process: _Process, fraction: float, budget: float, z: float) -> float:
    return process.beyond(fraction, z) - budget


def _classical(fractions: Sequence[float], spending: Spending, alpha: float) -> tuple[float, ...]:
    shape = [1 / math.sqrt(f) if spending == "OF" else 1.0 for f in fractions]

    def miss(constant: float) -> float:
        return _alpha_used(fractions, [constant * s for s in shape])[-1] - alpha

    constant = float(brentq(miss, 0.5, 10.0, xtol=1e-12))
    return tuple(constant * s for s in shape)


def _alpha_used(fractions: Sequence[float], z: Sequence[float]) -> tuple[float, ...]:
    return tuple(crossing(fractions, z, drift=0.0, two_sided=False))


def crossing(
    information: Sequence[float], z: Sequence[float], *, drift: float, two_sided: bool = False
) -> tuple[float, ...]:
    """The cumulative probability of having crossed by each look under `drift` (expected z at information 1)."""
    process, total, sums = _Process(drift, two_sided), 0.0, []
    for at, bound in zip(information, z, strict=True):
        total += process.beyond(at, bound) if math.isfinite(bound) else 0.0
        sums.append(total)
        process.pass_look(at, bound if math.isfinite(bound) else _EDGE)
    return tuple(sums)


def inflation(looks: Sequence[float], *, alpha: float = 0.05, beta: float = 0.2, least_step: float = 0.01) -> float:
    """How much more information than one analysis these looks cost, at the same alpha and power (RTSA's root).

    `looks` are interim fractions of the maximum; a look closer than `least_step` to the one before it, or to
    the end, is skipped. The answer is 1 or a little more.
    """
    drift = float(ndtri(1 - alpha / 2) + ndtri(1 - beta))
    planned = spaced(looks, least_step, end=1.0)

    def lack(factor: float) -> float:
        amounts = [x * factor for x in planned] + [factor]
        return crossing(amounts, boundaries(amounts, "asOF", alpha=alpha).z, drift=drift)[-1] - (1 - beta)

    return float(brentq(lack, 0.99, 1.6, xtol=1e-9))


def spaced(looks: Sequence[float], least_step: float, *, end: float) -> list[float]:
    """The looks before `end` that add at least `least_step` to the one kept before them."""
    kept: list[float] = []
    for look in looks:
        if look - (kept[-1] if kept else 0.0) >= least_step and end - look >= least_step:
            kept.append(look)
    return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class SequentialAnalysis:
    """A cumulative meta-analysis against its boundaries; `crossed` names the first look beyond its boundary."""

    required: float
    fractions: tuple[float, ...]
    z: tuple[float, ...]
    boundary: tuple[float | None, ...]
    crossed: int | None
    reached: bool


def sequential_analysis(
    z: Sequence[float],
    patients: Sequence[float],
    required: float,
    *,
    alpha: float = 0.05,
    beta: float = 0.2,
    least_step: float = 0.01,
) -> SequentialAnalysis:
    """Trial sequential analysis: cumulative z after each study against O'Brien–Fleming-type boundaries.

    `patients` are cumulative; `required` is the (heterogeneity-adjusted) required information size. Looks that
    add under `least_step` of it have no boundary (None). Past the final look the boundary is no longer drawn.
    """
    fractions = tuple(n / required for n in patients)
    looks = spaced(fractions, least_step, end=math.inf)
    end = inflation([f for f in looks if f < 1], alpha=alpha, beta=beta, least_step=least_step)
    inside = [f for f in looks if f < end]
    bounds = dict(zip([*inside, end], boundaries([*inside, end], "asOF", alpha=alpha).z, strict=True))
    drawn = tuple(bounds.get(f) for f in fractions)
    crossed = next((i for i, b in enumerate(drawn) if b is not None and abs(z[i]) > b), None)
    return SequentialAnalysis(
        required=required * end,
        fractions=fractions,
        z=tuple(z),
        boundary=drawn,
        crossed=crossed,
        reached=fractions[-1] >= end,
    )
