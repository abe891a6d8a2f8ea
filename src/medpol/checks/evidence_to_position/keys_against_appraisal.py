"""A printed limitation table has other keys than the appraisal.

The keys are the reviewers' judgement in short. Printed and recorded they are the same judgement; a key that stands in
one of them only was changed without the other.

Source: the rule of a package that nothing is said twice.

Bad:

    text/evidence-adults.md
        # Traction

        Table 2. Limitations of ASH

        | Study | Allocation ^a | Blinding ^b | Selective Reporting ^c |
        |---|---|---|---|
        | ASH |  | 1. Patients not blinded. |  |

Good:

    text/evidence-adults.md
        # Traction

        Table 2. Limitations of ASH

        | Study | Allocation ^a | Blinding ^b | Selective Reporting ^c |
        |---|---|---|---|
        | ASH |  | 1. Patients not blinded. 2. Assessors not blinded. |  |
"""

from collections.abc import Iterator

from medpol.checks.evidence_to_position.printed_keys import printed_rows
from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject

CODE = "EP105"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    for row in printed_rows(subject):
        if row.study is None or subject.evidence is None:
            continue
        for domain, printed, cell in row.cells:
            own = [
                item
                for item in subject.evidence.appraisal.limitations
                if (item.study, item.table, item.domain) == (row.study.key, row.table, domain)
            ]
            recorded = sorted(item.key for item in own)
            if sorted(printed) != recorded and "{{" not in cell.text:
                places = tuple(item.place for item in own) or (row.study.place,)
                name = domain.replace("_", " ")
                message = f"{row.study.name}, {name}: {_keys(printed)} in the table, {_keys(recorded)} in the appraisal"
                yield Finding(cell.place, message, related=places)


def _keys(keys: tuple[int, ...] | list[int]) -> str:
    return "no key" if not keys else "key " + ", ".join(map(str, sorted(keys)))
