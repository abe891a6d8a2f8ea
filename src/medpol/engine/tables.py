"""Programs as rows: the parameter tables of the batch query.

Programs of about the same size form a class with a query of their own, so that a policy of three leaves does
not pay for one of three hundred. Within a class the bits are laid out alike: slots first, gates from
`Layout.gate_base` on, 62 bits a word.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from math import inf, nextafter
from sys import float_info
from typing import Any, TypeAlias

from medpol.engine.dialects.base import Rows
from medpol.engine.lines import gives
from medpol.engine.predicates.shapes import ClaimsMeasure, Interval, Measured, Membership, Shape
from medpol.engine.programs import Program, Threshold
from medpol.model.codes import CodeList
from medpol.model.lines import Lines
from medpol.model.policy import State

Row: TypeAlias = dict[str, Any]

WORD = 62
_MASK = re.compile(r"[gs]\d+m\d+")  # a gate's or statement's bits in one word; left out where no program has any
_DOUBLES = ("lo", "hi", "k_lo", "k_hi")
NEVER = 1 << 30  # more bits than any gate has: a threshold that is never reached
_CAPACITIES = ((8, 6), (20, 14), (40, 22))  # slots and gates that fill one word; then doubling
STATES = (State.APPROVE, State.NOT_COVERED, State.PEND_REVIEW, State.NO_POLICY)


@dataclass(frozen=True, slots=True)
class Layout:
    """The common measurements of a class."""

    number: int
    programs: tuple[tuple[int, Program], ...]
    gate_base: int
    words: int
    intervals: int
    claims: int
    level_sizes: tuple[int, ...]
    steps: int
    code_facts: tuple[str, ...]

    def gates_of(self, level: int) -> range:
        """The gate numbers of a level, the same for every program of the class."""
        first = sum(self.level_sizes[:level])
        return range(first, first + self.level_sizes[level])

    def gate_numbers(self, program: Program) -> list[int]:
        """The number each of a program's gates has in the class."""
        free = [iter(self.gates_of(level)) for level in range(len(self.level_sizes))]
        return [next(free[level]) for level in program.levels]


def layouts(programs: Sequence[Program], lines: Lines) -> list[Layout]:
    """The classes, smallest programs first. A program's number is its index."""
    groups: dict[tuple[int, int], list[tuple[int, Program]]] = defaultdict(list)
    for number, program in enumerate(programs):
        groups[_capacity(program)].append((number, program))
    return [_layout(number, size, groups[size], lines) for number, size in enumerate(sorted(groups))]


def _capacity(program: Program) -> tuple[int, int]:
    slots, gates = len(program.slots), len(program.gates)
    for size in _CAPACITIES:
        if slots <= size[0] and gates <= size[1]:
            return size
    wide, deep = 80, 44
    while slots > wide or gates > deep:
        wide, deep = wide * 2, deep * 2
    return (wide, deep)


def _layout(number: int, size: tuple[int, int], programs: list[tuple[int, Program]], lines: Lines) -> Layout:
    own = [program for _, program in programs]
    facts = {slot.shape.fact for p in own for slot in p.slots if isinstance(slot.shape, Membership)}
    depth = max((level + 1 for p in own for level in p.levels), default=0)
    level_sizes = tuple(max(p.levels.count(level) for p in own) for level in range(depth))
    return Layout(
        number=number,
        programs=tuple(programs),
        gate_base=size[0],
        words=(size[0] + sum(level_sizes) - 1) // WORD + 1,
        intervals=max(p.intervals for p in own),
        claims=max(sum(1 for _ in claims_slots(p)) for p in own),
        level_sizes=level_sizes,
        steps=max(len(p.steps) for p in own),
        code_facts=tuple(sorted(fact for fact in facts if fact in lines.codes)),
    )


def claims_slots(program: Program) -> Iterator[Interval]:
    """The comparisons of claims counts in a program, in slot order."""
    for slot in program.slots:
        if isinstance(slot.shape, Interval) and isinstance(slot.shape.measure, ClaimsMeasure):
            yield slot.shape


def parameters(layout: Layout, lines: Lines, measures: Mapping[Measured, int], counts: Mapping[Measured, int]) -> Rows:
    """One row a program: what its slots compare, its gates, its statements, its masks.

    `sNother` has the statements after N that are of another state.
    """
    rows = [_row(layout, entry, lines, measures, counts) for entry in layout.programs]
    kept = [name for name in rows[0] if not _MASK.fullmatch(name) or any(row[name] for row in rows)]
    kinds = tuple((name, "DOUBLE" if name.startswith(_DOUBLES) else "BIGINT") for name in kept)
    return Rows(kinds, [tuple(row[name] for name in kept) for row in rows])


