"""The fixed queries that decide every program of a class.

`bits` looks at a line: the measures, and from them the "yes" and "unknown" bits of the slots. `gates` takes each
distinct pattern of bits once: the gates, the statements, which statements are reachable, and top-down which unknown
slots keep the answer open. Truth is two bits per node, "surely yes" (t) and "unknown" (u); no SQL boolean is ever
NULL-tested for its truth.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from medpol.engine.dialects.base import Engine, Rows
from medpol.engine.tables import WORD, Layout
from medpol.model.lines import Lines

SAYS = {"approve": 1, "not_covered": 2, "pend_review": 4, "no_policy": 8}
"""What a block may say, a bit each; no_policy is silence."""
_LEAVES_ONLY = ("neg", "never", "cmp")


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
    """Writes the queries of one class. A mask that `parameters` has no column for is always zero."""

    def __init__(self, engine: Engine, layout: Layout, parameters: Rows) -> None:
        self.engine, self.layout = engine, layout
        self.names = dict(parameters.columns)
        self.words = range(layout.words)

    def bits(self, lines: Lines, measures: int, most_words: int) -> str:
        """For every row of `hits`: line, chain, nth, solo, program and, of its slots, `most_words` words t and u."""
        query = _Query(self.engine, [])
        masks = [f"{kind}{w}" for kind in ("neg", "used", "cmp") for w in self.words]
        fixed = ["line", "chain", "nth", "solo", "program"]
        source = query.stage(self._observed(lines, measures, masks), self._joined(lines))
        source = query.stage([*fixed, *masks, *self._leaves(measures)], source)
        none = [f"0 AS {kind}{w}" for w in range(self.layout.words, most_words) for kind in "tu"]
        words = [
            word
            for w in self.words
            for word in (
                f"{self.engine.xor(f't{w}', f'neg{w}')} & ~u{w} & used{w} AS t{w}",
                f"u{w} & used{w} AS u{w}",
            )
        ]
        query.stage([*fixed, *words, *none], source)
        return query.text()

    def gates(self) -> str:
        """For every pattern of the class: pattern, program and what the block says.

        `says` are the bits of SAYS that the reachable statements have, `sure` the bit of the one that holds; `holds`
        and `may_hold` are the indices of that one and of the first that may; `asks` is 1 where an open leaf can be
        asked for. Then the words r (open), t and u of the slots.
        """
        query = _Query(self.engine, [])
        carried = [name for name in self.names if not name.startswith(("f", "lo", "hi", "need_", "k_", *_LEAVES_ONLY))]
        fixed = ["pattern", *carried]
        t, u = ([f"{kind}{w}" for w in self.words] for kind in "tu")
        columns = ["q.pattern", *(f"p.{name}" for name in carried), *(f"q.{name}" for name in (*t, *u))]
        source = query.stage(columns, f"patterns q JOIN params_{self.layout.number} p ON p.program = q.program")
        depth = len(self.layout.level_sizes)
        for level in range(depth):
            source = query.stage([*fixed, *self._level(level)], source)
        source = query.stage([*fixed, *t, *u, *self._steps()], source)
        source = query.stage([*fixed, *t, *u, "us", "(ys & -ys) AS fy"], source)
        source = query.stage([*fixed, *t, *u, "us", "fy", "((us & (fy - 1)) | fy) AS reach"], source)
        source = query.stage([*fixed, *t, *u, "us", "fy", "reach", self._says("reach", "says")], source)
        source = query.stage([*fixed, *t, *u, "us", "fy", "reach", "says", *self._open_steps()], source)
        for level in reversed(range(depth)):
            source = query.stage([*fixed, *t, *u, "us", "fy", "reach", "says", *self._open_level(level)], source)
        query.stage(self._result(), source)
        return query.text()

    def _joined(self, lines: Lines) -> str:
        n = self.layout.number
        joins = [f"hits h JOIN params_{n} p ON p.program = h.program"]
        for k, fact in enumerate(self.layout.code_facts):
            for c in range(len(lines.codes[fact])):
                m = f"m{k}_{c}"
                joins.append(f"LEFT JOIN member_{n}_{k} {m} ON {m}.program = h.program AND {m}.code = h.{fact}__{c}")
        joins += [
            f"LEFT JOIN counts c{j} ON c{j}.line = h.line AND c{j}.measure = p.k_m{j}"
            for j in range(self.layout.claims)
        ]
        return " ".join(joins)

    def _observed(self, lines: Lines, measures: int, masks: Sequence[str]) -> list[str]:
        """The measures, by slot, and the bits the code joins found."""
        choices = [f"h.x{i}" for i in range(measures)] + [self._count(j) for j in range(self.layout.claims)]
        picks = [f"{self.engine.pick(f'p.f{i}', choices)} AS x{i}" for i in range(self.layout.intervals) if choices]
        bounds = [f"p.{end}{i}" for i in range(self.layout.intervals) if choices for end in ("lo", "hi")]
        found, unknown = [], []
        for w in self.words:
            hits = [
                f"COALESCE(m{k}_{c}.b{w}, 0)"
                for k, fact in enumerate(self.layout.code_facts)
                for c in range(len(lines.codes[fact]))
            ]
            found.append(f"{_any(hits)} AS found{w}")
            missing = [
                f"CASE WHEN h.{fact}__known = 1 THEN 0 ELSE p.need_{fact}_{w} END" for fact in self.layout.code_facts
            ]
            unknown.append(f"{_any([*missing, f'p.never{w}'])} AS missing{w}")
        masked = [f"p.{name}" for name in masks]
        return ["h.line", "h.chain", "h.nth", "h.solo", "h.program", *masked, *picks, *bounds, *found, *unknown]

    def _count(self, j: int) -> str:
        """A claims count as far as it is known: whole, or a lower bound that already settles the comparison."""
        n, low, high = f"c{j}.n", f"p.k_lo{j}", f"p.k_hi{j}"
        settled = f"({high} IS NOT NULL AND {n} > {high}) OR ({high} IS NULL AND {n} >= {low})"
        return f"CASE WHEN c{j}.whole = 1 OR {settled} THEN {n} END"

    def _leaves(self, measures: int) -> list[str]:
        if not (self.layout.intervals and (measures or self.layout.claims)):
            return [item for w in self.words for item in (f"found{w} AS t{w}", f"missing{w} AS u{w}")]
        columns = []
        for w in self.words:
            inside = [i for i in range(self.layout.intervals) if i // WORD == w]
            tests = [f"CASE WHEN x{i} >= lo{i} AND x{i} <= hi{i} THEN {1 << i % WORD} ELSE 0 END" for i in inside]
            nulls = [f"CASE WHEN x{i} IS NULL THEN {1 << i % WORD} ELSE 0 END" for i in inside]
            columns.append(f"{_any([*tests, f'found{w}'])} AS t{w}")
            columns.append(f"(({_any(nulls)} & cmp{w}) | missing{w}) AS u{w}")
        return columns

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

    def _says(self, steps: str, name: str) -> str:
        """The bits of SAYS that a set of statements has."""
        terms = [f"CASE WHEN {steps} & {state} <> 0 THEN {bit} ELSE 0 END" for state, bit in SAYS.items()]
        return f"{_any(terms)} AS {name}"

    def _open_steps(self) -> list[str]:
        """The bits of the statements that keep the answer open: a reachable one of another state comes after them."""
        columns = []
        for w in self.words:
            terms = [
                f"CASE WHEN reach & us & {1 << s} <> 0 AND reach & s{s}other <> 0 THEN s{s}m{w} ELSE 0 END"
                for s in range(self.layout.steps)
                if f"s{s}m{w}" in self.names
            ]
            columns.append(f"CASE WHEN says NOT IN (1, 2, 4, 8) THEN u{w} & {_any(terms)} ELSE 0 END AS r{w}")
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
        count = self.engine.popcount
        kept = [f"{kind}{w} & used{w} AS {kind}{w}" for w in self.words for kind in "rtu"]
        return [
            "pattern",
            "program",
            "says",
            self._says("fy", "sure"),
            f"{count('fy - 1')} AS holds",
            f"{count('((reach & us) & -(reach & us)) - 1')} AS may_hold",
            f"CASE WHEN {asks} THEN 1 ELSE 0 END AS asks",
            *kept,
        ]


def _any(terms: Sequence[str]) -> str:
    """The bitwise or of the terms."""
    return f"({' | '.join(terms)})" if terms else "0"
