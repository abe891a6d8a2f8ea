"""From the truths of the steps to a state, and from what is unknown to what is worth asking.

A step is reachable when no step before it surely holds and it does not surely fail. Where all reachable
steps give the same state, that is the answer, whatever is still unknown. Otherwise the answer is open, and
the unknown leaves that keep a reachable step open are the ones that can change it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from medpol.engine.one import Decide, prepare
from medpol.engine.predicates.table import predicate
from medpol.engine.selection import Chain, Step
from medpol.model.criteria import LEAVES, Leaf
from medpol.model.determination import Finding
from medpol.model.facts import DataDictionary, FactSource
from medpol.model.policy import State
from medpol.model.request import Request
from medpol.model.truth import Truth

HISTORY = "history"


@dataclass(frozen=True, slots=True)
class PreparedChain:
    """A chain with its criteria made ready to be asked."""

    chain: Chain
    questions: tuple[Decide | None, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`findings` runs up to the first step that holds; `reachable` are indices into it, the deciding one first."""

    state: State
    findings: tuple[Finding | None, ...]
    reachable: tuple[int, ...]
    open_leaves: tuple[Leaf, ...]

    @property
    def decided_by(self) -> int:
        """The step the answer is attributed to: the one that holds, or where it is open the first that may."""
        is_open = self.state in (State.PEND_INFORMATION, State.PEND_REVIEW) and self.open_leaves
        return self.reachable[0] if is_open else self.reachable[-1]


def prepare_chain(chain: Chain) -> PreparedChain:
    return PreparedChain(chain, tuple(None if s.criterion is None else prepare(s.criterion) for s in chain.steps))


def resolve(prepared: PreparedChain, request: Request, facts: DataDictionary) -> Outcome:
    """Ask the steps in order until one holds, and say what follows."""
    findings: list[Finding | None] = []
    reachable: list[int] = []
    for index, ask in enumerate(prepared.questions):
        finding = None if ask is None else ask(request)
        findings.append(finding)
        truth = Truth.YES if finding is None else finding.truth
        if truth is not Truth.NO:
            reachable.append(index)
        if truth is Truth.YES:
            break
    steps = prepared.chain.steps
    states = {steps[index].state for index in reachable}
    if len(states) == 1:
        return Outcome(states.pop(), tuple(findings), tuple(reachable), ())
    unknown = [f for i in reachable if (f := findings[i]) is not None and f.truth is Truth.UNKNOWN]
    leaves = tuple(dict.fromkeys(leaf for finding in unknown for leaf in open_leaves(finding)))
    state = State.PEND_INFORMATION if any(is_askable(leaf, facts) for leaf in leaves) else State.PEND_REVIEW
    return Outcome(state, tuple(findings), tuple(reachable), leaves)


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
    return any(need == HISTORY or facts[need].source is not FactSource.REVIEWER for need in predicate(leaf).needs(leaf))


def missing_facts(leaves: Iterable[Leaf], request: Request) -> tuple[str, ...]:
    """The facts the leaves need and the request lacks, in order."""
    needs = (need for leaf in leaves for need in predicate(leaf).needs(leaf))
    return tuple(dict.fromkeys(need for need in needs if _is_missing(need, request)))


def _is_missing(need: str, request: Request) -> bool:
    if need == HISTORY:
        return request.history is None or request.history_since is not None
    return need not in request.facts


def step_truths(steps: Sequence[Step], findings: Sequence[Finding | None]) -> Iterator[tuple[Step, Truth]]:
    """Each asked step with its truth."""
    for step, finding in zip(steps, findings, strict=False):
        yield step, Truth.YES if finding is None else finding.truth
