"""From what the blocks say to one answer a line: what `resolve` does for one request, as set operations.

A line governed by one policy has its answer as soon as its block has spoken. Where several speak, layers are joined
in order up to the first that is not silent; two sure and different answers in one layer are a conflict.
"""

from collections.abc import Sequence

from medpol.engine.dialects.base import Engine
from medpol.engine.emit import SAYS
from medpol.engine.tables import Layout
from medpol.engine.words import outcome_columns
from medpol.model.lines import Lines
from medpol.model.rules import Library

ONE = "(1, 2, 4, 8)"  # a single answer, in the bits of SAYS
UNGOVERNED = (
    "no_policy",
    "pend_information",
    "line_of_business_missing",
    "line_of_business_unknown",
    "line_of_business",
)
COLUMNS = ("state", "position", "layer", "policy", "version", "statement", "reason", "missing", "criteria")


def make_decided(engine: Engine, classes: Sequence[Layout]) -> None:
    """Fill the temporary table `decided`: line and COLUMNS, a row for every governed line."""
    _make_verdicts(engine, classes)
    parts = [*(_alone(layout) for layout in classes), _together()]
    engine.execute(f"CREATE TEMP TABLE decided AS {' UNION ALL '.join(parts)}")


def publish(engine: Engine, library: Library, lines: Lines) -> None:
    """Make the view `answers`, over all lines."""
    engine.intern("decided", COLUMNS, ("", *UNGOVERNED))
    engine.execute(f"CREATE TEMP VIEW answers AS {answers_query(engine, library, lines)}")


def answers_query(
    engine: Engine, library: Library, lines: Lines, kept: Sequence[str] = (), *, governed_only: bool = False
) -> str:
    """One row a line, governed or not (or the governed ones only): line, the line's own columns `kept`, COLUMNS."""
    own = [f"l.{name}" for name in kept]
    if governed_only:
        columns = ", ".join(["d.line", *own, *(f"d.{name}" for name in COLUMNS)])
        return f"SELECT {columns} FROM decided d JOIN {lines.table} l ON l.line = d.line"
    elsewhere = _ungoverned(engine, library)
    said = [
        f"COALESCE(d.{name}, {elsewhere[name]}) AS {name}" if name in elsewhere else f"d.{name}" for name in COLUMNS
    ]
    return f"SELECT {', '.join(['l.line', *own, *said])} FROM {lines.table} l LEFT JOIN decided d ON d.line = l.line"


def _ungoverned(engine: Engine, library: Library) -> dict[str, str]:
    """What is said of a line that nothing governs, and of one of no line of business the plan knows."""
    named = ", ".join(f"'{name}'" for name in library.rules.lines_of_business) or "''"
    placed = f"l.line_of_business IN ({named})"
    word = engine.interned
    missing = f"""CASE WHEN {placed} THEN {word("no_policy", "reason")}
                  WHEN COALESCE(l.line_of_business, '') = '' THEN {word("line_of_business_missing", "reason")}
                  ELSE {word("line_of_business_unknown", "reason")} END"""
    return {
        **{name: word("", name) for name in COLUMNS if name != "position"},
        "state": f"CASE WHEN {placed} THEN {word('no_policy', 'state')} ELSE {word('pend_information', 'state')} END",
        "reason": missing,
        "missing": f"CASE WHEN {placed} THEN {word('', 'missing')} ELSE {word('line_of_business', 'missing')} END",
    }


def _alone(layout: Layout) -> str:
    """The lines on which one policy speaks."""
    is_open = f"x.says NOT IN {ONE}"
    return f"""
        SELECT x.line, {_state("x.says", "x.asks")}, {_who(is_open)}, {_reason("x.says", "x.asks", "s.reason")},
               w.missing, w.criteria
        FROM results_{layout.number} x JOIN words_{layout.number} w ON {_same_outcome(layout)}
        JOIN steps s ON s.program = x.program AND s.step = CASE WHEN {is_open} THEN x.may_hold ELSE x.holds END
        WHERE x.solo = 1"""


def _same_outcome(layout: Layout) -> str:
    return " AND ".join(f"w.{name} = x.{name}" for name in outcome_columns(layout))


