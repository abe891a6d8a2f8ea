"""Claims files decided by a library: in, one answer a line out, nothing lost."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import orjson

from medpol.engine import ENGINE, DuckDB, Plan, decide_batch, prepare_batch
from medpol.library.answers import Part, Tally, answers_of, schema_of, write_csv, write_parquet
from medpol.library.policies import PolicyLibrary
from medpol.loading import CATALOGUE, ClaimsMap, ClaimsTable, listed_query, open_claims, read_claims_map
from medpol.loading import Part as FilePart
from medpol.model.codes import CodeList
from medpol.model.criteria import Criterion, OneOf, facts_of, members
from medpol.model.policy import Version
from medpol.problems import Place, PolicyRejected, Problem

METADATA = "medpol"
LISTED = 10_000
"""Lines that OUT.quality.csv has of one rule at most; the summary counts them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjudication:
    """What to decide and how. `out` ends in .parquet or .csv, or is a folder; rejects go beside it as OUT.rejects.csv.

    With `governed_only` the output leaves out the lines that no policy governs; the summary counts them all the same.
    With `answers_only` it leaves out what the claims file has itself; `line` is the row's number there. With `quality`
    the lines are also looked over by the rules of data quality, whose findings go beside the output as OUT.quality.csv.

    An input is decided at once, or part after part (`library.streaming`): into a folder; with `part_rows`, so many
    lines a part; and where its lines would not go into `memory` (bytes, of all processes together; None: no limit).
    `workers` is then the number of processes (None: this one). A run that was begun and not ended is taken up again,
    with `fresh` begun anew.

    `on_stage` is told what comes next, for a progress display.
    """

    claims: Path
    out: Path
    claims_map: Path | None = None
    as_of: date | None = None
    known_on: date | None = None
    with_criteria: bool = True
    governed_only: bool = False
    answers_only: bool = False
    quality: bool = True
    threads: int | None = None
    memory: int | None = None
    part_rows: int | None = None
    workers: int | None = None
    fresh: bool = False
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
    quality: tuple[tuple[str, int], ...] = ()
    listed: Path | None = None


def adjudicate_claims(library: PolicyLibrary, job: Adjudication) -> Summary:
    """Decide every line of a claims file and write one row a line. Raises PolicyRejected for a file it cannot use.

    An output file is written whole or not at all: it appears under its name when it is complete.
    """
    from medpol.library.streaming import is_streamed, stream_claims  # which is built on what stands below

    _refuse_to_overwrite(job)
    if job.out.suffix not in ("", ".parquet", ".csv"):
        problem = Problem(Place(str(job.out)), "MP908", "its ending names no format", CATALOGUE["MP908"].remedy)
        raise PolicyRejected([problem])
    if is_streamed(job):
        return stream_claims(library, job)
    with damage_of(job.claims):
        return _adjudicate(library, job)


@contextmanager
def damage_of(claims: Path) -> Iterator[None]:
    """Damage in a part of a file that was not read before, as a problem."""
    try:
        yield
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        problem = Problem(Place(str(claims)), "MP909", str(error).splitlines()[0], CATALOGUE["MP909"].remedy)
        raise PolicyRejected([problem]) from None


def _adjudicate(library: PolicyLibrary, job: Adjudication) -> Summary:
    engine = DuckDB(threads=job.threads)
    job.on_stage("reading claims")
    table = open_table(library, engine.connection, job.claims, job.claims_map, quality=job.quality, today=job.as_of)
    check_output(job, table)
    plan = Plan(
        library.content, library.leaf_in_words if job.with_criteria else None, known_on=job.known_on, as_of=job.as_of
    )
    decide_batch(prepare_batch(engine, plan), table.lines, job.on_stage)
    job.on_stage("writing")
    tally = Tally()
    written = _write(engine, library, job, table, tally)
    if tally.lines != table.total - table.rejected or written != (tally.governed if job.governed_only else tally.lines):
        job.out.unlink()
        raise AssertionError(f"{table.total} lines in, {table.rejected} rejected, but {written} written")
    rejects = write_rejects(engine.connection, job, table)
    return summary_of(job, table, tally, rejects, write_quality(engine.connection, job, table))


