"""What differs between two publications, block by block and word by word, for a browser and for a word processor."""

from medpol.rendering.redline.compare import compare
from medpol.rendering.redline.model import (
    Mark,
    MarkedGrid,
    MarkedLine,
    MarkedRow,
    MarkedSection,
    Redline,
    Span,
    accepted,
    rejected,
)
from medpol.rendering.redline.units import Grid, Line, Piece, plain_units, section_units

__all__ = [
    "Grid",
    "Line",
    "Mark",
    "MarkedGrid",
    "MarkedLine",
    "MarkedRow",
    "MarkedSection",
    "Piece",
    "Redline",
    "Span",
    "accepted",
    "compare",
    "plain_units",
    "rejected",
    "section_units",
]
