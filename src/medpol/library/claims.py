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

from medpol.engine import ENGINE, DuckDB, adjudicate, answers_query
from medpol.library.policies import PolicyLibrary
from medpol.loading import CATALOGUE, ClaimsTable, open_claims, read_claims_map
from medpol.model.codes import CodeList
from medpol.model.criteria import Criterion, OneOf, facts_of, members
from medpol.model.policy import State
from medpol.problems import Place, PolicyRejected, Problem

METADATA = "medpol"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjudication:
    """What to decide and how. `out` ends in .parquet or .csv; rejects go beside it as OUT.rejects.csv.

    With `governed_only` the output leaves out the lines that no policy governs; the summary counts them all the same.

    `on_stage` is told what comes next, for a progress display.
    """

    claims: Path
    out: Path
    claims_map: Path | None = None
    as_of: date | None = None
    known_on: date | None = None
    with_criteria: bool = True
    governed_only: bool = False
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
    _refuse_to_overwrite(job)
    if job.out.suffix not in (".parquet", ".csv"):
        problem = Problem(Place(str(job.out)), "MP908", "its ending names no format", CATALOGUE["MP908"].remedy)
        raise PolicyRejected([problem])
    try:
        return _adjudicate(library, job)
    except (duckdb.IOException, duckdb.InvalidInputException) as error:  # damage in a part that was not read before
        problem = Problem(Place(str(job.claims)), "MP909", str(error).splitlines()[0], CATALOGUE["MP909"].remedy)
        raise PolicyRejected([problem]) from None


def _adjudicate(library: PolicyLibrary, job: Adjudication) -> Summary:
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
    job.on_stage("writing")
    written = _write(engine, library, job, table)
    expected = _governed_lines(engine.connection) if job.governed_only else table.total - table.rejected
    if written != expected:
        job.out.unlink()
        raise AssertionError(f"{table.total} lines in, {table.rejected} rejected, but {written} written")
    rejects = _write_rejects(engine.connection, job, table)
    job.on_stage("adding up")
    return _summary(engine, library, job, table, rejects)


def _refuse_to_overwrite(job: Adjudication) -> None:
    for path in (job.out, _rejects_path(job.out)):
        if path.resolve() == job.claims.resolve():
            problem = Problem(Place(str(path)), "MP903", "this is the claims file itself", "give another --out")
            raise PolicyRejected([problem])


def _rejects_path(out: Path) -> Path:
    return out.with_name(f"{out.stem}.rejects.csv")


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


def _answers(engine: DuckDB, library: PolicyLibrary, job: Adjudication, table: ClaimsTable) -> str:
    kept = (*table.given, "code", "service_date")
    query = answers_query(engine, library.content, table.lines, kept, governed_only=job.governed_only)
    return f"{query} ORDER BY l.line"


def _write(engine: DuckDB, library: PolicyLibrary, job: Adjudication, table: ClaimsTable) -> int:
    """Write the answers; the number of rows written."""
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
    return _copy(engine.connection, _answers(engine, library, job, table), job.out, options)


def _write_rejects(connection: duckdb.DuckDBPyConnection, job: Adjudication, table: ClaimsTable) -> Path | None:
    path = _rejects_path(job.out)
    if not table.rejected:
        path.unlink(missing_ok=True)
        return None
    _copy(connection, f"SELECT * FROM {table.rejects_table} ORDER BY row", path, "FORMAT csv, HEADER")
    return path


def _copy(connection: duckdb.DuckDBPyConnection, query: str, out: Path, options: str) -> int:
    """Write beside the target and move it there when it is whole; the number of rows."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=out.parent, prefix=".medpol-") as folder:
            part = Path(folder) / out.name
            copied = connection.execute(f"COPY ({query}) TO '{str(part).replace(chr(39), chr(39) * 2)}' ({options})")
            part.replace(out)
            return int((copied.fetchone() or (0,))[0])
    except (OSError, duckdb.IOException) as error:
        problem = Problem(Place(str(out)), "MP903", f"cannot be written: {error}", "give another --out")
        raise PolicyRejected([problem]) from None


def _governed_lines(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute("SELECT count(DISTINCT line) FROM decided").fetchone()
    return int(row[0]) if row else 0


def _summary(
    engine: DuckDB, library: PolicyLibrary, job: Adjudication, table: ClaimsTable, rejects: Path | None
) -> Summary:
    has_amounts = "billed" in table.given
    governed = _governed(engine, table)
    by_state, by_policy, missing = _Tally(), _Tally(), _Tally()
    for state, lines, billed in _by_line_of_business(engine, library, table):
        by_state.add((state,), lines, billed)
        if state == State.PEND_INFORMATION:
            missing.add(("line_of_business",), lines, billed)
    for state, policy, layer, facts, lines, billed in governed:
        by_state.add((State.NO_POLICY.value,), -lines, -billed)  # it was counted there as a line like any other
        by_state.add((state,), lines, billed)
        if policy:
            by_policy.add((policy, layer, state), lines, billed)
        for fact in filter(None, facts.split("; ")):
            missing.add((fact,), lines, billed)
    return Summary(
        total=table.total,
        decided=sum(row[-2] for row in by_state.rows(has_amounts)),
        rejected=table.rejected,
        by_state=by_state.rows(has_amounts),
        by_policy=by_policy.rows(has_amounts),
        missing=tuple(row[:-1] for row in missing.rows(has_amounts)),
        billed=sum(row[-1] for row in by_state.rows(has_amounts)) if has_amounts else None,
        notes=table.notes,
        out=job.out,
        rejects=rejects,
    )


class _Tally:
    """Lines and billed amounts by words."""

    def __init__(self) -> None:
        self._totals: dict[tuple[str, ...], tuple[int, float]] = {}

    def add(self, words: tuple[str, ...], lines: int, billed: float) -> None:
        old_lines, old_billed = self._totals.get(words, (0, 0.0))
        self._totals[words] = (old_lines + lines, old_billed + billed)

    def rows(self, has_amounts: bool) -> tuple[Any, ...]:
        """(*words, lines, billed or None), most lines first."""
        found = [(*words, lines, billed if has_amounts else None) for words, (lines, billed) in self._totals.items()]
        return tuple(sorted((row for row in found if row[-2]), key=lambda row: (-row[-2], row[:-2])))


def _governed(engine: DuckDB, table: ClaimsTable) -> list[tuple[str, str, str, str, int, float]]:
    """The governed lines by state, policy, layer and missing facts."""
    return engine.connection.execute(
        f"""SELECT d.state, d.policy, d.layer, d.missing, count(*), {_amount(table)}
            FROM decided d JOIN {table.lines.table} l ON l.line = d.line GROUP BY ALL"""
    ).fetchall()


def _by_line_of_business(engine: DuckDB, library: PolicyLibrary, table: ClaimsTable) -> list[tuple[str, int, float]]:
    """All lines by what is said where no policy speaks: it depends on the line of business only."""
    query = f"""SELECT CASE WHEN list_contains(?, l.line_of_business) THEN 'no_policy' ELSE 'pend_information' END,
                       count(*), {_amount(table)} FROM {table.lines.table} l GROUP BY 1"""
    return engine.connection.execute(query, [list(library.content.rules.lines_of_business)]).fetchall()


def _amount(table: ClaimsTable) -> str:
    return "coalesce(fsum(l.billed), 0.0)::DOUBLE" if "billed" in table.given else "0.0::DOUBLE"


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
