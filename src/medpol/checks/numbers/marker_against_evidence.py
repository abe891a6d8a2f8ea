"""A mark in a table stands for another p than the evidence has.

The legend says what a mark means. A mark too many, too few or of the wrong kind turns a weak result into a strong one.

Source: statcheck, Nuijten et al. 2016, Behav Res Methods 48:1205, on reported against recomputed p.

Bad:

    text/evidence-adults.md
        # Traction

        Table 1. ASH

        | outcome | group | 1 year, % | 2 years, % |
        |---|---|---|---|
        | ODI | traction | 60.0* | 56.0* |

        \\* p = .002. \\*\\* p < .001.

Good:

    text/evidence-adults.md
        # Traction

        Table 1. ASH

        | outcome | group | 1 year, % | 2 years, % |
        |---|---|---|---|
        | ODI | traction | 60.0** | 56.0* |

        \\* p = .002. \\*\\* p < .001.
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.numbers.recorded import p_marker
from medpol.checks.numbers.tables import legend_marks, result_cells, typed_in
from medpol.checks.subject import Subject

CODE = "NU205"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    for cell in result_cells(subject):
        legend = legend_marks(cell.section)
        if not legend or len(cell.rows) != 1 or cell.arm is None:
            continue
        row = cell.rows[0]
        own = p_marker(row.p) if row.p else None
        for typed in typed_in(cell.passage):
            if typed.what != "lone" or (typed.mark and typed.mark not in legend):
                continue
            printed, note = legend.get(typed.mark, (None, None))
            if printed != own and (row.p is None or own is not None):
                says = f"'{typed.mark}' stands for p{printed[0]}{printed[1]}" if printed else "no mark"
                has = f"p {row.p}" if row.p else "no p"
                place = cell.passage.at(typed.start)
                yield Finding(
                    place,
                    f"{typed.values[0]}: {says}, the evidence has {has}",
                    related=(row.place, note) if note else (row.place,),
                )
