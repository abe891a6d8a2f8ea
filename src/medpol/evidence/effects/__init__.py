"""Effects: from what a study reports to one effect with its variance, or its interval."""

from medpol.evidence.effects.counts import ZERO_CELL_RULES
from medpol.evidence.effects.measures import MEASURES, Measure
from medpol.evidence.effects.reported import (
    count_from_percent,
    sd_from_ci,
    sd_from_difference_p,
    sd_from_se,
    sd_of_change,
    se_from_ci,
)
from medpol.evidence.effects.single import (
    TwoMeans,
    TwoProportions,
    clopper_pearson_interval,
    compare_means,
    compare_proportions,
    newcombe_interval,
    number_needed,
    score_interval,
    wilson_interval,
)
from medpol.evidence.effects.sizes import Effects, Variant, effect_sizes, effects_of

__all__ = [
    "MEASURES",
    "ZERO_CELL_RULES",
    "Effects",
    "Measure",
    "TwoMeans",
    "TwoProportions",
    "Variant",
    "clopper_pearson_interval",
    "compare_means",
    "compare_proportions",
    "count_from_percent",
    "effect_sizes",
    "effects_of",
    "newcombe_interval",
    "number_needed",
    "score_interval",
    "sd_from_ci",
    "sd_from_difference_p",
    "sd_from_se",
    "sd_of_change",
    "se_from_ci",
    "wilson_interval",
]
