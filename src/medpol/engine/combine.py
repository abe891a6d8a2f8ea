"""From what the blocks say to one answer a line: what `resolve` does for one request, as set operations.

A line governed by one policy has its answer as soon as its block has spoken. Where several speak, layers are joined
in order up to the first that is not silent; two sure and different answers in one layer are a conflict. That is done
once for every distinct combination of outcomes, not for every line.
"""

from collections.abc import Sequence

from medpol.engine.dialects.base import Engine
from medpol.engine.emit import SAYS
from medpol.engine.tables import Layout
from medpol.model.lines import Lines
from medpol.model.rules import Library

ONE = "(1, 2, 4, 8)"  # a single answer, in the bits of SAYS
COLUMNS = ("state", "position", "layer", "policy", "version", "statement", "reason", "missing", "criteria")


NO_POLICY, NO_LINE_OF_BUSINESS, OTHER_LINE_OF_BUSINESS = 0, 1, 2
"""The answers about a line that nothing governs, and about one of no line of business the plan knows."""
GOVERNED = 3
"""The first number of an answer of a policy."""


def make_decided(engine: Engine, classes: Sequence[Layout], longest: int) -> None:
    """Fill `decided` (line, answer) for every governed line, and `said` (answer and COLUMNS) for every answer.

    `longest` is the most programs of a chain. An answer's number is an outcome's, or follows them for a combination.
    """
    _make_outcomes(engine, classes)
    _make_combinations(engine, longest)
    _make_verdicts(engine, longest)
    engine.execute(f"CREATE TEMP TABLE said AS {_ungoverned()} UNION ALL {_alone()} UNION ALL {_together()}")
    same = " AND ".join(f"k.o{n} = c.o{n}" for n in range(longest))
    engine.execute(
        f"""CREATE TEMP TABLE decided AS SELECT line, outcome AS answer FROM pairs WHERE solo = 1
            UNION ALL SELECT c.line, k.answer FROM combined c JOIN combinations k ON k.chain = c.chain AND {same}"""
    )


def publish(engine: Engine, library: Library, lines: Lines) -> None:
    """Make the view `answers`, over all lines."""
    engine.execute(
        f"""CREATE TEMP VIEW answers AS SELECT l.line, {", ".join(f"s.{name}" for name in COLUMNS)}
            FROM {lines.table} l LEFT JOIN decided d ON d.line = l.line
            JOIN said s ON s.answer = COALESCE(d.answer, {elsewhere(library)})"""
    )


def elsewhere(library: Library) -> str:
    """The answer's number for a line `l` that nothing governs."""
    named = ", ".join(f"'{name}'" for name in library.rules.lines_of_business) or "''"
    return f"""CASE WHEN l.line_of_business IN ({named}) THEN {NO_POLICY}
               WHEN COALESCE(l.line_of_business, '') = '' THEN {NO_LINE_OF_BUSINESS}
               ELSE {OTHER_LINE_OF_BUSINESS} END"""


def _ungoverned() -> str:
    said = (
        (NO_POLICY, "no_policy", "no_policy", ""),
        (NO_LINE_OF_BUSINESS, "pend_information", "line_of_business_missing", "line_of_business"),
        (OTHER_LINE_OF_BUSINESS, "pend_information", "line_of_business_unknown", "line_of_business"),
    )
    return " UNION ALL ".join(
        f"""SELECT {number} AS answer, '{state}' AS state, CAST(NULL AS VARCHAR) AS position, '' AS layer, '' AS policy,
            '' AS version, '' AS statement, '{reason}' AS reason, '{missing}' AS missing, '' AS criteria"""
        for number, state, reason, missing in said
    )


