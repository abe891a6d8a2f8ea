"""The reference answers beside the repository (R's metafor), and a ledger that compares with them.

The files are described in their INDEX.md: two-arm counts, means, rates, proportions, correlations and given
effects, each with every estimator, fitted to convergence.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medpol.evidence import MEASURES, Effects, Variant, effect_sizes

FOLDER = Path(__file__).resolve().parents[2] / "../shared/evidence"
CLOSED_FORM = 1e-9
ITERATED = 1e-6
"""Relative tolerances: estimators in closed form, and those found by iteration (ML REML EB PM PMM)."""
NOISE = 1e-12
"""Below this both are zero: the reference's optimizers stop at τ² of up to 1e-13 where the answer is 0."""


def tolerance_of(method: str) -> float:
    return ITERATED if method in {"ML", "REML", "EB", "PM", "PMM"} else CLOSED_FORM


@cache
def load(name: str) -> dict[str, Any]:
    path = FOLDER / f"{name}.json"
    if not path.exists():
        pytest.skip("the reference answers are not beside the repository", allow_module_level=True)
    answer: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return answer


def sets() -> list[tuple[str, str]]:
    """Every (file, measure) with reference answers; one unusable pair where the folder is absent."""
    found = [
        (path.stem, measure)
        for path in sorted(FOLDER.glob("*.json"))
        for measure in json.loads(path.read_text(encoding="utf-8")).get("measures", {})
    ]
    return found or [("bcg", "OR")]


def reference(name: str, measure: str) -> dict[str, Any]:
    answer: dict[str, Any] = load(name)["measures"][measure]
    return answer


def column(name: str, key: str) -> list[Any]:
    return [row.get(key) for row in load(name)["input"]]


def effects(name: str, measure: str, **options: Any) -> Effects:
    """Our effects of a reference data set; measures metafor took as given are GEN."""
    ours = measure if measure in MEASURES else "GEN"
    cells = {key: [np.nan if v is None else v for v in column(name, key)] for key in MEASURES[ours].columns}
    return effect_sizes(ours, study=[str(s) for s in column(name, "study")], **cells, **options)


METAFOR_5 = Variant(smdh_variance="plain", rom_bias_correction=True)


def numbers(value: Any) -> np.ndarray:
    """A reference value as an array: scalars become length one, null NaN, "Inf" infinite."""
    cells = value if isinstance(value, list) else [value]
    if cells and isinstance(cells[0], list):
        return np.array(cells, dtype=float)
    words = {"Inf": math.inf, "-Inf": -math.inf, None: math.nan}
    return np.array([words[c] if c is None or isinstance(c, str) else c for c in cells], dtype=float)


@dataclass
class Ledger:
    """Compares our numbers with the reference and remembers every one that is off."""

    rtol: float = CLOSED_FORM
    checked: int = 0
    wrong: list[str] = field(default_factory=list)

    def check(
        self,
        what: str,
        ours: Any,
        theirs: Any,
        *,
        rtol: float | None = None,
        atol: float = NOISE,
        gaps: bool = False,
    ) -> None:
        """`ours` None or NaN must be null there, and the other way round.

        With `gaps` ours must be finite where the reference is null: metafor's fit did not converge there.
        """
        want = numbers(theirs)
        have = np.atleast_1d(np.array(np.nan if ours is None else ours, dtype=float))
        if gaps and np.isfinite(have).all() and have.shape == want.shape:
            have = np.where(np.isnan(want), np.nan, have)
        self.checked += have.size
        if have.shape != want.shape:
            self.wrong.append(f"{what}: shape {have.shape}, reference {want.shape}")
            return
        same = np.isclose(have, want, rtol=rtol or self.rtol, atol=atol, equal_nan=True)
        if not same.all():
            i = np.unravel_index(int(np.argmin(same)), same.shape)
            self.wrong.append(f"{what}: {have[i]!r}, reference {want[i]!r}")

    def settle(self) -> None:
        assert self.checked, "nothing was compared"
        assert not self.wrong, f"{len(self.wrong)} of {self.checked} differ:\n" + "\n".join(self.wrong[:20])


def pairs(ours: Any, names: dict[str, str], theirs: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """(name, our value, reference value) for the attributes the reference has."""
    for attribute, key in names.items():
        if key in theirs:
            yield attribute, getattr(ours, attribute), theirs[key]
