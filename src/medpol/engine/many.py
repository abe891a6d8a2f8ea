"""Decide a table of claim lines: policies as rows of parameter tables, one fixed query a class of programs.

The cost grows with the lines that are governed, not with policies × lines:

1. `routes`: for every code present and line of business, which version's block of statements speaks, and when.
2. `hits`: the governed lines with the programs of their blocks and the values that programs compare, written
   densely. Most governed lines have one.
3. `counts`: claims counts, for the lines whose program asks for them.
4. the gates, a fixed query a class (`emit`), into `results_N`, and words for every distinct outcome (`words`).
5. `decided`: one row a governed line; where several policies speak, joined layer by layer (`combine`).
   `answers` is a view that adds the lines nothing governs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest

from medpol.engine.combine import make_decided, publish
from medpol.engine.counts import asked_counts, make_counts
from medpol.engine.dialects.base import Engine, Rows
from medpol.engine.emit import Emitter
from medpol.engine.lines import gives
from medpol.engine.predicates.shapes import DistanceMeasure, FactMeasure, Measured
from medpol.engine.programs import Program, compile_block, measures
from medpol.engine.selection import Selector
from medpol.engine.tables import Layout, layouts, membership, parameters
from medpol.engine.words import load_steps, put_in_words
from medpol.model.criteria import Leaf
from medpol.model.lines import Lines
from medpol.model.rules import Library

_TEMPORARY = (
    *("routes", "hits", "counts", "asked", "events", "supported", "needs_diagnosis"),
    *("verdicts", "layers", "totals", "heard", "picked", "spoken", "decided"),
)


@dataclass(frozen=True, slots=True)
class Batch:
    """What a run left behind beside `answers`: its programs and their classes."""

    programs: tuple[Program, ...]
    layouts: tuple[Layout, ...]


def adjudicate(
    engine: Engine,
    library: Library,
    lines: Lines,
    *,
    describe: Callable[[Leaf], str],
    known_on: date | None = None,
    as_of: date | None = None,
    with_criteria: bool = True,
    on_stage: Callable[[str], None] = lambda _stage: None,
) -> Batch:
    """Make the view `answers`, one row for every row of `lines`, over the temporary table `decided`.

    Columns: line, state, position, layer, policy, version, statement, reason, missing (fact names, `; ` between)
    and criteria (`describe` of each leaf that was asked, with its truth; empty without `with_criteria`).
    `on_stage` is told what comes next. Raises PolicyRejected where a version
    asks more than 61 statements about one code.
    """
    engine.execute("DROP VIEW IF EXISTS answers")
    chosen = _Choice(library, describe if with_criteria else None, known_on, as_of, on_stage)
    batch = _decide(engine, chosen, _assumed(engine, library, lines))
    if library.rules.assume:
        _deny_without_assumptions(engine, chosen, lines)
    publish(engine, library, lines)
    return batch


@dataclass(frozen=True, slots=True)
class _Choice:
    """What to decide by, and how to say it."""

    library: Library
    describe: Callable[[Leaf], str] | None
    known_on: date | None
    as_of: date | None
    on_stage: Callable[[str], None]


def _decide(engine: Engine, choice: _Choice, lines: Lines) -> Batch:
    """Fill `decided` for the lines as they are given."""
    for table in _TEMPORARY:
        engine.execute(f"DROP TABLE IF EXISTS {table}")
    choice.on_stage("choosing versions")
    programs = _make_routes(engine, choice.library, lines, choice.known_on)
    compared = {measure: i for i, measure in enumerate(m for m in measures(programs) if gives(lines, m))}
    classes = layouts(programs, lines)
    code_facts = sorted({fact for layout in classes for fact in layout.code_facts})
    choice.on_stage("finding governed lines")
    _make_hits(engine, lines, compared, code_facts, choice.as_of)
    counts = asked_counts(programs, lines)
    choice.on_stage("counting earlier claims")
    make_counts(engine, lines, programs, counts)
    load_steps(engine, programs)
    present = {fact: _present(engine, lines, fact) for fact in code_facts}
    for layout in classes:
        choice.on_stage(f"deciding, class {layout.number + 1} of {len(classes)}")
        rows = parameters(layout, lines, compared, counts)
        engine.load(f"params_{layout.number}", rows)
        for k, fact in enumerate(layout.code_facts):
            engine.load(f"member_{layout.number}_{k}", membership(layout, fact, present[fact]))
        query = Emitter(engine, layout, lines, len(compared), rows).query()
        engine.execute(f"DROP TABLE IF EXISTS results_{layout.number}")
        engine.execute(f"CREATE TEMP TABLE results_{layout.number} AS {query}")
        put_in_words(engine, layout, choice.describe)
    choice.on_stage("joining layers")
    make_decided(engine, classes)
    return Batch(tuple(programs), tuple(classes))


def _deny_without_assumptions(engine: Engine, choice: _Choice, lines: Lines) -> None:
    """Decide the lines that are not covered once more without assumptions; those that then are not denied stay so."""
    for table in ("supposed", "doubted"):
        engine.execute(f"DROP TABLE IF EXISTS {table}")
    engine.execute("DROP VIEW IF EXISTS doubted_lines")
    engine.execute("ALTER TABLE decided RENAME TO supposed")
    engine.execute("CREATE TEMP TABLE doubted AS SELECT line FROM supposed WHERE state = 'not_covered'")
    engine.execute(
        f"CREATE TEMP VIEW doubted_lines AS SELECT l.* FROM {lines.table} l JOIN doubted d ON d.line = l.line"
    )
    _decide(engine, choice, replace(lines, table="doubted_lines"))
    engine.execute("ALTER TABLE decided RENAME TO plain")
    engine.execute(
        """CREATE TEMP TABLE decided AS
           SELECT * FROM supposed WHERE line NOT IN (SELECT line FROM plain WHERE state <> 'not_covered')
           UNION ALL SELECT * FROM plain WHERE state <> 'not_covered'"""
    )
    for table in ("supposed", "plain", "doubted"):
        engine.execute(f"DROP TABLE IF EXISTS {table}")


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
    known = _known(lines, fact) if fact in lines.codes else "1 = 0"
    assumed = sorted(value) if isinstance(value, frozenset) else [value]
    literals = ("'{}'".format(code.replace("'", "''")) for code in assumed)
    for own, other in zip_longest(lines.codes.get(fact, ()), literals, fillvalue="NULL"):
        yield f"CAST(CASE WHEN {known} THEN {own} ELSE {other} END AS VARCHAR)"


def _make_routes(engine: Engine, library: Library, lines: Lines, known_on: date | None) -> list[Program]:
    selector = Selector(library, known_on)
    numbers: dict[int, int] = {}
    programs: list[Program] = []
    rows = []
    present = [code for (code,) in engine.fetch(f"SELECT DISTINCT code FROM {lines.table}") if code]
    for code in filter(selector.governs, present):
        for line in library.rules.lines_of_business:
            spans = selector.spans(code, line)
            alone = int(len({span.order for span in spans}) == 1)
            for span in spans:
                if id(span.block) not in numbers:
                    numbers[id(span.block)] = len(programs)
                    programs.append(compile_block(span.block, library.facts))
                number = numbers[id(span.block)]
                rows.append((code, line, span.begins, span.ends, number, span.rank, span.order, alone))
    texts = (("route_code", "VARCHAR"), ("route_line", "VARCHAR"), ("begins", "DATE"), ("ends", "DATE"))
    whole = tuple((name, "BIGINT") for name in ("program", "rank", "place", "solo"))
    engine.load("routes", Rows((*texts, *whole), rows))
    return programs


def _make_hits(
    engine: Engine, lines: Lines, compared: Mapping[Measured, int], code_facts: Sequence[str], as_of: date | None
) -> None:
    columns = [f"{_value(engine, lines, measure)} AS x{i}" for measure, i in compared.items()]
    for fact in code_facts:
        columns += [f"{column} AS {fact}__{c}" for c, column in enumerate(lines.codes[fact])]
        columns.append(f"CASE WHEN {_known(lines, fact)} THEN 1 ELSE 0 END AS {fact}__known")
    day = engine.date(as_of.isoformat()) if as_of else "l.service_date"
    selected = ", ".join(["l.line", "l.code AS hit_code", "r.program", "r.rank", "r.place", "r.solo", *columns])
    engine.execute(
        f"""CREATE TEMP TABLE hits AS SELECT {selected} FROM {lines.table} l JOIN routes r
            ON r.route_code = l.code AND r.route_line = l.line_of_business AND {day} >= r.begins AND {day} < r.ends"""
    )


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


def _known(lines: Lines, fact: str) -> str:
    condition = lines.known_sets.get(fact)
    if condition is None:
        return " OR ".join(f"{column} IS NOT NULL" for column in lines.codes[fact])
    return condition or "1 = 1"


def _present(engine: Engine, lines: Lines, fact: str) -> list[str]:
    columns = range(len(lines.codes[fact]))
    union = " UNION ".join(f"SELECT {fact}__{c} AS code FROM hits" for c in columns)
    return sorted(code for (code,) in engine.fetch(f"SELECT DISTINCT code FROM ({union}) u") if code is not None)
