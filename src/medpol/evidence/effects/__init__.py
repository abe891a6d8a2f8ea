"""Effects: from what a study reports to one effect with its variance, or its interval."""

from medpol.evidence.effects.measures import MEASURES, Measure
from medpol.evidence.effects.sizes import Effects, Variant, effect_sizes

__all__ = ["MEASURES", "Effects", "Measure", "Variant", "effect_sizes"]
