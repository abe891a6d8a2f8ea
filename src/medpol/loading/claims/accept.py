"""Which rows of the input are lines: those in which no check fails; the others become rejects."""

from collections.abc import Sequence

import duckdb

from medpol.loading.claims.csv_rows import RAW, REJECTS
from medpol.loading.claims.select import Selection
from medpol.loading.claims.source import Source
from medpol.loading.claims.values import Check, quoted

BASE, CLEAN = "claims_base", "claims_clean"


def failing_checks(
    connection: duckdb.DuckDBPyConnection, source: Source, checks: Sequence[tuple[Check, str]]
) -> list[Check]:
    """The checks that fail for some row: by minima and maxima where they tell, else over the distinct texts of a
    column where these are few, else over all rows."""
    by_extremes = [check.may_fail for check, _ in checks if check.may_fail]
    query = f"SELECT {', '.join(by_extremes)} FROM {source.relation}" if by_extremes else "SELECT true"
    may_fail = dict(zip(by_extremes, connection.execute(query).fetchall()[0], strict=False))
    groups: dict[str, list[Check]] = {}
    for check, reads in checks:
        if may_fail.get(check.may_fail, True):
            groups.setdefault(reads, []).append(check)
    failing: list[Check] = []
    for reads, group in groups.items():
        relation = source.texts(connection, reads) if reads else source.relation
        tests = ", ".join(f"bool_or({check.fails})" for check in group)
        answer = connection.execute(f"SELECT {tests} FROM {relation}").fetchall()[0]
        failing += [check for check, fails in zip(group, answer, strict=True) if fails]
    return failing


def use_bare(connection: duckdb.DuckDBPyConnection, source: Source, selection: Selection) -> None:
    """Let a column of the file stand for what is made of it wherever that changes none of its texts."""
    if not source.lazy or not selection.bare:
        return
    changed = [
        f"(SELECT bool_or({bare} IS DISTINCT FROM {selection.columns[name]}) FROM {source.texts(connection, reads)})"
        for name, (bare, reads) in selection.bare.items()
    ]
    answer = connection.execute(f"SELECT {', '.join(changed)}").fetchall()[0]
    for (name, (bare, _)), changes in zip(selection.bare.items(), answer, strict=True):
        if not changes:
            selection.columns[name] = bare


def reject(connection: duckdb.DuckDBPyConnection, source: Source, failing: Sequence[Check]) -> None:
    if not failing:
        return
    codes, columns = (
        " ".join(f"WHEN {check.fails} THEN {quoted(part)}" for check, part in zip(failing, parts, strict=True))
        for parts in ([check.code for check in failing], [check.column for check in failing])
    )
    messages = ", ".join(f"CASE WHEN {check.fails} THEN {quoted(_said(check))} END" for check in failing)
    connection.execute(
        f"""INSERT INTO {REJECTS}
            SELECT {source.row}, CASE {codes} END, CASE {columns} END, concat_ws('; ', {messages})
            FROM {source.relation} WHERE {" OR ".join(check.fails for check in failing)}"""
    )


def _said(check: Check) -> str:
    return f"{check.column}: {check.message}" if check.column else check.message


def make_base(
    connection: duckdb.DuckDBPyConnection, source: Source, selection: Selection, failing: Sequence[Check]
) -> None:
    """The view of the accepted rows: over the file itself, or over the table of a CSV file's cast values."""
    columns = ", ".join(f"{sql} AS {name}" for name, sql in selection.columns.items())
    accepted = f"WHERE NOT ({' OR '.join(check.fails for check in failing)})" if failing else ""
    query = f"SELECT {source.row} AS line, {columns} FROM {source.relation} {accepted}"
    source.forget(connection)
    if source.lazy:
        connection.execute(f"CREATE TEMP VIEW {BASE} AS {query}")
        return
    connection.execute(f"CREATE TEMP TABLE {CLEAN} AS {query}")
    connection.execute(f"DROP TABLE {RAW}")
    connection.execute(f"CREATE TEMP VIEW {BASE} AS SELECT * FROM {CLEAN}")
