"""A statement's own wording beside its logic: the numbers, codes and dates that are in one and not in the other."""

from medpol.rendering.wording.compare import Mismatch, compare_wording
from medpol.rendering.wording.mentions import Kind

__all__ = ["Kind", "Mismatch", "compare_wording"]
