"""How long `medpol check` takes: the bundled library and 500 generated packages, whole processes.

The generated policies have codes of their own, as a plan's policies have; where many policies of one authority govern
one code, every pair of them is compared (LO118). Run: python benchmarks/check.py
"""

import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from packages import write_packages

MEDPOL = str(Path(sys.executable).parent / "medpol")
CODES = tuple(str(code) for code in range(20000, 60000))


def timed(*paths: str) -> str:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([MEDPOL, "check", *paths], check=False, capture_output=True, text=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return f"{wall:.2f} s ({cpu:.2f} s of processor): {done.stdout.splitlines()[-1]}"


def main() -> None:
    with TemporaryDirectory() as folder:
        write_packages(Path(folder) / "library", 500, codes=CODES)
        bundled = str(Path(__file__).resolve().parents[1] / "src" / "medpol" / "data" / "demonstration")
        print(f"bundled library: {timed(bundled)}")
        print(f"500 generated packages: {timed(f'{folder}/library')}")
        print(f"both in one process: {timed(bundled, f'{folder}/library')}")


if __name__ == "__main__":
    main()
