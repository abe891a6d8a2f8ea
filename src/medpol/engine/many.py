"""Decide a table of claim lines: policies as rows of parameter tables, every distinct case once.

The cost grows with the lines that are governed, not with policies × lines, and most of it with what differs:

1. `routes` (`plan`): for a code, a line of business and a time, the chain of programs that speak. One row a line.
2. `counts`: claims counts, for the lines whose programs ask for them.
3. `bits` (`observe`): for every governed line and program, which slots are "yes" and which unknown.
4. `patterns`: the distinct bits of each program; a fixed query a class decides each once (`emit`), into `results_N`.
5. `outcomes`: the distinct things that programs said, in words (`words`); `pairs`: which of them each line was told.
6. `decided`: one row a governed line with the number of its answer, which `said` has in words (`combine`). Lines on
   which several policies speak are joined layer by layer, once for every distinct combination of outcomes.

`prepare_batch` and `decide_batch` take lines part after part; `adjudicate` takes them at once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest

from medpol.engine.combine import COLUMNS, GOVERNED, bit_columns, make_decided, publish
from medpol.engine.counts import make_counts
from medpol.engine.dialects.base import Columnar, Engine
from medpol.engine.lines import is_known
from medpol.engine.observe import Loaded, load, make_bits, make_bits_in_columns
from medpol.engine.plan import Plan, uncollected
from medpol.engine.programs import Program
from medpol.engine.tables import Layout
from medpol.engine.words import put_in_words
from medpol.model.criteria import Leaf
from medpol.model.lines import Lines
from medpol.model.rules import Library

_TEMPORARY = (
    *("hits", "counts", "asked", "events", "supported", "needs_diagnosis", "bits", "patterns", "outcomes", "known"),
    *("pairs", "combined", "combinations", "verdicts", "layers", "totals", "heard", "picked", "spoken"),
    *("decided", "said"),
)


@dataclass(frozen=True, slots=True)
class Batch:
    """What deciding left behind beside `decided` and `said`: the programs and their classes."""

    programs: tuple[Program, ...]
    layouts: tuple[Layout, ...]


@dataclass(slots=True)
class Prepared:
    """A plan on an engine, ready to decide lines part after part."""

    engine: Engine
    plan: Plan
    in_columns: bool
    _loaded: Loaded | None = None
    _loaded_for: tuple[object, ...] = ()

    def load(self, lines: Lines) -> Loaded:
        """The plan in the engine's tables; loaded anew only where the plan has grown or the columns are others."""
        plan = self.plan
        found = (len(plan.kinds), replace(lines, table=""))
        if self._loaded is None or found != self._loaded_for:
            self._loaded, self._loaded_for = load(self.engine, plan, lines), found
        return self._loaded


def adjudicate(
    engine: Engine,
    library: Library,
    lines: Lines,
    *,
    describe: Callable[[Leaf], str],
    known_on: date | None = None,
    as_of: date | None = None,
    with_criteria: bool = True,
    in_columns: bool = True,
    on_stage: Callable[[str], None] = lambda _stage: None,
) -> Batch:
    """Make the view `answers`, one row for every row of `lines`, over the temporary tables `decided` and `said`.

    Columns: line, state, position, layer, policy, version, statement, reason, missing (fact names, `; ` between)
    and criteria (`describe` of each leaf that was asked, with its truth; empty without `with_criteria`).
    `on_stage` is told what comes next. Raises PolicyRejected where a version
    asks more than 61 statements about one code.
    """
    engine.execute("DROP VIEW IF EXISTS answers")
    plan = Plan(library, describe if with_criteria else None, known_on, as_of)
    batch = decide_batch(prepare_batch(engine, plan, in_columns=in_columns), lines, on_stage)
    publish(engine, library, lines)
    return batch


def prepare_batch(engine: Engine, plan: Plan, *, in_columns: bool = True) -> Prepared:
    """The plan on this engine. With `in_columns`, an engine that hands out columns has its slots looked at in numpy."""
    return Prepared(engine, plan, in_columns and isinstance(engine, Columnar))


def decide_batch(prepared: Prepared, lines: Lines, on_stage: Callable[[str], None] = lambda _stage: None) -> Batch:
    """Decide these lines: fill `decided` (line, answer; the governed lines) and `said` (answer and COLUMNS).

    An answer's number holds for these lines only. What the engine holds grows with them, not with lines decided before.
    """
    engine, library = prepared.engine, prepared.plan.library
    batch = _decide(prepared, _assumed(engine, library, lines), on_stage)
    if library.rules.assume:
        _deny_without_assumptions(prepared, lines, on_stage)
    return batch


def _decide(prepared: Prepared, lines: Lines, on_stage: Callable[[str], None]) -> Batch:
    engine, plan = prepared.engine, prepared.plan
    for table in _TEMPORARY:
        engine.execute(f"DROP TABLE IF EXISTS {table}")
    on_stage("choosing versions")
    codes = sorted(code for (code,) in engine.fetch(f"SELECT DISTINCT code FROM {lines.table}") if code)
    with uncollected():
        plan.meet(codes)
        loaded = prepared.load(lines)
    on_stage("counting earlier claims")
    make_counts(engine, lines, plan, loaded.counts)
    on_stage("looking at governed lines")
    if prepared.in_columns and isinstance(engine, Columnar):
        make_bits_in_columns(engine, loaded, lines)
    else:
        make_bits(engine, loaded, lines)
    on_stage("deciding")
    _make_results(engine, loaded)
    on_stage("joining layers")
    make_decided(engine, loaded.layouts, max(map(len, plan.chains), default=1))
    return Batch(tuple(plan.programs), loaded.layouts)


