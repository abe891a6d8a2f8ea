"""Effects of events over person-time: x1i in t1i against x2i in t2i; and of single proportions."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def corrected_events(x1: Array, x2: Array, *, rule: str, add: float = 0.5) -> tuple[Array, Array]:
    """Both event counts after the zero rule of `counts.ZERO_CELL_RULES`."""
    events = np.stack([x1, x2]).astype(float)
    if rule == "all":
        events += add
    elif rule in {"only_zero", "drop_double"}:
        events += np.where((events == 0).any(axis=0), add, 0.0)
    if rule == "drop_double":
        events[:, (x1 == 0) & (x2 == 0)] = np.nan
    return events[0], events[1]


def log_rate_ratio(x1: Array, t1: Array, x2: Array, t2: Array) -> tuple[Array, Array]:
    """log((x1/t1)/(x2/t2)), variance 1/x1 + 1/x2 (Rothman et al. 2008, Modern Epidemiology, ch. 14)."""
    return np.log(x1 / t1) - np.log(x2 / t2), 1 / x1 + 1 / x2


def rate_difference(x1: Array, t1: Array, x2: Array, t2: Array) -> tuple[Array, Array]:
    """x1/t1 − x2/t2, variance x1/t1² + x2/t2²."""
    return x1 / t1 - x2 / t2, x1 / t1**2 + x2 / t2**2


def root_rate_difference(x1: Array, t1: Array, x2: Array, t2: Array) -> tuple[Array, Array]:
    """√(x1/t1) − √(x2/t2), variance 1/4t1 + 1/4t2; needs no zero rule."""
    return np.sqrt(x1 / t1) - np.sqrt(x2 / t2), 0.25 / t1 + 0.25 / t2


def corrected_proportion(x: Array, n: Array, *, rule: str, add: float = 0.5) -> tuple[Array, Array]:
    """Events and number after the zero rule: 1/2 to events and to non-events."""
    extreme = (x == 0) | (x == n)
    extra = np.where(extreme | (rule == "all"), add, 0.0) if rule != "none" else np.zeros(len(x))
    return x + extra, n + 2 * extra


def proportion(x: Array, n: Array) -> tuple[Array, Array]:
    """x/n, variance p(1 − p)/n."""
    p = x / n
    return p, p * (1 - p) / n


def log_proportion(x: Array, n: Array) -> tuple[Array, Array]:
    """log(x/n), variance 1/x − 1/n."""
    return np.log(x / n), 1 / x - 1 / n


def logit_proportion(x: Array, n: Array) -> tuple[Array, Array]:
    """log(x/(n − x)), variance 1/x + 1/(n − x)."""
    return np.log(x / (n - x)), 1 / x + 1 / (n - x)


def arcsine_proportion(x: Array, n: Array) -> tuple[Array, Array]:
    """asin√p, variance 1/4n."""
    return np.arcsin(np.sqrt(x / n)), 0.25 / n


def freeman_tukey_proportion(x: Array, n: Array) -> tuple[Array, Array]:
    """½(asin√(x/(n+1)) + asin√((x+1)/(n+1))), variance 1/(4n + 2) (Freeman & Tukey 1950)."""
    value = 0.5 * (np.arcsin(np.sqrt(x / (n + 1))) + np.arcsin(np.sqrt((x + 1) / (n + 1))))
    return value, 1 / (4 * n + 2)


def correlation(r: Array, n: Array) -> tuple[Array, Array]:
    """r, variance (1 − r²)²/(n − 1)."""
    return r, (1 - r**2) ** 2 / (n - 1)


def fisher_z(r: Array, n: Array) -> tuple[Array, Array]:
    """atanh r, variance 1/(n − 3) (Fisher 1921)."""
    return np.arctanh(r), 1 / (n - 3)
