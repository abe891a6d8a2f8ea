"""What changed between two versions or two libraries, and what past claims would have been told otherwise."""

from medpol.history.changes import library_changes, version_changes
from medpol.history.impact import replay
from medpol.history.scenario import Scenario, between_libraries, from_its_date, on_all_dates

__all__ = [
    "Scenario",
    "between_libraries",
    "from_its_date",
    "library_changes",
    "on_all_dates",
    "replay",
    "version_changes",
]
