"""The same plan on DuckDB, Spark and PostgreSQL: `python benchmarks/portability.py [LINES] [POLICIES]`.

Every engine decides the same lines, which DuckDB has cleaned, without words for criteria; the answers are asserted
equal line for line (by a hash of all columns of all rows). DuckDB and Spark are timed on their second run; PostgreSQL
on the second run of 02_decide.sql, as a warehouse that keeps the tables of 01_tables.sql.
"""

import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from adjudicate import DATA, in_memory
from workload import make_library, write_claims

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from medpol.engine import COLUMNS, DuckDB, adjudicate
from medpol.library import PolicyLibrary
from medpol.library.claims import open_table
from medpol.library.warehouse import WarehouseJob, plan_for_warehouse
from medpol.loading import ClaimsTable
from postgres_server import server
from warehouse_claims import claims_query, copy_to_postgres

ANSWERS = f"SELECT line, {', '.join(COLUMNS)} FROM {{}} ORDER BY line"


def main() -> None:
    lines = int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000
    policies = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    DATA.mkdir(exist_ok=True)
    claims = DATA / f"claims_{lines}.parquet"
    if not claims.exists():
        write_claims(claims, lines)
    library = in_memory(make_library(policies))
    engine = DuckDB()
    table = open_table(library, engine.connection, claims, None)
    print(f"{lines:,} lines, {policies} policies", flush=True)
    seconds, expected = on_duckdb(library, engine, table)
    print(f"DuckDB, numpy for the slots: {seconds:.2f} s, answers {expected}", flush=True)
    for name, run in (("Spark local[2]", on_spark), ("PostgreSQL", on_postgres)):
        other, found = run(library, engine, table)
        assert found == expected, f"{name}: {found}"
        print(f"{name}: {other:.2f} s warm, {other / seconds:.1f} × DuckDB, the same answers", flush=True)


def twice(run: Callable[[], object]) -> float:
    """Seconds of the second run."""
    run()
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def digest(rows: Iterable[Any]) -> tuple[int, int]:
    """How many rows, and a hash over all of them in order."""
    count = value = 0
    for row in rows:
        count, value = count + 1, hash((value, *row))
    return count, value


def on_duckdb(library: PolicyLibrary, engine: DuckDB, table: ClaimsTable) -> tuple[float, tuple[int, int]]:
    def run() -> None:
        adjudicate(engine, library.content, table.lines, describe=repr, with_criteria=False)
        engine.execute("CREATE OR REPLACE TEMP TABLE kept AS SELECT * FROM answers")

    seconds = twice(run)
    cursor = engine.connection.execute(ANSWERS.format("kept"))
    return seconds, digest(iter(cursor.fetchone, None))


def on_spark(library: PolicyLibrary, engine: DuckDB, table: ClaimsTable) -> tuple[float, tuple[int, int]]:
    from pyspark.sql import SparkSession

    from medpol.engine.dialects.spark import Spark

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.shuffle.partitions", "8").config("spark.driver.memory", "4g").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    with TemporaryDirectory() as folder:
        for relation in filter(None, (table.lines.table, table.lines.history, table.lines.history_diagnoses)):
            path = f"{folder}/{relation}.parquet"
            engine.connection.execute(f"COPY (SELECT * FROM {relation}) TO '{path}' (FORMAT parquet)")
            session.read.parquet(path).createOrReplaceTempView(relation)
        out = f"{folder}/answers"

        def run() -> None:
            adjudicate(Spark(session), library.content, table.lines, describe=repr, with_criteria=False)
            session.sql(ANSWERS.format("answers")).write.mode("overwrite").parquet(out)

        seconds = twice(run)
        session.stop()
        cursor = engine.connection.execute(f"FROM '{out}/*.parquet' ORDER BY line")
        return seconds, digest(iter(cursor.fetchone, None))


def on_postgres(library: PolicyLibrary, engine: DuckDB, table: ClaimsTable) -> tuple[float, tuple[int, int]]:
    import pg8000.dbapi

    widths = {fact: len(columns) for fact, columns in table.lines.codes.items()}
    job = WarehouseJob(dialect="postgres", out=Path("unused"), widths=widths, with_criteria=False)
    plan = plan_for_warehouse(library, job)
    with server() as port:
        connection = pg8000.dbapi.connect(user="medpol", host="127.0.0.1", port=port, database="postgres")
        copy_to_postgres(
            connection, plan.columns, engine.connection, claims_query(table.lines, plan.columns, library.content.facts)
        )
        cursor = connection.cursor()
        for statement in plan.script.tables:
            cursor.execute(statement)

        def run() -> None:
            for statement in plan.script.steps:
                cursor.execute(statement)
            cursor.execute("DROP TABLE IF EXISTS kept")
            cursor.execute(f"CREATE TEMP TABLE kept AS SELECT * FROM {plan.script.name('answers')}")

        seconds = twice(run)
        cursor.execute(ANSWERS.format("kept"))
        return seconds, digest(cursor)


if __name__ == "__main__":
    main()
