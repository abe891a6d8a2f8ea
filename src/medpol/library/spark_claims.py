"""Claims decided on Apache Spark.

DuckDB reads and cleans the file, so that a value means the same on every engine and the rejects are counted alike;
Spark decides what it left, with the same plan, and writes the answers as a folder of Parquet files.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from medpol.engine import COLUMNS, DuckDB, Spark, adjudicate, elsewhere
from medpol.library.answers import Tally
from medpol.library.claims import Adjudication, Summary, open_table, summary_of, write_quality, write_rejects
from medpol.library.policies import PolicyLibrary
from medpol.loading import ClaimsTable
from medpol.problems import Place, PolicyRejected, Problem

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_LOCAL_PARTITIONS = 8  # of a shuffle; Spark's 200 are for clusters


def adjudicate_on_spark(library: PolicyLibrary, job: Adjudication, master: str = "local[*]") -> Summary:
    """As `adjudicate_claims`, into the folder `job.out`, which must not be there yet. Raises PolicyRejected."""
    if job.out.exists():
        raise PolicyRejected([Problem(Place(str(job.out)), "MP903", "it is there already", "give another --out")])
    job.on_stage("starting Spark")
    with _session(master) as session, TemporaryDirectory(prefix="medpol-") as folder:
        engine = DuckDB(threads=job.threads)
        job.on_stage("reading claims")
        table = open_table(library, engine.connection, job.claims, job.claims_map, quality=job.quality, today=job.as_of)
        job.on_stage("handing over to Spark")
        job.out.parent.mkdir(parents=True, exist_ok=True)
        _hand_over(session, engine, table, Path(folder))
        _decide(session, library, job, table)
        rejects = write_rejects(engine.connection, job, table)
        listed = write_quality(engine.connection, job, table)
        job.on_stage("adding up")
        tally = _tally(session, library, table)
        written = session.read.parquet(str(job.out)).count()
    if tally.lines != table.accepted or written != (tally.governed if job.governed_only else tally.lines):
        raise AssertionError(f"{table.accepted} lines to decide, {tally.lines} decided, {written} written")
    return summary_of(job, table, tally, rejects, listed)


def _hand_over(session: "SparkSession", engine: DuckDB, table: ClaimsTable, folder: Path) -> None:
    """The lines that DuckDB holds, and their history, under the same names in Spark."""
    for relation in filter(None, (table.lines.table, table.lines.history, table.lines.history_diagnoses)):
        path = folder / f"{relation}.parquet"
        engine.connection.execute(f"COPY (SELECT * FROM {relation}) TO '{path}' (FORMAT parquet)")
        session.read.parquet(str(path)).createOrReplaceTempView(relation)


def _decide(session: "SparkSession", library: PolicyLibrary, job: Adjudication, table: ClaimsTable) -> None:
    lines = table.lines
    adjudicate(
        Spark(session),
        library.content,
        lines,
        describe=library.leaf_in_words,
        known_on=job.known_on,
        as_of=job.as_of,
        with_criteria=job.with_criteria,
        on_stage=job.on_stage,
    )
    job.on_stage("writing")
    kept = () if job.answers_only else (*table.given, "code", "service_date")
    own = ", ".join(f"l.{name}" for name in ("line", *kept))
    said = ", ".join(f"s.{name}" for name in COLUMNS)
    governed = "JOIN" if job.governed_only else "LEFT JOIN"
    answers = f"""SELECT {own}, {said} FROM {lines.table} l {governed} decided d ON d.line = l.line
                  JOIN said s ON s.answer = COALESCE(d.answer, {elsewhere(library.content)}) ORDER BY l.line"""
    session.sql(answers).write.parquet(str(job.out))


def _tally(session: "SparkSession", library: PolicyLibrary, table: ClaimsTable) -> Tally:
    """All lines by what was said of them."""
    amount = "CAST(COALESCE(SUM(l.billed), 0) AS DOUBLE)" if "billed" in table.given else "CAST(0 AS DOUBLE)"
    rows = session.sql(
        f"""SELECT s.state, s.policy, s.layer, s.missing, COUNT(*), {amount}, COUNT(d.line)
            FROM {table.lines.table} l LEFT JOIN decided d ON d.line = l.line
            JOIN said s ON s.answer = COALESCE(d.answer, {elsewhere(library.content)})
            GROUP BY s.state, s.policy, s.layer, s.missing"""
    ).collect()
    tally = Tally(lines=sum(row[4] for row in rows), governed=sum(row[6] for row in rows))
    tally.totals.update({tuple(row[:4]): (row[4], row[5]) for row in rows})
    return tally


@contextmanager
def _session(master: str) -> "Iterator[SparkSession]":
    """A session of its own, stopped at the end; a problem where Spark or Java is missing."""
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError:
        problem = Problem(Place("--engine spark"), "MP952", "pyspark is not installed", "install medpol[spark]")
        raise PolicyRejected([problem]) from None
    builder = SparkSession.builder.appName("medpol").master(master).config("spark.ui.enabled", "false")
    if master.startswith("local"):
        builder = builder.config("spark.sql.shuffle.partitions", str(_LOCAL_PARTITIONS))
    try:
        session = builder.getOrCreate()
    except PySparkRuntimeError as error:
        problem = Problem(Place("--engine spark"), "MP952", f"Spark does not start: {error}", "install Java 17 or 21")
        raise PolicyRejected([problem]) from None
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()