def _make_outcomes(engine: Engine, classes: Sequence[Layout]) -> None:
    """`outcomes`: each distinct thing a program said, once; `pairs`: which of them each line's programs said."""
    columns = "program, says, sure, holds, may_hold, asks"
    nothing = ", ".join(f"0 AS {name}" for name in ("outcome", *columns.split(", ")))
    parts = [
        f"""SELECT x.outcome, {", ".join(f"x.{name}" for name in columns.split(", "))}, w.missing, w.criteria
            FROM results_{layout.number} x JOIN words_{layout.number} w ON w.outcome = x.outcome
            WHERE x.pattern = x.outcome"""
        for layout in classes
    ]
    parts.append(f"SELECT {nothing}, '' AS missing, '' AS criteria WHERE 1 = 0")
    engine.execute(f"CREATE TEMP TABLE outcomes AS {' UNION ALL '.join(parts)}")
    found = " UNION ALL ".join(
        [f"SELECT pattern, outcome FROM results_{layout.number}" for layout in classes]
        or ["SELECT 0 AS pattern, 0 AS outcome WHERE 1 = 0"]
    )
    bits = bit_columns(classes)
    engine.execute(
        f"""CREATE TEMP TABLE known AS SELECT q.program, {", ".join(f"q.{name}" for name in bits)}, f.outcome
            FROM patterns q JOIN ({found}) f ON f.pattern = q.pattern"""
    )
    same = " AND ".join(f"k.{name} = b.{name}" for name in ("program", *bits))
    engine.execute(
        f"""CREATE TEMP TABLE pairs AS SELECT b.line, b.chain, b.nth, b.solo, k.outcome
            FROM bits b JOIN known k ON {same}"""
    )


def _make_combinations(engine: Engine, longest: int) -> None:
    """`combined`: the outcomes o0, o1, … of each line on which several policies speak; `combinations`: each once."""
    columns = ", ".join(f"o{n}" for n in range(longest))
    outcomes = ", ".join(f"MAX(CASE WHEN nth = {n} THEN outcome ELSE 0 END) AS o{n}" for n in range(longest))
    engine.execute(
        f"CREATE TEMP TABLE combined AS SELECT line, chain, {outcomes} FROM pairs WHERE solo = 0 GROUP BY line, chain"
    )
    before = f"COALESCE((SELECT MAX(outcome) FROM outcomes), {GOVERNED - 1})"
    engine.execute(
        f"""CREATE TEMP TABLE combinations AS
            SELECT ROW_NUMBER() OVER (ORDER BY chain, {columns}) + {before} AS answer, chain, {columns}
            FROM (SELECT DISTINCT chain, {columns} FROM combined) c"""
    )


def bit_columns(classes: Sequence[Layout]) -> list[str]:
    """The columns of `bits` that tell one pattern of a program from another."""
    return [f"{kind}{w}" for w in range(max((layout.words for layout in classes), default=1)) for kind in "tu"]


def _alone() -> str:
    """What is said where one policy speaks: an answer for each outcome."""
    is_open = f"x.says NOT IN {ONE}"
    return f"""
        SELECT x.outcome AS answer, {_state("x.says", "x.asks")}, {_who(is_open)},
               {_reason("x.says", "x.asks", "s.reason")}, x.missing, x.criteria
        FROM outcomes x
        JOIN steps s ON s.program = x.program AND s.step = CASE WHEN {is_open} THEN x.may_hold ELSE x.holds END"""


