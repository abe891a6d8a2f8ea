"""A block of statements as bits and threshold gates.

Every leaf is a slot, every group a gate "at least n of these bits", every statement a last gate of its own.
Negation is pushed down to the leaves (not "at least n of k" is "at least k − n + 1 of the k negated"), so
that a gate is one population count. A program has no limit on slots or gates; it has at most 62 statements,
which fit one machine word.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from medpol.engine.lower import lower
from medpol.engine.predicates.shapes import ClaimsMeasure, Interval, Measured, Membership, NeverKnown, Shape
from medpol.engine.predicates.table import predicate
from medpol.engine.resolve import is_askable
from medpol.engine.selection import Block
from medpol.model.codes import NOWHERE
from medpol.model.criteria import LEAVES, AtLeast, Criterion, Leaf, Not
from medpol.model.facts import DataDictionary
from medpol.problems import PolicyRejected, Problem

MAX_STEPS = 62


@dataclass(frozen=True, slots=True)
class Slot:
    """A leaf in one polarity."""

    leaf: Leaf
    negated: bool
    shape: Shape
    askable: bool


@dataclass(frozen=True, slots=True)
class Bit:
    """A slot's or an earlier gate's place."""

    is_gate: bool
    index: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """At least `n` of the bits; n = 0 always holds."""

    n: int
    bits: tuple[Bit, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """Slots (intervals first, then claims counts, then the rest), gates, and one threshold a statement.

    `levels` gives each gate's level: 0 where it reads slots only, else one above the highest gate it reads.
    """

    block: Block
    slots: tuple[Slot, ...]
    gates: tuple[Threshold, ...]
    levels: tuple[int, ...]
    steps: tuple[Threshold, ...]

    @property
    def intervals(self) -> int:
        """How many slots, from the first, compare a measure."""
        return sum(isinstance(slot.shape, Interval) for slot in self.slots)


def compile_block(block: Block, facts: DataDictionary) -> Program:
    """The program of a block. Raises PolicyRejected above 62 statements of one version about one code."""
    if len(block.steps) > MAX_STEPS:
        message = (
            f"{block.version.id} asks {len(block.steps) - 1} statements about one code; a batch takes {MAX_STEPS - 1}"
        )
        remedy = "part the statements by service, or join some of them"
        raise PolicyRejected([Problem(block.version.place, "MP910", message, remedy)])
    builder = _Builder()
    steps = tuple(
        Threshold(0, ()) if step.criterion is None else builder.root(lower(step.criterion)) for step in block.steps
    )
    slots = [_slot(leaf, negated, facts) for leaf, negated in builder.slots]
    order = sorted(range(len(slots)), key=lambda i: (_rank(slots[i].shape), i))
    new = {old: place for place, old in enumerate(order)}
    gates = tuple(_renumbered(gate, new) for gate in builder.gates)
    return Program(
        block=block,
        slots=tuple(slots[i] for i in order),
        gates=gates,
        levels=_levels(gates),
        steps=tuple(_renumbered(step, new) for step in steps),
    )


def measures(programs: Iterable[Program]) -> tuple[Measured, ...]:
    """Every measure that is no claims count, each once, in order of first use."""
    found: dict[Measured, None] = {}
    for program in programs:
        for slot in program.slots:
            if isinstance(slot.shape, Interval) and not isinstance(slot.shape.measure, ClaimsMeasure):
                found[slot.shape.measure] = None
    return tuple(found)


def _slot(leaf: Leaf, negated: bool, facts: DataDictionary) -> Slot:
    return Slot(leaf, negated, predicate(leaf).shape(leaf), is_askable(leaf, facts))


def _rank(shape: Shape) -> int:
    match shape:
        case Interval(measure=ClaimsMeasure()):
            return 1
        case Interval():
            return 0
        case Membership():
            return 2
        case NeverKnown():
            return 3


def _levels(gates: Sequence[Threshold]) -> tuple[int, ...]:
    levels: list[int] = []
    for gate in gates:
        levels.append(max((levels[bit.index] + 1 for bit in gate.bits if bit.is_gate), default=0))
    return tuple(levels)


def _renumbered(threshold: Threshold, new: dict[int, int]) -> Threshold:
    bits = tuple(bit if bit.is_gate else Bit(False, new[bit.index]) for bit in threshold.bits)
    return Threshold(threshold.n, bits)


class _Builder:
    """Gathers slots and gates; equal leaves share a slot and equal groups a gate."""

    def __init__(self) -> None:
        self.slots: dict[tuple[Leaf, bool], int] = {}
        self.gates: list[Threshold] = []
        self._known: dict[Threshold, Bit] = {}

    def root(self, node: Criterion) -> Threshold:
        """The threshold of a statement: its topmost group is not a gate of its own."""
        return self._threshold(node, negated=False)

    def _threshold(self, node: Criterion, negated: bool) -> Threshold:
        match node:
            case Not(of=inner):
                return self._threshold(inner, not negated)
            case AtLeast(n=n, of=of):
                bits: list[Bit] = []
                for member in of:
                    bit = self._bit(member, negated)
                    bits.append(self._copy(bit) if bit in bits else bit)  # a mask counts a bit once, a group each time
                return Threshold(len(of) - n + 1 if negated else n, tuple(bits))
            case leaf if isinstance(leaf, LEAVES):
                bare = replace(leaf, label="", source="", place=NOWHERE)
                return Threshold(1, (Bit(False, self.slots.setdefault((bare, negated), len(self.slots))),))
            case other:
                raise TypeError(f"{type(other).__name__} was not lowered")

    def _bit(self, node: Criterion, negated: bool) -> Bit:
        threshold = self._threshold(node, negated)
        if len(threshold.bits) == 1:
            return threshold.bits[0]
        if threshold not in self._known:
            self._known[threshold] = self._gate(threshold)
        return self._known[threshold]

    def _copy(self, bit: Bit) -> Bit:
        return self._gate(Threshold(1, (bit,)))

    def _gate(self, threshold: Threshold) -> Bit:
        self.gates.append(threshold)
        return Bit(True, len(self.gates) - 1)
