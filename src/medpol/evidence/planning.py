"""Power, detectable differences and required information, for trials and for meta-analyses.

Two proportions: Fleiss, Levin and Paik 2003, ch. 4 (the formula of R's power.prop.test); arcsine: Cohen 1988, ch. 6.
Two means: noncentral t, Cohen 1988, ch. 2. Information size: Wetterslev et al. 2009, BMC Med Res Methodol 9:86.
All probabilities are 0 to 1; n is per group and not rounded.
"""

import math
from typing import Literal

from scipy.optimize import brentq
from scipy.special import ndtr, ndtri, stdtrit

Sides = Literal[1, 2]
# Beyond this noncentrality the wrong tail is below 1e-15 (it is at most Φ(-8)), and the library's turns to NaN.
FAR = 8.0


def _critical(alpha: float, sides: Sides) -> float:
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie between 0 and 1, not {alpha}")
    return float(ndtri(1 - alpha / sides))


def _proportion(*values: float) -> None:
    for value in values:
        if not 0 <= value <= 1:
            raise ValueError(f"a proportion must lie between 0 and 1, not {value}")


def power_proportions(
    p1: float, p2: float, n1: float, n2: float | None = None, *, alpha: float = 0.05, sides: Sides = 2,
    both_tails: bool = False,
) -> float:  # fmt: skip
    """Power of the z test of two proportions (pooled variance under the null, separate under the alternative).

    `both_tails` also counts rejections in the wrong direction (R: strict=TRUE). ValueError for bad input.
    """
    _proportion(p1, p2)
    n2 = n1 if n2 is None else n2
    pooled = (n1 * p1 + n2 * p2) / (n1 + n2)
    null = math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    spread = math.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    gap, bound = abs(p1 - p2), _critical(alpha, sides) * null
    if spread == 0:
        return 1.0 if gap > bound else 0.0
    power = ndtr((gap - bound) / spread)
    if both_tails and sides == 2:
        power += ndtr((-gap - bound) / spread)
    return float(power)


def n_proportions(p1: float, p2: float, *, power: float = 0.8, alpha: float = 0.05, sides: Sides = 2) -> float:
    """Patients per group for the z test of two proportions. ValueError when p1 equals p2."""
    _proportion(p1, p2)
    if p1 == p2:
        raise ValueError("equal proportions need no finite trial")
    pooled = (p1 + p2) / 2
    null = _critical(alpha, sides) * math.sqrt(2 * pooled * (1 - pooled))
    spread = float(ndtri(power)) * math.sqrt(p1 * (1 - p1) + p2 * (1 - p2))
    return ((null + spread) / (p1 - p2)) ** 2


def cohen_h(p1: float, p2: float) -> float:
    """Cohen's h, the distance of two proportions on the arcsine scale (always positive)."""
    _proportion(p1, p2)
    return abs(2 * math.asin(math.sqrt(p1)) - 2 * math.asin(math.sqrt(p2)))


def power_arcsine(p1: float, p2: float, n: float, *, alpha: float = 0.05, sides: Sides = 2) -> float:
    """Power of the arcsine test, `n` per group (R: pwr.2p.test)."""
    bound, shift = _critical(alpha, sides), cohen_h(p1, p2) * math.sqrt(n / 2)
    power = ndtr(shift - bound) + (ndtr(-shift - bound) if sides == 2 else 0.0)
    return float(power)


def n_arcsine(p1: float, p2: float, *, power: float = 0.8, alpha: float = 0.05, sides: Sides = 2) -> float:
    """Patients per group for the arcsine test."""
    guess = 2 * ((_critical(alpha, sides) + float(ndtri(power))) / cohen_h(p1, p2)) ** 2

    def lack(n: float) -> float:
        return power_arcsine(p1, p2, n, alpha=alpha, sides=sides) - power

    return float(brentq(lack, guess / 4, guess * 4, xtol=1e-10))


def power_means(
    delta: float, sd: float, n1: float, n2: float | None = None, *, alpha: float = 0.05, sides: Sides = 2
) -> float:
    """Power of the pooled t test for a difference of `delta`, common `sd` above 0."""
    if sd <= 0:
        raise ValueError(f"a standard deviation must be above 0, not {sd}")
    n2 = n1 if n2 is None else n2
    df = n1 + n2 - 2
    if df <= 0:
        raise ValueError("a t test needs three patients")
    shift = abs(delta) / (sd * math.sqrt(1 / n1 + 1 / n2))
    from scipy.stats import nct  # takes half a second, and few commands need it

    bound = float(stdtrit(df, 1 - alpha / sides))
    power = float(nct.sf(bound, df, shift))
    if sides == 2 and shift < FAR:
        power += float(nct.cdf(-bound, df, shift))
    return power


def n_means(delta: float, sd: float, *, power: float = 0.8, alpha: float = 0.05, sides: Sides = 2) -> float:
    """Patients per group for the t test of a difference of `delta`. ValueError when delta is 0."""
    if delta == 0:
        raise ValueError("a difference of 0 needs no finite trial")
    guess = 2 * ((_critical(alpha, sides) + float(ndtri(power))) * sd / delta) ** 2

    def lack(n: float) -> float:
        return power_means(delta, sd, n, alpha=alpha, sides=sides) - power

    return float(brentq(lack, 1.01, guess * 4 + 10, xtol=1e-10))


def detectable_proportion(
    control: float, n1: float, n2: float | None = None, *, power: float = 0.8, alpha: float = 0.05
) -> float | None:
    """The smallest rise above a control proportion that a trial of this size finds; None when no rise is enough."""
    _proportion(control)

    def lack(rise: float) -> float:
        return power_proportions(control + rise, control, n1, n2, alpha=alpha) - power

    most = 1 - control
    if most <= 0 or lack(most) < 0:
        return None
    return float(brentq(lack, 1e-12, most, xtol=1e-10))


def detectable_mean(sd: float, n1: float, n2: float | None = None, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """The smallest difference of means that a trial of this size finds."""
    n2 = n1 if n2 is None else n2
    guess = (_critical(alpha, 2) + float(ndtri(power))) * sd * math.sqrt(1 / n1 + 1 / n2)

    def lack(delta: float) -> float:
        return power_means(delta, sd, n1, n2, alpha=alpha) - power

    return float(brentq(lack, guess / 4, guess * 20, xtol=1e-10))


def information_proportions(control: float, experimental: float, *, alpha: float = 0.05, beta: float = 0.2) -> float:
    """Required information size in total patients, 1:1, for two proportions."""
    _proportion(control, experimental)
    if control == experimental:
        raise ValueError("equal proportions need infinite information")
    mean = (control + experimental) / 2
    z = _critical(alpha, 2) + float(ndtri(1 - beta))
    return 4 * z**2 * mean * (1 - mean) / (control - experimental) ** 2


def information_means(delta: float, sd: float, *, alpha: float = 0.05, beta: float = 0.2) -> float:
    """Required information size in total patients, 1:1, for a difference of means."""
    z = _critical(alpha, 2) + float(ndtri(1 - beta))
    return 4 * z**2 * sd**2 / delta**2


def diversity(common_variance: float, random_variance: float) -> float:
    """D²: the share of the random-effects variance that is between studies, 0 to 1."""
    return max(0.0, 1 - common_variance / random_variance)


def adjusted_information(required: float, heterogeneity: float) -> float:
    """Information size adjusted for heterogeneity (D² or I², 0 to below 1)."""
    if not 0 <= heterogeneity < 1:
        raise ValueError(f"heterogeneity must be 0 to below 1, not {heterogeneity}")
    return required / (1 - heterogeneity)