def _make_results(engine: Engine, loaded: Loaded) -> None:
    """`patterns`, and for each class what its patterns come to. An outcome has the number of its first pattern."""
    describe = loaded.plan.describe
    bits = ", ".join(bit_columns(loaded.layouts))
    engine.execute(
        f"""CREATE TEMP TABLE patterns AS
            SELECT ROW_NUMBER() OVER (ORDER BY program, {bits}) + {GOVERNED - 1} AS pattern, program, {bits}
            FROM (SELECT DISTINCT program, {bits} FROM bits) b"""
    )
    for layout, emitter in zip(loaded.layouts, loaded.emitters, strict=True):
        open_bits = ", ".join(f"r{w}" for w in range(layout.words))
        same = f"MIN(pattern) OVER (PARTITION BY program, says, sure, holds, may_hold, asks, {open_bits})"
        outcome = "pattern" if describe else same
        engine.execute(f"DROP TABLE IF EXISTS results_{layout.number}")
        engine.execute(
            f"CREATE TEMP TABLE results_{layout.number} AS SELECT g.*, {outcome} AS outcome FROM ({emitter.gates()}) g"
        )
        put_in_words(engine, layout, describe)


def _deny_without_assumptions(prepared: Prepared, lines: Lines, on_stage: Callable[[str], None]) -> None:
    """Decide the lines that are not covered once more without assumptions; those that then are not denied stay so."""
    engine = prepared.engine
    for table in ("supposed", "supposed_said", "plain", "plain_said"):
        engine.execute(f"DROP TABLE IF EXISTS {table}")
    engine.execute("DROP VIEW IF EXISTS doubted_lines")
    engine.execute("DROP TABLE IF EXISTS doubted")
    engine.execute("ALTER TABLE decided RENAME TO supposed")
    engine.execute("ALTER TABLE said RENAME TO supposed_said")
    engine.execute(
        """CREATE TEMP TABLE doubted AS SELECT d.line FROM supposed d JOIN supposed_said s ON s.answer = d.answer
           WHERE s.state = 'not_covered'"""
    )
    engine.execute(
        f"CREATE TEMP VIEW doubted_lines AS SELECT l.* FROM {lines.table} l JOIN doubted d ON d.line = l.line"
    )
    _decide(prepared, replace(lines, table="doubted_lines"), on_stage)
    engine.execute("ALTER TABLE decided RENAME TO plain")
    engine.execute("ALTER TABLE said RENAME TO plain_said")
    ((last,),) = engine.fetch("SELECT MAX(answer) FROM supposed_said")
    columns = ", ".join(COLUMNS)
    engine.execute(
        f"""CREATE TEMP TABLE said AS SELECT answer, {columns} FROM supposed_said
            UNION ALL SELECT answer + {last} + 1 AS answer, {columns} FROM plain_said"""
    )
    spared = (
        "SELECT p.line, p.answer FROM plain p JOIN plain_said s ON s.answer = p.answer WHERE s.state <> 'not_covered'"
    )
    engine.execute(
        f"""CREATE TEMP TABLE decided AS
            SELECT d.line, CASE WHEN p.line IS NULL THEN d.answer ELSE p.answer + {last} + 1 END AS answer
            FROM supposed d LEFT JOIN ({spared}) p ON p.line = d.line"""
    )


def _assumed(engine: Engine, library: Library, lines: Lines) -> Lines:
    """The lines with the plan's assumptions filled in where a fact is not known."""
    numbers, dates, codes, sets = dict(lines.numbers), dict(lines.dates), dict(lines.codes), dict(lines.known_sets)
    for rule in library.rules.assume:
        match rule.value:
            case date():
                dates[rule.fact] = _or_else(dates.get(rule.fact), engine.date(rule.value.isoformat()))
            case str() | frozenset():
                codes[rule.fact] = tuple(_or_else_codes(lines, rule.fact, rule.value)) or ("CAST(NULL AS VARCHAR)",)
                sets[rule.fact] = ""
            case number:
                numbers[rule.fact] = _or_else(numbers.get(rule.fact), str(float(number)))
    return replace(lines, numbers=numbers, dates=dates, codes=codes, known_sets=sets)


def _or_else(column: str | None, value: str) -> str:
    return f"COALESCE({column}, {value})" if column else value


def _or_else_codes(lines: Lines, fact: str, value: str | frozenset[str]) -> Iterator[str]:
    """Columns that give a line's own codes where it has the fact, else the assumed ones."""
    known = is_known(lines, fact) if fact in lines.codes else "1 = 0"
    assumed = sorted(value) if isinstance(value, frozenset) else [value]
    literals = ("'{}'".format(code.replace("'", "''")) for code in assumed)
    for own, other in zip_longest(lines.codes.get(fact, ()), literals, fillvalue="NULL"):
        yield f"CAST(CASE WHEN {known} THEN {own} ELSE {other} END AS VARCHAR)"
