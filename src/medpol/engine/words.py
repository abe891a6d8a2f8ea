"""The answers of a batch in words: what each statement is, which facts are missing, how each leaf came out.

Words are made once for every distinct outcome, not once for every line.
"""

from collections.abc import Callable, Sequence

from medpol.engine.determine import reason
from medpol.engine.dialects.base import Engine, Rows
from medpol.engine.predicates.table import predicate
from medpol.engine.programs import Bit, Program
from medpol.engine.tables import WORD, Layout
from medpol.model.criteria import Leaf


def load_steps(engine: Engine, programs: Sequence[Program]) -> None:
    """`steps`: what each statement of each program is, for the answers."""
    rows = [
        (
            number,
            index,
            program.block.layer,
            program.block.policy.number,
            program.block.version.effective.isoformat(),
            step.statement.id,
            step.statement.position.value,
            reason(step.state, step.position, is_open=False),
        )
        if step.statement
        else (number, index, "", "", "", "", None, "no_policy")
        for number, program in enumerate(programs)
        for index, step in enumerate(program.block.steps)
    ]
    texts = ("layer", "policy", "version", "statement", "position", "reason")
    columns = (("program", "BIGINT"), ("step", "BIGINT"), *((name, "VARCHAR") for name in texts))
    engine.load("steps", Rows(columns, rows))


def put_in_words(engine: Engine, layout: Layout, describe: Callable[[Leaf], str] | None) -> None:
    """Make `words_N`: for every outcome of the class its missing facts and, with `describe`, its criteria."""
    n = layout.number
    _load_leaves(engine, layout, describe)
    outcomes = f"(SELECT * FROM results_{n} WHERE pattern = outcome)"
    missing = f"""
        SELECT outcome, {engine.joined("fact", "slot")} AS missing FROM (
            SELECT o.outcome, s.fact, MIN(s.slot * 100 + s.nth) AS slot
            FROM {outcomes} o JOIN needs_{n} s ON s.program = o.program AND {_bit(layout, "r")}
            GROUP BY o.outcome, s.fact ORDER BY slot) f GROUP BY outcome"""
    truth = (
        f"CASE WHEN {_bit(layout, 'u')} THEN 'unknown' "
        f"WHEN ({_bit(layout, 't')}) <> (s.negated = 1) THEN 'yes' ELSE 'no' END"
    )
    criteria = f"""
        SELECT outcome, {engine.joined("text", "slot")} AS criteria FROM (
            SELECT o.outcome, s.leaf || ' = ' || {truth} AS text, MIN(s.slot) AS slot
            FROM {outcomes} o JOIN leaves_{n} s ON s.program = o.program AND s.first_step <= o.holds
            GROUP BY o.outcome, text ORDER BY slot) l GROUP BY outcome"""
    engine.execute(f"DROP TABLE IF EXISTS words_{n}")
    engine.execute(
        f"""CREATE TEMP TABLE words_{n} AS
            SELECT o.outcome, COALESCE(m.missing, '') AS missing, COALESCE(c.criteria, '') AS criteria
            FROM {outcomes} o
            LEFT JOIN ({missing}) m ON m.outcome = o.outcome
            LEFT JOIN ({criteria}) c ON c.outcome = o.outcome"""
    )


def _bit(layout: Layout, kind: str) -> str:
    """Whether the slot's bit is set in the outcome's words of this kind."""
    words = " ".join(f"WHEN {w} THEN o.{kind}{w}" for w in range(layout.words))
    return f"(CASE s.word {words} END) & s.bit <> 0"


def _load_leaves(engine: Engine, layout: Layout, describe: Callable[[Leaf], str] | None) -> None:
    leaves, needs = [], []
    for number, program in layout.programs:
        first = _first_asked(program)
        for i, slot in enumerate(program.slots):
            place = (number, i // WORD, 1 << i % WORD, i)
            if describe is not None:
                leaves.append((*place, first[i], int(slot.negated), describe(slot.leaf)))
            if slot.askable:
                facts = predicate(slot.leaf).needs(slot.leaf)
                needs += [(*place, k, fact) for k, fact in enumerate(facts) if fact != "service_date"]
    place_columns = (("program", "BIGINT"), ("word", "BIGINT"), ("bit", "BIGINT"), ("slot", "BIGINT"))
    leaf_columns = (("first_step", "BIGINT"), ("negated", "BIGINT"), ("leaf", "VARCHAR"))
    engine.load(f"leaves_{layout.number}", Rows((*place_columns, *leaf_columns), leaves))
    engine.load(f"needs_{layout.number}", Rows((*place_columns, ("nth", "BIGINT"), ("fact", "VARCHAR")), needs))


def _first_asked(program: Program) -> list[int]:
    """For each slot, the first statement in whose criterion it stands."""
    under = [_slots_under(program, step.bits) for step in program.steps]
    last = len(program.steps)
    return [min((s for s, slots in enumerate(under) if i in slots), default=last) for i in range(len(program.slots))]


def _slots_under(program: Program, bits: Sequence[Bit]) -> set[int]:
    found: set[int] = set()
    for bit in bits:
        found |= _slots_under(program, program.gates[bit.index].bits) if bit.is_gate else {bit.index}
    return found
