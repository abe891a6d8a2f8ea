"""A criterion adds nothing to one beside it.

In `all`, a member that another one implies is met whenever the other is; in `any`, a member that implies another one
lets nobody else in; in `at_least`, a member that stands twice counts twice. Either one of them is left from an
earlier edit, or one of the numbers is not the one that was meant.

Bad:

    version.yaml
        statements:
          - id: with-criteria
            position: medically_necessary
            population: adults
            conclusion: insufficient
            source: published
            when:
              all:
                - age >= 18
                - age >= 21
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}

Good:

    version.yaml
        statements:
          - id: with-criteria
            position: medically_necessary
            population: adults
            conclusion: insufficient
            source: published
            when:
              all:
                - age >= 21
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}
"""

from collections.abc import Iterator
from itertools import combinations

from medpol.checks.finding import Finding, Level
from medpol.checks.solver import Solver, criteria_of, solver_for, walk
from medpol.checks.subject import Subject
from medpol.model.criteria import All, AnyOf, AtLeast, Criterion, facts_of
from medpol.rendering import criterion_text

CODE = "LO110"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """Pairs of members that ask about the same facts, one of which decides the other."""
    facts = subject.library.facts
    for version in subject.live:
        solver = solver_for(subject, version)
        for whole in criteria_of(version):
            for group in walk(whole):
                for idle, other in _idle(group, solver):
                    said = f"“{criterion_text(idle, facts)}” adds nothing to “{criterion_text(other, facts)}”"
                    yield Finding(idle.place, f"{said} beside it", related=(other.place,))


def _idle(group: Criterion, solver: Solver) -> Iterator[tuple[Criterion, Criterion]]:
    if not isinstance(group, All | AnyOf | AtLeast):
        return
    reads = [facts_of(member) for member in group.of]
    for i, j in combinations(range(len(group.of)), 2):
        one, other = group.of[i], group.of[j]
        if reads[i] != reads[j] or not reads[i]:
            continue
        if one == other:
            yield other, one
        elif not isinstance(group, AtLeast) and not _degenerate(one, solver) and not _degenerate(other, solver):
            first_implies = solver.impossible(yes=[one], no=[other])
            second_implies = not first_implies and solver.impossible(yes=[other], no=[one])
            if first_implies or second_implies:
                stronger, weaker = (one, other) if first_implies else (other, one)
                yield (weaker, stronger) if isinstance(group, All) else (stronger, weaker)


def _degenerate(criterion: Criterion, solver: Solver) -> bool:
    """Always or never holds: said by other rules."""
    return solver.impossible(yes=[criterion]) or solver.impossible(no=[criterion])
