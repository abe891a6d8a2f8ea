"""Policies side by side: whom one approves and another refuses, for one code, line of business and day."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from medpol.checks.solver.solve import Solver
from medpol.checks.solver.statements import (
    about,
    holds,
    in_force,
    in_force_together,
    solver_for_both,
    statements_of,
)
from medpol.checks.subject import Subject
from medpol.model.criteria import Criterion
from medpol.model.policy import Policy, State, Statement, Status, Version
from medpol.model.rules import LineOfBusiness

DETERMINATIONS = ("ncd", "lcd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Discord:
    """A patient, in words, to whom `statement` of the policy and `approval` of `other` give different answers."""

    line: str
    other: str
    code: str
    statement: Statement
    approval: Statement
    who: str
    decides_first: bool


def refused_by(subject: Subject) -> tuple[Discord, ...]:
    """Patients whom national or local determinations approve and the newest version refuses. Worked out once."""
    if subject.policy.authority != "medical_policy":
        return ()
    return subject.once(("refused", subject.policy.number), lambda: tuple(_refused(subject)))


def _refused(subject: Subject) -> Iterator[Discord]:
    for line in subject.library.rules.lines_of_business.values():
        ranks = {layer.authority: rank for rank, layer in enumerate(line.precedence) if not layer.adopted}
        for other, version in _others(subject, line, lambda p: p.authority in DETERMINATIONS):
            if {subject.policy.authority, other.authority} <= ranks.keys():
                first = ranks[subject.policy.authority] < ranks[other.authority]
                states = State.NOT_COVERED, State.APPROVE
                found = _discord(subject, line, (other, version), states, first=first)
                if found is not None:
                    yield found


def conflicts_of(subject: Subject) -> Iterator[Discord]:
    """Patients to whom an earlier policy of the same authority gives another answer than the newest version."""
    own = subject.policy
    for line in subject.library.rules.lines_of_business.values():
        if not any(layer.authority == own.authority and not layer.adopted for layer in line.precedence):
            continue
        for other, version in _others(subject, line, lambda p: p.authority == own.authority and p.number < own.number):
            for mine, theirs in ((State.NOT_COVERED, State.APPROVE), (State.APPROVE, State.NOT_COVERED)):
                found = _discord(subject, line, (other, version), (mine, theirs), first=False)
                if found is not None:
                    yield found
                    break


def _others(
    subject: Subject, line: LineOfBusiness, wanted: Callable[[Policy], bool]
) -> Iterator[tuple[Policy, Version]]:
    """The newest approved versions of other policies that share a code, a day and the line with the newest one here."""
    newest = subject.newest
    if newest is None or newest.status is not Status.APPROVED or not _serves(newest, line):
        return
    by_code = subject.once("policies by code", lambda: _by_code(subject))
    near = {number for code in newest.codes for number in by_code.get(code.pattern.low, ())} | by_code.get("", set())
    for number in sorted(near - {subject.policy.number}):
        policy = subject.library.policies[number]
        version = policy.versions[-1]
        speaks = wanted(policy) and version.status is Status.APPROVED and _serves(version, line)
        if speaks and in_force_together(in_force(subject.policy, newest), in_force(policy, version)):
            yield policy, version


def _by_code(subject: Subject) -> dict[str, set[str]]:
    """Policies by the codes of their newest versions; those with ranges or prefixes under ''."""
    found: dict[str, set[str]] = {}
    for policy in subject.library.policies.values():
        for code in policy.versions[-1].codes if policy.versions else ():
            key = code.pattern.low if code.pattern.low == code.pattern.high else ""
            found.setdefault(key, set()).add(policy.number)
    return found


def _serves(version: Version, line: LineOfBusiness) -> bool:
    lines = dict(version.applies_to).get("line_of_business")
    return lines is None or line.name in lines


def _discord(
    subject: Subject, line: LineOfBusiness, beside: tuple[Policy, Version], states: tuple[State, State], *, first: bool
) -> Discord | None:
    """The first patient to whom the newest version and the one beside it say these two states."""
    newest, (other, version), (mine, theirs) = subject.newest, beside, states
    if newest is None:
        return None
    solver = solver_for_both(subject, newest, other, version)
    for i, j in _shared(newest, version):
        for statement, yes, no in _first_to_say(newest, i, mine):
            for approval, other_yes, other_no in _first_to_say(version, j, theirs):
                who = _who(solver, [*yes, *other_yes], [*no, *other_no], subject)
                if who is not None:
                    return Discord(
                        line=line.name, other=other.number, code=str(newest.codes[i].pattern), statement=statement,
                        approval=approval, who=who, decides_first=first,
                    )  # fmt: skip
    return None


def _shared(one: Version, other: Version) -> Iterator[tuple[int, int]]:
    """Pairs of entries with a code in common; entries that the same statements are about, once."""
    seen = set()
    for i, code in enumerate(one.codes):
        for j, match in enumerate(other.codes):
            if code.pattern.low <= match.pattern.high and match.pattern.low <= code.pattern.high:
                rows = tuple(s.id for s in statements_of(one) if i in about(one, s))
                others = tuple(s.id for s in statements_of(other) if j in about(other, s))
                if (rows, others) not in seen:
                    seen.add((rows, others))
                    yield i, j


def _first_to_say(
    version: Version, code: int, state: State
) -> Iterator[tuple[Statement, list[Criterion], list[Criterion]]]:
    """The statements of a state about an entry, each with what must hold and what must not for it to decide."""
    earlier: list[Criterion] = []
    for statement in statements_of(version):
        if code not in about(version, statement):
            continue
        if statement.position.state is state:
            yield statement, holds(version.scope, statement.when), list(earlier)
        if statement.when is None:
            return
        earlier.append(statement.when)


def _who(solver: Solver, yes: list[Criterion], no: list[Criterion], subject: Subject) -> str | None:
    patient = solver.patient(yes=yes, no=no)
    return None if patient is None else patient.words(subject.library.facts)
