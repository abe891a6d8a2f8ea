"""The entries of the history are out of order.

A history is read from one end to the other, newest first or oldest first. An entry out of place is overlooked, and
often its date is a slip.

Bad:

    policy.yaml
        history:
          - {date: 2024-01, action: original effective date, note: policy created}
          - {date: 2026-01, action: annual review, note: revised}
          - {date: 2025-01, action: annual review, note: renewed}

Good:

    policy.yaml
        history:
          - {date: 2026-01, action: annual review, note: revised}
          - {date: 2025-01, action: annual review, note: renewed}
          - {date: 2024-01, action: original effective date, note: policy created}
"""

from collections.abc import Iterator
from itertools import pairwise

from medpol.checks.finding import Finding, Level
from medpol.checks.structure.history import dated
from medpol.checks.subject import Subject

CODE = "ST106"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """Entries that go against the direction that most of them have."""
    entries = dated(subject)
    steps = [(earlier, later) for earlier, later in pairwise(entries) if earlier.month != later.month]
    rising = [later for earlier, later in steps if later.month > earlier.month]
    falling = [later for earlier, later in steps if later.month < earlier.month]
    for odd in min(rising, falling, key=len):
        yield Finding(odd.place, f"{odd.entry.date} is out of order in the history")