def _make_verdicts(engine: Engine, longest: int) -> None:
    """`verdicts`: what each block says in a combination; then, by its answer, what follows."""
    spoken_by = " UNION ALL ".join(
        f"SELECT answer, chain, {n} AS nth, o{n} AS outcome FROM combinations WHERE o{n} > 0" for n in range(longest)
    )
    engine.execute(
        f"""CREATE TEMP TABLE verdicts AS
            SELECT c.answer, m.rank, m.place, x.program, x.says, x.sure, x.holds, x.may_hold, x.asks, x.outcome,
                   x.missing, x.criteria
            FROM ({spoken_by}) c JOIN members m ON m.chain = c.chain AND m.nth = c.nth
            JOIN outcomes x ON x.outcome = c.outcome"""
    )
    surely = f"CASE WHEN says IN {ONE} THEN says ELSE 0 END"
    engine.execute(
        f"""CREATE TEMP TABLE layers AS
            SELECT answer, rank, {_either("says")} AS says, MIN(says & 8) AS silent,
                   CASE WHEN {_either(surely)} IN (0, 1, 2, 4) THEN 0 ELSE 1 END AS conflict
            FROM verdicts GROUP BY answer, rank"""
    )
    said = "CASE WHEN y.conflict = 1 THEN 4 ELSE y.says END"
    engine.execute(
        f"""CREATE TEMP TABLE totals AS
            SELECT y.answer, z.stop, MAX(y.conflict) AS conflict,
                   {_either(said)} + CASE WHEN z.stop IS NULL THEN 8 ELSE 0 END AS says
            FROM layers y
            JOIN (SELECT answer, MIN(CASE WHEN silent = 0 THEN rank END) AS stop FROM layers GROUP BY answer) z
              ON z.answer = y.answer
            WHERE z.stop IS NULL OR y.rank <= z.stop GROUP BY y.answer, z.stop"""
    )
    engine.execute(
        f"""CREATE TEMP TABLE heard AS
            SELECT v.*, y.conflict AS here, z.says AS says_all, z.conflict AS conflict,
                   CASE WHEN v.says NOT IN {ONE} AND y.conflict = 0 THEN 1 ELSE 0 END AS is_open
            FROM verdicts v JOIN layers y ON y.answer = v.answer AND y.rank = v.rank
            JOIN totals z ON z.answer = v.answer
            WHERE z.stop IS NULL OR v.rank <= z.stop"""
    )
    engine.execute(
        f"""CREATE TEMP TABLE picked AS
            SELECT answer, says_all AS says, conflict, MAX(CASE WHEN is_open = 1 THEN asks ELSE 0 END) AS asks,
                   CASE WHEN says_all NOT IN {ONE} THEN MIN(CASE WHEN is_open = 1 THEN place END)
                        WHEN conflict = 1 THEN MIN(CASE WHEN here = 1 THEN place END)
                        WHEN says_all <> 8 THEN MIN(CASE WHEN sure = says_all THEN place END) END AS place
            FROM heard GROUP BY answer, says_all, conflict"""
    )
    missing = f"CASE WHEN is_open = 1 AND says_all NOT IN {ONE} AND missing <> '' THEN missing END"
    spoken = f"SELECT answer, {missing} AS missing, NULLIF(criteria, '') AS criteria, place FROM heard"
    spoken = f"SELECT * FROM ({spoken}) w WHERE missing IS NOT NULL OR criteria IS NOT NULL ORDER BY answer, place"
    engine.execute(
        f"""CREATE TEMP TABLE spoken AS
            SELECT answer, {engine.joined("missing", "place")} AS missing,
                   {engine.joined("criteria", "place")} AS criteria
            FROM ({spoken}) h GROUP BY answer"""
    )


def _together() -> str:
    """What is said where several policies speak: an answer for each combination."""
    is_open = f"p.says NOT IN {ONE}"
    conflict = f"p.conflict = 1 AND p.says IN {ONE}"
    reason = f"CASE WHEN {conflict} THEN 'conflicting_policies' ELSE COALESCE(s.reason, 'no_policy') END"
    return f"""
        SELECT p.answer, {_state("p.says", "p.asks")}, {_who(is_open, conflict)},
               {_reason("p.says", "p.asks", reason)},
               COALESCE(k.missing, '') AS missing, COALESCE(k.criteria, '') AS criteria
        FROM picked p LEFT JOIN spoken k ON k.answer = p.answer
        LEFT JOIN verdicts v ON v.answer = p.answer AND v.place = p.place
        LEFT JOIN steps s ON s.program = v.program AND s.step = CASE WHEN {is_open} THEN v.may_hold ELSE v.holds END"""


def _either(says: str) -> str:
    """The bitwise or of an aggregate's rows, silence left out."""
    return " + ".join(f"MAX(({says}) & {bit})" for name, bit in SAYS.items() if name != "no_policy")


def _state(says: str, asks: str) -> str:
    settled = " ".join(f"WHEN {bit} THEN '{name}'" for name, bit in SAYS.items())
    return (
        f"CASE {says} {settled} ELSE CASE WHEN {asks} = 1 THEN 'pend_information' ELSE 'pend_review' END END AS state"
    )


def _who(is_open: str, conflict: str = "1 = 0") -> str:
    """position, layer, policy, version and statement; a conflict names its layer only."""
    none = f"WHEN {conflict} THEN ''"
    named = ", ".join(
        f"CASE {none} ELSE COALESCE(s.{name}, '') END AS {name}" for name in ("policy", "version", "statement")
    )
    position = f"CASE WHEN {is_open} OR {conflict} THEN NULL ELSE s.position END AS position"
    return f"{position}, COALESCE(s.layer, '') AS layer, {named}"


def _reason(says: str, asks: str, settled: str) -> str:
    open_reason = f"CASE WHEN {asks} = 1 THEN 'information_needed' ELSE 'review_needed' END"
    return f"CASE WHEN {says} IN {ONE} THEN {settled} ELSE {open_reason} END AS reason"
