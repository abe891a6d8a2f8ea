"""Replay of one policy against the scan of one column: `python benchmarks/impact.py [LINES] [FOLDER]`.

The claims are written into FOLDER (default: benchmarks/data; 100M lines are 3.2 GB) and kept. The measure is DuckDB's
own `max(hash(code))` over the same file, in the same process. Two policies of a library of 500: one that looks at the
line alone, one that also counts the member's claims of the last 12 months. Best of three up to 10M lines, else one run.
"""

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import cast

import duckdb
from workload import make_library, write_claims

from medpol.library import PolicyLibrary, Replay, replay_claims
from medpol.model.policy import Policy
from medpol.model.rules import Library

DATA = Path(__file__).parent / "data"


def in_memory(library: Library) -> PolicyLibrary:
    """What replay_claims asks of a PolicyLibrary, without a folder."""
    return cast(PolicyLibrary, SimpleNamespace(content=library, policy=lambda number: library.policies[number]))


def widest(library: Library, *, counts: bool) -> Policy:
    """The policy with most codes among those with two versions that differ; every other one counts claims."""

    def fits(policy: Policy) -> bool:
        return len(policy.versions) > 1 and len(policy.versions[0].statements) == 1

    return max(
        (p for p in library.policies.values() if fits(p) and (int(p.number[1:]) % 2 == 0) is counts),
        key=lambda policy: len(policy.versions[0].codes),
    )


def best(run: Callable[[], object], times: int) -> float:
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def main() -> None:
    lines = int(float(sys.argv[1])) if len(sys.argv) > 1 else 10_000_000
    data = Path(sys.argv[2]) if len(sys.argv) > 2 else DATA
    data.mkdir(exist_ok=True, parents=True)
    claims = data / f"claims_{lines}.parquet"
    if not claims.exists():
        write_claims(claims, lines)
    times = 3 if lines <= 10_000_000 else 1
    connection = duckdb.connect()
    scan = best(lambda: connection.execute(f"SELECT max(hash(code)) FROM read_parquet('{claims}')").fetchall(), 3)
    print(f"{lines:,} lines, {claims.stat().st_size / 1e9:.1f} GB; max(hash()) of the code column: {scan:.2f} s")
    library = make_library(500, history=True)
    for counts in (False, True):
        policy = widest(library, counts=counts)
        before, after = policy.versions[0].effective, policy.versions[-1].effective
        with TemporaryDirectory() as folder:
            job = Replay(
                claims=claims, policy=policy.number, before=before, after=after,
                out=Path(folder) / "changed.parquet", page=Path(folder) / "impact.html",
            )  # fmt: skip
            found = []
            seconds = best(lambda: found.append(replay_claims(in_memory(library), job)), times)  # noqa: B023
            seen = found[-1].impact
        told = f", {seen.considered.lines:,} lines under review, {seen.changed.lines:,} decided otherwise"
        what = "counting claims" if counts else "looking at the line alone"
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(
            f"{policy.number}, {len(policy.versions[0].codes)} codes, {what}: {seconds:.1f} s, "
            f"{seconds / scan:.1f} × the scan, peak {peak:.1f} GB{told}",
            flush=True,
        )


if __name__ == "__main__":
    main()
