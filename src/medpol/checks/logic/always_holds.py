"""A criterion always holds.

Every patient meets it, so it decides nothing and makes the reader look for a condition that is not there. Often a
threshold lies at the end of the scale, or two alternatives leave nothing out.

Bad:

    version.yaml
        statements:
          - id: with-criteria
            position: medically_necessary
            services: [traction]
            population: adults
            conclusion: insufficient
            source: published
            when:
              all:
                - age >= 18
                - pain_score >= 0
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}

Good:

    version.yaml
        statements:
          - id: with-criteria
            position: medically_necessary
            services: [traction]
            population: adults
            conclusion: insufficient
            source: published
            when:
              all:
                - age >= 18
                - pain_score >= 4
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.solver import Solver, criteria_of, solver_for
from medpol.checks.subject import Subject
from medpol.model.criteria import Criterion, Not, members
from medpol.rendering import criterion_text

CODE = "LO102"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """The innermost criterion that cannot fail."""
    for version in subject.live:
        solver = solver_for(subject, version)
        for criterion in criteria_of(version):
            for inner in _innermost(criterion, solver):
                text = criterion_text(inner, subject.library.facts)
                yield Finding(inner.place, f"every patient meets this, so it decides nothing: “{text}”")


def _innermost(criterion: Criterion, solver: Solver) -> Iterator[Criterion]:
    under = [] if isinstance(criterion, Not) else list(members(criterion))
    if solver.impossible(no=[criterion]) and not any(solver.impossible(no=[member]) for member in under):
        if not (isinstance(criterion, Not) and solver.impossible(yes=[criterion.of])):  # said of what is under it
            yield criterion
        return
    for member in members(criterion):
        yield from _innermost(member, solver)
