"""Small-study effects: asymmetry, trim and fill, fail-safe N, excess significance."""

from medpol.evidence.bias.file_drawer import (
    ExcessSignificance,
    FailSafe,
    excess_significance,
    orwin,
    rosenberg,
    rosenthal,
)
from medpol.evidence.bias.small_study import Begg, Egger, begg, egger
from medpol.evidence.bias.trim_fill import TrimFill, trim_and_fill

__all__ = [
    "Begg",
    "Egger",
    "ExcessSignificance",
    "FailSafe",
    "TrimFill",
    "begg",
    "egger",
    "excess_significance",
    "orwin",
    "rosenberg",
    "rosenthal",
    "trim_and_fill",
]
