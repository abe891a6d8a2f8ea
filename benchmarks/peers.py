"""What a batch is compared with: one big CASE over all policies, and zen-engine a decision.

The CASE is what an analyst would generate: a branch for each program, SQL's own three-valued logic, over the governed
lines that medpol's routes already found (their join is not on its bill). It says the same as `outcomes.says`. As people
write it the code lists stand in it; so that it comes to an end with many policies, they can be looked up beforehand
instead, for nothing.
"""

import threading
import time
from collections.abc import Mapping
from datetime import date
from math import inf
from typing import TypeAlias

import duckdb
import zen
from decide import zen_graph

from medpol.engine import DuckDB, Plan, Rows, decide_batch, prepare, prepare_batch
from medpol.engine.emit import SAYS
from medpol.engine.lines import is_known
from medpol.engine.plan import routed
from medpol.engine.predicates.shapes import Membership
from medpol.model.codes import CodeList
from medpol.model.criteria import All, AnyOf, AtLeast, Compare, Criterion, Is, Not, OneOf, members
from medpol.model.facts import FactType
from medpol.model.lines import Lines
from medpol.model.request import Request
from medpol.model.rules import Library
from medpol.model.truth import Truth

Lists: TypeAlias = dict[tuple[str, CodeList], int] | None
"""The number of each code list; None: they stand in the CASE."""


def in_sql(node: Criterion, lines: Lines, lists: Lists) -> str:
    """The criterion as a condition; NULL where it is unknown. `in_lists` has the numbers of the lists a line is in."""
    match node:
        case All(of=of):
            return f"({' AND '.join(in_sql(member, lines, lists) for member in of)})"
        case AnyOf(of=of):
            return f"({' OR '.join(in_sql(member, lines, lists) for member in of)})"
        case Not(of=inner):
            return f"(NOT {in_sql(inner, lines, lists)})"
        case AtLeast(n=n, of=of):
            members = [in_sql(member, lines, lists) for member in of]
            sure = " + ".join(f"CASE WHEN {member} THEN 1 ELSE 0 END" for member in members)
            possible = " + ".join(f"CASE WHEN {member} IS DISTINCT FROM false THEN 1 ELSE 0 END" for member in members)
            return f"(CASE WHEN {sure} >= {n} THEN true WHEN {possible} < {n} THEN false END)"
        case Is(fact=fact):
            return f"({lines.numbers[fact]} = 1)"
        case Compare(fact=fact):
            column = lines.numbers[fact]
            low = [f"{column} {'>' if node.low_open else '>='} {float(node.low)}"] if node.low is not None else []
            high = [f"{column} {'<' if node.high_open else '<='} {float(node.high)}"] if node.high is not None else []
            return f"({' AND '.join([*low, *high])})"
        case OneOf(fact=fact, codes=codes):
            listed = ", ".join(f"'{code}'" for code in sorted(codes.exact))
            found = " OR ".join(f"COALESCE({column} IN ({listed}), false)" for column in lines.codes[fact])
            if lists is not None:
                found = f"COALESCE(list_contains(in_lists, {lists[fact, codes]}), false)"
            return f"(CASE WHEN {is_known(lines, fact)} THEN {found} END)"
        case _:
            raise TypeError(type(node))


def big_case(plan: Plan, lines: Lines, lists: Lists) -> str:
    """One expression over `program` and the facts of `l`: the bits of SAYS."""
    branches = []
    for number, program in enumerate(plan.programs):
        says = "0"
        for step in reversed(program.block.steps):
            bit = SAYS[step.state.value]
            if step.criterion is None:
                says = str(bit)
            else:
                condition = in_sql(step.criterion, lines, lists)
                says = f"CASE WHEN {condition} THEN {bit} WHEN NOT {condition} THEN {says} ELSE {bit} | ({says}) END"
        branches.append(f"WHEN program = {number} THEN {says}")
    return f"CASE {' '.join(branches)} END"


def _code_lists(engine: DuckDB, plan: Plan, lines: Lines) -> dict[tuple[str, CodeList], int]:
    """The lists by number; `in_lists` has those of each line, made beforehand and not on the peer's bill."""
    shapes = [slot.shape for program in plan.programs for slot in program.slots]
    found = dict.fromkeys((shape.fact, shape.codes) for shape in shapes if isinstance(shape, Membership))
    lists = {key: number for number, key in enumerate(found)}
    rows = [(number, fact, code) for (fact, codes), number in lists.items() for code in sorted(codes.exact)]
    engine.load("listed", Rows((("number", "INTEGER"), ("fact", "VARCHAR"), ("code", "VARCHAR")), list(rows)))
    parts = " UNION ALL ".join(
        f"SELECT l.line, t.number FROM {lines.table} l JOIN listed t ON t.fact = '{fact}' AND t.code = {column}"
        for fact in sorted({fact for fact, _ in lists})
        for column in lines.codes[fact]
    )
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE in_lists AS SELECT line, list(number) AS in_lists FROM ({parts}) GROUP BY line"
    )
    return lists


