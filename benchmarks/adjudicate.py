"""Adjudication against the physical limit: `python benchmarks/adjudicate.py [LINES] [POLICIES …]`, and against peers:
`python benchmarks/adjudicate.py peers [POLICIES]` (a million lines).

The limit is DuckDB's own `max()` over the columns that the policies need, in the same process on the same file.
"answers only" writes a row for every line, with line, state, position, layer, policy, version, statement, reason and
missing; the whole output has the line's own columns too. The lines are looked over by the rules of data quality only
where that is said. Wall and CPU time, each against the scan's: the run of median wall time of three (one where criteria
are put in words). Peak memory is the process's, so far.
"""

import resource
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import cast

import duckdb
from workload import make_library, write_claims

from medpol.engine import DuckDB
from medpol.library import Adjudication, PolicyLibrary, adjudicate_claims
from medpol.library.claims import open_table
from medpol.model.rules import Library
from medpol.rendering.english import criterion_text

DATA = Path(__file__).parent / "data"
NEEDED = (
    *("code", "service_date", "line_of_business", "place_of_service", "birth_date", "sex", "member", "claim"),
    *("diagnosis_1", "diagnosis_2", "diagnosis_3", "diagnosis_4", "months_conservative", "ligament_mm", "bmi", "a1c"),
    *("pain_vas", "odi", "lvef", "imaging_confirmed", "prior_surgery", "smoker", "psych_eval", "stage"),
)


def in_memory(library: Library) -> PolicyLibrary:
    """What adjudicate_claims asks of a PolicyLibrary, without a folder."""
    face = SimpleNamespace(
        content=library, folder=Path("generated"), leaf_in_words=lambda leaf: criterion_text(leaf, library.facts)
    )
    return cast(PolicyLibrary, face)


@dataclass(frozen=True, slots=True, order=True)
class Took:
    """Seconds, by the clock and of CPU."""

    wall: float
    cpu: float


def median(run: Callable[[], object], times: int = 3) -> Took:
    """The run of median wall time."""
    took = []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        took.append(Took(time.perf_counter() - wall, time.process_time() - cpu))
    return sorted(took)[times // 2]


def decided(library: Library, claims: Path, out: Path, scan: Took, lines: int, **how: bool) -> Took:
    """Print what deciding a file takes."""
    job = Adjudication(claims=claims, out=out, **{"with_criteria": False, "quality": False, **how})
    face = in_memory(library)
    took = median(lambda: adjudicate_claims(face, job), 1 if job.with_criteria else 3)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    named = ", ".join(name.replace("_", " ") for name, on in how.items() if on) or "whole output"
    print(f"{len(library.policies)} policies, {named}: {took.wall:.2f} s = {took.wall / scan.wall:.1f} × the scan, "
          f"CPU {took.cpu:.2f} s = {took.cpu / scan.cpu:.1f} ×, {lines / took.wall / 1e6:.2f} M lines/s, "
          f"peak {peak:.1f} GB", flush=True)  # fmt: skip
    return took


def peers(claims: Path, n: int) -> None:
    """medpol beside zen-engine and one big CASE; with its code lists in it, the CASE gets two minutes."""
    from peers import against_case, against_zen

    library, engine = make_library(n), DuckDB()
    lines = open_table(in_memory(library), engine.connection, claims, None).lines
    micros, many, alike = against_zen(engine, library, lines)
    first, again, case, pairs, agree = against_case(engine, library, lines)
    print(f"one big CASE, {n} policies: CPU {case:.2f} s; medpol {first:.2f} s, {again:.2f} s with its plan made: "
          f"{case / first:.0f} × and {case / again:.0f} × ({agree:,} of {pairs:,} pairs say the same)")  # fmt: skip
    ours_each = first / pairs * 1e6
    for few in (10, 20, 50):
        engine = DuckDB()
        lines = open_table(in_memory(make_library(few)), engine.connection, claims, None).lines
        ours, _, inline, pairs, agree = against_case(engine, make_library(few), lines, inline=True, limit=120)
        print(f"  with its code lists in it, {few} policies: CPU {inline:.2f} s; medpol {ours:.2f} s: "
              f"{inline / ours:.0f} × ({agree:,} of {pairs:,})", flush=True)  # fmt: skip
    print(f"zen-engine {micros:.0f} µs a decision ({alike} of {many} alike), medpol's batch {ours_each:.2f} µs: "
          f"{micros / ours_each:.0f} ×")  # fmt: skip


def main() -> None:
    lines = int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000
    sizes = [int(n) for n in sys.argv[2:]] or [50, 500]
    claims = file_of(lines)
    connection = duckdb.connect()
    columns = ", ".join(f"max({name})" for name in NEEDED)
    scan = median(lambda: connection.execute(f"SELECT {columns} FROM read_parquet('{claims}')").fetchall())
    print(f"{lines:,} lines; max() of {len(NEEDED)} columns: {scan.wall:.2f} s, CPU {scan.cpu:.2f} s; "
          f"DuckDB {duckdb.__version__}")  # fmt: skip
    with TemporaryDirectory() as folder:
        out = Path(folder) / "out.parquet"
        took = {}
        for n in sizes:
            took[n] = decided(make_library(n), claims, out, scan, lines, answers_only=True)
            with_history = decided(make_library(n, history=True), claims, out, scan, lines, answers_only=True)
            print(f"  with a 12-month window on half of the policies: {with_history.wall / took[n].wall:.2f} × that, "
                  f"{with_history.cpu / took[n].cpu:.2f} × in CPU time")  # fmt: skip
            decided(make_library(n), claims, out, scan, lines, answers_only=True, quality=True)
            decided(make_library(n), claims, out, scan, lines, answers_only=True, governed_only=True)
            decided(make_library(n), claims, out, scan, lines)
            decided(make_library(n), claims, out, scan, lines, with_criteria=True)
        if len(took) > 1:
            most, least = took[max(took)], took[min(took)]
            print(f"time({max(took)}) / time({min(took)}): {most.wall / least.wall:.1f}, "
                  f"{most.cpu / least.cpu:.1f} in CPU time")  # fmt: skip


def file_of(lines: int) -> Path:
    """The claims, made where they are not there yet."""
    DATA.mkdir(exist_ok=True)
    claims = DATA / f"claims_{lines}.parquet"
    if not claims.exists():
        write_claims(claims, lines)
    return claims


def run() -> None:
    if sys.argv[1:2] == ["peers"]:
        peers(file_of(1_000_000), int(sys.argv[2]) if len(sys.argv) > 2 else 500)
    else:
        main()


if __name__ == "__main__":
    threading.stack_size(1 << 30)  # DuckDB overruns the usual stack with a CASE of a thousand branches
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