def _refuse_to_overwrite(job: Adjudication) -> None:
    for path in (job.out, rejects_path(job.out), quality_path(job.out)):
        if path.resolve() == job.claims.resolve():
            problem = Problem(Place(str(path)), "MP903", "this is the claims file itself", "give another --out")
            raise PolicyRejected([problem])


def check_output(job: Adjudication, table: ClaimsTable) -> None:
    """Raises PolicyRejected where the output is one of the files of claims, or in their folder, where it would be one
    the next time."""
    inputs = {part.path.resolve() for part in table.parts}
    for path in (job.out, rejects_path(job.out), quality_path(job.out)):
        inside = job.claims.is_dir() and path.resolve().is_relative_to(job.claims.resolve())
        if inside or path.resolve() in inputs:
            problem = Problem(Place(str(path)), "MP903", "this is among the claims files", "give another --out")
            raise PolicyRejected([problem])


def quality_path(out: Path) -> Path:
    return out.with_name(f"{out.stem}.quality.csv")


def rejects_path(out: Path) -> Path:
    return out.with_name(f"{out.stem}.rejects.csv")


def open_table(
    library: PolicyLibrary,
    connection: duckdb.DuckDBPyConnection,
    claims: Path | Sequence[FilePart],
    claims_map: Path | ClaimsMap | None,
    *,
    quality: bool = False,
    today: date | None = None,
    without: frozenset[str] = frozenset(),
) -> ClaimsTable:
    """A claims file, or parts of one, as lines the library can decide, `without` some facts; with `quality` looked
    over, as on `today`."""
    facts = library.content.facts
    criteria = list(_criteria(library))
    return open_claims(
        connection,
        claims,
        facts,
        read_claims_map(claims_map, facts) if isinstance(claims_map, Path) else claims_map,
        frozenset[str]().union(*(facts_of(criterion) for criterion in criteria)) - without,
        lines_of_business=tuple(library.content.rules.lines_of_business),
        also_billed=[codes for criterion in criteria for codes in _other_codes(criterion)],
        quality=quality,
        today=today,
    )


def _criteria(library: PolicyLibrary) -> Iterator[Criterion]:
    """Every criterion of every version; its applicability as one."""
    for policy in library.content.policies.values():
        for version in policy.versions:
            yield from (OneOf(fact=fact, codes=CodeList()) for fact, _ in version.applies_to)
            yield from criteria_of(version)


def criteria_of(version: Version) -> Iterator[Criterion]:
    """A version's scope and the criteria of its statements."""
    criteria = (version.scope, *(statement.when for statement in version.statements))
    yield from (criterion for criterion in criteria if criterion is not None)


def _other_codes(criterion: Criterion) -> Iterator[CodeList]:
    if isinstance(criterion, OneOf) and criterion.fact == "also_billed":
        yield criterion.codes
    for member in members(criterion):
        yield from _other_codes(member)


def _write(engine: DuckDB, library: PolicyLibrary, job: Adjudication, table: ClaimsTable, tally: Tally) -> int:
    """Write the answers; the number of rows written."""
    own = () if job.answers_only else (*table.given, "code", "service_date")
    part = Part(lines=table.lines, first=1, last=table.total, own=own, governed_only=job.governed_only)
    schema = schema_of(engine, part)
    rows = answers_of(engine, library.content, part, tally)
    with _whole(job.out) as path, in_order(engine):
        if job.out.suffix == ".csv":
            return write_csv(path, rows, schema)
        return write_parquet(path, rows, schema, {METADATA: orjson.dumps(about_job(library, job)).decode()})


@contextmanager
def in_order(engine: DuckDB) -> Iterator[None]:
    """Lines stay in their order: what is joined to them is looked up, never they in it, however few they are."""
    (before,) = engine.fetch("SELECT current_setting('disabled_optimizers')")[0]
    engine.execute(f"SET disabled_optimizers = '{before},build_side_probe_side'")
    try:
        yield
    finally:
        engine.execute(f"SET disabled_optimizers = '{before}'")


