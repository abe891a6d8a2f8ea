"""What the lines of a file say about one another: a member's earlier lines, and the other codes of a claim."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from medpol.loading.claims.values import quoted
from medpol.model.codes import CodeList

HISTORY = "claims_history"
DIAGNOSES = "claims_history_diagnoses"
OTHERS = "claims_others"
WIDEST = 60  # codes of one claim that are kept; a claim with more has an unknown `also_billed`


@dataclass(frozen=True, slots=True)
class OtherCodes:
    """The other codes of a claim: SQL for the columns to join to the lines `b`, by name, what queries on the lines
    `l` call them, the condition under which they are all known, and the claims for which they are not."""

    selected: Mapping[str, str]
    columns: tuple[str, ...]
    known: str
    too_wide: int


def prepare_history(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    codes: Mapping[str, Sequence[str]],
    units: str | None,
    level: bool,
) -> None:
    """The views HISTORY and DIAGNOSES over the lines, as `model.lines.Lines` describes them."""
    left, right = _sides(codes.get("modifier", ()))
    connection.execute(
        f"""CREATE TEMP VIEW {HISTORY} AS
            SELECT l.line AS row, l.line, l.member, l.claim, l.code, l.service_date AS date,
                   COALESCE({units or "NULL"}, 1) AS units, {left} AS left_side, {right} AS right_side,
                   {"COALESCE(l.level, '')" if level else "''"} AS level
            FROM {table} l WHERE l.member IS NOT NULL"""
    )
    diagnoses = codes.get("diagnosis", ())
    parts = [f"SELECT l.line AS row, {c} AS code FROM {table} l WHERE {c} IS NOT NULL" for c in diagnoses]
    nothing = "SELECT 0::BIGINT AS row, '' AS code WHERE false"
    connection.execute(f"CREATE TEMP VIEW {DIAGNOSES} AS {' UNION ALL '.join(parts) or nothing}")


def first_date(connection: duckdb.DuckDBPyConnection, table: str) -> date | None:
    """The earliest service date of the lines."""
    found: date | None = connection.execute(f"SELECT min(service_date) FROM {table}").fetchall()[0][0]
    return found


def prepare_others(connection: duckdb.DuckDBPyConnection, base: str, asked: Sequence[CodeList]) -> OtherCodes:
    """The table OTHERS: for each claim its codes, of those asked for if that is known."""
    only, own = "", "HAVING count(*) > 1"
    if asked:
        present = (code for (code,) in connection.execute(f"SELECT DISTINCT code FROM {base}").fetchall())
        listed = [quoted(code) for code in present if any(codes.matches(code) for codes in asked)]
        only, own = f"AND code IN ({', '.join(listed) or 'NULL'})", ""
    connection.execute(
        f"""CREATE TEMP TABLE {OTHERS} AS
            SELECT claim, list_sort(list(code))[1:{WIDEST}] AS codes, count(*) AS n
            FROM (SELECT DISTINCT claim, code FROM {base} WHERE claim IS NOT NULL {only}) GROUP BY claim {own}"""
    )
    widest, too_wide = connection.execute(
        f"SELECT COALESCE(max(n), 0), count(*) FILTER (n > {WIDEST}) FROM {OTHERS}"
    ).fetchall()[0]
    names = [f"s_also_billed_{i}" for i in range(max(1, min(widest, WIDEST)))]
    selected = {name: f"NULLIF(o.codes[{i + 1}], b.code)" for i, name in enumerate(names)}
    return OtherCodes(
        selected={**selected, "others": "COALESCE(o.n, 0)"},
        columns=tuple(f"l.{name}" for name in names),
        known=f"l.claim IS NOT NULL AND l.others <= {WIDEST}",
        too_wide=too_wide,
    )


def _sides(modifiers: Sequence[str]) -> tuple[str, str]:
    """1 where a line is about the left side, and the right: LT, RT, or both where it says 50 or nothing."""

    def has(value: str) -> str:
        return " OR ".join(f"COALESCE({column}, '') = '{value}'" for column in modifiers) or "1 = 0"

    both = f"({has('50')}) OR NOT (({has('LT')}) OR ({has('RT')}))"
    return tuple(f"CASE WHEN ({has(side)}) OR {both} THEN 1 ELSE 0 END" for side in ("LT", "RT"))  # type: ignore[return-value]
