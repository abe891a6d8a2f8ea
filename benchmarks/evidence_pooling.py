"""How fast meta-analyses are pooled, against R's metafor and PyMARE in the same run, one thread.

python benchmarks/evidence_pooling.py [--pymare PYTHON] [--bootstraps 10000]

`--pymare` is a Python that has PyMARE (its own environment; default: this one). Rscript with metafor is taken
from the path. What is absent is left out, with the reason. The numbers must agree before a ratio is printed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

import numpy as np

from medpol.evidence import effect_sizes, leave_one_out, pool, pool_many

# BCG vaccine trials: Colditz et al. 1994, JAMA 271:698-702 (events and patients in both arms).
BCG = {
    "ai": [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27],
    "n1i": [123, 306, 231, 13598, 5069, 1541, 2545, 88391, 7499, 1716, 50634, 2498, 16913],
    "ci": [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29],
    "n2i": [139, 303, 220, 12867, 5808, 1451, 629, 88391, 7277, 1665, 27338, 2341, 17854],
}
TARGETS = {
    ("REML", "metafor"): 200.0,
    ("REML", "PyMARE"): 1.3,
    ("DL", "metafor"): 1000.0,
    ("leave-one-out", "metafor"): 500.0,
}
METAFOR_FITS = 300  # enough to time one fit; 10,000 would take half a minute for nothing

R_SCRIPT = """
suppressMessages({library(metafor); library(jsonlite)})
d <- fromJSON(commandArgs(TRUE)[1]); out <- list()
for (m in c("DL", "REML")) {
  est <- numeric(nrow(d$yi))
  t <- system.time(for (i in seq_len(nrow(d$yi)))
    est[i] <- coef(rma(d$yi[i,], d$vi[i,], method=m, test="knha", control=list(threshold=1e-8, maxiter=10000))))
  out[[m]] <- list(seconds=t[["elapsed"]] / nrow(d$yi), estimate=est)
}
r <- rma(d$y200, d$v200, method="REML")
t <- system.time(l <- leave1out(r))
out$loo <- list(seconds=t[["elapsed"]], estimate=l$estimate)
cat(toJSON(out, digits=12, auto_unbox=TRUE))
"""

PYMARE_SCRIPT = """
import json, sys, time
import numpy as np
from pymare import Dataset
from pymare.estimators import DerSimonianLaird, VarianceBasedLikelihoodEstimator
d = json.load(open(sys.argv[1]))
y, v = np.array(d["yi_all"]).T, np.array(d["vi_all"]).T
out = {}
for name, make in (("DL", DerSimonianLaird), ("REML", lambda: VarianceBasedLikelihoodEstimator(method="REML"))):
    best = 1e9
    for _ in range(2):
        data = Dataset(y=y, v=v, X=np.ones((len(y), 1)), add_intercept=False)
        start = time.perf_counter()
        fitted = make().fit_dataset(data)
        estimate = np.asarray(fitted.summary().get_fe_stats()["est"]).ravel()
        best = min(best, time.perf_counter() - start)
    out[name] = {"seconds": best / y.shape[1], "estimate": estimate[:300].tolist()}
print(json.dumps(out))
"""


def timed(work: Callable[[], Any], repeats: int = 5) -> tuple[float, Any]:
    """The best of some runs, in seconds, and the last result."""
    best, result = float("inf"), None
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - start)
    return best, result


def run(command: list[str], data: Path) -> dict[str, Any] | str:
    """The peer's answer, or why there is none."""
    try:
        done = subprocess.run([*command, str(data)], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return f"{command[0]} is not installed"
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["failed"])[-1]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def line(what: str, ours: float, peer: str, theirs: float, agree: float) -> None:
    ratio, target = theirs / ours, TARGETS.get((what, peer))
    goal = "" if target is None else f"  target {target:g} x: {'met' if ratio >= target else 'MISSED'}"
    print(
        f"{what:<14} {ours * 1e6:10.2f} us   {peer:<8} {theirs * 1e6:12.2f} us   {ratio:8.1f} x{goal}"
        f"   largest difference {agree:.1e}"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pymare", default=sys.executable)
    options.add_argument("--bootstraps", type=int, default=10_000)
    chosen = options.parse_args()
    trials = effect_sizes("OR", **BCG)
    rng = np.random.default_rng(1994)
    drawn = rng.integers(0, 13, (chosen.bootstraps, 13))
    yi, vi = trials.yi[drawn], trials.vi[drawn]
    v200 = rng.uniform(0.02, 0.5, 200)
    many = effect_sizes("GEN", yi=rng.normal(0.2, np.sqrt(0.1 + v200)), vi=v200)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.json"
        few = {"yi": yi[:METAFOR_FITS].tolist(), "vi": vi[:METAFOR_FITS].tolist()}
        whole = {"yi_all": yi.tolist(), "vi_all": vi.tolist()}
        data.write_text(json.dumps({**few, **whole, "y200": many.yi.tolist(), "v200": v200.tolist()}))
        script = Path(folder) / "metafor.R"
        script.write_text(R_SCRIPT)
        metafor = run(["Rscript", str(script)], data)
        pymare = run([chosen.pymare, "-c", PYMARE_SCRIPT], data)
    print(f"{chosen.bootstraps} bootstraps of 13 studies, per fit (ours batched, with Knapp-Hartung)")
    for method in ("DL", "REML"):
        seconds, fits = timed(lambda method=method: pool_many(yi, vi, method=method, ci="knha"))
        ours = seconds / chosen.bootstraps
        for peer, answer in (("metafor", metafor), ("PyMARE", pymare)):
            if isinstance(answer, str):
                print(f"{method:<14} {ours * 1e6:10.2f} us   {peer} left out: {answer}")
                continue
            theirs = np.array(answer[method]["estimate"])
            gap = float(np.abs(fits.estimate[: len(theirs)] - theirs).max())
            line(method, ours, peer, answer[method]["seconds"], gap)
    seconds, rows = timed(lambda: leave_one_out(many, method="REML"))
    if isinstance(metafor, str):
        print(f"leave-one-out  {seconds * 1e3:.2f} ms   metafor left out: {metafor}")
    else:
        gap = float(np.abs(np.array([row.estimate for row in rows]) - np.array(metafor["loo"]["estimate"])).max())
        print("Leave-one-out of 200 studies, REML, the whole")
        line("leave-one-out", seconds, "metafor", metafor["loo"]["seconds"], gap)
    single, _ = timed(lambda: pool(trials, method="REML", ci="knha"), repeats=200)
    print(
        f"One fit, REML, Knapp-Hartung, prediction interval: {single * 1e3:.3f} ms  "
        f"target under 1 ms: {'met' if single < 1e-3 else 'MISSED'}"
    )


if __name__ == "__main__":
    main()
