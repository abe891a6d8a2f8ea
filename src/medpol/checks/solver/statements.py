"""A version's statements as rules ask about them: which codes they are about, in what order, and with what solver."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from medpol.checks.solver.solve import Solver
from medpol.checks.solver.space import FIRST_DAY, LAST_DAY
from medpol.checks.subject import Subject
from medpol.engine.lower import passes
from medpol.model.codes import normal
from medpol.model.criteria import CompareBy, Criterion, members
from medpol.model.policy import Policy, Statement, Version


def statements_of(version: Version) -> tuple[Statement, ...]:
    """The statements in the order in which they are asked, the default last."""
    return (*version.statements, *((version.default,) if version.default else ()))


def about(version: Version, statement: Statement) -> frozenset[int]:
    """The entries of the version's code table that a statement is about, by index."""
    if not statement.services:
        return frozenset(range(len(version.codes)))
    return frozenset(
        index
        for index, code in enumerate(version.codes)
        if any(name == code.role or code.pattern.matches(normal(name)) for name in statement.services)
    )


def before(version: Version, index: int) -> Iterator[tuple[Statement, ...]]:
    """For each code that statement `index` is about: the statements asked before it. Each such row once."""
    asked = statements_of(version)
    rows = {
        tuple(other for other in asked[:index] if code in about(version, other))
        for code in about(version, asked[index])
    }  # fmt: skip
    yield from sorted(rows, key=lambda row: [other.id for other in row])


def criteria_of(version: Version) -> Iterator[Criterion]:
    """Every whole criterion of a version: its scope, the statements', those of grants."""
    if version.scope is not None:
        yield version.scope
    for statement in version.statements:
        if statement.when is not None:
            yield statement.when
        for grant in statement.grants:
            yield from (row.when for row in grant.rows if row.when is not None)


def walk(criterion: Criterion) -> list[Criterion]:
    """A criterion and everything under it."""
    found = [criterion]
    for node in found:
        found += members(node)
    return found


def holds(*criteria: Criterion | None) -> list[Criterion]:
    """Those that are there; None holds always."""
    return [criterion for criterion in criteria if criterion is not None]


def solver_for(subject: Subject, version: Version) -> Solver:
    """The solver of a version's criteria, on the days it is in force."""
    return subject.once(("solver", version.id), lambda: _solver(subject, [(subject.policy, version)]))


def solver_for_both(subject: Subject, version: Version, policy: Policy, other: Version) -> Solver:
    """The solver of two policies' versions, on the days both are in force."""
    key = ("solver", version.id, other.id)
    return subject.once(key, lambda: _solver(subject, [(subject.policy, version), (policy, other)]))


def _solver(subject: Subject, versions: Sequence[tuple[Policy, Version]]) -> Solver:
    criteria = [criterion for _, version in versions for whole in criteria_of(version) for criterion in walk(whole)]
    tables = [criterion for criterion in criteria if isinstance(criterion, CompareBy)]
    thresholds: list[Criterion] = [passes(table, row.then) for table in tables for row in table.rows]
    spans = [in_force(policy, version) for policy, version in versions]
    begins, ends = max(first for first, _ in spans), min(last for _, last in spans)
    return Solver([*criteria, *thresholds], subject.library.facts, (begins, max(begins, ends)))


def in_force(policy: Policy, version: Version) -> tuple[date, date]:
    """The first and the last day of a version, within the days the solver tries."""
    end = policy.end_of(version)
    return max(version.effective, FIRST_DAY), LAST_DAY if end is None else end - timedelta(days=1)


def in_force_together(one: tuple[date, date], other: tuple[date, date]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]
