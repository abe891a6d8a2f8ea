"""Letters on a determination: what was decided and by whom, on which criterion and study, and how to appeal."""

from medpol.rendering.letters.case import Case, Kind, Requested
from medpol.rendering.letters.letter import NOT_GRADED, Decision, compose
from medpol.rendering.letters.rights import Rights, load_rights
from medpol.rendering.letters.signature import Outcome, Signature, check_signature, read_signature
from medpol.rendering.letters.writers import FORMATS, write_letter

__all__ = [
    "FORMATS",
    "NOT_GRADED",
    "Case",
    "Decision",
    "Kind",
    "Outcome",
    "Requested",
    "Rights",
    "Signature",
    "check_signature",
    "compose",
    "load_rights",
    "read_signature",
    "write_letter",
]