def _row(
    layout: Layout,
    entry: tuple[int, Program],
    lines: Lines,
    measures: Mapping[Measured, int],
    counts: Mapping[Measured, int],
) -> Row:
    number, program = entry
    row: Row = {"program": number}
    counted = list(claims_slots(program))
    first = program.intervals - len(counted)
    for i in range(layout.intervals):
        slot = program.slots[i].shape if i < program.intervals else None
        index = len(measures) + i - first + 1 if i >= first else 0
        row |= _interval(i, slot, index, measures, lines)
    for j in range(layout.claims):
        row |= _claims(j, counted[j] if j < len(counted) else None, counts, lines)
    numbers = layout.gate_numbers(program)
    gates = dict(zip(numbers, program.gates, strict=True))
    for g in range(sum(layout.level_sizes)):
        row |= _threshold(layout, numbers, f"g{g}", gates.get(g))
    for s in range(layout.steps):
        row |= _threshold(layout, numbers, f"s{s}", program.steps[s] if s < len(program.steps) else None)
    row |= _masks(layout, program, lines)
    states = [step.state for step in program.block.steps]
    for s in range(layout.steps):
        later = range(s + 1, len(states))
        row[f"s{s}other"] = sum(1 << i for i in later if states[i] is not states[s])
    for state in STATES:
        row[state.value] = sum(1 << i for i, step in enumerate(program.block.steps) if step.state is state)
    return row


def _interval(i: int, shape: Shape | None, index: int, measures: Mapping[Measured, int], lines: Lines) -> Row:
    """Which measure slot i compares (0: none) and the closed interval; `index` is a claims count's place."""
    if not isinstance(shape, Interval) or not gives(lines, shape.measure):
        return {f"f{i}": 0, f"lo{i}": 1.0, f"hi{i}": 0.0}
    low, high = closed(shape)
    place = index if isinstance(shape.measure, ClaimsMeasure) else measures[shape.measure] + 1
    return {f"f{i}": place, f"lo{i}": low, f"hi{i}": high}


def closed(shape: Interval) -> tuple[float, float]:
    """The ends of the interval, both in."""
    low = -float_info.max if shape.low is None else float(shape.low)
    high = float_info.max if shape.high is None else float(shape.high)
    return nextafter(low, inf) if shape.low_open else low, nextafter(high, -inf) if shape.high_open else high


def _claims(j: int, shape: Interval | None, counts: Mapping[Measured, int], lines: Lines) -> Row:
    """Which count the j-th claims slot compares, and its limits, by which a lower bound may settle it."""
    if shape is None or not gives(lines, shape.measure):
        return {f"k_m{j}": 0, f"k_lo{j}": None, f"k_hi{j}": None}
    return {f"k_m{j}": counts[shape.measure], f"k_lo{j}": shape.low, f"k_hi{j}": shape.high}


def _threshold(layout: Layout, numbers: Sequence[int], name: str, threshold: Threshold | None) -> dict[str, int]:
    if threshold is None:
        return {f"{name}n": NEVER} | {f"{name}m{w}": 0 for w in range(layout.words)}
    places = (layout.gate_base + numbers[bit.index] if bit.is_gate else bit.index for bit in threshold.bits)
    masks = words(layout, places)
    return {f"{name}n": threshold.n} | {f"{name}m{w}": mask for w, mask in enumerate(masks)}


def words(layout: Layout, places: Iterable[int]) -> list[int]:
    """Bits at these places, as words."""
    masks = [0] * layout.words
    for place in places:
        masks[place // WORD] |= 1 << place % WORD
    return masks


def _masks(layout: Layout, program: Program, lines: Lines) -> dict[str, int]:
    """negated, never known, compared, askable; and for each code fact the slots that read it."""
    slots = list(enumerate(program.slots))
    named = {
        "neg": [i for i, slot in slots if slot.negated],
        "never": [i for i, slot in slots if not _can_be_known(slot.shape, lines)],
        "cmp": [i for i, slot in slots if isinstance(slot.shape, Interval)],
        "used": [i for i, _ in slots],
        "ask": [i for i, slot in slots if slot.askable],
    }
    for fact in layout.code_facts:
        reads = [i for i, slot in slots if isinstance(slot.shape, Membership) and slot.shape.fact == fact]
        named[f"need_{fact}_"] = reads
    return {
        f"{name}{w}": mask
        for name, places in named.items()
        for w, mask in enumerate(words(layout, places))
    }  # fmt: skip


def _can_be_known(shape: object, lines: Lines) -> bool:
    if isinstance(shape, Membership):
        return shape.fact in lines.codes
    return isinstance(shape, Interval) and gives(lines, shape.measure)


def membership(layout: Layout, fact: str, present: Sequence[str]) -> Rows:
    """For one code fact: program, code, and the slots whose list has that code; only codes present in the batch.

    `present` is sorted.
    """
    matched: dict[CodeList, set[str]] = {}
    bits: dict[tuple[int, str], list[int]] = defaultdict(list)
    available = set(present)
    for number, program in layout.programs:
        for i, slot in enumerate(program.slots):
            if isinstance(slot.shape, Membership) and slot.shape.fact == fact:
                codes = slot.shape.codes
                if codes not in matched:
                    matched[codes] = listed_codes(codes, available, present)
                for code in matched[codes]:
                    bits[number, code].append(i)
    columns = (("program", "BIGINT"), ("code", "VARCHAR"), *((f"b{w}", "BIGINT") for w in range(layout.words)))
    return Rows(columns, [(number, code, *words(layout, places)) for (number, code), places in bits.items()])


def listed_codes(codes: CodeList, available: Set[str], present: Sequence[str]) -> set[str]:
    """The codes present that are in the list; `present` is sorted and has the same as `available`."""
    return {*(codes.exact & available), *_in_ranges(codes.wide, present)}


def _in_ranges(patterns: Iterable[Any], present: Sequence[str]) -> Iterator[str]:
    for pattern in patterns:
        yield from present[bisect_left(present, pattern.low) : bisect_right(present, pattern.high)]
