"""What a person waits for at the command line: `python benchmarks/start.py`. Medians of whole processes."""

import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from packages import write_packages

HERE = Path(__file__).resolve().parents[1]
MEDPOL = str(Path(sys.executable).parent / "medpol")
DATA = HERE / "src" / "medpol" / "data"
REAL = HERE.parent / "shared" / "claims" / "nh_apcd_2016" / "claim_lines.parquet"


def seconds(command: list[str], times: int = 5) -> float:
    took = []
    for _ in range(times):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        took.append(time.perf_counter() - start)
    return statistics.median(took)


def main() -> None:
    bare = seconds([sys.executable, "-c", "pass"])
    print(f"python -c pass: {bare:.3f} s")
    print(f"medpol --help: {seconds([MEDPOL, '--help']):.3f} s")
    request = DATA / "requests" / "1-commercial.json"
    print(f"medpol decide, one request: {seconds([MEDPOL, 'decide', str(request)]):.2f} s")
    with TemporaryDirectory() as folder:
        write_packages(Path(folder) / "library", 500)
        code = "import sys; from pathlib import Path; from medpol.loading import load_library"
        load = [sys.executable, "-c", f"{code}; load_library(Path(sys.argv[1]))", f"{folder}/library"]
        print(f"500 policy packages loaded, whole process: {seconds(load, 3):.2f} s")
        if REAL.exists():
            command = [MEDPOL, "adjudicate", str(REAL), "--map", str(DATA / "claims" / "maps" / "nh_apcd_2016.yaml")]
            took = seconds([*command, "--out", f"{folder}/answers.parquet"])
            print(f"100,000 real claim lines, process start to written Parquet: {took:.2f} s")


if __name__ == "__main__":
    main()
