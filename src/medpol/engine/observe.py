"""What is seen of each governed line: the values that programs compare, and from them the bits of their slots.

Both ways fill `bits`: line, chain, nth (the program's place in the chain), solo, program, and its slots' words t
("yes") and u ("unknown"). In SQL that is a query a class over a table of the values; where an engine hands out columns
it is done in numpy (`columns`), without that table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from medpol.engine.columns import (
    ROWS,
    Codes,
    Observer,
    blocks_of,
    counts_by_measure,
    number_codes,
)
from medpol.engine.counts import asked_counts
from medpol.engine.dialects.base import Columnar, Engine, Rows
from medpol.engine.emit import Emitter
from medpol.engine.lines import gives, is_known
from medpol.engine.plan import Plan, load_routes, routed
from medpol.engine.predicates.shapes import DistanceMeasure, FactMeasure, Measured, Membership
from medpol.engine.programs import measures
from medpol.engine.tables import Layout, layouts, membership, parameters
from medpol.engine.words import load_steps
from medpol.model.lines import Lines


@dataclass(frozen=True, slots=True)
class Loaded:
    """A plan in the engine's tables, for lines with these columns.

    `compared` are the measures of the lines by their column's number, `counts` the claims counts by theirs, `words`
    the most words that the slots of a program take.
    """

    plan: Plan
    layouts: tuple[Layout, ...]
    emitters: tuple[Emitter, ...]
    compared: Mapping[Measured, int]
    counts: Mapping[Measured, int]
    code_facts: tuple[str, ...]

    @property
    def words(self) -> int:
        return max((layout.words for layout in self.layouts), default=1)


def load(engine: Engine, plan: Plan, lines: Lines) -> Loaded:
    """Load routes and parameters."""
    load_routes(engine, plan)
    load_steps(engine, plan.programs)
    compared = {m: i for i, m in enumerate(m for m in measures(plan.programs) if gives(lines, m))}
    counts = asked_counts(plan.programs, lines)
    classes = layouts(plan.programs, lines)
    emitters = []
    for layout in classes:
        rows = parameters(layout, lines, compared, counts)
        engine.load(f"params_{layout.number}", rows)
        emitters.append(Emitter(engine, layout, rows))
    facts = sorted({fact for layout in classes for fact in layout.code_facts})
    return Loaded(plan, tuple(classes), tuple(emitters), compared, counts, tuple(facts))


def make_bits(engine: Engine, loaded: Loaded, lines: Lines) -> None:
    """Fill `bits`, by a query a class over `hits`: the lines with their programs and values."""
    columns = [f"{_value(engine, lines, measure)} AS x{i}" for measure, i in loaded.compared.items()]
    for fact in loaded.code_facts:
        columns += [f"{column} AS {fact}__{c}" for c, column in enumerate(lines.codes[fact])]
        columns.append(f"CASE WHEN {is_known(lines, fact)} THEN 1 ELSE 0 END AS {fact}__known")
    selected = ", ".join(["l.line", "r.chain", "m.nth", "m.solo", "m.program", *columns])
    joined = f"{routed(engine, lines, loaded.plan.as_of)} JOIN members m ON m.chain = r.chain"
    engine.execute(f"CREATE TEMP TABLE hits AS SELECT {selected} FROM {joined}")
    present = {
        fact: _present(engine, [f"SELECT {fact}__{c} AS code FROM hits" for c in range(len(lines.codes[fact]))])
        for fact in loaded.code_facts
    }
    parts = []
    for layout, emitter in zip(loaded.layouts, loaded.emitters, strict=True):
        for k, fact in enumerate(layout.code_facts):
            engine.load(f"member_{layout.number}_{k}", membership(layout, fact, present[fact]))
        query = emitter.bits(lines, len(loaded.compared), loaded.words)
        parts.append(f"SELECT * FROM ({query}) b{layout.number}")
    nothing = "SELECT 0 AS line, 0 AS chain, 0 AS nth, 0 AS solo, 0 AS program, 0 AS t0, 0 AS u0 WHERE 1 = 0"
    engine.execute(f"CREATE TEMP TABLE bits AS {' UNION ALL '.join(parts) or nothing}")


def make_bits_in_columns(engine: Columnar, loaded: Loaded, lines: Lines) -> None:
    """Fill `bits` in numpy."""
    plan = loaded.plan
    codes = {fact: _numbered(engine, loaded, lines, fact) for fact in loaded.code_facts}
    columns = [f"{_value(engine, lines, measure)} AS x{i}" for measure, i in loaded.compared.items()]
    joined = [routed(engine, lines, plan.as_of)]
    for fact in loaded.code_facts:
        texts = list(codes[fact].numbers.items())
        engine.load(f"codes_{fact}", Rows((("text", "VARCHAR"), ("number", "INTEGER")), list(texts)))
        for c, column in enumerate(lines.codes[fact]):
            joined.append(f"LEFT JOIN codes_{fact} {fact}_{c} ON {fact}_{c}.text = {column}")
            columns.append(f"COALESCE({fact}_{c}.number, 0) AS {fact}__{c}")
        columns.append(f"CASE WHEN {is_known(lines, fact)} THEN 1 ELSE 0 END AS {fact}__known")
    counted = counts_by_measure(engine.arrow("SELECT line, measure, n, whole FROM counts"), loaded.counts)
    observer = Observer(
        programs=plan.programs,
        members=[[member.program for member in members] for members in plan.chains],
        lines=lines,
        compared=loaded.compared,
        codes=codes,
        counted=counted,
        words=loaded.words,
    )
    widths = {fact: len(lines.codes[fact]) for fact in loaded.code_facts}
    batches = engine.stream(f"SELECT {', '.join(['l.line', 'r.chain', *columns])} FROM {' '.join(joined)}", ROWS)
    engine.adopt("bits", observer.bits(blocks_of(batches, len(loaded.compared), widths)))


def _numbered(engine: Engine, loaded: Loaded, lines: Lines, fact: str) -> Codes:
    """The codes of a fact by number; ranges are looked up among the codes that the lines have."""
    shapes = (slot.shape for program in loaded.plan.programs for slot in program.slots)
    if not any(isinstance(s, Membership) and s.fact == fact and s.codes.wide for s in shapes):
        return number_codes(loaded.plan.programs, fact, None)
    texts = [f"SELECT {column} AS code FROM {lines.table} l" for column in lines.codes[fact]]
    return number_codes(loaded.plan.programs, fact, _present(engine, texts))


def _value(engine: Engine, lines: Lines, measure: Measured) -> str:
    match measure:
        case FactMeasure(fact=fact) if fact in lines.numbers:
            return f"CAST({lines.numbers[fact]} AS DOUBLE)"
        case FactMeasure(fact=fact):
            return f"CAST({engine.day_code(lines.dates[fact])} AS DOUBLE)"
        case DistanceMeasure(event=event, anchor=anchor, months=months):
            code = engine.month_code if months else engine.day_code
            return f"CAST({code(lines.dates[anchor])} - {code(lines.dates[event])} AS DOUBLE)"
        case _:
            raise TypeError("claims counts are joined, not computed from the line")


def _present(engine: Engine, texts: Sequence[str]) -> list[str]:
    """The distinct codes of these queries, sorted."""
    found = engine.fetch(f"SELECT DISTINCT code FROM ({' UNION ALL '.join(texts)}) u")
    return sorted(code for (code,) in found if code is not None)
