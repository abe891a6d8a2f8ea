"""Which statements are asked about a code, on a date, for a line of business, and in what order.

A policy version's statements on a code form a block: asked in order, the first that holds decides. A block with a
default always decides; one without is silent where none of its statements holds. Blocks stand in layers, by the
precedence of the line of business; the next layer is asked where all blocks of a layer are silent.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby, pairwise

from medpol.model.codes import CodeList, normal, parse_pattern
from medpol.model.criteria import All, Criterion, OneOf
from medpol.model.policy import Policy, Position, ServiceCode, State, Statement, Status, Version
from medpol.model.rules import Library, LineOfBusiness

ALWAYS = date.min, date.max


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One statement as it is asked here: with its version's scope and applicability in the criterion.

    `criterion` None holds always. `statement` is None for the last step of a block that may be silent, and for the
    last step of a chain that may come to its end.
    """

    state: State
    criterion: Criterion | None = None
    policy: Policy | None = None
    version: Version | None = None
    statement: Statement | None = None

    @property
    def position(self) -> Position | None:
        return self.statement.position if self.statement else None


NOTHING_GOVERNS = Step(state=State.NO_POLICY)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """What one version asks about a code. The last step always holds: a default, or silence (State.NO_POLICY)."""

    policy: Policy
    version: Version
    steps: tuple[Step, ...]

    @property
    def layer(self) -> str:
        return self.policy.authority

    @property
    def may_be_silent(self) -> bool:
        return self.steps[-1].state is State.NO_POLICY


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """A block, and when and in which layer it speaks. `order` sorts by layer, then by the policy's number."""

    begins: date
    ends: date
    rank: int
    order: int
    block: Block


@dataclass(frozen=True, slots=True)
class Chain:
    """The blocks in order, layer by layer. `note` is the line of business's own remark."""

    layers: tuple[tuple[Block, ...], ...]
    note: str = ""

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(block for layer in self.layers for block in layer)

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every statement in order, and NOTHING_GOVERNS where all may be silent."""
        asked = [step for block in self.blocks for step in block.steps if step.statement]
        ends = not self.layers or all(block.may_be_silent for block in self.layers[-1])
        return (*asked, NOTHING_GOVERNS) if ends else tuple(asked)


@dataclass(frozen=True, slots=True, eq=False)
class _Governed:
    policy: Policy
    version: Version
    code: ServiceCode


class Selector:
    """Finds and keeps blocks and chains. `known_on` leaves out versions published later."""

    def __init__(self, library: Library, known_on: date | None = None) -> None:
        self._rules = library.rules
        self._order = {number: i for i, number in enumerate(sorted(library.policies))}
        self._exact: dict[str, list[_Governed]] = {}
        self._wide: list[_Governed] = []
        self._in_force: dict[int, tuple[date, date]] = {}
        self._blocks: dict[tuple[int, tuple[int, ...]], Block | None] = {}
        self._chosen: dict[tuple[int, frozenset[str], str], tuple[int, ...]] = {}
        self._ranks = {name: _ranks(line) for name, line in library.rules.lines_of_business.items()}
        self._served: dict[int, frozenset[str]] = {}
        self._speakers: dict[str, list[Span]] = {}
        self._spans: dict[tuple[str, str], list[Span]] = {}
        self._chains: dict[tuple[str, str, int], Chain] = {}
        for policy in library.policies.values():
            for version, begins, ends in _in_force(policy, known_on):
                self._in_force[id(version)] = (begins, ends)
                self._served[id(version)] = frozenset(name for name in self._ranks if _serves(version, name))
                for code in version.codes:
                    governed = _Governed(policy, version, code)
                    if code.pattern.low == code.pattern.high:
                        self._exact.setdefault(code.pattern.low, []).append(governed)
                    else:
                        self._wide.append(governed)

    def chain(self, code: str, day: date, line_of_business: str) -> Chain:
        """What is asked about a code (normal form) on a date. An unnamed line of business has no chain: KeyError."""
        spans = self.spans(code, line_of_business)
        cuts = sorted({day for span in spans for day in (span.begins, span.ends)})
        key = (code, line_of_business, bisect_right(cuts, day))
        if key not in self._chains:
            speaking = [span for span in spans if span.begins <= day < span.ends]
            note = self._rules.lines_of_business[line_of_business].note
            self._chains[key] = Chain(tuple(_layers(speaking)), note)
        return self._chains[key]

    def spans(self, code: str, line_of_business: str) -> list[Span]:
        """The blocks that speak about a code for a line of business, each with its dates, in order."""
        key = (code, line_of_business)
        if key not in self._spans:
            self._spans[key] = sorted(self._find(code, line_of_business), key=lambda span: (span.order, span.begins))
        return self._spans[key]

    def alike(self, code: str) -> tuple[object, ...]:
        """What tells this code from others: codes of which it is equal have the same spans. Empty where nothing
        governs the code on any date."""
        governed = self._governed(code)
        named = any(s.services for g in governed for s in g.version.statements)
        return (*((id(g.version), g.code.role, g.code.from_, g.code.until) for g in governed), *([code] * named))

    def governs(self, code: str) -> bool:
        """Whether any version, of any date, names the code."""
        return code in self._exact or any(g.code.pattern.matches(code) for g in self._wide)

    def _governed(self, code: str) -> list[_Governed]:
        return [*self._exact.get(code, ()), *(g for g in self._wide if g.code.pattern.matches(code))]

    def _find(self, code: str, line_name: str) -> Iterator[Span]:
        ranks = self._ranks[line_name]
        speaking = self._speaking(code)
        own: list[Span] | None = None
        for span in speaking:
            if span.block.layer not in ranks:
                continue
            rank, adopted = ranks[span.block.layer]
            if not (adopted or line_name in self._served[id(span.block.version)]):
                continue
            ranked = Span(span.begins, span.ends, rank, rank * len(self._order) + span.order, span.block)
            if not adopted:
                yield ranked
                continue
            if own is None:
                policies = (s for s in speaking if s.block.layer == "medical_policy")
                own = [s for s in policies if line_name in self._served[id(s.block.version)]]
            yield from _outside(ranked, own)

    def _speaking(self, code: str) -> list[Span]:
        """The blocks about a code with their dates, whatever the line of business; ranked by policy number only."""
        if code not in self._speakers:
            versions = _by_version(self._governed(code))
            self._speakers[code] = [span for entries in versions for span in self._version_spans(code, entries)]
        return self._speakers[code]

    def _version_spans(self, code: str, entries: list[_Governed]) -> Iterator[Span]:
        """A version's dates, cut where its entries for the code begin and end."""
        begins, ends = self._in_force[id(entries[0].version)]
        order = self._order[entries[0].policy.number]
        cuts = {begins, ends}
        for g in entries:
            cuts |= {day for day in (g.code.from_, g.code.until) if day is not None and begins < day < ends}
        for start, end in pairwise(sorted(cuts)):
            valid = [g for g in entries if _within(g.code, start)]
            block = self._block(code, valid) if valid else None
            if block is not None:
                yield Span(start, end, 0, order, block)

    def _block(self, code: str, governed: list[_Governed]) -> Block | None:
        """The block of a version for these entries; None where no statement is about the code."""
        policy, version = governed[0].policy, governed[0].version
        roles = frozenset(g.code.role for g in governed)
        named = code if any(statement.services for statement in version.statements) else ""
        statements = [*version.statements, *([version.default] if version.default else [])]
        asked = (id(version), roles, named)
        if asked not in self._chosen:
            self._chosen[asked] = tuple(i for i, s in enumerate(statements) if _is_about(s, code, roles))
        chosen = self._chosen[asked]
        key = (id(version), chosen)
        if key not in self._blocks:
            steps = tuple(_steps(policy, version, [statements[i] for i in chosen]))
            self._blocks[key] = Block(policy, version, steps) if chosen else None
        return self._blocks[key]


