"""Effects of a 2×2 table: events ai of n1i against events ci of n2i."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ZERO_CELL_RULES = {
    "only_zero": "add 1/2 to the four cells of a table that has a zero cell; other tables are left alone",
    "all": "add 1/2 to the four cells of every table",
    "none": "no correction; tables whose effect or variance is then undefined or 0 are left out",
    "drop_double": "leave out tables with no events, or only events, in both arms; else as only_zero",
}
"""What to do with zero cells. metafor's `to` is only0, all, none, and `drop00=TRUE` with only0."""


def corrected_cells(
    ai: Array, n1i: Array, ci: Array, n2i: Array, *, rule: str, add: float = 0.5
) -> tuple[Array, Array, Array, Array]:
    """The four cells a, b, c, d after the zero-cell rule; NaN where the rule leaves a table out."""
    cells = np.stack([ai, n1i - ai, ci, n2i - ci]).astype(float)
    if rule == "all":
        cells += add
    elif rule in {"only_zero", "drop_double"}:
        cells += np.where((cells == 0).any(axis=0), add, 0.0)
    if rule == "drop_double":
        same = ((ai == 0) & (ci == 0)) | ((ai == n1i) & (ci == n2i))
        cells[:, same] = np.nan
    a, b, c, d = cells
    return a, b, c, d


def log_odds_ratio(a: Array, b: Array, c: Array, d: Array) -> tuple[Array, Array]:
    """log(ad/bc), variance 1/a + 1/b + 1/c + 1/d (Woolf 1955)."""
    return np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d


def log_risk_ratio(a: Array, b: Array, c: Array, d: Array) -> tuple[Array, Array]:
    """log of the ratio of risks, variance 1/a − 1/(a+b) + 1/c − 1/(c+d) (Katz et al. 1978)."""
    return np.log(a / (a + b)) - np.log(c / (c + d)), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)


def risk_difference(a: Array, b: Array, c: Array, d: Array) -> tuple[Array, Array]:
    """p1 − p2, variance the sum of p(1 − p)/n."""
    n1, n2 = a + b, c + d
    return a / n1 - c / n2, a * b / n1**3 + c * d / n2**3


def arcsine_difference(ai: Array, n1i: Array, ci: Array, n2i: Array) -> tuple[Array, Array]:
    """asin√p1 − asin√p2, variance 1/4n1 + 1/4n2; needs no zero-cell rule (Rücker et al. 2009)."""
    return np.arcsin(np.sqrt(ai / n1i)) - np.arcsin(np.sqrt(ci / n2i)), 0.25 / n1i + 0.25 / n2i


def peto_log_odds_ratio(a: Array, b: Array, c: Array, d: Array) -> tuple[Array, Array]:
    """(O − E)/V, variance 1/V, V hypergeometric (Yusuf et al. 1985).

    Undefined (NaN) where no one, or everyone, has the event and the zero-cell rule adds nothing.
    """
    n1, n2, events = a + b, c + d, a + c
    total = n1 + n2
    variance = n1 * n2 * events * (b + d) / (total**2 * (total - 1))
    return (a - n1 * events / total) / variance, 1 / variance
