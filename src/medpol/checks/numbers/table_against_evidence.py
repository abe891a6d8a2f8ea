"""A cell of a table of results is not what the evidence has.

The row, the column and the caption say which study, arm, outcome and time a cell is about; the evidence has one row
for it. A table that was typed keeps the old number when that row is corrected.

Source: the rule of a package that nothing is said twice.

Bad:

    text/evidence-adults.md
        # Traction

        Table 1. ASH

        | outcome | group | 1 year, % |
        |---|---|---|
        | ODI | traction (n=50) | 66.0 |

Good:

    text/evidence-adults.md
        # Traction

        Table 1. ASH

        | outcome | group | 1 year, % |
        |---|---|---|
        | ODI | traction (n=50) | 60.0 |
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.numbers.tables import ResultCell, Typed, abbreviations, arm_in, fits, result_cells, typed_in
from medpol.checks.subject import Subject
from medpol.evidence import Evidence, Result

CODE = "NU204"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    for cell in result_cells(subject):
        for typed in typed_in(cell.passage):
            rows = _rows(cell, typed, subject.evidence) if subject.evidence else ()
            if _agree(cell, typed, rows):
                continue
            shown = " ".join(map(str, typed.values))
            if rows:
                has = "; ".join(sorted({_shown(row, typed) for row in rows}))
                message = f"'{shown}', but the evidence has {has} for {_name(cell)}"
                yield Finding(cell.passage.at(typed.start), message, related=tuple(row.place for row in rows))
            elif cell.timepoint:
                yield Finding(cell.passage.at(typed.start), f"'{shown}': the evidence has no row for {_name(cell)}")


def _agree(cell: ResultCell, typed: Typed, rows: tuple[Result, ...]) -> bool:
    """An n of one arm is that of every part of its outcome; anything else is in one of the rows."""
    agreeing = [fits(typed, row) for row in rows]
    of_one_arm = typed.what == "n" and cell.timepoint and len({row.arm for row in rows}) == 1
    return any(agreeing) and (all(agreeing) or not of_one_arm)


def _rows(cell: ResultCell, typed: Typed, evidence: Evidence) -> tuple[Result, ...]:
    """The rows a number can be of: an n names its arm beside it, or stands in a row's label for all times."""
    arm = cell.arm
    if typed.what == "n":
        arm = arm_in([typed.arm], cell.study, abbreviations(cell.section)) or arm
        if not cell.timepoint:
            return tuple(r for r in evidence.results if r.study == cell.study.key and (arm is None or r.arm == arm.key))
    return tuple(row for row in cell.rows if arm is None or row.arm == arm.key)


def _name(cell: ResultCell) -> str:
    parts = (
        cell.study.name,
        cell.arm.key if cell.arm else "",
        cell.outcome.key if cell.outcome else "",
        cell.timepoint,
    )
    return ", ".join(part for part in parts if part)


def _shown(row: Result, typed: Typed) -> str:
    match typed.what:
        case "n":
            return f"n={row.n}"
        case "percent":
            return f"{row.percent}%"
        case "spread":
            return f"{row.mean} ({row.sd})"
        case "interval":
            return f"{row.change if row.change is not None else row.mean} ({row.ci_low} to {row.ci_high})"
    values = [
        f"{row.percent}%" if row.percent is not None else "",
        *(str(v) for v in (row.mean, row.change) if v is not None),
    ]
    return " ".join(value for value in values if value) or "nothing"