def _ranks(line: LineOfBusiness) -> dict[str, tuple[int, bool]]:
    """Of each authority of a line of business its rank, and whether it is adopted."""
    return {layer.authority: (rank, layer.adopted) for rank, layer in enumerate(line.precedence)}


def _in_force(policy: Policy, known_on: date | None) -> Iterator[tuple[Version, date, date]]:
    """The approved versions published by then, each with its first day and the first day after it."""
    known = [
        version
        for version in sorted(policy.versions, key=lambda v: v.effective)
        if version.status is Status.APPROVED and (known_on is None or version.published <= known_on)
    ]
    followed = [*(version.effective for version in known[1:]), ALWAYS[1]]
    for version, next_begins in zip(known, followed, strict=False):
        ends = next_begins if version.ends is None else min(version.ends, next_begins)
        if version.effective < ends:
            yield version, version.effective, ends


def _layers(spans: Iterable[Span]) -> Iterator[tuple[Block, ...]]:
    """Layer by layer, up to the first with a block that is never silent."""
    for _, layer in groupby(spans, key=lambda span: span.rank):
        blocks = tuple(span.block for span in layer)
        yield blocks
        if not all(block.may_be_silent for block in blocks):
            return


def _by_version(governed: Iterable[_Governed]) -> list[list[_Governed]]:
    groups: dict[int, list[_Governed]] = {}
    for g in governed:
        groups.setdefault(id(g.version), []).append(g)
    return list(groups.values())


def _outside(span: Span, own: Iterable[Span]) -> Iterator[Span]:
    """The parts of an adopted span in which no policy of the plan's own speaks about the code."""
    begins = span.begins
    for other in sorted(own, key=lambda o: o.begins):
        if other.ends <= begins or other.begins >= span.ends:
            continue
        if other.begins > begins:
            yield replace(span, begins=begins, ends=other.begins)
        begins = other.ends
    if begins < span.ends:
        yield replace(span, begins=begins)


def _within(code: ServiceCode, day: date) -> bool:
    return (code.from_ is None or code.from_ <= day) and (code.until is None or day < code.until)


def _serves(version: Version, line_name: str) -> bool:
    return all(line_name in names for fact, names in version.applies_to if fact == "line_of_business")


def _is_about(statement: Statement, code: str, roles: Set[str]) -> bool:
    return not statement.services or any(name in roles or normal(name) == code for name in statement.services)


def _steps(policy: Policy, version: Version, statements: Iterable[Statement]) -> Iterator[Step]:
    """The statements, up to the first that always holds; silence where none does."""
    where = [*_applicability(version), *([version.scope] if version.scope else [])]
    for statement in statements:
        parts = [*where, *([statement.when] if statement.when else [])]
        criterion = None if not parts else parts[0] if len(parts) == 1 else All(of=tuple(parts))
        yield Step(statement.position.state, criterion, policy, version, statement)
        if criterion is None:
            return
    yield Step(State.NO_POLICY, None, policy, version)


def _applicability(version: Version) -> Iterator[Criterion]:
    for fact, values in version.applies_to:
        if fact != "line_of_business":
            patterns = (parse_pattern(value) for value in values)
            yield OneOf(fact=fact, codes=CodeList(patterns=tuple(p for p in patterns if p is not None)))
