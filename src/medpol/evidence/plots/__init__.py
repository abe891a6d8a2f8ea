"""Pictures of evidence, as SVG or PNG, each with a table twin for readers who cannot see it."""

from medpol.evidence.base import Flow
from medpol.evidence.plots.bias import BiasRow, bias_summary, traffic_light
from medpol.evidence.plots.forest import Diamond, ForestRow, cumulative, forest, rows_of
from medpol.evidence.plots.of_policy import KINDS, policy_picture
from medpol.evidence.plots.picture import Picture
from medpol.evidence.plots.pooled import baujat_of, cumulative_of, forest_of, funnel_of, radial_of
from medpol.evidence.plots.prisma import prisma
from medpol.evidence.plots.scatter import baujat, baujat_points, funnel, radial

__all__ = [
    "KINDS",
    "BiasRow",
    "Diamond",
    "Flow",
    "ForestRow",
    "Picture",
    "baujat",
    "baujat_of",
    "baujat_points",
    "bias_summary",
    "cumulative",
    "cumulative_of",
    "forest",
    "forest_of",
    "funnel",
    "funnel_of",
    "policy_picture",
    "prisma",
    "radial",
    "radial_of",
    "rows_of",
    "traffic_light",
]
