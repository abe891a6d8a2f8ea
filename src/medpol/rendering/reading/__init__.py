"""English in, criterion out: the inverse of `rendering.english`, with every problem at its line and column."""

from medpol.rendering.reading.trees import read_criterion

__all__ = ["read_criterion"]
