"""What the rules of data quality look at beside the columns that criteria read, and what becomes of their findings."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import duckdb

from medpol.loading.claims.csv_rows import REJECTS
from medpol.loading.claims.join import Joined
from medpol.loading.claims.mapping import ColumnRule
from medpol.loading.claims.quality import QUALITY, Checked, QualityCount, check_quality, counted
from medpol.loading.claims.quality_rules import CHECKED, RULES, QualityRules, bit, with_death_date
from medpol.loading.claims.recognition import FileColumn, rules
from medpol.loading.claims.select import Asked, Selection, select_unchecked
from medpol.loading.claims.source import Source, cells_of
from medpol.loading.claims.values import Cell, quoted
from medpol.loading.nodes import Sheet

KEPT = "claims_kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Which rules are applied, on which day, and the cells of facts that only they read."""

    rules: QualityRules
    today: date
    cells: Mapping[str, Sequence[Cell]]
    reads: frozenset[str]


def examination(
    connection: duckdb.DuckDBPyConnection,
    columns: Sequence[FileColumn],
    asked: Asked,
    found: Mapping[str, ColumnRule],
    *,
    everything: bool,
    today: date,
) -> Examination | None:
    """What to look for: every rule, or only those that the map rejects by; None for nothing. A column that only rules
    would read and that cannot be read is left out."""
    chosen = asked.claims_map.quality
    if not everything:
        if not chosen.reject:
            return None
        chosen = replace(chosen, skip=frozenset(RULES) - chosen.reject)
    dictionary = with_death_date(asked.dictionary)
    wanted = (
        {*CHECKED, "death_date"} - found.keys() - asked.claims_map.constants.keys() - asked.claims_map.given_by_tables
    )
    readable: dict[str, ColumnRule] = {}
    cells: dict[str, Sequence[Cell]] = {}
    silent = replace(asked.claims_map, columns={k: v for k, v in asked.claims_map.columns.items() if k in wanted})
    for fact, rule in rules(columns, dictionary, silent, wanted, Sheet("")).items():
        sheet = Sheet("")
        its = cells_of(connection, columns, {fact: rule}, asked.claims_map, sheet)
        names = [column.name for column in columns]
        if not sheet.problems and all(names.count(name) == 1 for name in rule.reads):
            readable[fact] = rule
            cells |= its
    reads = frozenset(name for rule in readable.values() for name in rule.reads)
    return Examination(rules=chosen, today=today, cells=cells, reads=reads)


def add_columns(
    connection: duckdb.DuckDBPyConnection, source: Source, look: Examination, selection: Selection, asked: Asked
) -> dict[str, tuple[str, ...]]:
    """Select what only the rules read, under names that begin with q_, without checks; what queries call them."""
    extra = select_unchecked(connection, source, look.cells, with_death_date(asked.dictionary))
    selection.columns |= {f"q_{name}": sql for name, sql in extra.columns.items()}
    selection.bare |= {f"q_{name}": bare for name, bare in extra.bare.items()}
    singles = {fact: (column,) for fact, column in (extra.numbers | extra.dates).items()}
    return {fact: tuple(f"l.q_{c[2:]}" for c in its) for fact, its in (extra.codes | singles).items()}


def examine(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    look: Examination,
    columns: Mapping[str, tuple[str, ...]],
    *,
    given: Collection[str],
    lines_of_business: Collection[str],
    joined: Joined | None,
) -> tuple[str, tuple[QualityCount, ...]]:
    """Apply the rules to the lines; the relation without those that the map rejects, and the counts of the others."""
    checked = Checked(
        relation=relation,
        columns=columns,
        given=frozenset(given),
        lines_of_business=tuple(lines_of_business),
        today=look.today,
        disagree=joined.disagree if joined else "",
    )
    applied = check_quality(connection, checked, look.rules)
    refused = [rule for rule in applied if rule in look.rules.reject]
    if refused:
        relation = _refuse(connection, relation, refused)
    return relation, counted(connection, applied)


def _refuse(connection: duckdb.DuckDBPyConnection, relation: str, refused: Sequence[str]) -> str:
    """Make rejects of the lines with these findings; the view of the others."""
    bits = sum(bit(rule) for rule in refused)
    said = ", ".join(
        f"CASE WHEN findings & {bit(rule)} <> 0 THEN {quoted(f'{rule}: {RULES[rule]}')} END" for rule in refused
    )
    connection.execute(
        f"""INSERT INTO {REJECTS} SELECT line, 'MP821', '', concat_ws('; ', {said})
            FROM {QUALITY} WHERE findings & {bits} <> 0"""
    )
    connection.execute(f"DELETE FROM {QUALITY} WHERE findings & {bits} <> 0")
    connection.execute(
        f"""CREATE TEMP VIEW {KEPT} AS SELECT l.* FROM {relation} l
            ANTI JOIN (SELECT "row" FROM {REJECTS} WHERE code = 'MP821') r ON r."row" = l.line"""
    )
    return KEPT


def columns_known(selection: Selection, extra: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """What queries on the lines call the facts that rules look at."""
    singles = {fact: (column,) for fact, column in (selection.numbers | selection.dates).items()}
    found = {**selection.codes, **singles, **extra}
    return {fact: found[fact] for fact in (*CHECKED, "death_date") if fact in found}
