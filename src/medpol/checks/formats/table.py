"""Which format is written by what."""

from collections.abc import Callable, Mapping

from medpol.checks.formats.github import as_github
from medpol.checks.formats.json import as_json
from medpol.checks.formats.sarif import as_sarif
from medpol.checks.formats.text import as_text
from medpol.checks.run import Checked

FORMATS: Mapping[str, Callable[[Checked], str]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
}
