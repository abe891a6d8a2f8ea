"""From a request to its determination: choose the chain, resolve it, and say everything that rests on it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from hashlib import sha256
from itertools import groupby

from medpol import __version__
from medpol.engine.one import Decide, prepare
from medpol.engine.predicates.claims import CLAIM, HISTORY, LEVEL
from medpol.engine.resolve import Outcome, PreparedChain, missing_facts, prepare_chain, resolve, truth_of
from medpol.engine.selection import ALWAYS, NOTHING_GOVERNS, Chain, Selector, Span, Step
from medpol.engine.shortest import shortest_approval
from medpol.model.criteria import CannotDetermine, Criterion, Leaf, OneOf, members
from medpol.model.determination import (
    Citation,
    Conflict,
    Determination,
    Flag,
    Missing,
    Receipt,
    StatementFinding,
)
from medpol.model.facts import FactSource
from medpol.model.policy import Grant, Policy, Position, State
from medpol.model.request import Request
from medpol.model.rules import Assumption, Library
from medpol.model.truth import Truth
from medpol.model.units import Quantity, convert, spoken

ENGINE = f"medpol {__version__}"

_PART_QUESTIONS = {
    HISTORY: "Which earlier claims does the member have, and from when on is that history complete?",
    LEVEL: "At which level of the spine is the service?",
    CLAIM: "On which claim is the service?",
}
_NO_CHAIN = Chain(())


class Determiner:
    """Decides requests against one library; keeps what it prepared, so that the second request is fast.

    `known_on` decides with what was published by that day.
    """

    def __init__(self, library: Library, known_on: date | None = None) -> None:
        self.library = library
        self._known_on = known_on
        self.selector = Selector(library, known_on)
        self._prepared: dict[int, tuple[PreparedChain, str]] = {}
        self._labels: dict[str, tuple[tuple[Flag, Decide], ...]] = {}

    def determine(self, request: Request, as_of: date | None = None) -> Determination:
        """The determination of one request; versions in force on `as_of` (default: the service date) decide.

        The plan's assumptions stand in for facts nobody sent, but never to deny: an answer that would be not covered
        only by an assumption is given without any.
        """
        line = request.line_of_business
        if line is None or line not in self.library.rules.lines_of_business:
            return self._unplaced(request, as_of)
        chain = self.selector.chain(request.code, as_of or request.service_date, line)
        prepared, digest = self._ready(chain)
        supposed, assumed = _with_assumptions(request, self.library.rules.assume)
        outcome = resolve(prepared, supposed, self.library.facts)
        if assumed and outcome.state is State.NOT_COVERED:
            plain = resolve(prepared, request, self.library.facts)
            if plain.state is not State.NOT_COVERED:
                supposed, assumed, outcome = request, {}, plain
        receipt = Receipt(request=request.digest, library=digest, engine=ENGINE, as_of=as_of, known_on=self._known_on)
        read = prepared.reads(outcome.layers)
        used = {name: why for name, why in assumed.items() if name in read}
        return self._answer(supposed, chain, outcome, used, receipt)

    def _ready(self, chain: Chain) -> tuple[PreparedChain, str]:
        found = self._prepared.get(id(chain))  # the selector keeps its chains, so the id stays theirs
        if found is None:
            found = self._prepared[id(chain)] = (prepare_chain(chain), _library_digest(self.library, chain))
        return found

    def _answer(
        self, request: Request, chain: Chain, outcome: Outcome, assumed: Mapping[str, str], receipt: Receipt
    ) -> Determination:
        step, is_open = outcome.decided_by or NOTHING_GOVERNS, outcome.is_open
        shortest = shortest_approval(outcome, request, self.library.facts) if is_open else ()
        return Determination(
            request=request.id,
            state=outcome.state,
            position=None if is_open else step.position,
            layer=_layer(outcome),
            policy=step.policy.number if step.policy else "",
            version=step.version.effective.isoformat() if step.version else "",
            statement=step.statement.id if step.statement else "",
            reason=reason(outcome.state, step.position, is_open=is_open),
            needs_signature=outcome.state is State.NOT_COVERED,
            final=outcome.state is State.APPROVE,
            missing=self._missing(outcome, request, shortest),
            shortest=shortest,
            review=tuple(self._for_a_person(outcome.open_leaves, request)),
            statements=tuple(_asked(outcome)),
            grants=_grants(outcome, request) if outcome.state is State.APPROVE else {},
            flags=self._flags(chain, request),
            conflicts=tuple(_conflicts(outcome)),
            citations=tuple(_citations(outcome)),
            assumed=assumed,
            note=self._why_nothing(request, chain) if outcome.state is State.NO_POLICY else "",
            wording=step.statement.wording if step.statement and not is_open else "",
            delegate=step.statement.delegate if step.statement else "",
            receipt=receipt,
        )

    def _why_nothing(self, request: Request, chain: Chain) -> str:
        """What a person would ask next where nothing governs: whose word it is, or when the code is governed."""
        if chain.note or chain.blocks:
            return chain.note
        spans = self.selector.spans(request.code, request.line_of_business or "")
        if spans:
            return "; ".join(_speaks(number, list(found)) for number, found in groupby(spans, key=_policy_of))
        other = self.selector.governs(request.code)
        return "this code is governed for other lines of business only" if other else ""

    def _missing(self, outcome: Outcome, request: Request, shortest: tuple[str, ...]) -> tuple[Missing, ...]:
        names = dict.fromkeys([*shortest, *missing_facts(outcome.open_leaves, request)])
        return tuple(self._question(name) for name in names if not self._is_judgement(name))

    def _question(self, name: str) -> Missing:
        if name in _PART_QUESTIONS:
            source = FactSource.PLAN if name == HISTORY else FactSource.RECORD
            return Missing(fact=name, question=_PART_QUESTIONS[name], type=name, source=source.value)
        fact = self.library.facts[name]
        return Missing(
            fact=name,
            question=fact.question,
            type=fact.type.value,
            unit=fact.unit,
            source=fact.source.value,
            found_in=fact.found_in,
        )

    def _is_judgement(self, name: str) -> bool:
        return name not in _PART_QUESTIONS and self.library.facts[name].source is FactSource.REVIEWER

    def _for_a_person(self, leaves: tuple[Leaf, ...], request: Request) -> Iterator[str]:
        for leaf in leaves:
            if isinstance(leaf, CannotDetermine):
                yield f"{leaf.because.value}: {leaf.what}"
            elif isinstance(leaf, OneOf) and not leaf.codes.loaded:
                yield f"not_available: the code list {leaf.codes.name} is not loaded"
        for name in missing_facts(leaves, request):
            if self._is_judgement(name):
                yield f"judgement: {self.library.facts[name].question or name}"

    def _flags(self, chain: Chain, request: Request) -> tuple[Flag, ...]:
        policies = dict.fromkeys(block.policy.number for block in chain.blocks)
        return tuple(
            flag
            for number in policies
            for flag, ask in self._label(number)
            if ask(request).truth is Truth.YES
        )  # fmt: skip

    def _label(self, number: str) -> tuple[tuple[Flag, Decide], ...]:
        if number not in self._labels:
            self._labels[number] = tuple(_label(self.library.policies[number]))
        return self._labels[number]

    def _unplaced(self, request: Request, as_of: date | None) -> Determination:
        """No line of business the plan knows: which authority speaks first cannot be said."""
        return Determination(
            request=request.id,
            state=State.PEND_INFORMATION,
            position=None,
            layer="",
            policy="",
            version="",
            statement="",
            reason="line_of_business_unknown" if request.line_of_business else "line_of_business_missing",
            needs_signature=False,
            final=False,
            missing=(self._question("line_of_business"),),
            receipt=Receipt(
                request=request.digest,
                library=_library_digest(self.library, _NO_CHAIN),
                engine=ENGINE,
                as_of=as_of,
                known_on=self._known_on,
            ),
        )


def _policy_of(span: Span) -> str:
    return span.block.policy.number


def _speaks(number: str, spans: list[Span]) -> str:
    begins, ends = min(span.begins for span in spans), max(span.ends for span in spans)
    until = "on" if ends == ALWAYS[1] else f"until before {ends}"
    return f"{number} speaks about this code from {begins} {until}"


def reason(state: State, position: Position | None, *, is_open: bool) -> str:
    """The stable reason code of an answer: why it is open, or the position that decided it."""
    if is_open:
        return "information_needed" if state is State.PEND_INFORMATION else "review_needed"
    if position is not None:
        return position.value
    return "conflicting_policies" if state is State.PEND_REVIEW else "no_policy"


def _layer(outcome: Outcome) -> str:
    if outcome.decided_by is not None and outcome.decided_by.policy is not None:
        return outcome.decided_by.policy.authority
    return outcome.conflicts[-1][0].layer if outcome.conflicts else ""


def _with_assumptions(request: Request, rules: tuple[Assumption, ...]) -> tuple[Request, Mapping[str, str]]:
    used = [rule for rule in rules if rule.fact not in request.facts]
    if not used:
        return request, {}
    facts = {**request.facts, **{rule.fact: rule.value for rule in used}}
    return replace(request, facts=facts), {rule.fact: rule.because for rule in used}


def _library_digest(library: Library, chain: Chain) -> str:
    versions = dict.fromkeys(block.version.digest for block in chain.blocks)
    return sha256("\n".join([library.rules.digest, *versions]).encode()).hexdigest()


def _label(policy: Policy) -> Iterator[tuple[Flag, Decide]]:
    for entry in policy.technology.label if policy.technology else ():
        source = policy.sources.get(entry.source)
        flag = Flag(
            policy=policy.number,
            id=entry.id,
            kind=entry.kind,
            says=entry.says,
            source=source.title if source else entry.source,
        )
        yield flag, prepare(entry.when)


def _asked(outcome: Outcome) -> Iterator[StatementFinding]:
    for o in outcome.blocks:
        for step, finding in zip(o.block.steps, o.findings, strict=False):
            if step.statement is not None:
                yield StatementFinding(
                    layer=o.block.layer,
                    policy=o.block.policy.number,
                    version=o.block.version.effective.isoformat(),
                    statement=step.statement.id,
                    position=step.position,
                    truth=truth_of(finding),
                    finding=finding,
                )


def _conflicts(outcome: Outcome) -> Iterator[Conflict]:
    for blocks in outcome.conflicts:
        yield Conflict(layer=blocks[0].layer, policies=tuple(block.version.id for block in blocks))


def _relied_on(outcome: Outcome) -> Iterator[Step]:
    """The statements the answer rests on: the one that holds, or those that may."""
    if not outcome.is_open and outcome.decided_by is not None:
        yield outcome.decided_by
        return
    for o in outcome.blocks:
        yield from (o.block.steps[index] for index in o.reachable)


def _citations(outcome: Outcome) -> Iterator[Citation]:
    """The sources of the statements the answer rests on, and of their criteria."""
    seen: set[tuple[str, str, str]] = set()
    for step in _relied_on(outcome):
        if step.policy is None or step.version is None or step.statement is None:
            continue
        keys = [step.statement.source, *(_source_keys(step.criterion) if step.criterion else ())]
        for key in dict.fromkeys(key for key in keys if key):
            source = step.policy.sources.get(key)
            mark = (step.policy.number, step.statement.id, key)
            if source is None or mark in seen:
                continue
            seen.add(mark)
            yield Citation(
                policy=step.policy.number,
                version=step.version.effective.isoformat(),
                statement=step.statement.id,
                title=source.title,
                section=source.section,
                address=source.address,
                date=source.date,
                confidence=source.confidence,
            )


def _source_keys(criterion: Criterion) -> Iterator[str]:
    yield criterion.source
    for member in members(criterion):
        yield from _source_keys(member)


def _grants(outcome: Outcome, request: Request) -> dict[str, object]:
    """What the approval gives; None where statements that may hold, all approving, would give different things."""
    options: list[dict[str, object]] = []
    for statement in (o.block.steps[index].statement for o in outcome.blocks for index in o.reachable):
        if statement is not None:
            lesser = statement.lesser_of_requested
            options.append({grant.name: _granted(grant, request, lesser) for grant in statement.grants})
    names = dict.fromkeys(name for option in options for name in option)
    values = {name: [option.get(name) for option in options] for name in names}
    return {name: given[0] if all(value == given[0] for value in given) else None for name, given in values.items()}


def _granted(grant: Grant, request: Request, lesser: bool) -> object:
    """The value as `6 months` or a number; None where it is not known which row applies."""
    for row in grant.rows:
        truth = Truth.YES if row.when is None else prepare(row.when)(request).truth
        if truth is Truth.UNKNOWN:
            return None
        if truth is Truth.YES:
            return _words(_lesser(row.value, request.requested.get(grant.name)) if lesser else row.value)
    return None


def _lesser(granted: Quantity, requested: Quantity | None) -> Quantity:
    if requested is None:
        return granted
    asked = convert(requested.value, requested.unit or granted.unit, granted.unit)
    return granted if asked is None or asked >= granted.value else Quantity(asked, granted.unit)


def _words(quantity: Quantity) -> object:
    number: float = int(quantity.value) if quantity.value == int(quantity.value) else quantity.value
    return f"{number} {spoken(quantity.unit, number)}" if quantity.unit else number
