"""Which means and deviations scores in whole points can have.

GRIM: Brown and Heathers 2017, Soc Psychol Personal Sci 8:363. GRIMMER: Anaya 2016, PeerJ Preprints 4:e2400v1, in the
form of Allard 2018 (analytic GRIMMER): the squares of whole scores add up to a whole number with the parity of their
sum, so the variance of n scores can only take steps.
"""

from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

WHOLE_POINTS = frozenset({"nrs", "rmdq"})
"""Instruments whose scores are whole points whatever was left unanswered (instruments.py)."""


def _half_step(number: Decimal) -> Fraction:
    return Fraction(Decimal(1).scaleb(int(number.as_tuple().exponent))) / 2


def possible_sums(mean: Decimal, n: int) -> range:
    """Whole sums of n scores that print as `mean` at its own decimals; a half rounds either way."""
    exact, slack = Fraction(mean), _half_step(mean)
    return range(ceil((exact - slack) * n), floor((exact + slack) * n) + 1)


def deviation_possible(mean: Decimal, sd: Decimal, n: int) -> bool:
    """Whether n whole scores (n at least 2) can print this mean and this sample standard deviation."""
    exact, slack = Fraction(sd), _half_step(sd)
    low, high = max(exact - slack, Fraction(0)) ** 2, (exact + slack) ** 2
    for total in possible_sums(mean, n):
        square = Fraction(total * total, n)
        first, last = ceil(low * (n - 1) + square), floor(high * (n - 1) + square)
        if any(squares % 2 == total % 2 for squares in range(first, min(last, first + 1) + 1)):
            return True
    return False


def largest_deviation(mean: Decimal, n: int, low: float, high: float) -> float:
    """The largest sample SD of n scores between two ends with this mean: all scores at the ends.

    Bhatia and Davis 2000, Am Math Monthly 107:353: variance ≤ (high − mean)(mean − low); n/(n−1) for a sample.
    """
    m = min(max(float(mean), low), high)
    return float(((high - m) * (m - low) * n / (n - 1)) ** 0.5)
