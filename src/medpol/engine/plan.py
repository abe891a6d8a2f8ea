"""A library made ready for batches: which programs are asked about a code, on a date, for a line of business.

A *chain* is the programs that speak about a line, in order. For every code and line of business a plan cuts the
calendar where chains change, so that a line finds its chain in one row of `routes`. Codes that the same versions name
in the same way are of one kind, and the calendar of a kind is made once. A plan grows with the codes it meets: lines
can come part after part.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from medpol.engine.dialects.base import Engine, Rows
from medpol.engine.programs import Program, compile_block
from medpol.engine.selection import Selector, Span
from medpol.engine.tables import claims_slots
from medpol.model.criteria import Leaf
from medpol.model.lines import Lines
from medpol.model.rules import Library


@dataclass(frozen=True, slots=True)
class Member:
    """A program's place in a chain: its layer's rank, and its place among all that may speak."""

    program: int
    rank: int
    place: int


@dataclass(frozen=True, slots=True)
class Route:
    """From `begins` to the day before `ends`, lines with a code of this kind have this chain."""

    kind: int
    line_of_business: str
    begins: date
    ends: date
    chain: int


@dataclass(slots=True)
class Plan:
    """What to decide by, how to say it, and what that comes to for the codes met so far.

    `describe` puts a leaf in words; None leaves criteria out of the answers.
    """

    library: Library
    describe: Callable[[Leaf], str] | None = None
    known_on: date | None = None
    as_of: date | None = None
    programs: list[Program] = field(default_factory=list)
    chains: list[tuple[Member, ...]] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)
    """Of each code met that something governs."""
    _selector: Selector = field(init=False)
    _met: set[str] = field(default_factory=set)
    _kinds: dict[tuple[object, ...], int] = field(default_factory=dict)
    _programs: dict[int, int] = field(default_factory=dict)
    _chains: dict[tuple[tuple[int, int, int], ...], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._selector = Selector(self.library, self.known_on)

    def meet(self, codes: Iterable[str]) -> None:
        """Add what governs these codes. Raises PolicyRejected where a version has more than 61 statements on one."""
        for code in codes:
            if code in self._met:
                continue
            self._met.add(code)
            alike = self._selector.alike(code)
            if not alike:
                continue
            if alike not in self._kinds:
                self._kinds[alike] = len(self._kinds)
                self.routes += self._routes(code, self._kinds[alike])
            self.kinds[code] = self._kinds[alike]

    def _routes(self, code: str, kind: int) -> Iterator[Route]:
        for line in self.library.rules.lines_of_business:
            spans = self._selector.spans(code, line)
            if len({span.order for span in spans}) == 1:  # versions of one policy: never two at a time
                yield from (Route(kind, line, span.begins, span.ends, self._chain([span])) for span in spans)
                continue
            cuts = sorted({day for span in spans for day in (span.begins, span.ends)})
            for begins, ends in pairwise(cuts):
                speaking = [span for span in spans if span.begins <= begins < span.ends]
                if speaking:
                    yield Route(kind, line, begins, ends, self._chain(speaking))

    def _chain(self, spans: Sequence[Span]) -> int:
        key = tuple([(id(span.block), span.rank, span.order) for span in spans])  # the selector keeps its blocks
        if key not in self._chains:
            self._chains[key] = len(self.chains)
            self.chains.append(tuple(Member(self._program(span), span.rank, span.order) for span in spans))
        return self._chains[key]

    def _program(self, span: Span) -> int:
        key = id(span.block)
        if key not in self._programs:
            self._programs[key] = len(self.programs)
            self.programs.append(compile_block(span.block, self.library.facts))
        return self._programs[key]


@contextmanager
def uncollected() -> Iterator[None]:
    """Without Python's search for cyclic garbage, which takes as long as making a plan: many objects that all stay."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def load_routes(engine: Engine, plan: Plan) -> None:
    """`routes`, and `members`: a row for every program of a chain; `solo` is 1 for a chain of one."""
    asking = [any(claims_slots(program)) for program in plan.programs]
    counting = [any(asking[m.program] for m in members) for members in plan.chains]
    engine.load("kinds", Rows((("code", "VARCHAR"), ("kind", "BIGINT")), list(plan.kinds.items())))
    columns = (("kind", "BIGINT"), ("route_line", "VARCHAR"), ("begins", "DATE"), ("ends", "DATE"))
    rows = [(r.kind, r.line_of_business, r.begins, r.ends, r.chain, int(counting[r.chain])) for r in plan.routes]
    engine.load("spells", Rows((*columns, ("chain", "BIGINT"), ("counting", "BIGINT")), list(rows)))
    engine.execute("DROP TABLE IF EXISTS routes")
    engine.execute(
        """CREATE TEMP TABLE routes AS SELECT k.code AS route_code, s.route_line, s.begins, s.ends, s.chain, s.counting
           FROM kinds k JOIN spells s ON s.kind = k.kind"""
    )
    names = ("chain", "nth", "program", "rank", "place", "solo")
    members = [
        (chain, nth, m.program, m.rank, m.place, int(len(members) == 1))
        for chain, members in enumerate(plan.chains)
        for nth, m in enumerate(members)
    ]
    engine.load("members", Rows(tuple((name, "BIGINT") for name in names), list(members)))


def routed(engine: Engine, lines: Lines, as_of: date | None) -> str:
    """The lines `l` joined to the route `r` that has their chain."""
    day = engine.date(as_of.isoformat()) if as_of else "l.service_date"
    return f"""{lines.table} l JOIN routes r
        ON r.route_code = l.code AND r.route_line = l.line_of_business AND {day} >= r.begins AND {day} < r.ends"""
