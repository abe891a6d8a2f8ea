"""Which statements are asked about a code, on a date, for a line of business, and in what order.

All layers form one ordered list of steps: the first that holds decides. A policy with a default ends the
list; one without is silent where none of its statements holds, and the next layer is asked.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from medpol.model.codes import CodeList, normal, parse_pattern
from medpol.model.criteria import All, AnyOf, Criterion, Not, OneOf
from medpol.model.policy import Policy, Position, ServiceCode, State, Statement, Version
from medpol.model.rules import Layer, Library


@dataclass(frozen=True, slots=True)
class Step:
    """One statement as it is asked here: with its version's scope and applicability in the criterion.

    `criterion` None holds always. `policy` is None for the last step, which says that nothing governs, and
    for a conflict between policies of one layer (`between` names their versions).
    """

    layer: str
    state: State
    criterion: Criterion | None = None
    policy: Policy | None = None
    version: Version | None = None
    statement: Statement | None = None
    between: tuple[str, ...] = ()

    @property
    def position(self) -> Position | None:
        return self.statement.position if self.statement else None

    @property
    def key(self) -> tuple[str, str, str]:
        """Equal for two steps exactly when they ask the same."""
        version = self.version.id if self.version else " / ".join(self.between)
        return (self.layer, version, self.statement.id if self.statement else self.state.value)


@dataclass(frozen=True, slots=True)
class Chain:
    """The steps in order; the last always holds. `note` is the line of business's own remark."""

    steps: tuple[Step, ...]
    note: str = ""

    @property
    def key(self) -> tuple[tuple[str, str, str], ...]:
        return tuple(step.key for step in self.steps)


NOTHING_GOVERNS = Step(layer="", state=State.NO_POLICY)


@dataclass(frozen=True, slots=True)
class _Governed:
    policy: Policy
    version: Version
    code: ServiceCode


class Selector:
    """Finds and keeps chains. `known_on` leaves out versions published later.

    For one code and line of business the chain changes only on the dates in `cuts`, so a chain is built
    once per code, line and interval.
    """

    def __init__(self, library: Library, known_on: date | None = None) -> None:
        self._library = library
        self._known_on = known_on
        self._exact: dict[str, list[_Governed]] = {}
        self._wide: list[_Governed] = []
        self._cuts: dict[str, list[date]] = {}
        self._chains: dict[tuple[str, str, int], Chain] = {}
        for governed in _all_codes(library):
            pattern = governed.code.pattern
            if pattern.low == pattern.high:
                self._exact.setdefault(pattern.low, []).append(governed)
            else:
                self._wide.append(governed)

    def chain(self, code: str, day: date, line_of_business: str) -> Chain:
        """The steps for a code (normal form) on a date. An unnamed line of business has no chain: KeyError."""
        line = self._library.rules.lines_of_business[line_of_business]
        cuts = self.cuts(code)
        key = (code, line.name, bisect_right(cuts, day))
        if key not in self._chains:
            self._chains[key] = self._build(code, day, line.name)
        return self._chains[key]

    def cuts(self, code: str) -> list[date]:
        """The dates on which the chain of a code may change, in order."""
        if code not in self._cuts:
            governed = self._candidates(code)
            days: set[date | None] = set()
            for policy in {g.policy.number: g.policy for g in governed}.values():
                for version in policy.versions:
                    days |= {version.effective, version.ends}
            for g in governed:
                days |= {g.code.from_, g.code.until}
            self._cuts[code] = sorted(day for day in days if day is not None)
        return self._cuts[code]

    def governs(self, code: str) -> bool:
        """Whether any version, of any date, names the code."""
        return code in self._exact or any(g.code.pattern.matches(code) for g in self._wide)

    def _candidates(self, code: str) -> list[_Governed]:
        return [*self._exact.get(code, ()), *(g for g in self._wide if g.code.pattern.matches(code))]

    def _build(self, code: str, day: date, line_name: str) -> Chain:
        line = self._library.rules.lines_of_business[line_name]
        in_force = self._in_force(code, day)
        own = any(_is_own(g, line_name) for g in in_force)
        steps: list[Step] = []
        for layer in line.precedence:
            if layer.adopted and own:
                continue
            steps += _layer_steps(layer, line_name, code, in_force)
        steps.append(NOTHING_GOVERNS)
        first_always = next(i for i, step in enumerate(steps) if step.criterion is None)
        return Chain(tuple(steps[: first_always + 1]), line.note)

    def _in_force(self, code: str, day: date) -> list[_Governed]:
        return [
            g
            for g in self._candidates(code)
            if g.policy.version_on(day, self._known_on) is g.version and _within(g.code, day)
        ]


