"""Claims counts for a batch, as set operations over the members' lines.

Only the (line, count) pairs that a governed line's program asks for are made; a pair's count looks at the
lines of the same member and code list before it. History has one row a line; `line` −1 is earlier than all.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from medpol.engine.dialects.base import Engine, Rows
from medpol.engine.lines import gives
from medpol.engine.plan import Plan, routed
from medpol.engine.predicates.claims import DECIMALS
from medpol.engine.predicates.shapes import ClaimsMeasure, Measured
from medpol.engine.programs import Program
from medpol.engine.tables import claims_slots
from medpol.model.calendar import scale
from medpol.model.criteria import Claims, Measure, Within
from medpol.model.lines import Lines

_KINDS = {kind: number for number, kind in enumerate(Within)}


def asked_counts(programs: Iterable[Program], lines: Lines) -> dict[Measured, int]:
    """Each count that some program asks for and the lines can give, numbered from 1."""
    found: dict[Measured, int] = {}
    for program in programs:
        for shape in claims_slots(program):
            if gives(lines, shape.measure):
                found.setdefault(shape.measure, len(found) + 1)
    return found


def make_counts(engine: Engine, lines: Lines, plan: Plan, counts: Mapping[Measured, int]) -> None:
    """Fill the temporary table `counts`: line, measure, n, and whether the history covers the window (`whole`)."""
    if not counts:
        engine.load("counts", Rows((("line", "BIGINT"), ("measure", "BIGINT"), ("n", "DOUBLE"), ("whole", "BIGINT"))))
        return
    leaves = {number: shape.leaf for shape, number in counts.items() if isinstance(shape, ClaimsMeasure)}
    engine.load("count_rules", _rules(leaves))
    engine.load("count_programs", _programs(plan.programs, counts))
    engine.load("count_codes", _codes(engine, lines, leaves))
    _events(engine, lines, leaves)
    engine.execute(f"CREATE TEMP TABLE asked AS {_asked(engine, lines, plan, leaves)}")
    engine.execute(f"CREATE TEMP TABLE counts AS {_counted(engine)}")


def _rules(leaves: Mapping[int, Claims]) -> Rows:
    same = ("same_code", "same_side", "same_level")
    columns = ("measure", "kind", "length", "months", *same, "counting", "anchor", "needs")
    anchors = sorted({leaf.before for leaf in leaves.values()})
    measures = list(Measure)
    rows: list[tuple[Any, ...]] = [
        (
            number,
            _KINDS[leaf.within],
            leaf.length * scale(leaf.unit) if leaf.unit else 0,
            int(leaf.unit in ("mo", "a")),
            int(leaf.codes is None),
            int("side" in leaf.same),
            int("level" in leaf.same),
            measures.index(leaf.measure),
            anchors.index(leaf.before),
            int(leaf.diagnosis is not None),
        )
        for number, leaf in leaves.items()
    ]
    return Rows(tuple((name, "BIGINT") for name in columns), rows)


def _programs(programs: Sequence[Program], counts: Mapping[Measured, int]) -> Rows:
    pairs = {
        (number, counts[shape.measure])
        for number, program in enumerate(programs)
        for shape in claims_slots(program)
        if shape.measure in counts
    }
    return Rows((("program", "BIGINT"), ("measure", "BIGINT")), sorted(pairs))


def _codes(engine: Engine, lines: Lines, leaves: Mapping[int, Claims]) -> Rows:
    present = [code for (code,) in engine.fetch(f"SELECT DISTINCT code FROM {lines.history}")]
    rows = [
        (number, code)
        for number, leaf in leaves.items()
        if leaf.codes is not None
        for code in present
        if leaf.codes.matches(code)
    ]
    return Rows((("measure", "BIGINT"), ("code", "VARCHAR")), rows)


def _events(engine: Engine, lines: Lines, leaves: Mapping[int, Claims]) -> None:
    """`events`: the history lines each count looks at; for "the same code" (measure 0) all of them."""
    columns = "line, member, claim, date, units, left_side, right_side, level"
    branches = [f"SELECT measure, {columns}, '' AS code, row FROM {lines.history} JOIN count_codes USING (code)"]
    if any(leaf.codes is None for leaf in leaves.values()):
        codes = "SELECT DISTINCT route_code FROM routes WHERE counting = 1"
        branches.append(f"SELECT 0 AS measure, {columns}, code, row FROM {lines.history} WHERE code IN ({codes})")
    engine.execute(f"CREATE TEMP TABLE events AS {' UNION ALL '.join(branches)}")
    with_diagnosis = {number: leaf.diagnosis for number, leaf in leaves.items() if leaf.diagnosis is not None}
    rows: list[tuple[Any, ...]] = []
    if with_diagnosis:
        present = engine.fetch(f"SELECT DISTINCT code FROM {lines.history_diagnoses}")
        rows = [
            (number, code)
            for number, codes_wanted in with_diagnosis.items()
            for (code,) in present
            if codes_wanted.matches(code)
        ]
    engine.load("count_diagnoses", Rows((("measure", "BIGINT"), ("code", "VARCHAR")), rows))
    supported = (
        f"SELECT d.row, c.measure FROM {lines.history_diagnoses} d JOIN count_diagnoses c USING (code)"
        if with_diagnosis
        else "SELECT 0 AS row, 0 AS measure FROM count_diagnoses"
    )
    engine.execute(f"CREATE TEMP TABLE supported AS SELECT DISTINCT row, measure FROM ({supported}) s")


def _asked(engine: Engine, lines: Lines, plan: Plan, leaves: Mapping[int, Claims]) -> str:
    """The (line, count) pairs to make, with the line's own anchor, side and level."""
    anchors = sorted({leaf.before for leaf in leaves.values()})
    anchor = " ".join(f"WHEN {i} THEN {lines.dates[fact]}" for i, fact in enumerate(anchors))
    left, right = sides(lines.codes.get("modifier", ()))
    unknown = "CAST(NULL AS DATE)"
    since, birth = lines.history_since or unknown, lines.dates.get("birth_date", unknown)
    known = f" AND {lines.history_known}" if lines.history_known else ""
    return f"""
        SELECT l.line, m.program, q.*, l.member, l.claim, l.code, l.service_date,
               CASE q.anchor {anchor} END AS anchor_date, {left} AS left_side, {right} AS right_side,
               {lines.level or "''"} AS level, {since} AS since, {birth} AS birth
        FROM {routed(engine, lines, plan.as_of)} JOIN members m ON m.chain = r.chain
             JOIN count_programs cp ON cp.program = m.program JOIN count_rules q ON q.measure = cp.measure
        WHERE r.counting = 1{known}"""


