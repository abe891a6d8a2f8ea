"""How much memory deciding takes, and so how many lines a part may have.

A process is taken to need OWN bytes whatever it decides, and PER_LINE bytes more for each line of its part (DuckDB's
share included). Both are guesses on the safe side: 10 million lines by 500 policies, half of them with a 12-month
window, peaked at 1.15 GB in two processes that were allowed 2 GB (`benchmarks/stream.py`).
"""

import re
from pathlib import Path

from medpol.loading import CATALOGUE, parts
from medpol.problems import Place, PolicyRejected, Problem

OWN = 500 << 20
PER_LINE = 400
FEWEST, MOST = 1 << 16, 1 << 22
"""Lines of a part: fewer than this waste time, more save none."""

_WHOLE_FILES = 1 << 62
_ROW_OF_TEXT = 50  # bytes that a row of a CSV file has at least; compressed a tenth
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_MEMORY = re.compile(r"([0-9]+(?:[.][0-9]+)?) *([KMGT]?)(?:I?B)?", re.IGNORECASE)


def memory_of(text: str) -> int:
    """Bytes of a text such as 2GB, 1.5 GiB or 800M; a unit is a power of 1024. Raises PolicyRejected."""
    match = _MEMORY.fullmatch(text.strip())
    found = int(float(match[1]) * _UNITS[match[2].upper()]) if match else 0
    if found < 256 << 20:
        said = f"'{text}' is no amount of memory of 256 MB or more"
        raise PolicyRejected([Problem(Place("--memory"), "MP981", said, CATALOGUE["MP981"].remedy)])
    return found


def lines_at_once(memory: int, workers: int) -> int:
    """How many lines a part may have so that so many processes take no more than `memory` bytes together:
    (memory / workers − OWN) / PER_LINE, between FEWEST and MOST."""
    return max(FEWEST, min(MOST, (memory // workers - OWN) // PER_LINE))


def share_of_engine(memory: int, workers: int) -> int:
    """DuckDB's memory limit, in bytes, for each of the processes; beyond it DuckDB writes to disk. What it holds counts
    in OWN and PER_LINE; the rest of a process is Python and numpy."""
    return max(96 << 20, memory // workers // 2)


def rows_about(claims: Path) -> int:
    """How many rows an input has: exactly, but of text at most. Raises PolicyRejected where it cannot be used."""
    return sum(part.count if part.count is not None else _most_rows(part.path) for part in parts(claims, _WHOLE_FILES))


def _most_rows(path: Path) -> int:
    size = path.stat().st_size
    return size // _ROW_OF_TEXT * (10 if path.suffix == ".gz" else 1)
