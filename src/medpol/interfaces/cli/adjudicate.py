"""medpol adjudicate"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medpol.interfaces.cli.options import (
    AsOfOption,
    JsonOption,
    KnownOnOption,
    LibraryOption,
    open_library,
    print_json,
    read_date,
)

if TYPE_CHECKING:
    from medpol.library import Summary


class EngineName(StrEnum):
    DUCKDB = "duckdb"
    SPARK = "spark"


def adjudicate(
    claims: Annotated[
        Path | None,
        typer.Argument(metavar="CLAIMS", help="Claim lines: a Parquet, CSV or Arrow file, a folder or a glob."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="The answers: .parquet, .csv or a folder."),
    ] = None,
    library: LibraryOption = None,
    mapping: Annotated[
        Path | None, typer.Option("--map", metavar="FILE", help="Which column is what (docs/claims.md).")
    ] = None,
    as_of: AsOfOption = None,
    known_on: KnownOnOption = None,
    criteria: Annotated[bool, typer.Option(help="Write how each criterion came out, in words.")] = True,
    governed_only: Annotated[
        bool, typer.Option("--governed-only", help="Leave lines that no policy governs out of the output file.")
    ] = False,
    answers_only: Annotated[
        bool, typer.Option("--answers-only", help="Write the line's number and its answer, none of its own columns.")
    ] = False,
    quality: Annotated[bool, typer.Option(help="Look for impossible dates, codes and repeated lines.")] = True,
    threads: Annotated[int | None, typer.Option(help="Processor threads to use. Default: all.")] = None,
    memory: Annotated[
        str, typer.Option(metavar="SIZE", help="Inputs that would take more are decided part after part.")
    ] = "2GB",
    part_rows: Annotated[
        int | None, typer.Option("--part-rows", min=1, metavar="N", help="Lines of a part. Default: by --memory.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume/--fresh", help="Take up what a run of parts has done, or begin anew.")
    ] = True,
    workers: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Processes that decide parts. Default: 2, on one core 1.")
    ] = None,
    engine: Annotated[EngineName, typer.Option(help="What decides the lines (docs/warehouse.md).")] = EngineName.DUCKDB,
    spark_master: Annotated[
        str, typer.Option("--spark-master", metavar="URL", help="Where Spark runs, with --engine spark.")
    ] = "local[*]",
    sql: Annotated[
        str | None,
        typer.Option(
            "--sql",
            metavar="DIALECT",
            help="Without CLAIMS: write the plan for your own warehouse (postgres, duckdb, snowflake, bigquery, "
            "databricks, redshift, trino) into the folder --out.",
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Decide every line of a claims file: one row out for every row in.

    \b
    medpol adjudicate claims.parquet --out answers.parquet
    medpol adjudicate claims.csv --map columns.yaml --out answers.csv
    medpol explain answers.parquet --line 17
    medpol adjudicate claims/ --out answers --memory 2GB
    medpol adjudicate claims.parquet --engine spark --out answers
    medpol adjudicate --sql postgres --out warehouse

    Rows that cannot be used are counted and listed beside the output, in FILE.rejects.csv. What looks wrong in the
    others changes no answer; it is counted, and listed in FILE.quality.csv. A big input is decided in parts; a run that
    was interrupted goes on when it is started again (docs/claims.md).
    """
    if sql is not None:
        _write_sql(sql, out, library, as_of, known_on, criteria=criteria, claims=claims)
        return
    if claims is None or out is None:
        raise typer.BadParameter("give CLAIMS and --out FILE")
    import os

    from medpol.library import Adjudication, adjudicate_claims
    from medpol.library.streaming import memory_of

    policies = open_library(library)
    with stages(show=not json) as on_stage:
        job = Adjudication(
            claims=claims,
            out=out,
            claims_map=mapping,
            as_of=read_date(as_of),
            known_on=read_date(known_on),
            with_criteria=criteria,
            governed_only=governed_only,
            answers_only=answers_only,
            quality=quality,
            threads=threads,
            memory=memory_of(memory),
            part_rows=part_rows,
            workers=workers or min(2, os.cpu_count() or 1),
            fresh=not resume,
            on_stage=on_stage,
        )
        if engine is EngineName.SPARK:
            from medpol.library.spark_claims import adjudicate_on_spark

            summary = adjudicate_on_spark(policies, job, spark_master)
        else:
            summary = adjudicate_claims(policies, job)
    if json:
        print_json(summary_json(summary))
    else:
        print_summary(summary)