def sides(modifiers: Sequence[str]) -> tuple[str, str]:
    """Whether a line with these modifier columns is about the left side and the right; neither named is both."""

    def has(value: str) -> str:
        return " OR ".join(f"COALESCE({column}, '') = '{value}'" for column in modifiers) or "1 = 0"

    both = f"({has('50')}) OR NOT (({has('LT')}) OR ({has('RT')}))"
    return (
        f"CASE WHEN ({has('LT')}) OR {both} THEN 1 ELSE 0 END",
        f"CASE WHEN ({has('RT')}) OR {both} THEN 1 ELSE 0 END",
    )


def _counted(engine: Engine) -> str:
    gap = _gap(engine, "e.date", "a.anchor_date")
    same_year = f"{_year(engine, 'e.date')} = {_year(engine, 'a.anchor_date')}"
    kinds = {
        Within.LENGTH: f"{gap} >= 0 AND {gap} < a.length",
        Within.LIFETIME: "e.date <= a.anchor_date",
        Within.CALENDAR_YEAR: f"e.date <= a.anchor_date AND {same_year}",
        Within.SAME_DAY: "e.date = a.anchor_date",
        Within.SAME_CLAIM: "e.claim = a.claim",
    }
    window = " ".join(f"WHEN {_KINDS[kind]} THEN CASE WHEN {test} THEN 1 ELSE 0 END" for kind, test in kinds.items())
    lines, days, units = (list(Measure).index(m) for m in (Measure.LINES, Measure.DAYS, Measure.UNITS))
    counted = "CASE WHEN a.needs = 0 OR s.row IS NOT NULL THEN e.{} END".format
    return f"""
        SELECT a.line, a.measure,
               CASE WHEN a.anchor_date IS NULL OR (a.same_level = 1 AND a.level = '')
                         OR (a.kind = {_KINDS[Within.SAME_CLAIM]} AND COALESCE(a.claim, '') = '') THEN NULL
                    WHEN a.counting = {lines} THEN COUNT({counted("row")})
                    WHEN a.counting = {days} THEN COUNT(DISTINCT {counted("date")})
                    WHEN a.counting = {units} THEN ROUND(COALESCE(SUM({counted("units")}), 0), {DECIMALS}) END AS n,
               MIN({_whole(engine)}) AS whole
        FROM asked a LEFT JOIN events e
             ON e.member = a.member
            AND e.measure = CASE WHEN a.same_code = 1 THEN 0 ELSE a.measure END
            AND (a.same_code = 0 OR e.code = a.code)
            AND (e.line < 0 OR e.date < a.service_date OR (e.date = a.service_date AND e.line < a.line))
            AND (CASE a.kind {window} END) = 1
            AND (a.same_side = 0 OR (e.left_side = 1 AND a.left_side = 1) OR (e.right_side = 1 AND a.right_side = 1))
            AND (a.same_level = 0 OR e.level = a.level)
        LEFT JOIN supported s ON s.row = e.row AND s.measure = a.measure
        GROUP BY a.line, a.measure, a.anchor_date, a.same_level, a.level, a.kind, a.claim, a.counting"""


def _whole(engine: Engine) -> str:
    """1 where the history at hand covers the count's window."""
    reaches = {
        Within.LENGTH: f"{_gap(engine, 'a.since', 'a.anchor_date')} >= a.length - 1",
        Within.LIFETIME: "a.since <= a.birth",
        Within.CALENDAR_YEAR: (f"{engine.month_code('a.since')} <= {_year(engine, 'a.anchor_date')} * 372 + 32"),
        Within.SAME_DAY: "a.since <= a.anchor_date",
        Within.SAME_CLAIM: "a.since <= a.anchor_date",
    }
    cases = " ".join(f"WHEN {_KINDS[kind]} THEN CASE WHEN {test} THEN 1 ELSE 0 END" for kind, test in reaches.items())
    return f"CASE WHEN a.since IS NULL THEN 1 ELSE CASE a.kind {cases} END END"


def _gap(engine: Engine, earlier: str, later: str) -> str:
    days = f"({engine.day_code(later)} - {engine.day_code(earlier)})"
    months = f"({engine.month_code(later)} - {engine.month_code(earlier)})"
    return f"CASE WHEN a.months = 1 THEN {months} ELSE {days} END"


def _year(engine: Engine, day: str) -> str:
    # month_code − 32 is (year × 12 + month − 1) × 31 + day − 1, a whole number of years and a part below 372
    return engine.whole_division(f"{engine.month_code(day)} - 32", 372)
