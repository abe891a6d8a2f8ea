"""Model in, English out: criteria, findings, determinations and versions for a person to read."""

from medpol.rendering.determination import determination_text
from medpol.rendering.english import criterion_lines, criterion_text
from medpol.rendering.findings import finding_lines
from medpol.rendering.version import version_text

__all__ = ["criterion_lines", "criterion_text", "determination_text", "finding_lines", "version_text"]
