"""Adjudication against the physical limit: `python benchmarks/adjudicate.py [LINES] [POLICIES …]`, and against peers:
`python benchmarks/adjudicate.py peers [POLICIES]` (a million lines).

The limit is DuckDB's own `max()` over the columns that the policies need, in the same process on the same file.
"answers only" writes a row for every line, with line, state, position, layer, policy, version, statement, reason and
missing; the whole output has the line's own columns too. Medians of three; peak memory is the process's.
"""

import resource
import statistics
import sys
import threading
import time
from collections.abc import Callable
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


def median(run: Callable[[], object], times: int = 3) -> float:
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def decided(library: Library, claims: Path, out: Path, scan: float, lines: int, **how: bool) -> float:
    """Print what deciding a file takes; the seconds."""
    job = Adjudication(claims=claims, out=out, **{"with_criteria": False, **how})
    face = in_memory(library)
    seconds = median(lambda: adjudicate_claims(face, job))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    named = ", ".join(name.replace("_", " ") for name, on in how.items() if on) or "whole output"
    rate = f"{seconds / scan:.1f} × the scan, {lines / seconds / 1e6:.2f} M lines/s"
    print(f"{len(library.policies)} policies, {named}: {seconds:.2f} s, {rate}, peak {peak:.1f} GB", flush=True)
    return seconds


def peers(claims: Path, n: int) -> None:
    """medpol beside zen-engine and one big CASE."""
    from peers import against_case, against_zen

    library, engine = make_library(n), DuckDB()
    lines = open_table(in_memory(library), engine.connection, claims, None).lines
    micros, many, alike = against_zen(engine, library, lines)
    first, again, case, pairs, agree = against_case(engine, library, lines)
    print(f"one big CASE, {n} policies: {case:.2f} s; medpol {first:.2f} s, {again:.2f} s with its plan made: "
          f"{case / first:.0f} × and {case / again:.0f} × ({agree:,} of {pairs:,} pairs say the same)")  # fmt: skip
    ours = first / pairs * 1e6
    print(f"zen-engine {micros:.0f} µs a decision ({alike} of {many} alike), medpol's batch {ours:.2f} µs: "
          f"{micros / ours:.0f} ×")  # fmt: skip


def main() -> None:
    lines = int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000
    sizes = [int(n) for n in sys.argv[2:]] or [50, 500]
    claims = file_of(lines)
    connection = duckdb.connect()
    columns = ", ".join(f"max({name})" for name in NEEDED)
    scan = median(lambda: connection.execute(f"SELECT {columns} FROM read_parquet('{claims}')").fetchall())
    print(f"{lines:,} lines; max() of {len(NEEDED)} columns: {scan:.2f} s; DuckDB {duckdb.__version__}")
    with TemporaryDirectory() as folder:
        out = Path(folder) / "out.parquet"
        took = {}
        for n in sizes:
            took[n] = decided(make_library(n), claims, out, scan, lines, answers_only=True)
            with_history = decided(make_library(n, history=True), claims, out, scan, lines, answers_only=True)
            print(f"  with a 12-month window on half of the policies: {with_history / took[n]:.2f} × that")
            decided(make_library(n), claims, out, scan, lines, answers_only=True, governed_only=True)
            decided(make_library(n), claims, out, scan, lines)
            decided(make_library(n), claims, out, scan, lines, with_criteria=True)
        if len(took) > 1:
            print(f"time({max(took)}) / time({min(took)}): {took[max(took)] / took[min(took)]:.1f}")


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
