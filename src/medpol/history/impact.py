"""Replay: the lines of a claims file decided by two libraries, and what differs.

Only lines whose code a changed version names can have another answer. They are taken out of the file first, by code,
and decided twice in the usual way; what their criteria count is still found among all lines of the file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from medpol.engine import DuckDB, adjudicate
from medpol.history.scenario import Scenario
from medpol.history.tallies import Compared, impact_of
from medpol.loading import ClaimsTable, open_claims, read_claims_map
from medpol.model.codes import CodeList
from medpol.model.facts import DataDictionary
from medpol.model.impact import Basis, Impact
from medpol.model.lines import Lines
from medpol.model.rules import Library

_LINES, _HISTORY, _BEFORE, _AFTER, _BOTH = (
    f"impact_{name}" for name in ("lines", "history", "before", "after", "both")
)
ANSWER = ("state", "position", "layer", "policy", "version", "statement", "reason", "missing")
"""What of an answer is kept, as before_… and after_…."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """The findings; and on `connection`, `written` is the query for the lines that have another answer."""

    impact: Impact
    connection: duckdb.DuckDBPyConnection
    written: str


def replay(
    scenario: Scenario,
    claims: Path,
    *,
    basis: Basis,
    title: tuple[str, str],
    names: tuple[str, str],
    claims_map: Path | None = None,
    threads: int | None = None,
    on_stage: Callable[[str], None] = lambda _stage: None,
) -> Replayed:
    """Decide the affected lines of a claims file by both libraries of a scenario.

    `title` is the policy's number and title, `names` what the two sides are called. Raises PolicyRejected for a file
    that cannot be used.
    """
    engine = DuckDB(threads=threads)
    on_stage("reading claims")
    table = _open(engine, scenario, claims, claims_map)
    on_stage("finding affected lines")
    lines = _affected(engine, table, scenario)
    for name, library, side in ((_BEFORE, scenario.before, 0), (_AFTER, scenario.after, 1)):
        on_stage(f"deciding by {names[side]}")
        _decide(engine, library, lines, name, {policy: both[side] for policy, both in scenario.cited.items()})
    on_stage("comparing")
    _compare(engine)
    found = Compared(connection=engine.connection, table=_BOTH, given=frozenset(table.given))
    impact = impact_of(found, basis=basis, title=title, names=names, claims=table)
    return Replayed(impact=impact, connection=engine.connection, written=_changed_lines(table))


def _open(engine: DuckDB, scenario: Scenario, claims: Path, claims_map: Path | None) -> ClaimsTable:
    """The file, of which only those columns are read that a version reads which speaks about an affected line."""
    before, after = scenario.before, scenario.after
    facts = DataDictionary({**before.facts.declared, **after.facts.declared})
    return open_claims(
        engine.connection,
        claims,
        facts,
        read_claims_map(claims_map, facts) if claims_map else None,
        scenario.reads(),
        lines_of_business=tuple(dict.fromkeys((*before.rules.lines_of_business, *after.rules.lines_of_business))),
        also_billed=scenario.other_codes(),
    )


def _affected(engine: DuckDB, table: ClaimsTable, scenario: Scenario) -> Lines:
    """The lines that can change, as a table of their own; and of all lines of their members those that are counted."""
    lines, where = table.lines, _among(scenario.affected)
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {_LINES} AS SELECT * FROM {lines.table} WHERE {where}")
    if not lines.history:
        return replace(lines, table=_LINES)
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE {_HISTORY} AS SELECT * FROM {lines.history}
            WHERE ({_among(scenario.counted())}) AND member IN (SELECT member FROM {_LINES})"""
    )
    return replace(lines, table=_LINES, history=_HISTORY)


def _among(codes: CodeList | None) -> str:
    if codes is None:
        return "true"
    exact = ", ".join(_quoted(code) for code in sorted(codes.exact))
    wide = (f"code BETWEEN {_quoted(pattern.low)} AND {_quoted(pattern.high)}" for pattern in codes.wide)
    return " OR ".join([*([f"code IN ({exact})"] if exact else []), *wide]) or "false"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _decide(engine: DuckDB, library: Library, lines: Lines, name: str, cited: Mapping[str, str]) -> None:
    """Fill a table with the answers: line and the columns ANSWER. `cited` names the version of a policy."""
    adjudicate(engine, library, lines, describe=str, with_criteria=False)
    columns = {column: f"{column}::VARCHAR" for column in ANSWER}
    if cited:
        cases = " ".join(f"WHEN {_quoted(policy)} THEN {_quoted(version)}" for policy, version in cited.items())
        columns["version"] = f"CASE policy::VARCHAR {cases} ELSE version::VARCHAR END"
    selected = ", ".join(f"{sql} AS {column}" for column, sql in columns.items())
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT line, {selected} FROM answers")


def _compare(engine: DuckDB) -> None:
    """The lines with both answers and the kind of their difference."""
    answers = ", ".join(f"{t}.{column} AS {side}_{column}" for t, side in (("b", "before"), ("a", "after"))
                        for column in ANSWER)  # fmt: skip

    def differs(*columns: str) -> str:
        return " OR ".join(f"b.{column} IS DISTINCT FROM a.{column}" for column in columns)

    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE {_BOTH} AS
            SELECT l.line, l.claim, l.claim_line, l.member, l.provider, l.line_of_business, l.code, l.service_date,
                   TRY_CAST(l.billed AS DECIMAL(38, 4)) AS billed, {answers},
                   CASE WHEN {differs("state")} THEN 'state' WHEN {differs("position")} THEN 'position'
                        WHEN {differs("layer", "policy", "statement")} THEN 'decided_by'
                        WHEN ({differs("missing")}) AND {_sorted("b.missing")} <> {_sorted("a.missing")} THEN 'missing'
                        WHEN {differs("version")} THEN 'cited' ELSE 'same' END AS kind
            FROM {_LINES} l JOIN {_BEFORE} b ON b.line = l.line JOIN {_AFTER} a ON a.line = l.line"""
    )


def _sorted(missing: str) -> str:
    """The facts of a text with `; ` between them, whatever their order."""
    return f"list_sort(list_distinct(string_split({missing}, '; ')))"


def _changed_lines(table: ClaimsTable) -> str:
    own = [name for name in ("claim", "claim_line", "member", "provider", "line_of_business", "billed")
           if name in table.given]  # fmt: skip
    answers = [f"{side}_{column}" for side in ("before", "after") for column in ANSWER]
    columns = ", ".join(["line", *own, "code", "service_date", "kind", *answers])
    return f"SELECT {columns} FROM {_BOTH} WHERE kind NOT IN ('cited', 'same') ORDER BY line"
