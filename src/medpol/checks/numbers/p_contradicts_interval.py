"""A p and a confidence interval contradict each other.

A 95% interval of a difference that leaves out 0 (of a ratio: 1) means p below .05, and the width of the interval gives
the p. A text that prints both prints the same thing twice, so both must agree.

Source: Altman and Bland 2011, BMJ 343:d2304 (p from a confidence interval).

Bad:

    text/evidence-adults.md
        # Traction

        The difference was 4.0 points (95% CI 1.0 to 7.0; p=.20).

Good:

    text/evidence-adults.md
        # Traction

        The difference was 4.0 points (95% CI 1.0 to 7.0; p=.009).
"""

import re
from collections.abc import Iterator
from math import log

from scipy.special import erfc

from medpol.checks.finding import Finding, Level
from medpol.checks.prose import sentences
from medpol.checks.subject import Subject

CODE = "NU110"
LEVEL: Level = "warning"

_N = r"([-−]?\d+(?:\.\d+)?)"
_PAIR = re.compile(
    rf"(?P<ratio>\b(?:OR|RR|HR|ratio)\b)?[^.;()]*?{_N}\s*(?:points|%|days|months)?\s*[(\[;,]\s*"
    rf"95% (?:CI|confidence interval),?:?\s*{_N}\s*(?:to|,|–)\s*{_N}"
    r"[^()]{0,12}?p\s*(<|>|=|≤|≥)\s*(0?\.\d+)",
    re.I,
)
LENIENT = 2.5
"""Rounded ends and other tests move a p; twice and a half is beyond what they do."""


def check(subject: Subject) -> Iterator[Finding]:
    for _, passage in subject.narrative.passages:
        for sentence in sentences(passage):
            for found in _PAIR.finditer(sentence.text) if "95%" in sentence.text else ():
                numbers = [float(found[i].replace("−", "-")) for i in (2, 3, 4)]
                p = p_of(*numbers, ratio=bool(found["ratio"]))
                if p is not None and not _agrees(found[5], float(found[6]), p):
                    message = f"p{found[5]}{found[6]} beside the interval {found[3]} to {found[4]}, which gives {p:.2g}"
                    yield Finding(sentence.at(found.start(5) - 1), message)


def p_of(estimate: float, low: float, high: float, *, ratio: bool) -> float | None:
    """Two-sided p from an estimate and its 95% interval; None where they give none."""
    if ratio:
        if min(estimate, low, high) <= 0:
            return None
        estimate, low, high = log(estimate), log(low), log(high)
    if high <= low:
        return None
    z = abs(estimate) / ((high - low) / (2 * 1.959964))
    return float(erfc(z / 2**0.5))


def _agrees(sign: str, printed: float, p: float) -> bool:
    if sign in ("<", "≤"):
        return p <= printed * LENIENT
    if sign in (">", "≥"):
        return p >= printed / LENIENT
    same_side = (p < 0.05) == (printed < 0.05) or abs(p - printed) < 0.02
    return same_side and (p < 0.001 or printed / LENIENT <= p <= printed * LENIENT)
