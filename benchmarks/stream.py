"""Streaming: `python benchmarks/stream.py [LINES] [POLICIES]`, and `python benchmarks/stream.py --kill [TIMES] [SEED]`.

The input is partitioned, ten million lines a file, each file from a seed of its own (members come in all of them); 10
million lines are measured first, then LINES. Half of the policies count the member's claims of 12 months. For each:
DuckDB's `max()` over the columns that the policies need, on the same files, and the whole run with one and two
processes: survey, parts, checksums. Memory is that of all processes together, sampled twice a second: RSS, which
counts pages that processes share several times, and PSS, which counts them once.

`--kill` ends a run with SIGKILL at so many moments, spread over the time that a run takes, and has it taken up again;
every file must then be that of an undisturbed run.
"""

import argparse
import hashlib
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

import duckdb
from adjudicate import NEEDED, in_memory
from workload import make_library, write_claims

from medpol.library import Adjudication, adjudicate_claims
from medpol.library.streaming import memory_of

SCRATCH = Path(os.environ.get("MEDPOL_SCRATCH", Path(__file__).parent / "data" / "stream"))
A_FILE = 10_000_000
MEDPOL = (sys.executable, "-c", "from medpol.interfaces.cli import main; main()")


def claims_of(lines: int) -> str:
    """A glob of files with so many lines, made where they are not there yet."""
    many = max(1, lines // A_FILE)
    for number in range(many):
        path = SCRATCH / "claims" / f"batch={number:02}" / f"claims-{min(lines, A_FILE)}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            write_claims(path.with_suffix(".new"), min(lines, A_FILE), seed=number + 1)
            path.with_suffix(".new").rename(path)
    return str(SCRATCH / "claims" / f"batch=0[0-{many - 1}]" / f"claims-{min(lines, A_FILE)}.parquet")


def run(lines: int, policies: int, workers: int, memory: int, what: str) -> None:
    """The run that is measured, in a process of its own."""
    out = SCRATCH / f"answers-{lines}"
    rmtree(out, ignore_errors=True)
    job = Adjudication(
        claims=Path(claims_of(lines)),
        out=out,
        memory=memory,
        workers=workers,
        fresh=True,
        with_criteria="criteria" in what,
        answers_only="whole" not in what,
        quality="quality" in what,
        on_stage=lambda stage: print(f"{time.perf_counter() - start:8.1f} {stage}", file=sys.stderr, flush=True),
    )
    library = in_memory(make_library(policies, history="history" in what))
    start = time.perf_counter()
    summary = adjudicate_claims(library, job)
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu = sum(used.ru_utime + used.ru_stime for used in (own, children))
    print(time.perf_counter() - start, cpu, summary.decided, flush=True)


def measured(command: list[str]) -> tuple[float, float, int, int]:
    """Seconds, seconds of processors, and the greatest RSS and PSS of all its processes in bytes."""
    rss = pss = 0
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    while process.poll() is None:
        now = [_memory(number) for number in _family(process.pid)]  # which costs about 0.03 s
        rss, pss = max(rss, sum(r for r, _ in now)), max(pss, sum(p for _, p in now))
        time.sleep(0.5)
    if process.returncode or process.stdout is None:
        raise SystemExit(f"the run ended with {process.returncode}")
    seconds, cpu, _ = map(float, process.stdout.read().split())
    return seconds, cpu, rss, pss


def _family(number: int) -> Iterator[int]:
    yield number
    with suppress(OSError):
        for task in Path(f"/proc/{number}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))


def _memory(number: int) -> tuple[int, int]:
    with suppress(OSError):
        found = dict(line.split(":", 1) for line in Path(f"/proc/{number}/smaps_rollup").read_text().splitlines()[1:])
        return tuple(int(found[name].split()[0]) << 10 for name in ("Rss", "Pss"))  # type: ignore[return-value]
    return 0, 0


def benchmark(lines: int, policies: int, workers: list[int], memory: str, what: str) -> None:
    columns = ", ".join(f"max({name})" for name in NEEDED)
    for many in sorted({min(A_FILE, lines), lines}):
        claims = claims_of(many)
        start = time.perf_counter()
        duckdb.execute(f"SELECT {columns} FROM read_parquet('{claims}')").fetchall()
        scan = time.perf_counter() - start
        print(f"{many:,} lines, {policies} policies, {what}, --memory {memory}; max(): {scan:.1f} s", flush=True)
        for n in workers:
            options = [str(many), str(policies), "--run", str(n), "--memory", memory, "--what", what]
            seconds, cpu, rss, pss = measured([sys.executable, __file__, *options])
            took = f"{seconds:.1f} s (of processors {cpu:.1f} s), {seconds / scan:.1f} × the scan"
            rate = f"{many / seconds / 1e6:.2f} M lines/s"
            print(f"  {n} processes: {took}, {rate}, peak RSS {rss / 1e9:.2f} GB, PSS {pss / 1e9:.2f} GB", flush=True)


def kills(times: int, seed: int) -> None:
    """Kill a run at so many moments, take it up again, compare."""
    rng = random.Random(seed)
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        claims = folder / "claims.parquet"
        write_claims(claims, 300_000)
        took, expected = {}, {}
        for ending in ("", ".parquet"):
            start = time.perf_counter()
            undisturbed = folder / f"undisturbed-{len(took)}{ending}"
            _start(claims, undisturbed).wait()
            took[ending] = time.perf_counter() - start
            expected[ending] = _contents(undisturbed)
            print(f"{undisturbed.name}: {took[ending]:.1f} s, {len(expected[ending])} files", flush=True)
        for number in range(times):
            ending = ("", ".parquet")[number % 2]
            out = folder / f"killed-{number}{ending}"
            moment = took[ending] * (number + rng.random()) / times
            process = _start(claims, out)
            time.sleep(moment)
            process.send_signal(signal.SIGKILL)
            process.wait()
            ready = len(list(folder.glob(f"{out.name}*/part-*.parquet")))
            if _start(claims, out).wait() or _contents(out) != expected[ending]:
                raise SystemExit(f"killed after {moment:.2f} s with {ready} parts: not the same afterwards")
            print(f"killed after {moment:.2f} s with {ready} parts there: the same", flush=True)


def _start(claims: Path, out: Path) -> subprocess.Popen[bytes]:
    options = ["--out", str(out), "--part-rows", "20000", "--workers", "2", "--no-quality"]
    return subprocess.Popen([*MEDPOL, "adjudicate", str(claims), *options], stdout=subprocess.DEVNULL)


def _contents(out: Path) -> dict[str, str]:
    """Every file that a run leaves, with its digest."""
    found = {}
    for path in out.parent.rglob("*"):
        name = str(path.relative_to(out.parent))
        if path.is_file() and name.startswith(f"{out.stem}") and name[len(out.stem)] in "./":
            content = path.read_bytes().replace(out.stem.encode(), b"OUT")
            found[name.replace(out.stem, "OUT")] = hashlib.sha256(content).hexdigest()
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("lines", nargs="?", type=float, default=1e7)
    parser.add_argument("policies", nargs="?", type=int, default=500)
    parser.add_argument("--kill", nargs="*", type=int)
    parser.add_argument("--memory", default="2GB")
    parser.add_argument("--what", default="history", help="history, quality, criteria, whole, joined with +")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--run", type=int)
    given = parser.parse_args()
    if given.kill is not None:
        kills(*given.kill, *(20, 1)[len(given.kill) :])
    elif given.run:
        run(int(given.lines), given.policies, given.run, memory_of(given.memory), given.what)
    else:
        benchmark(int(given.lines), given.policies, given.workers, given.memory, given.what)


if __name__ == "__main__":
    main()