def against_case(
    engine: DuckDB, library: Library, lines: Lines, *, inline: bool = False, limit: float = 600
) -> tuple[float, float, float, int, int]:
    """Seconds of CPU to decide with medpol, those with the plan already made, and by CASE; pairs, and pairs that agree.

    With `inline` the code lists stand in the CASE. After `limit` seconds by the clock it is stopped:
    infinity, and no pairs.
    """
    plan = Plan(library)
    prepared = prepare_batch(engine, plan)
    start = time.process_time()
    decide_batch(prepared, lines)
    first = time.process_time() - start
    start = time.process_time()
    decide_batch(prepared, lines)
    ours = time.process_time() - start
    joined = f"{routed(engine, lines, None)} JOIN members m ON m.chain = r.chain"
    lists = _code_lists(engine, plan, lines)
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE governed AS SELECT l.*, m.program, i.in_lists FROM {joined}
            LEFT JOIN in_lists i ON i.line = l.line"""
    )
    start = time.process_time()
    says = big_case(plan, lines, None if inline else lists)
    stop = threading.Timer(limit, engine.connection.interrupt)
    stop.start()
    try:
        engine.execute(f"CREATE OR REPLACE TEMP TABLE by_case AS SELECT line, program, {says} AS says FROM governed l")
    except duckdb.InterruptException:
        return first, ours, inf, 0, 0
    finally:
        stop.cancel()
    theirs = time.process_time() - start
    ((pairs, agree),) = engine.fetch(
        """SELECT count(*), count(*) FILTER (o.says = c.says) FROM pairs p JOIN outcomes o ON o.outcome = p.outcome
           JOIN by_case c ON c.line = p.line AND c.program = o.program"""
    )
    return first, ours, theirs, pairs, agree


def against_zen(engine: DuckDB, library: Library, lines: Lines, each: int = 20) -> tuple[float, int, int]:
    """Microseconds of CPU a decision of zen-engine, with a graph a criterion, on `each` lines; decisions,
    and those alike."""
    names = [*lines.numbers]
    columns = ", ".join(lines.numbers.values())
    rows = engine.fetch(f"SELECT {columns} FROM {lines.table} l WHERE l.line % 997 = 0 ORDER BY l.line LIMIT {each}")
    sets = [dict(zip(names, row, strict=True)) for row in rows]
    as_zen = [{n: bool(v) if _is_flag(library, n) and v is not None else v for n, v in facts.items()} for facts in sets]
    trees = [
        s.when for p in library.policies.values() for s in p.versions[0].statements if s.when and _is_plain(s.when)
    ]
    zen_engine, took, alike = zen.ZenEngine(), 0.0, 0
    for tree in trees:
        decision = zen_engine.create_decision(zen_graph(tree))
        decision.evaluate(as_zen[0])
        start = time.process_time()
        found = [decision.evaluate(facts)["result"]["truth"] for facts in as_zen]
        took += time.process_time() - start
        ask = prepare(tree)
        expected = [ask(_request(library, facts)).truth for facts in sets]
        alike += sum(_WORDS[truth] is said for truth, said in zip(found, expected, strict=True))
    return took / (len(trees) * len(sets)) * 1e6, len(trees) * len(sets), alike


_WORDS = {0: Truth.NO, 0.5: Truth.UNKNOWN, 1: Truth.YES}


def _is_flag(library: Library, name: str) -> bool:
    return library.facts[name].type is FactType.BOOLEAN


def _is_plain(node: Criterion) -> bool:
    """Whether zen can say it: comparisons of numbers and yes or no, and groups of them."""
    if isinstance(node, Compare):
        return node.fact != "stage"
    return isinstance(node, Is) or (
        isinstance(node, All | AnyOf | AtLeast | Not) and all(map(_is_plain, members(node)))
    )


def _request(library: Library, facts: Mapping[str, float | None]) -> Request:
    known = {n: bool(v) if _is_flag(library, n) else v for n, v in facts.items() if v is not None}
    return Request(
        id="", system="cpt", code="1", service_date=date(2025, 6, 1), line_of_business="commercial", facts=known
    )
