"""How what was found is printed: as text, JSON, SARIF, or annotations of a GitHub workflow."""

from medpol.checks.formats.items import Item, items_of
from medpol.checks.formats.table import FORMATS

__all__ = ["FORMATS", "Item", "items_of"]
