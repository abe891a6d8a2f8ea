"""Two policies of one authority give one patient different answers.

Policies of the same layer are asked together. Where both surely answer and the answers differ, nobody's rule says
which binds, and the request goes to a person every time.

Bad:

    ../T-0/policy.yaml
        number: T-0
        authority: medical_policy
        title: Physical Therapy
    ../T-0/2020-01-01.yaml
        effective: 2020-01-01
        status: approved
        applies_to: {line_of_business: [commercial]}
        codes: [{system: cpt, code: 97012}]
        statements: [{id: never, position: investigational}]

Good:

    ../T-0/policy.yaml
        number: T-0
        authority: medical_policy
        title: Physical Therapy
    ../T-0/2020-01-01.yaml
        effective: 2020-01-01
        status: approved
        applies_to: {line_of_business: [commercial]}
        codes: [{system: cpt, code: 97110}]
        statements: [{id: never, position: investigational}]
"""

from collections.abc import Iterator
from itertools import islice

from medpol.checks.finding import Finding, Level
from medpol.checks.solver.authorities import conflicts_of
from medpol.checks.subject import Subject

CODE = "LO118"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """Said once, of the policy whose number sorts later, and of one other policy only."""
    for conflict in islice(conflicts_of(subject), 1):
        message = (
            f"for {conflict.line} and code {conflict.code}, '{conflict.statement.id}' and policy {conflict.other} "
            f"('{conflict.approval.id}') answer a patient with {conflict.who} differently"
        )
        yield Finding(conflict.statement.place, message, related=(conflict.approval.place,))
