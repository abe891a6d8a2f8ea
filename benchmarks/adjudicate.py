"""Adjudication against the physical limit: `python benchmarks/adjudicate.py [LINES] [POLICIES …]`.

The limit is DuckDB's own `max()` over the columns that the policies need, in the same process on the same file.
Medians of three; peak memory is the process's, so ask for one size at a time where it matters.
"""

import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import cast

import duckdb
from workload import make_library, write_claims

from medpol.library import Adjudication, PolicyLibrary, adjudicate_claims
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


def main() -> None:
    lines = int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000
    sizes = [int(n) for n in sys.argv[2:]] or [50, 500]
    DATA.mkdir(exist_ok=True)
    claims = DATA / f"claims_{lines}.parquet"
    if not claims.exists():
        write_claims(claims, lines)
    connection = duckdb.connect()
    columns = ", ".join(f"max({name})" for name in NEEDED)
    scan = median(lambda: connection.execute(f"SELECT {columns} FROM read_parquet('{claims}')").fetchall())
    print(f"{lines:,} lines; max() of {len(NEEDED)} columns: {scan:.2f} s; DuckDB {duckdb.__version__}")
    with TemporaryDirectory() as folder:
        for n in sizes:
            for words in (False, True):
                library = in_memory(make_library(n))
                job = Adjudication(claims=claims, out=Path(folder) / "out.parquet", with_criteria=words)
                seconds = median(lambda: adjudicate_claims(library, job))  # noqa: B023
                summary = adjudicate_claims(library, job)
                states = ", ".join(f"{state} {count:,}" for state, count, _ in summary.by_state)
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
                how = f"{n} policies, criteria in words {'yes' if words else 'no '}"
                rate = f"{seconds / scan:.1f} × the scan, {lines / seconds / 1e6:.2f} M lines/s"
                print(f"{how}: {seconds:.2f} s, {rate}, peak {peak:.1f} GB ({states})", flush=True)


if __name__ == "__main__":
    main()