def _make_verdicts(engine: Engine, classes: Sequence[Layout]) -> None:
    """`verdicts`: what each block says on the lines where several speak; then, by line, what follows."""
    columns = "x.line, x.rank, x.place, x.program, x.says, x.sure, x.holds, x.may_hold, x.asks"
    parts = [
        f"""SELECT {columns}, w.missing, w.criteria FROM results_{layout.number} x
            JOIN words_{layout.number} w ON {_same_outcome(layout)} WHERE x.solo = 0"""
        for layout in classes
    ]
    empty = """SELECT 0 AS line, 0 AS rank, 0 AS place, 0 AS program, 0 AS says, 0 AS sure, 0 AS holds, 0 AS may_hold,
               0 AS asks, '' AS missing, '' AS criteria WHERE 1 = 0"""
    engine.execute(f"CREATE TEMP TABLE verdicts AS {' UNION ALL '.join([empty, *parts])}")
    surely = f"CASE WHEN says IN {ONE} THEN says ELSE 0 END"
    engine.execute(
        f"""CREATE TEMP TABLE layers AS
            SELECT line, rank, {_either("says")} AS says, MIN(says & 8) AS silent,
                   CASE WHEN {_either(surely)} IN (0, 1, 2, 4) THEN 0 ELSE 1 END AS conflict
            FROM verdicts GROUP BY line, rank"""
    )
    said = "CASE WHEN y.conflict = 1 THEN 4 ELSE y.says END"
    engine.execute(
        f"""CREATE TEMP TABLE totals AS
            SELECT y.line, z.stop, MAX(y.conflict) AS conflict,
                   {_either(said)} + CASE WHEN z.stop IS NULL THEN 8 ELSE 0 END AS says
            FROM layers y
            JOIN (SELECT line, MIN(CASE WHEN silent = 0 THEN rank END) AS stop FROM layers GROUP BY line) z
              ON z.line = y.line
            WHERE z.stop IS NULL OR y.rank <= z.stop GROUP BY y.line, z.stop"""
    )
    engine.execute(
        f"""CREATE TEMP TABLE heard AS
            SELECT v.*, y.conflict AS here, z.says AS says_all, z.conflict AS conflict,
                   CASE WHEN v.says NOT IN {ONE} AND y.conflict = 0 THEN 1 ELSE 0 END AS is_open
            FROM verdicts v JOIN layers y ON y.line = v.line AND y.rank = v.rank JOIN totals z ON z.line = v.line
            WHERE z.stop IS NULL OR v.rank <= z.stop"""
    )
    engine.execute(
        f"""CREATE TEMP TABLE picked AS
            SELECT line, says_all AS says, conflict, MAX(CASE WHEN is_open = 1 THEN asks ELSE 0 END) AS asks,
                   CASE WHEN says_all NOT IN {ONE} THEN MIN(CASE WHEN is_open = 1 THEN place END)
                        WHEN conflict = 1 THEN MIN(CASE WHEN here = 1 THEN place END)
                        WHEN says_all <> 8 THEN MIN(CASE WHEN sure = says_all THEN place END) END AS place
            FROM heard GROUP BY line, says_all, conflict"""
    )
    missing = f"CASE WHEN is_open = 1 AND says_all NOT IN {ONE} AND missing <> '' THEN missing END"
    spoken = f"SELECT line, {missing} AS missing, NULLIF(criteria, '') AS criteria, place FROM heard"
    spoken = f"SELECT * FROM ({spoken}) w WHERE missing IS NOT NULL OR criteria IS NOT NULL ORDER BY line, place"
    engine.execute(
        f"""CREATE TEMP TABLE spoken AS
            SELECT line, {engine.joined("missing", "place")} AS missing,
                   {engine.joined("criteria", "place")} AS criteria
            FROM ({spoken}) h GROUP BY line"""
    )


def _together() -> str:
    """The lines on which several policies speak."""
    is_open = f"p.says NOT IN {ONE}"
    conflict = f"p.conflict = 1 AND p.says IN {ONE}"
    reason = f"CASE WHEN {conflict} THEN 'conflicting_policies' ELSE COALESCE(s.reason, 'no_policy') END"
    return f"""
        SELECT p.line, {_state("p.says", "p.asks")}, {_who(is_open, conflict)},
               {_reason("p.says", "p.asks", reason)},
               COALESCE(k.missing, '') AS missing, COALESCE(k.criteria, '') AS criteria
        FROM picked p LEFT JOIN spoken k ON k.line = p.line
        LEFT JOIN verdicts v ON v.line = p.line AND v.place = p.place
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
