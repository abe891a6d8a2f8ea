"""A patient is approved by one statement although a later one refuses.

The first statement that holds decides. Where an approval stands before an exclusion and some patients meet both, they
are approved, and the exclusion is passed over. If it is meant to bind, it belongs first, or into the approval as
`not`. (Lists of covered and of denied diagnoses are no such case: that one covered diagnosis is enough is their
meaning.)

Bad:

    version.yaml
        statements:
          - {id: adults, position: medically_necessary, population: adults, conclusion: insufficient, source: published, when: age >= 18}
          - {id: heavy, position: not_medically_necessary, population: adults, conclusion: insufficient, source: published, when: bmi > 40}
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}

Good:

    version.yaml
        statements:
          - {id: heavy, position: not_medically_necessary, population: adults, conclusion: insufficient, source: published, when: bmi > 40}
          - {id: adults, position: medically_necessary, population: adults, conclusion: insufficient, source: published, when: age >= 18}
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}
"""  # noqa: E501

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.solver import Patient, about, solver_for
from medpol.checks.subject import Subject
from medpol.model.policy import State

CODE = "LO105"
LEVEL: Level = "question"


def check(subject: Subject) -> Iterator[Finding]:
    """A patient of both, one finding for each statement that is passed over."""
    for version in subject.live:
        for index, refusal in enumerate(version.statements):
            if refusal.when is None or refusal.position.state is not State.NOT_COVERED:
                continue
            for approval in version.statements[:index]:
                if approval.when is None or approval.position.state is not State.APPROVE:
                    continue
                if not about(version, approval) & about(version, refusal):
                    continue
                patient = solver_for(subject, version).patient(yes=[approval.when, refusal.when])
                if patient is not None and not _several(patient):
                    words = patient.words(subject.library.facts)
                    message = f"a patient with {words} is approved by '{approval.id}', although '{refusal.id}' refuses"
                    yield Finding(refusal.place, message, related=(approval.place,))
                    break


def _several(patient: Patient) -> bool:
    """Whether the patient meets both only by two members of one set: two diagnoses, each on its list."""
    return any(isinstance(value, frozenset) and len(value) > 1 for value in patient.facts.values())
