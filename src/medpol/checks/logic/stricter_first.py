"""A policy decides before a national or local determination, and refuses whom that approves.

In Medicare Advantage a plan must follow national and local coverage determinations; its own criteria may only fill
what they leave open (42 CFR 422.101(b)). A precedence that asks the plan's policy first, with a stricter criterion,
denies what Medicare covers.

Bad:

    ../../library.yaml
        lines_of_business:
          commercial: {precedence: [contract, medical_policy]}
          medicare_advantage: {precedence: [medical_policy, ncd]}
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

    ../../library.yaml
        lines_of_business:
          commercial: {precedence: [contract, medical_policy]}
          medicare_advantage: {precedence: [medical_policy, ncd]}
    ../N-1/policy.yaml
        number: N-1
        authority: ncd
        title: Traction
    ../N-1/2020-01-01.yaml
        effective: 2020-01-01
        status: approved
        codes: [{system: cpt, code: 97012}]
        statements: [{id: covered, position: medically_necessary, when: {all: [age >= 18, exercise_weeks >= 8]}}]
    version.yaml
        applies_to: {line_of_business: [commercial, medicare_advantage]}
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.solver.authorities import refused_by
from medpol.checks.subject import Subject

CODE = "LO116"
LEVEL: Level = "error"


def check(subject: Subject) -> Iterator[Finding]:
    """The first such patient for each determination, where the policy is asked first."""
    for refusal in refused_by(subject):
        if refusal.decides_first:
            message = (
                f"{refusal.line} asks this policy before {refusal.other}, which approves a patient with {refusal.who}; "
                f"'{refusal.statement.id}' refuses"
            )
            yield Finding(refusal.statement.place, message, related=(refusal.approval.place,))
