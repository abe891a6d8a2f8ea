"""From the truths of the statements to a state, and from what is unknown to what is worth asking.

A statement of a block is reachable when none before it surely holds and it does not surely fail; the states of the
reachable ones are what the block may still say. A layer joins its blocks: silence gives way, equal answers agree,
and two sure and different answers are a conflict, which goes to a person. The answer is settled when all that the
layers may still say is one state, whatever is unknown. Otherwise the unknown leaves of the blocks that may still say
different things are the ones that can change it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from medpol.engine.one import Decide, prepare
from medpol.engine.predicates.claims import CLAIM, HISTORY, LEVEL
from medpol.engine.predicates.table import predicate
from medpol.engine.selection import Block, Chain, Step
from medpol.model.criteria import LEAVES, Leaf, facts_of
from medpol.model.determination import Finding
from medpol.model.facts import DataDictionary, FactSource
from medpol.model.policy import State
from medpol.model.request import Request
from medpol.model.truth import Truth

# what a leaf may need beside facts, and when a request lacks it
PARTS: Mapping[str, Callable[[Request], bool]] = {
    HISTORY: lambda request: request.history is None or request.history_since is not None,
    LEVEL: lambda request: not request.level,
    CLAIM: lambda request: not request.claim,
}


@dataclass(frozen=True, slots=True)
class PreparedBlock:
    """A block with its criteria made ready to be asked, and the facts they read."""

    block: Block
    questions: tuple[Decide | None, ...]
    reads: frozenset[str]


@dataclass(frozen=True, slots=True)
class PreparedChain:
    chain: Chain
    layers: tuple[tuple[PreparedBlock, ...], ...]

    def reads(self, layers: int) -> frozenset[str]:
        """The facts that the criteria of the first layers read."""
        return frozenset[str]().union(*(block.reads for layer in self.layers[:layers] for block in layer))


@dataclass(frozen=True, slots=True)
class BlockOutcome:
    """What one block may still say. `findings` runs up to the first step that holds, the last of `reachable`."""

    block: Block
    rank: int
    findings: tuple[Finding | None, ...]
    reachable: tuple[int, ...]
    states: frozenset[State]
    in_conflict: bool = False

    @property
    def is_open(self) -> bool:
        return len(self.states) > 1

    @property
    def holds(self) -> Step:
        return self.block.steps[self.reachable[-1]]

    @property
    def first_open(self) -> Step:
        """The first step that may hold but does not surely."""
        return self.block.steps[next(i for i in self.reachable if truth_of(self.findings[i]) is Truth.UNKNOWN)]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`blocks` are those of the layers that were asked. `decided_by` is the step the answer is attributed to: the one
    that holds or, while the answer is open, the first that may; None for a conflict and where nothing governs.
    """

    state: State
    blocks: tuple[BlockOutcome, ...]
    decided_by: Step | None
    open_leaves: tuple[Leaf, ...]
    conflicts: tuple[tuple[Block, ...], ...]

    @property
    def is_open(self) -> bool:
        return bool(self.open_leaves)

    @property
    def layers(self) -> int:
        """How many layers were asked."""
        return self.blocks[-1].rank + 1 if self.blocks else 0


def prepare_chain(chain: Chain) -> PreparedChain:
    """The chain with every criterion as a function."""
    return PreparedChain(chain, tuple(tuple(prepare_block(block) for block in layer) for layer in chain.layers))


def prepare_block(block: Block) -> PreparedBlock:
    criteria = [step.criterion for step in block.steps]
    reads = frozenset[str]().union(*(facts_of(criterion) for criterion in criteria if criterion is not None))
    return PreparedBlock(block, tuple(None if c is None else prepare(c) for c in criteria), reads)