def about_job(library: PolicyLibrary, job: Adjudication) -> dict[str, str | None]:
    """What an output file says of its own making."""
    return {
        "engine": ENGINE,
        "library": str(library.folder.resolve()),
        "claims": str(job.claims.resolve()),
        "map": str(job.claims_map.resolve()) if job.claims_map else None,
        "as_of": job.as_of.isoformat() if job.as_of else None,
        "known_on": job.known_on.isoformat() if job.known_on else None,
    }


def write_quality(connection: duckdb.DuckDBPyConnection, job: Adjudication, table: ClaimsTable) -> Path | None:
    """List the lines that rules of data quality found, the first LISTED of each rule."""
    path = quality_path(job.out)
    if not any(count.lines for count in table.quality):
        path.unlink(missing_ok=True)
        return None
    with _whole(path) as part:
        target = str(part).replace("'", "''")
        connection.execute(f"COPY ({listed_query(table, LISTED)}) TO '{target}' (FORMAT csv, HEADER)")
    return path


def write_rejects(connection: duckdb.DuckDBPyConnection, job: Adjudication, table: ClaimsTable) -> Path | None:
    path = rejects_path(job.out)
    if not table.rejected:
        path.unlink(missing_ok=True)
        return None
    with _whole(path) as part:
        target = str(part).replace("'", "''")
        rejects = f"SELECT * FROM {table.rejects_table} ORDER BY row"
        connection.execute(f"COPY ({rejects}) TO '{target}' (FORMAT csv, HEADER)")
    return path


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """A path beside the target to write to; the file is moved to its place when it is whole."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=out.parent, prefix=".medpol-") as folder:
            part = Path(folder) / out.name
            yield part
            part.replace(out)
    except (OSError, duckdb.IOException) as error:
        problem = Problem(Place(str(out)), "MP903", f"cannot be written: {error}", "give another --out")
        raise PolicyRejected([problem]) from None


def summary_of(
    job: Adjudication, table: ClaimsTable, tally: Tally, rejects: Path | None, listed: Path | None
) -> Summary:
    summary = summed_up(
        tally,
        total=table.total,
        rejected=table.rejected,
        given=table.given,
        notes=table.notes,
        out=job.out,
        rejects=rejects,
    )
    return replace(summary, quality=tuple((q.rule, q.lines) for q in table.quality), listed=listed)


def summed_up(
    tally: Tally,
    *,
    total: int,
    rejected: int,
    given: Sequence[str],
    notes: tuple[str, ...],
    out: Path,
    rejects: Path | None,
) -> Summary:
    """The summary of lines that were added up; `given` says whether the input has amounts."""
    by_state, by_policy, missing = _Sums(), _Sums(), _Sums()
    for (state, policy, layer, facts), (lines, billed) in tally.totals.items():
        by_state.add((state,), lines, billed)
        if policy:
            by_policy.add((policy, layer, state), lines, billed)
        for fact in filter(None, facts.split("; ")):
            missing.add((fact,), lines, billed)
    has_amounts = "billed" in given
    states = by_state.rows(has_amounts)
    return Summary(
        total=total,
        decided=tally.lines,
        rejected=rejected,
        by_state=states,
        by_policy=by_policy.rows(has_amounts),
        missing=tuple(row[:-1] for row in missing.rows(has_amounts)),
        billed=sum(row[-1] for row in states) if has_amounts else None,
        notes=notes,
        out=out,
        rejects=rejects,
    )


class _Sums:
    """Lines and billed amounts by words."""

    def __init__(self) -> None:
        self._totals: dict[tuple[str, ...], tuple[int, float]] = {}

    def add(self, words: tuple[str, ...], lines: int, billed: float) -> None:
        old_lines, old_billed = self._totals.get(words, (0, 0.0))
        self._totals[words] = (old_lines + lines, old_billed + billed)

    def rows(self, has_amounts: bool) -> tuple[Any, ...]:
        """(*words, lines, billed or None), most lines first."""
        found = [(*words, lines, billed if has_amounts else None) for words, (lines, billed) in self._totals.items()]
        return tuple(sorted(found, key=lambda row: (-row[-2], row[:-2])))


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
