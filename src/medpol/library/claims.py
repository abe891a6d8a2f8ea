"""Claims files decided by a library: in, one answer a line out, nothing lost."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import orjson

from medpol.engine import ENGINE, DuckDB, adjudicate
from medpol.library.policies import PolicyLibrary
from medpol.loading import ClaimsTable, open_claims, read_claims_map
from medpol.model.codes import CodeList
from medpol.model.criteria import Criterion, OneOf, facts_of, members
from medpol.problems import Place, PolicyRejected, Problem

METADATA = "medpol"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjudication:
    """What to decide and how. `out` ends in .parquet or .csv; rejects go beside it as OUT.rejects.csv.

    `on_stage` is told what comes next, for a progress display.
    """

    claims: Path
    out: Path
    claims_map: Path | None = None
    as_of: date | None = None
    known_on: date | None = None
    with_criteria: bool = True
    threads: int | None = None
    on_stage: Callable[[str], None] = lambda _stage: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What came of a file: `total` = `decided` + `rejected`. Amounts are the billed amounts, None where not known."""

    total: int
    decided: int
    rejected: int
    by_state: tuple[tuple[str, int, float | None], ...]
    by_policy: tuple[tuple[str, str, str, int, float | None], ...]
    missing: tuple[tuple[str, int], ...]
    billed: float | None
    notes: tuple[str, ...]
    out: Path
    rejects: Path | None


def adjudicate_claims(library: PolicyLibrary, job: Adjudication) -> Summary:
    """Decide every line of a claims file and write one row a line. Raises PolicyRejected for a file it cannot use.

    The output is written whole or not at all: it appears under its name when it is complete.
    """
    engine = DuckDB(threads=job.threads)
    job.on_stage("reading claims")
    table = open_table(library, engine.connection, job.claims, job.claims_map)
    adjudicate(
        engine,
        library.content,
        table.lines,
        describe=library.leaf_in_words,
        known_on=job.known_on,
        as_of=job.as_of,
        with_criteria=job.with_criteria,
        on_stage=job.on_stage,
    )
    decided = _count(engine.connection, "answers")
    if decided + table.rejected != table.total:
        raise AssertionError(f"{table.total} lines in, but {decided} decided and {table.rejected} rejected")
    job.on_stage("writing")
    _write(engine.connection, library, job, table)
    rejects = _write_rejects(engine.connection, job, table)
    return _summary(engine.connection, job, table, rejects)


def open_table(
    library: PolicyLibrary, connection: duckdb.DuckDBPyConnection, claims: Path, claims_map: Path | None
) -> ClaimsTable:
    """A claims file as lines the library can decide."""
    facts = library.content.facts
    criteria = list(_criteria(library))
    return open_claims(
        connection,
        claims,
        facts,
        read_claims_map(claims_map, facts) if claims_map else None,
        frozenset[str]().union(*(facts_of(criterion) for criterion in criteria)),
        lines_of_business=tuple(library.content.rules.lines_of_business),
        also_billed=[codes for criterion in criteria for codes in _other_codes(criterion)],
    )


def _criteria(library: PolicyLibrary) -> Iterator[Criterion]:
    """Every criterion of every version; its applicability as one."""
    for policy in library.content.policies.values():
        for version in policy.versions:
            yield from (OneOf(fact=fact, codes=CodeList()) for fact, _ in version.applies_to)
            criteria = (version.scope, *(statement.when for statement in version.statements))
            yield from (criterion for criterion in criteria if criterion is not None)


def _other_codes(criterion: Criterion) -> Iterator[CodeList]:
    if isinstance(criterion, OneOf) and criterion.fact == "also_billed":
        yield criterion.codes
    for member in members(criterion):
        yield from _other_codes(member)


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {relation}").fetchone()
    return int(row[0]) if row else 0


def _answers(table: ClaimsTable) -> str:
    kept = ", ".join(f"l.{name}" for name in (*table.given, "code", "service_date"))
    return f"SELECT a.line, {kept}, a.* EXCLUDE (line) FROM answers a JOIN {table.lines.table} l ON l.line = a.line"


