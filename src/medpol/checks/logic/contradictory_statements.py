"""Two statements say different things of the same patients.

The same criterion, for the same code, with positions that lead to different answers: the order of the statements
decides, and whoever reads the second is told the opposite.

Bad:

    version.yaml
        statements:
          - {id: yes, position: medically_necessary, population: adults, conclusion: insufficient, source: published, when: age >= 18}
          - {id: no, position: investigational, population: adults, conclusion: insufficient, source: published, when: {not: age < 18}}
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}

Good:

    version.yaml
        statements:
          - {id: yes, position: medically_necessary, population: adults, conclusion: insufficient, source: published, when: age >= 18}
          - {id: no, position: investigational, population: adults, conclusion: insufficient, source: published, when: age < 18}
"""  # noqa: E501

from collections.abc import Iterator
from itertools import combinations

from medpol.checks.finding import Finding, Level
from medpol.checks.solver import about, solver_for
from medpol.checks.subject import Subject
from medpol.model.criteria import facts_of

CODE = "LO104"
LEVEL: Level = "error"


def check(subject: Subject) -> Iterator[Finding]:
    """Criteria of which neither holds without the other."""
    for version in subject.live:
        for one, other in combinations(version.statements, 2):
            if one.when is None or other.when is None or one.position.state is other.position.state:
                continue
            if facts_of(one.when) != facts_of(other.when) or not about(version, one) & about(version, other):
                continue
            solver = solver_for(subject, version)
            if solver.impossible(yes=[one.when]):
                continue
            if one.when == other.when or (
                solver.impossible(yes=[one.when], no=[other.when])
                and solver.impossible(yes=[other.when], no=[one.when])
            ):
                message = (
                    f"'{other.id}' ({other.position}) and '{one.id}' ({one.position}) hold for the same patients; "
                    f"'{one.id}' comes first and decides"
                )
                yield Finding(other.place, message, related=(one.place,))
