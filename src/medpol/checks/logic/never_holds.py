"""A criterion can never hold.

Whatever the patient's facts, no request meets it, so that what it was written for is never said. It comes from
thresholds that exclude each other, from `all` where `any` was meant, from a code and its exclusion, or from dates of
service on which the version is not in force. (A published policy asked for Philadelphia chromosome positive and
negative at once.)

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
                - age < 18
                - age >= 65
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
              any:
                - age < 18
                - age >= 65
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}
"""

from collections.abc import Iterator
from itertools import combinations

from medpol.checks.finding import Finding, Level
from medpol.checks.solver import Solver, criteria_of, solver_for
from medpol.checks.subject import Subject
from medpol.model.criteria import Criterion, Not, members
from medpol.model.facts import DataDictionary
from medpol.rendering import criterion_text

CODE = "LO101"
LEVEL: Level = "error"


def check(subject: Subject) -> Iterator[Finding]:
    """The innermost criterion that cannot hold, with the two members that exclude each other."""
    for version in subject.live:
        solver = solver_for(subject, version)
        for criterion in criteria_of(version):
            for inner in _innermost(criterion, solver):
                yield Finding(inner.place, _message(inner, solver, subject.library.facts))


def _innermost(criterion: Criterion, solver: Solver) -> Iterator[Criterion]:
    under = [] if isinstance(criterion, Not) else list(members(criterion))
    if solver.impossible(yes=[criterion]) and not any(solver.impossible(yes=[member]) for member in under):
        yield criterion
        return
    for member in members(criterion):
        yield from _innermost(member, solver)


def _message(criterion: Criterion, solver: Solver, facts: DataDictionary) -> str:
    for one, other in combinations(members(criterion), 2):
        if solver.impossible(yes=[one, other]):
            first, second = criterion_text(one, facts), criterion_text(other, facts)
            return f"no patient can meet this: “{first}” excludes “{second}”"
    return f"no patient can meet this: “{criterion_text(criterion, facts)}”"
