"""The bits of the slots in numpy, for an engine that hands out columns: what `Emitter.bits` says in SQL.

The lines come in blocks; in each, program by program, its slots look at the columns of its lines. A line's values
leave the engine once and no wide table of them is written. The meaning stays that of the SQL, which the tests hold
this to: t is "surely yes" after negation, u is "unknown", and a slot is never both.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from medpol.engine.lines import gives
from medpol.engine.predicates.shapes import ClaimsMeasure, Interval, Measured, Membership
from medpol.engine.programs import Program, Slot
from medpol.engine.tables import WORD, closed, listed_codes
from medpol.model.codes import CodeList
from medpol.model.lines import Lines

Array: TypeAlias = NDArray[Any]
ROWS = 1 << 19  # lines in a block: enough that starting a program costs little beside them, few enough to overlap


@dataclass(frozen=True, slots=True)
class Counts:
    """One claims count: for these lines (sorted) its value and whether the history covers its window."""

    lines: Array
    n: Array
    whole: Array


@dataclass(slots=True)
class Codes:
    """The codes of one fact that some list has, numbered from 1, and each list as a flag per number."""

    numbers: dict[str, int]
    lists: dict[CodeList, Array]


def number_codes(programs: Iterable[Program], fact: str, present: Sequence[str] | None) -> Codes:
    """Codes of the lists that read `fact`: those present (sorted), or with None those the lists name."""
    lists = dict.fromkeys(
        slot.shape.codes
        for program in programs
        for slot in program.slots
        if isinstance(slot.shape, Membership) and slot.shape.fact == fact
    )
    available = None if present is None else set(present)
    named = {
        codes: codes.exact if available is None or present is None else listed_codes(codes, available, present)
        for codes in lists
    }
    numbers = {code: i for i, code in enumerate(sorted(set().union(*named.values())), 1)}
    flags = {}
    for codes, members in named.items():
        flags[codes] = np.zeros(len(numbers) + 1, bool)
        flags[codes][[numbers[code] for code in members]] = True
    return Codes(numbers, flags)


@dataclass(slots=True)
class Block:
    """Some governed lines: their numbers, chains, measures (NaN: unknown), code facts (0: in no list) and which of
    those are known."""

    line: Array
    chain: Array
    measures: list[Array]
    codes: dict[str, list[Array]]
    known: dict[str, Array]


@dataclass(slots=True)
class Observer:
    """Looks at blocks of lines for a plan's programs. `members` are the chains' programs."""

    programs: Sequence[Program]
    members: Sequence[Sequence[int]]
    lines: Lines
    compared: Mapping[Measured, int]
    codes: Mapping[str, Codes]
    counted: Mapping[Measured, Counts]
    words: int

    def bits(self, blocks: Iterable[Block]) -> pa.Table:
        """line, chain, nth, solo, program and the words t and u, a row for every line and program."""
        lengths = np.array([len(members) for members in self.members], np.int64)
        starts = np.cumsum(lengths) - lengths
        flat = np.array([program for members in self.members for program in members], np.int32)
        columns = [("line", pa.int64()), ("chain", pa.int32()), ("nth", pa.int32()), ("solo", pa.int8())]
        columns += [("program", pa.int32()), *((f"{kind}{w}", pa.int64()) for w in range(self.words) for kind in "tu")]
        schema = pa.schema(columns)
        return pa.Table.from_batches((self._block(b, lengths, starts, flat, schema) for b in blocks), schema)

    def _block(self, block: Block, lengths: Array, starts: Array, flat: Array, schema: pa.Schema) -> pa.RecordBatch:
        many = lengths[block.chain]
        row = np.repeat(np.arange(len(many)), many)
        nth = np.arange(len(row)) - np.repeat(np.cumsum(many) - many, many)
        program = flat[starts[block.chain[row]] + nth]
        order = np.argsort(program.astype(np.min_scalar_type(len(self.programs))), kind="stable")
        row, nth, program = row[order], nth[order], program[order]
        t, u = (np.zeros((self.words, len(row)), np.int64) for _ in "tu")
        ends = np.cumsum(np.bincount(program, minlength=len(self.programs)))
        begin = 0
        for number, end in enumerate(ends):
            if end > begin and self.programs[number].slots:
                self._look(self.programs[number], block, row[begin:end], t[:, begin:end], u[:, begin:end])
            begin = end
        whole = (block.line[row], block.chain[row], nth, many[row] == 1, program)
        words = [kind[w] for w in range(self.words) for kind in (t, u)]
        arrays = [pa.array(v.astype(f.type.to_pandas_dtype())) for v, f in zip((*whole, *words), schema, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    def _look(self, program: Program, block: Block, row: Array, t: Array, u: Array) -> None:
        """Fill the words of one program, for its rows of the block."""
        yes, unknown = (np.zeros((len(program.slots), len(row)), bool) for _ in range(2))
        seen: dict[Measured, tuple[Array, Array]] = {}
        for i, slot in enumerate(program.slots):
            self._slot(slot, block, row, seen, yes=yes[i], unknown=unknown[i])
        negated = np.array([slot.negated for slot in program.slots])
        if negated.any():
            yes ^= negated[:, None]
        yes &= ~unknown
        for w in range((len(program.slots) - 1) // WORD + 1):
            inside = slice(w * WORD, (w + 1) * WORD)
            t[w], u[w] = _packed(yes[inside]), _packed(unknown[inside])

    def _slot(
        self,
        slot: Slot,
        block: Block,
        row: Array,
        seen: dict[Measured, tuple[Array, Array]],
        *,
        yes: Array,
        unknown: Array,
    ) -> None:
        match slot.shape:
            case Interval(measure=ClaimsMeasure()) as shape if gives(self.lines, shape.measure):
                value = self._count(shape, block.line[row])
                low, high = closed(shape)
                yes[:], unknown[:] = (value >= low) & (value <= high), np.isnan(value)
            case Interval() as shape if gives(self.lines, shape.measure):
                if shape.measure not in seen:
                    value = block.measures[self.compared[shape.measure]][row]
                    seen[shape.measure] = value, np.isnan(value)
                value, unknown[:] = seen[shape.measure]
                low, high = closed(shape)
                np.greater_equal(value, low, out=yes)
                yes &= value <= high
            case Membership(fact=fact, codes=codes) if fact in self.lines.codes:
                flags = self.codes[fact].lists[codes]
                for column in block.codes[fact]:
                    yes |= flags[column[row]]
                np.logical_not(block.known[fact][row], out=unknown)
            case _:
                unknown[:] = True

    def _count(self, shape: Interval, line: Array) -> Array:
        """A claims count as far as it is known: whole, or a lower bound that already settles the comparison."""
        counts = self.counted[shape.measure]
        value = np.full(len(line), np.nan)
        if not len(counts.lines):
            return value
        at = np.minimum(np.searchsorted(counts.lines, line), len(counts.lines) - 1)
        n = counts.n[at]
        settled = n >= shape.low if shape.high is None else n > shape.high
        known: Array = np.where((counts.lines[at] == line) & (counts.whole[at] | settled), n, value)
        return known


def _packed(flags: Array) -> Array:
    """The flags of up to 62 slots as one word a row."""
    octets = np.packbits(flags, axis=0, bitorder="little")
    word: Array = octets[0].astype(np.int64)
    for k in range(1, len(octets)):
        word |= octets[k].astype(np.int64) << (8 * k)
    return word


def blocks_of(batches: Iterable[pa.RecordBatch], measures: int, widths: Mapping[str, int]) -> Iterator[Block]:
    """Record batches of the columns line, chain, x0 …, FACT__0 …, FACT__known as blocks of at least ROWS lines."""
    for batch in batches:
        columns = {name: batch.column(name).to_numpy(zero_copy_only=False) for name in batch.schema.names}
        yield Block(
            line=columns["line"],
            chain=columns["chain"],
            measures=[columns[f"x{i}"] for i in range(measures)],
            codes={fact: [columns[f"{fact}__{c}"] for c in range(width)] for fact, width in widths.items()},
            known={fact: columns[f"{fact}__known"].astype(bool) for fact in widths},
        )


def counts_by_measure(table: pa.Table, numbers: Mapping[Measured, int]) -> dict[Measured, Counts]:
    """The rows of `counts` (line, measure, n, whole) by measure."""
    line, measure, n, whole = (table.column(name).to_numpy() for name in ("line", "measure", "n", "whole"))
    order = np.lexsort((line, measure))
    line, measure, n, whole = line[order], measure[order], n[order].astype(float), whole[order] == 1
    found = {}
    for shape, number in numbers.items():
        inside = slice(*np.searchsorted(measure, (number, number + 1)))
        found[shape] = Counts(line[inside], n[inside], whole[inside])
    return found
