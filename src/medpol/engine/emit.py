"""The fixed query that decides every program of a class.

In order: the measures of the line, the true and unknown bits of the slots, the gates, the statements, which
statements are reachable, and top-down which unknown slots keep the answer open. Truth is two bits per node,
"surely yes" (t) and "unknown" (u); no SQL boolean is ever NULL-tested for its truth.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from medpol.engine.dialects.base import Engine, Rows
from medpol.engine.tables import WORD, Layout
from medpol.model.lines import Lines

STATE_CODES = {"approve": 1, "not_covered": 2, "pend_information": 3, "pend_review": 4, "no_policy": 5}


@dataclass(slots=True)
class _Query:
    """Stages, each a CTE that carries the columns later stages need."""

    engine: Engine
    parts: list[str]

    def stage(self, columns: Sequence[str], source: str) -> str:
        name = f"q{len(self.parts)}"
        self.parts.append(f"{name} {self.engine.stage} (SELECT {', '.join(columns)} FROM {source})")
        return name

    def text(self) -> str:
        return f"WITH {', '.join(self.parts)} SELECT * FROM {self.parts[-1].split(' ', 1)[0]}"


class Emitter:
    """Writes the query of one class. A mask that `parameters` has no column for is always zero."""

    def __init__(self, engine: Engine, layout: Layout, lines: Lines, measures: int, parameters: Rows) -> None:
        self.engine, self.layout, self.lines, self.measures = engine, layout, lines, measures
        self.names = dict(parameters.columns)
        self.words = range(layout.words)

    def query(self) -> str:
        """line, program, step, asked, state, and the words r (open), t and u of the slots."""
        query = _Query(self.engine, [])
        carried = [name for name in self.names if not name.startswith(("f", "lo", "hi", "need_", "k_"))]
        source = query.stage(self._observed(carried), self._joined())
        source = query.stage(self._leaves(carried), source)
        t, u = ([f"{kind}{w}" for w in self.words] for kind in "tu")
        clean = [f"{self.engine.xor(a, f'neg{w}')} & ~u{w} & used{w} AS t{w}" for w, a in enumerate(t)]
        source = query.stage(["line", *carried, *clean, *u], source)
        depth = len(self.layout.level_sizes)
        for level in range(depth):
            source = query.stage(["line", *carried, *self._level(level)], source)
        source = query.stage(["line", *carried, *t, *u, *self._steps()], source)
        source = query.stage(["line", *carried, *t, *u, "ys", "us", "(ys & -ys) AS fy"], source)
        source = query.stage(["line", *carried, *t, *u, "us", "fy", "((us & (fy - 1)) | fy) AS reach"], source)
        source = query.stage(["line", *carried, *t, *u, "us", "fy", "reach", self._settled()], source)
        source = query.stage(["line", *carried, *t, *u, "fy", "reach", "state", *self._open_steps()], source)
        for level in reversed(range(depth)):
            source = query.stage(["line", *carried, *t, *u, "fy", "reach", "state", *self._open_level(level)], source)
        query.stage(self._result(), source)
        return query.text()

    def _joined(self) -> str:
        n = self.layout.number
        joins = [f"hits h JOIN params_{n} p ON p.program = h.program"]
        for k, fact in enumerate(self.layout.code_facts):
            for c in range(len(self.lines.codes[fact])):
                m = f"m{k}_{c}"
                joins.append(f"LEFT JOIN member_{n}_{k} {m} ON {m}.program = h.program AND {m}.code = h.{fact}__{c}")
        joins += [
            f"LEFT JOIN counts c{j} ON c{j}.line = h.line AND c{j}.measure = p.k_m{j}"
            for j in range(self.layout.claims)
        ]
        return " ".join(joins)

    def _observed(self, carried: list[str]) -> list[str]:
        """The measures, by slot, and the bits the code joins found."""
        choices = [f"h.x{i}" for i in range(self.measures)] + [self._count(j) for j in range(self.layout.claims)]
        picks = [f"{self.engine.pick(f'p.f{i}', choices)} AS x{i}" for i in range(self.layout.intervals) if choices]
        bounds = [f"p.{end}{i}" for i in range(self.layout.intervals) if choices for end in ("lo", "hi")]
        found, unknown = [], []
        for w in self.words:
            hits = [
                f"COALESCE(m{k}_{c}.b{w}, 0)"
                for k, fact in enumerate(self.layout.code_facts)
                for c in range(len(self.lines.codes[fact]))
            ]
            found.append(f"{_any(hits)} AS found{w}")
            missing = [
                f"CASE WHEN h.{fact}__known = 1 THEN 0 ELSE p.need_{fact}_{w} END" for fact in self.layout.code_facts
            ]
            unknown.append(f"{_any([*missing, f'p.never{w}'])} AS missing{w}")
        return ["h.line", *(f"p.{name}" for name in carried), *picks, *bounds, *found, *unknown]

    def _count(self, j: int) -> str:
        """A claims count as far as it is known: whole, or a lower bound that already settles the comparison."""
        n, low, high = f"c{j}.n", f"p.k_lo{j}", f"p.k_hi{j}"
        settled = f"({high} IS NOT NULL AND {n} > {high}) OR ({high} IS NULL AND {n} >= {low})"
        return f"CASE WHEN c{j}.whole = 1 OR {settled} THEN {n} END"

    def _leaves(self, carried: list[str]) -> list[str]:
        if not self._compares():
            words = [item for w in self.words for item in (f"found{w} AS t{w}", f"missing{w} AS u{w}")]
            return ["line", *carried, *words]
        true, unknown = [], []
        for w in self.words:
            inside = [i for i in range(self.layout.intervals) if i // WORD == w]
            tests = [f"CASE WHEN x{i} >= lo{i} AND x{i} <= hi{i} THEN {1 << i % WORD} ELSE 0 END" for i in inside]
            nulls = [f"CASE WHEN x{i} IS NULL THEN {1 << i % WORD} ELSE 0 END" for i in inside]
            true.append(f"{_any([*tests, f'found{w}'])} AS t{w}")
            unknown.append(f"(({_any(nulls)} & cmp{w}) | missing{w}) AS u{w}")
        return ["line", *carried, *true, *unknown]

    def _compares(self) -> bool:
        return bool(self.layout.intervals) and bool(self.measures or self.layout.claims)

    def _count_bits(self, of: str, mask: str) -> str:
        """How many bits of a mask are set in t, or in t or u."""
        words = [w for w in self.words if f"{mask}m{w}" in self.names]
        bits = {w: f"t{w}" if of == "t" else f"(t{w} | u{w})" for w in words}
        counts = [self.engine.popcount(f"{bits[w]} & {mask}m{w}") for w in words]
        return " + ".join(f"CAST({count} AS BIGINT)" for count in counts) if len(counts) > 1 else "".join(counts) or "0"

    def _level(self, level: int) -> list[str]:
        """All gates of a level at once: they read only lower levels."""
        yes: dict[int, list[str]] = {w: [f"t{w}"] for w in self.words}
        unknown: dict[int, list[str]] = {w: [f"u{w}"] for w in self.words}
        for g in self.layout.gates_of(level):
            word, bit = self._place(g)
            sure, possible = self._count_bits("t", f"g{g}"), self._count_bits("tu", f"g{g}")
            yes[word].append(f"CASE WHEN {sure} >= g{g}n THEN {bit} ELSE 0 END")
            unknown[word].append(f"CASE WHEN {sure} < g{g}n AND {possible} >= g{g}n THEN {bit} ELSE 0 END")
        return [f"{_any(terms[w])} AS {kind}{w}" for kind, terms in (("t", yes), ("u", unknown)) for w in self.words]

    def _place(self, g: int) -> tuple[int, int]:
        """The word of a gate's bit, and the bit."""
        place = self.layout.gate_base + g
        return place // WORD, 1 << place % WORD

    def _steps(self) -> list[str]:
        yes, unknown = [], []
        for s in range(self.layout.steps):
            sure, possible = self._count_bits("t", f"s{s}"), self._count_bits("tu", f"s{s}")
            yes.append(f"CASE WHEN {sure} >= s{s}n THEN {1 << s} ELSE 0 END")
            unknown.append(f"CASE WHEN {sure} < s{s}n AND {possible} >= s{s}n THEN {1 << s} ELSE 0 END")
        return [f"{_any(yes)} AS ys", f"{_any(unknown)} AS us"]

    def _settled(self) -> str:
        """The state all reachable statements agree on; 0 while they do not."""
        cases = " ".join(
            f"WHEN reach & ~{state} = 0 THEN {STATE_CODES[state]}"
            for state in ("approve", "not_covered", "pend_review", "no_policy")
        )
        return f"CASE {cases} ELSE 0 END AS state"

    def _open_steps(self) -> list[str]:
        columns = []
        for w in self.words:
            terms = [
                f"CASE WHEN reach & us & {1 << s} <> 0 THEN s{s}m{w} ELSE 0 END"
                for s in range(self.layout.steps)
                if f"s{s}m{w}" in self.names
            ]
            columns.append(f"CASE WHEN state = 0 THEN u{w} & {_any(terms)} ELSE 0 END AS r{w}")
        return columns

    def _open_level(self, level: int) -> list[str]:
        terms: dict[int, list[str]] = {w: [f"r{w}"] for w in self.words}
        for g in self.layout.gates_of(level):
            word, bit = self._place(g)
            for w in self.words:
                if f"g{g}m{w}" in self.names:
                    terms[w].append(f"CASE WHEN r{word} & {bit} <> 0 THEN u{w} & g{g}m{w} ELSE 0 END")
        return [f"{_any(terms[w])} AS r{w}" for w in self.words]

    def _result(self) -> list[str]:
        asks = " OR ".join(f"r{w} & ask{w} <> 0" for w in self.words)
        information, review = STATE_CODES["pend_information"], STATE_CODES["pend_review"]
        position = self.engine.popcount
        kept = [f"{kind}{w} & used{w} AS {kind}{w}" for w in self.words for kind in "rtu"]
        return [
            "line",
            "program",
            f"CASE WHEN state = 0 THEN {position('(reach & -reach) - 1')} ELSE {position('fy - 1')} END AS step",
            f"{position('fy - 1')} AS asked",
            f"CASE WHEN state <> 0 THEN state WHEN {asks} THEN {information} ELSE {review} END AS state",
            "CASE WHEN state = 0 THEN 1 ELSE 0 END AS is_open",
            *kept,
        ]


def _any(terms: Sequence[str]) -> str:
    """The bitwise or of the terms."""
    return f"({' | '.join(terms)})" if terms else "0"
