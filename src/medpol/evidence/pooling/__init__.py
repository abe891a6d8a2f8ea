"""Pooling: from effects to a pooled one, its heterogeneity and what moves it."""

from medpol.evidence.pooling.fit import PREDICTION, Pooled, pool
from medpol.evidence.pooling.glmm import MixedModel, mixed_model
from medpol.evidence.pooling.heterogeneity import HeterogeneityInterval, profile_likelihood, q_profile
from medpol.evidence.pooling.many import INTERVALS, METHODS, Fits, pool_many
from medpol.evidence.pooling.regression import MetaRegression, design_matrix, meta_regression
from medpol.evidence.pooling.sensitivity import Influence, Row, cumulative, influence, leave_one_out
from medpol.evidence.pooling.stratified import TableTests, table_tests
from medpol.evidence.pooling.subgroups import Subgroups, subgroup_test_common_tau2, subgroups

__all__ = [
    "INTERVALS",
    "METHODS",
    "PREDICTION",
    "Fits",
    "HeterogeneityInterval",
    "Influence",
    "MetaRegression",
    "MixedModel",
    "Pooled",
    "Row",
    "Subgroups",
    "TableTests",
    "cumulative",
    "design_matrix",
    "influence",
    "leave_one_out",
    "meta_regression",
    "mixed_model",
    "pool",
    "pool_many",
    "profile_likelihood",
    "q_profile",
    "subgroup_test_common_tau2",
    "subgroups",
    "table_tests",
]
