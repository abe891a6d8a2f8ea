"""A policy refuses whom a national or local determination that outranks it approves.

The determination is asked first and approves, so no request is decided wrongly; but the policy says otherwise to
everybody who reads it, and its criteria are wider or narrower than the plan may apply to that line of business
(42 CFR 422.101(b)).

Bad:

    ../N-1/policy.yaml
        number: N-1
        authority: ncd
        title: Traction
    ../N-1/2020-01-01.yaml
        effective: 2020-01-01
        status: approved
        codes: [{system: cpt, code: 97012}]
        statements: [{id: covered, position: medically_necessary, when: exercise_weeks >= 4}]
    version.yaml
        applies_to: {line_of_business: [commercial, medicare_advantage]}

Good:

    ../N-1/policy.yaml
        number: N-1
        authority: ncd
        title: Traction
    ../N-1/2020-01-01.yaml
        effective: 2020-01-01
        status: approved
        codes: [{system: cpt, code: 97012}]
        statements: [{id: covered, position: medically_necessary, when: exercise_weeks >= 4}]
    version.yaml
        applies_to: {line_of_business: [commercial]}
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.solver.authorities import refused_by
from medpol.checks.subject import Subject

CODE = "LO117"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """The first such patient for each determination, where the determination is asked first."""
    for refusal in refused_by(subject):
        if not refusal.decides_first:
            message = (
                f"for {refusal.line}, {refusal.other} approves a patient with {refusal.who}, "
                f"whom '{refusal.statement.id}' refuses"
            )
            yield Finding(refusal.statement.place, message, related=(refusal.approval.place,))