def _write(
    connection: duckdb.DuckDBPyConnection, library: PolicyLibrary, job: Adjudication, table: ClaimsTable
) -> None:
    about = {
        "engine": ENGINE,
        "library": str(library.folder.resolve()),
        "claims": str(job.claims.resolve()),
        "map": str(job.claims_map.resolve()) if job.claims_map else None,
        "as_of": job.as_of.isoformat() if job.as_of else None,
        "known_on": job.known_on.isoformat() if job.known_on else None,
    }
    metadata = orjson.dumps(about).decode().replace("'", "''")
    options = (
        "FORMAT csv, HEADER"
        if job.out.suffix == ".csv"
        else f"FORMAT parquet, KV_METADATA {{{METADATA}: '{metadata}'}}"
    )
    _copy(connection, _answers(table), job.out, options)


def _write_rejects(connection: duckdb.DuckDBPyConnection, job: Adjudication, table: ClaimsTable) -> Path | None:
    path = job.out.with_name(f"{job.out.stem}.rejects.csv")
    if not table.rejected:
        path.unlink(missing_ok=True)
        return None
    _copy(connection, f"SELECT * FROM {table.rejects_table} ORDER BY row", path, "FORMAT csv, HEADER")
    return path


def _copy(connection: duckdb.DuckDBPyConnection, query: str, out: Path, options: str) -> None:
    """Write beside the target and move it there when it is whole."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=out.parent, prefix=".medpol-") as folder:
            part = Path(folder) / out.name
            connection.execute(f"COPY ({query}) TO '{str(part).replace(chr(39), chr(39) * 2)}' ({options})")
            part.replace(out)
    except (OSError, duckdb.IOException) as error:
        problem = Problem(Place(str(out)), "MP903", f"cannot be written: {error}", "give another --out")
        raise PolicyRejected([problem]) from None


def _summary(
    connection: duckdb.DuckDBPyConnection, job: Adjudication, table: ClaimsTable, rejects: Path | None
) -> Summary:
    billed = "sum(l.billed)" if "billed" in table.given else "NULL"
    source = f"answers a JOIN {table.lines.table} l ON l.line = a.line"
    rows = connection.execute(
        f"SELECT a.state, count(*), {billed} FROM {source} GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    policies = connection.execute(
        f"""SELECT a.policy, a.layer, a.state, count(*), {billed} FROM {source}
            WHERE a.policy <> '' GROUP BY ALL ORDER BY 4 DESC, 1, 3"""
    ).fetchall()
    missing = connection.execute(
        """SELECT fact, count(*)
           FROM (SELECT unnest(string_split(missing, '; ')) AS fact FROM answers WHERE missing <> '')
           GROUP BY 1 ORDER BY 2 DESC, 1"""
    ).fetchall()
    amounts = [amount for _, _, amount in rows if amount is not None]
    return Summary(
        total=table.total,
        decided=sum(n for _, n, _ in rows),
        rejected=table.rejected,
        by_state=tuple(rows),
        by_policy=tuple(policies),
        missing=tuple(missing),
        billed=sum(amounts) if amounts else None,
        notes=table.notes,
        out=job.out,
        rejects=rejects,
    )


def read_metadata(out: Path) -> Mapping[str, Any]:
    """What an output file says of its own making; PolicyRejected where it is not one of medpol's."""
    query = "SELECT value FROM parquet_kv_metadata(?) WHERE key = ?"
    with suppress(duckdb.Error):
        row = duckdb.execute(query, [str(out), METADATA.encode()]).fetchone()
        if row is not None:
            found: Mapping[str, Any] = orjson.loads(row[0])
            return found
    problem = Problem(
        Place(str(out)), "MP904", "this is no Parquet file written by medpol adjudicate", "give that file"
    )
    raise PolicyRejected([problem])
