"""The effect measures: which columns each needs, on which scale it is analysed, and the way back."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

Array = NDArray[np.float64]

TWO_BY_TWO = ("ai", "n1i", "ci", "n2i")
TWO_MEANS = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
TWO_RATES = ("x1i", "t1i", "x2i", "t2i")
ONE_PROPORTION = ("xi", "ni")
CORRELATION = ("ri", "ni")
GIVEN = ("yi", "vi")


def _identity(value: Array) -> Array:
    return value


def _expit(value: Array) -> Array:
    out: Array = special.expit(value)
    return out


def _squared_sine(value: Array) -> Array:
    out: Array = np.sin(np.clip(value, 0.0, np.pi / 2)) ** 2
    return out


def _tanh(value: Array) -> Array:
    out: Array = np.tanh(value)
    return out


def _exp(value: Array) -> Array:
    with np.errstate(over="ignore"):  # a limit beyond 1e308 is infinite
        out: Array = np.exp(value)
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One effect measure, under the name metafor users know it by."""

    name: str
    title: str
    columns: tuple[str, ...]
    scale: str = "raw"
    back: Callable[[Array], Array] = _identity
    back_title: str = ""
    null: float | None = 0.0  # no effect on the analysis scale; None where the question makes no sense


MEASURES: dict[str, Measure] = {
    m.name: m
    for m in (
        Measure(
            name="OR",
            title="log odds ratio",
            columns=TWO_BY_TWO,
            scale="log",
            back=_exp,
            back_title="odds ratio",
        ),
        Measure(
            name="RR",
            title="log risk ratio",
            columns=TWO_BY_TWO,
            scale="log",
            back=_exp,
            back_title="risk ratio",
        ),
        Measure(name="RD", title="risk difference", columns=TWO_BY_TWO),
        Measure(name="AS", title="arcsine risk difference", columns=TWO_BY_TWO, scale="arcsine"),
        Measure(
            name="PETO",
            title="log odds ratio (Peto)",
            columns=TWO_BY_TWO,
            scale="log",
            back=_exp,
            back_title="odds ratio (Peto)",
        ),
        Measure(name="MD", title="mean difference", columns=TWO_MEANS),
        Measure(name="SMD", title="standardized mean difference (Hedges g)", columns=TWO_MEANS),
        Measure(
            name="SMDH",
            title="standardized mean difference, unequal variances",
            columns=TWO_MEANS,
        ),
        Measure(
            name="ROM",
            title="log ratio of means",
            columns=TWO_MEANS,
            scale="log",
            back=_exp,
            back_title="ratio of means",
        ),
        Measure(
            name="IRR",
            title="log incidence rate ratio",
            columns=TWO_RATES,
            scale="log",
            back=_exp,
            back_title="incidence rate ratio",
        ),
        Measure(name="IRD", title="incidence rate difference", columns=TWO_RATES),
        Measure(name="IRSD", title="square-root rate difference", columns=TWO_RATES, scale="square root"),
        Measure(name="PR", title="proportion", columns=ONE_PROPORTION, null=None),
        Measure(
            name="PLN",
            title="log proportion",
            columns=ONE_PROPORTION,
            scale="log",
            back=_exp,
            back_title="proportion",
            null=None,
        ),
        Measure(
            name="PLO",
            title="logit proportion",
            columns=ONE_PROPORTION,
            scale="logit",
            back=_expit,
            back_title="proportion",
            null=None,
        ),
        Measure(
            name="PAS",
            title="arcsine square-root proportion",
            columns=ONE_PROPORTION,
            scale="arcsine",
            back=_squared_sine,
            back_title="proportion",
            null=None,
        ),
        Measure(
            name="PFT",
            title="Freeman-Tukey double arcsine proportion",
            columns=ONE_PROPORTION,
            scale="double arcsine",
            back_title="proportion",
            null=None,
        ),
        Measure(name="COR", title="correlation", columns=CORRELATION),
        Measure(
            name="ZCOR",
            title="Fisher z correlation",
            columns=CORRELATION,
            scale="Fisher z",
            back=_tanh,
            back_title="correlation",
        ),
        Measure(name="GEN", title="given effect", columns=GIVEN),
    )
}


def inverse_freeman_tukey(value: Array, n: float) -> Array:
    """The proportion whose double arcsine is `value` at sample size n (Miller 1978, Am Stat 32:138).

    Pooled values use the harmonic mean of the studies' n. Values outside what n allows give 0 or 1.
    """
    low = 0.5 * np.arcsin(np.sqrt(1.0 / (n + 1.0)))
    high = 0.5 * (np.arcsin(np.sqrt(n / (n + 1.0))) + np.pi / 2)
    angle = 2.0 * np.clip(value, low, high)
    sine, cosine = np.sin(angle), np.cos(angle)
    inner = 1.0 - (sine + (sine - 1.0 / sine) / n) ** 2
    out: Array = 0.5 * (1.0 - np.sign(cosine) * np.sqrt(np.maximum(inner, 0.0)))
    return out