def _write_sql(
    dialect: str,
    out: Path | None,
    library: Path | None,
    as_of: str | None,
    known_on: str | None,
    *,
    criteria: bool,
    claims: Path | None,
) -> None:
    if claims is not None or out is None:
        raise typer.BadParameter("--sql takes no CLAIMS, and --out names a folder")
    from medpol.library.warehouse import WarehouseJob, write_warehouse

    job = WarehouseJob(
        dialect=dialect, out=out, as_of=read_date(as_of), known_on=read_date(known_on), with_criteria=criteria
    )
    for path in write_warehouse(open_library(library), job):
        typer.echo(path)


@contextmanager
def stages(*, show: bool) -> Iterator[Callable[[str], None]]:
    """A progress line on standard error while a person watches; elsewhere nothing."""
    if not (show and sys.stderr.isatty()):
        yield lambda _stage: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description:32}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda stage: progress.update(task, description=stage)


def summary_json(summary: "Summary") -> dict[str, object]:
    """The summary in the shape that --json prints."""
    return {
        "lines": summary.total,
        "decided": summary.decided,
        "rejected": summary.rejected,
        "billed": _cents(summary.billed),
        "by_state": [{"state": s, "lines": n, "billed": _cents(b)} for s, n, b in summary.by_state],
        "by_policy": [
            {"policy": p, "layer": layer, "state": s, "lines": n, "billed": _cents(b)}
            for p, layer, s, n, b in summary.by_policy
        ],
        "missing": [{"fact": fact, "lines": n} for fact, n in summary.missing],
        "quality": [{"rule": rule, "lines": n} for rule, n in summary.quality],
        "notes": list(summary.notes),
        "out": str(summary.out),
        "rejects": str(summary.rejects) if summary.rejects else None,
        "quality_lines": str(summary.listed) if summary.listed else None,
    }


def print_summary(summary: "Summary", most: int = 12) -> None:
    """Tables for a person: by state, by policy, what is missing most often, and where the files are."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    states = Table("state", "lines", "share", "billed", title=f"{summary.total:,} claim lines", title_justify="left")
    for state, n, billed in summary.by_state:
        states.add_row(state, f"{n:,}", f"{n / max(summary.decided, 1):.1%}", _amount(billed))
    if summary.rejected:
        states.add_row("rejected", f"{summary.rejected:,}", "", "")
    policies = Table("policy", "layer", "state", "lines", "billed", title="by policy", title_justify="left")
    for policy, layer, state, n, billed in summary.by_policy[:most]:
        policies.add_row(policy, layer, state, f"{n:,}", _amount(billed))
    if len(summary.by_policy) > most:
        policies.add_row("…", "", "", f"{len(summary.by_policy) - most} more rows", "")
    for table in (states, policies):
        for column in table.columns[-2 if table is policies else 1 :]:
            column.justify = "right"
        console.print(table)
    if summary.missing:
        asked = ", ".join(f"{fact} ({n:,})" for fact, n in summary.missing[:8])
        console.print(f"missing most often: {asked}")
    if summary.quality:
        wrong = ", ".join(f"{rule} ({n:,})" for rule, n in summary.quality if n)
        console.print(f"quality: {wrong or 'nothing found'}")
    for note in summary.notes:
        console.print(f"note: {note}")
    console.print(f"answers: {summary.out}")
    if summary.rejects:
        console.print(f"rejected rows: {summary.rejects}")
    if summary.listed:
        console.print(f"lines with findings of quality: {summary.listed}")


def _cents(billed: float | None) -> float | None:
    return None if billed is None else round(billed, 2)


def _amount(billed: float | None) -> str:
    return "" if billed is None else f"{billed:,.0f}"