def _all_codes(library: Library) -> Iterator[_Governed]:
    for policy in library.policies.values():
        for version in policy.versions:
            for code in version.codes:
                yield _Governed(policy, version, code)


def _within(code: ServiceCode, day: date) -> bool:
    return (code.from_ is None or code.from_ <= day) and (code.until is None or day < code.until)


def _is_own(governed: _Governed, line_name: str) -> bool:
    return governed.policy.authority == "medical_policy" and _serves(governed.version, line_name)


def _serves(version: Version, line_name: str) -> bool:
    lines = dict(version.applies_to).get("line_of_business")
    return lines is None or line_name in lines


def _layer_steps(layer: Layer, line_name: str, code: str, in_force: list[_Governed]) -> list[Step]:
    by_policy: dict[str, list[Step]] = {}
    roles: dict[str, list[_Governed]] = {}
    for g in in_force:
        if g.policy.authority == layer.authority and (layer.adopted or _serves(g.version, line_name)):
            roles.setdefault(g.policy.number, []).append(g)
    for number, governed in sorted(roles.items()):
        if steps := list(_policy_steps(layer, code, governed)):
            by_policy[number] = steps
    conflicts = [step for pair in combinations(by_policy.values(), 2) for step in _conflict(layer, *pair)]
    return conflicts + [step for steps in by_policy.values() for step in steps]


def _policy_steps(layer: Layer, code: str, governed: list[_Governed]) -> Iterator[Step]:
    policy, version = governed[0].policy, governed[0].version
    roles = {g.code.role for g in governed}
    where = [*_applicability(version), *([version.scope] if version.scope else [])]
    statements = [*version.statements, *([version.default] if version.default else [])]
    for statement in statements:
        if statement.services and not any(_names(service, code, roles) for service in statement.services):
            continue
        parts = [*where, *([statement.when] if statement.when else [])]
        yield Step(
            layer=layer.authority,
            state=statement.position.state,
            criterion=None if not parts else parts[0] if len(parts) == 1 else All(of=tuple(parts)),
            policy=policy,
            version=version,
            statement=statement,
        )


def _names(service: str, code: str, roles: set[str]) -> bool:
    return service in roles or normal(service) == code


def _applicability(version: Version) -> Iterator[Criterion]:
    for fact, values in version.applies_to:
        if fact != "line_of_business":
            patterns = (parse_pattern(value) for value in values)
            yield OneOf(fact=fact, codes=CodeList(patterns=tuple(p for p in patterns if p is not None)))


def _conflict(layer: Layer, left: list[Step], right: list[Step]) -> Iterator[Step]:
    """A step that holds where two policies of one layer each decide, and differently."""
    pairs = [
        (ours, theirs)
        for state, ours in _says(left)
        for other, theirs in _says(right)
        if state is not other
    ]  # fmt: skip
    if not pairs:
        return
    between = tuple(version.id for steps in (left, right) if (version := steps[0].version))
    either = tuple(_both(ours, theirs) for ours, theirs in pairs)
    criterion = None if None in either else AnyOf(of=tuple(c for c in either if c is not None))
    yield Step(layer=layer.authority, state=State.PEND_REVIEW, criterion=criterion, between=between)


def _says(steps: list[Step]) -> list[tuple[State, Criterion | None]]:
    """For each statement of a policy: its state, and the criterion under which it is the first that holds."""
    result: list[tuple[State, Criterion | None]] = []
    for position, step in enumerate(steps):
        earlier = [Not(of=before.criterion) for before in steps[:position] if before.criterion is not None]
        parts: list[Criterion] = [*earlier, *([step.criterion] if step.criterion is not None else [])]
        result.append((step.state, All(of=tuple(parts)) if parts else None))
    return result


def _both(ours: Criterion | None, theirs: Criterion | None) -> Criterion | None:
    parts: Iterable[Criterion] = (part for part in (ours, theirs) if part is not None)
    both = tuple(parts)
    return All(of=both) if both else None