def resolve(prepared: PreparedChain, request: Request, facts: DataDictionary) -> Outcome:
    """Ask the layers in order until one is not silent, and say what follows."""
    asked: list[BlockOutcome] = []
    states: set[State] = set()
    conflicts: list[tuple[Block, ...]] = []
    for rank, layer in enumerate(prepared.layers):
        outcomes = [_ask(block, rank, request) for block in layer]
        sure = {state for o in outcomes if not o.is_open for state in o.states} - {State.NO_POLICY}
        if len(sure) > 1:
            conflicts.append(tuple(o.block for o in outcomes if not o.is_open and State.NO_POLICY not in o.states))
            outcomes = [_conflicting(o) for o in outcomes]
            states.add(State.PEND_REVIEW)
        else:
            states |= {state for o in outcomes for state in o.states} - {State.NO_POLICY}
        asked += outcomes
        if not all(State.NO_POLICY in o.states for o in outcomes):
            break
    else:
        states.add(State.NO_POLICY)
    return _outcome(states, tuple(asked), tuple(conflicts), facts)


def _outcome(
    states: set[State], asked: tuple[BlockOutcome, ...], conflicts: tuple[tuple[Block, ...], ...], facts: DataDictionary
) -> Outcome:
    if len(states) == 1:
        state = next(iter(states))
        holding = (o.holds for o in asked if o.holds.state is state and state is not State.NO_POLICY)
        return Outcome(state, asked, None if conflicts else next(holding, None), (), conflicts)
    still_open = [o for o in asked if o.is_open and not o.in_conflict]
    leaves = tuple(dict.fromkeys(leaf for o in still_open for leaf in _open_leaves(o)))
    state = State.PEND_INFORMATION if any(is_askable(leaf, facts) for leaf in leaves) else State.PEND_REVIEW
    return Outcome(state, asked, still_open[0].first_open, leaves, conflicts)


def _ask(prepared: PreparedBlock, rank: int, request: Request) -> BlockOutcome:
    findings: list[Finding | None] = []
    reachable: list[int] = []
    for index, ask in enumerate(prepared.questions):
        finding = None if ask is None else ask(request)
        findings.append(finding)
        truth = truth_of(finding)
        if truth is not Truth.NO:
            reachable.append(index)
        if truth is Truth.YES:
            break
    steps = prepared.block.steps
    states = frozenset(steps[index].state for index in reachable)
    return BlockOutcome(prepared.block, rank, tuple(findings), tuple(reachable), states)


def _conflicting(o: BlockOutcome) -> BlockOutcome:
    return BlockOutcome(o.block, o.rank, o.findings, o.reachable, o.states, in_conflict=True)


def truth_of(finding: Finding | None) -> Truth:
    """A step without a criterion holds always."""
    return Truth.YES if finding is None else finding.truth


def _open_leaves(outcome: BlockOutcome) -> Iterator[Leaf]:
    """The open leaves of each statement that matters: a reachable one of another state comes after it."""
    states = [outcome.block.steps[index].state for index in outcome.reachable]
    for place, index in enumerate(outcome.reachable):
        finding = outcome.findings[index]
        if finding is not None and any(state is not states[place] for state in states[place:]):
            yield from open_leaves(finding)


def open_leaves(finding: Finding) -> Iterator[Leaf]:
    """The unknown leaves that keep an unknown finding open."""
    if finding.truth is not Truth.UNKNOWN:
        return
    if isinstance(finding.criterion, LEAVES):
        yield finding.criterion
    for member in finding.because:
        yield from open_leaves(member)


def is_askable(leaf: Leaf, facts: DataDictionary) -> bool:
    """Whether someone can be asked for what the leaf needs; a reviewer's judgement cannot be asked for."""
    needs = predicate(leaf).needs(leaf)
    return bool(needs) and all(
        need in PARTS or facts[need].source is not FactSource.REVIEWER
        for need in needs
    )  # fmt: skip


def missing_facts(leaves: Iterable[Leaf], request: Request) -> tuple[str, ...]:
    """The facts the leaves need and the request lacks, in order."""
    needs = (need for leaf in leaves for need in predicate(leaf).needs(leaf))
    return tuple(dict.fromkeys(need for need in needs if _is_missing(need, request)))


def _is_missing(need: str, request: Request) -> bool:
    return PARTS[need](request) if need in PARTS else need not in request.facts
