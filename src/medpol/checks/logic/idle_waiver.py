"""A waiver changes nothing.

`unless` lets a patient pass who fails the criterion. Where everybody who meets the waiver meets the criterion anyway,
nobody is waived, and the exception that the authors wanted does not exist.

Bad:

    version.yaml
        statements:
          - id: with-criteria
            position: medically_necessary
            population: adults
            conclusion: insufficient
            source: published
            when: {that: pain_score >= 4, unless: pain_score >= 7}
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}

Good:

    version.yaml
        statements:
          - id: with-criteria
            position: medically_necessary
            population: adults
            conclusion: insufficient
            source: published
            when: {that: exercise_weeks >= 6, unless: pain_score >= 7}
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.solver import criteria_of, solver_for, walk
from medpol.checks.subject import Subject
from medpol.model.criteria import Unless
from medpol.rendering import criterion_text

CODE = "LO111"
LEVEL: Level = "error"


def check(subject: Subject) -> Iterator[Finding]:
    """Waivers that imply what they waive; one that can never hold is said by never_holds."""
    facts = subject.library.facts
    for version in subject.live:
        solver = solver_for(subject, version)
        for whole in criteria_of(version):
            for criterion in walk(whole):
                if not isinstance(criterion, Unless) or solver.impossible(yes=[criterion.waiver]):
                    continue
                if solver.impossible(yes=[criterion.waiver], no=[criterion.of]):
                    waived = f"who meets “{criterion_text(criterion.waiver, facts)}”"
                    message = f"the waiver changes nothing: everybody {waived} meets the criterion anyway"
                    yield Finding(criterion.waiver.place, message)
