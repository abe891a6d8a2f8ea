"""A value is outside the range of its instrument.

A scale from 0 to 10 has no mean of 12 and no change of 11. The value belongs to another scale, or a decimal point is
lost.

Source: the published ranges of the instruments (evidence/instruments.py names them).

Bad:

    text/evidence-adults.md
        # Traction

        Table 1. Scores in ASH

        | outcome | baseline, mean (SD) |
        |---|---|
        | ODI, traction | 145.2 (10.1) |

Good:

    text/evidence-adults.md
        # Traction

        Table 1. Scores in ASH

        | outcome | baseline, mean (SD) |
        |---|---|
        | ODI, traction | 45.2 (10.1) |
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.numbers.tables import Typed, result_cells, typed_in
from medpol.checks.numbers.warned import warned
from medpol.checks.subject import Subject
from medpol.evidence import INSTRUMENTS, Instrument

CODE = "NU113"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    yield from warned(subject, "EV014")
    for cell in result_cells(subject):
        scale = INSTRUMENTS.get(cell.outcome.instrument or "") if cell.outcome else None
        for typed in typed_in(cell.passage):
            if scale is not None and _outside(typed, scale):
                message = f"{typed.values[0]} is outside {scale.name} ({scale.low:g} to {scale.high:g})"
                yield Finding(cell.passage.at(typed.start), message)


def _outside(typed: Typed, scale: Instrument) -> bool:
    """A mean that is not on the scale, or an estimate wider than it."""
    value = float(typed.values[0])
    if typed.what == "spread":
        return not scale.holds(value)
    return typed.what == "interval" and abs(value) > scale.high - scale.low
