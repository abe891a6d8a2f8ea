"""Pooling: from effects to a pooled one, its heterogeneity and what moves it."""

from medpol.evidence.pooling.fit import PREDICTION, Pooled, pool
from medpol.evidence.pooling.many import INTERVALS, METHODS, Fits, pool_many
from medpol.evidence.pooling.stratified import TableTests, table_tests

__all__ = ["INTERVALS", "METHODS", "PREDICTION", "Fits", "Pooled", "TableTests", "pool", "pool_many", "table_tests"]
