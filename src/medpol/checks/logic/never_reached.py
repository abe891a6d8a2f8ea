"""A statement is never reached.

Statements are asked in order and the first that holds decides. Where those before it always hold when it would, a
statement is dead text: the reader takes it for the rule, and no request is ever decided by it.

Bad:

    version.yaml
        statements:
          - {id: adults, position: medically_necessary, population: adults, conclusion: insufficient, source: published, when: age >= 18}
          - {id: elderly, position: investigational, population: adults, conclusion: insufficient, source: published, when: age >= 65}
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}

Good:

    version.yaml
        statements:
          - {id: elderly, position: investigational, population: adults, conclusion: insufficient, source: published, when: age >= 65}
          - {id: adults, position: medically_necessary, population: adults, conclusion: insufficient, source: published, when: age >= 18}
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}
"""  # noqa: E501

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.solver import Solver, before, holds, solver_for, statements_of
from medpol.checks.subject import Subject
from medpol.model.policy import Statement, Version

CODE = "LO103"
LEVEL: Level = "error"


def check(subject: Subject) -> Iterator[Finding]:
    """For every code a statement is about, those before it leave it nobody."""
    for version in subject.live:
        solver = solver_for(subject, version)
        for index, statement in enumerate(statements_of(version)):
            if statement.when is not None and solver.impossible(yes=[statement.when]):
                continue  # said by never_holds
            rows = list(before(version, index))
            if not rows or not all(_is_closed(row, statement, version, solver) for row in rows):
                continue
            if any(_same(other, statement) for row in rows for other in row):
                continue  # said by contradictory_statements
            names = ", ".join(dict.fromkeys(f"'{other.id}'" for row in rows for other in row))
            message = f"'{statement.id}' is never reached: whenever it would hold, one before it does ({names})"
            yield Finding(statement.place, message)


def _is_closed(row: tuple[Statement, ...], statement: Statement, version: Version, solver: Solver) -> bool:
    if any(other.when is None for other in row):
        return True
    if statement is version.default:
        return False  # a default behind statements that leave nobody out is a safeguard
    earlier = holds(*(other.when for other in row))
    return bool(earlier) and solver.impossible(yes=holds(statement.when), no=earlier)


def _same(other: Statement, statement: Statement) -> bool:
    different = other.position.state is not statement.position.state
    return other.when is not None and other.when == statement.when and different
