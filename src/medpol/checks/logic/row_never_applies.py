"""A row of a table never applies.

The first row that applies gives the threshold or the grant. A row whose patients are all taken by rows before it
promises something that nobody gets.

Bad:

    version.yaml
        statements:
          - id: with-criteria
            position: medically_necessary
            population: adults
            conclusion: insufficient
            source: published
            when:
              compare: exercise_weeks >=
              by:
                - {when: age >= 18, then: 6}
                - {when: age >= 65, then: 4}
                - {otherwise: 12}
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
              compare: exercise_weeks >=
              by:
                - {when: age >= 65, then: 4}
                - {when: age >= 18, then: 6}
                - {otherwise: 12}
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}
"""

from collections.abc import Iterator, Sequence

from medpol.checks.finding import Finding, Level
from medpol.checks.solver import Solver, criteria_of, solver_for, walk
from medpol.checks.subject import Subject
from medpol.model.criteria import CompareBy, Criterion
from medpol.model.policy import Version
from medpol.rendering import criterion_text

CODE = "LO113"
LEVEL: Level = "error"


def check(subject: Subject) -> Iterator[Finding]:
    """Rows of thresholds and of grants that the rows before them leave nobody."""
    for version in subject.live:
        solver = solver_for(subject, version)
        for rows in _tables(version):
            for idle in _idle(rows, solver):
                text = criterion_text(idle, subject.library.facts)
                yield Finding(idle.place, f"this row never applies: the rows before it take everybody with “{text}”")


def _tables(version: Version) -> Iterator[Sequence[Criterion | None]]:
    for whole in criteria_of(version):
        for criterion in walk(whole):
            if isinstance(criterion, CompareBy):
                yield [row.when for row in criterion.rows]
    for statement in version.statements:
        for grant in statement.grants:
            yield [row.when for row in grant.rows]


def _idle(rows: Sequence[Criterion | None], solver: Solver) -> Iterator[Criterion]:
    earlier: list[Criterion] = []
    for row in rows:
        if row is None:
            continue
        if earlier and not solver.impossible(yes=[row]) and solver.impossible(yes=[row], no=earlier):
            yield row
        earlier.append(row)
