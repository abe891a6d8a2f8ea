"""Effects of two means with their standard deviations."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

Array = NDArray[np.float64]


class Groups(NamedTuple):
    """Mean, standard deviation and size of both groups, study by study."""

    m1: Array
    sd1: Array
    n1: Array
    m2: Array
    sd2: Array
    n2: Array


def hedges_correction(df: Array) -> Array:
    """J = Γ(m/2) / (√(m/2) Γ((m−1)/2)), exact (Hedges 1981, J Educ Stat 6:107-128)."""
    out: Array = np.exp(special.gammaln(df / 2) - 0.5 * np.log(df / 2) - special.gammaln((df - 1) / 2))
    return out


def pooled_sd(g: Groups) -> Array:
    out: Array = np.sqrt(((g.n1 - 1) * g.sd1**2 + (g.n2 - 1) * g.sd2**2) / (g.n1 + g.n2 - 2))
    return out


def mean_difference(g: Groups, *, pooled: bool = False) -> tuple[Array, Array]:
    """m1 − m2; variance sd1²/n1 + sd2²/n2, or with one pooled SD (metafor's vtype HO)."""
    m1, sd1, n1, m2, sd2, n2 = g
    if pooled:
        return m1 - m2, pooled_sd(g) ** 2 * (1 / n1 + 1 / n2)
    return m1 - m2, sd1**2 / n1 + sd2**2 / n2


def standardized_mean_difference(g: Groups, *, unbiased: bool = False) -> tuple[Array, Array]:
    """Hedges g = J (m1 − m2)/s_pooled.

    Variance 1/n1 + 1/n2 + g²/2(n1 + n2) (Hedges 1982, large sample), or its unbiased form
    1/n1 + 1/n2 + (1 − (m − 2)/(m J²)) g² with m = n1 + n2 − 2 (Hedges 1983).
    """
    n1, n2 = g.n1, g.n2
    df = n1 + n2 - 2
    correction = hedges_correction(df)
    effect = correction * (g.m1 - g.m2) / pooled_sd(g)
    spread = (1 - (df - 2) / (df * correction**2)) if unbiased else 1 / (2 * (n1 + n2))
    return effect, 1 / n1 + 1 / n2 + spread * effect**2


def standardized_mean_difference_unequal(g: Groups, *, shrunk: bool = True) -> tuple[Array, Array]:
    """J (m1 − m2)/√((sd1² + sd2²)/2) (Bonett 2008, Psychol Methods 13:99-109).

    Variance by Bonett 2009 (14:225-238, eq. 6), times J² where `shrunk` (metafor before 4.6; later not).
    """
    m1, sd1, n1, m2, sd2, n2 = g
    correction = hedges_correction(n1 + n2 - 2)
    half = (sd1**2 + sd2**2) / 2
    effect = correction * (m1 - m2) / np.sqrt(half)
    variance = effect**2 * (sd1**4 / (n1 - 1) + sd2**4 / (n2 - 1)) / (8 * half**2)
    variance = variance + (sd1**2 / (n1 - 1) + sd2**2 / (n2 - 1)) / half
    return effect, variance * correction**2 if shrunk else variance


def log_ratio_of_means(g: Groups, *, bias_corrected: bool = False) -> tuple[Array, Array]:
    """log(m1/m2), variance sd1²/(n1 m1²) + sd2²/(n2 m2²) (Hedges, Gurevitch & Curtis 1999).

    `bias_corrected` adds half the difference of the two variance terms (Lajeunesse 2015, Ecology
    96:2056-2063); metafor does so since 5.0.
    """
    m1, sd1, n1, m2, sd2, n2 = g
    first, second = sd1**2 / (n1 * m1**2), sd2**2 / (n2 * m2**2)
    estimate = np.log(m1 / m2)
    return estimate + 0.5 * (first - second) if bias_corrected else estimate, first + second
