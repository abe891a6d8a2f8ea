"""Small claims files and replays for the tests of history."""

import random
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from medpol.history import Scenario, on_all_dates, replay, version_changes
from medpol.history.impact import Replayed
from medpol.model.impact import Basis
from medpol.model.policy import Version
from medpol.model.rules import Library
from strategies import DIAGNOSES, PROCEDURES

NAMES = "old", "new"


def claims_file(folder: Path, rows: Iterable[dict[str, Any]], name: str = "claims.parquet") -> Path:
    """Rows with the columns that any of them has."""
    listed = list(rows)
    columns = dict.fromkeys(key for row in listed for key in row)
    path = folder / name
    pq.write_table(pa.table({key: [row.get(key) for row in listed] for key in columns}), path)
    return path


def line(**given: Any) -> dict[str, Any]:
    """A claim line of member M1 for 62330, and what is said of it."""
    usual = {"member": "M1", "code": "62330", "service_date": date(2025, 9, 1), "line_of_business": "commercial"}
    return {**usual, **given}


def random_lines(n: int, seed: int = 1) -> list[dict[str, Any]]:
    """Lines with some facts of `strategies.FACTS`, most values missing at times."""
    rng = random.Random(seed)

    def maybe(value: Any) -> Any:
        return value if rng.random() < 0.6 else None

    return [
        {
            "claim": f"C{rng.randrange(n // 2)}",
            "member": maybe(f"M{rng.randrange(n // 6)}"),
            "provider": f"N{rng.randrange(9)}",
            "line_of_business": rng.choice(("commercial", "commercial", "commercial", "elsewhere")),
            "code": rng.choice((*PROCEDURES, "62330", "62330", "99213")),
            "service_date": date(2024, 1, 1) + timedelta(days=rng.randrange(700)),
            "diagnosis_1": maybe(rng.choice(DIAGNOSES)),
            "modifier_1": maybe(rng.choice(("LT", "RT", "50", "KX"))),
            "birth_date": maybe(date(1940, 1, 1) + timedelta(days=rng.randrange(25_000))),
            "bmi": maybe(float(rng.randrange(15, 60))),
            "pain_duration": maybe(float(rng.randrange(24))),
            "claudication": maybe(rng.random() < 0.5),
            "consent": maybe(rng.random() < 0.5),
            "billed": rng.randrange(1, 100_000) / 100,
        }
        for _ in range(n)
    ]


def replayed(library: Library, number: str, before: Version, after: Version, claims: Path) -> Replayed:
    return of(on_all_dates(library, number, version_changes(before, after)), claims)


def of(scenario: Scenario, claims: Path, basis: Basis = Basis.ALL_DATES) -> Replayed:
    return replay(scenario, claims, basis=basis, title=("P", "P"), names=NAMES, threads=1)


def rows(found: Replayed, *columns: str) -> Sequence[tuple[Any, ...]]:
    return found.connection.execute(f"SELECT {', '.join(columns)} FROM ({found.written})").fetchall()
