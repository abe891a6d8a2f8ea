"""Which files a claims input is: one, a folder of them (also by partitions), a glob, or a list; and its parts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from glob import has_magic
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from medpol.loading.nodes import Sheet
from medpol.problems import Place, PolicyRejected

ENDINGS = (".parquet", ".pq", ".csv", ".csv.gz", ".txt", ".txt.gz", ".tsv", ".tsv.gz", ".arrow", ".feather", ".ipc")
"""What files are called that a folder gives; others, and hidden ones, are left alone."""

_PARTITION = re.compile(r"([^=/]+)=([^=/]*)")
_NOTHING = "__HIVE_DEFAULT_PARTITION__"  # what Hive, Spark and DuckDB write for NULL


class Kind(StrEnum):
    PARQUET = "Parquet"
    ARROW = "Arrow"
    TEXT = "CSV"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Rows of one file: `count` of them from `first_row` (from 0) on, which are the lines `first_line` (from 1) and
    following of the whole input. A `count` of None is the rest of the file, a `first_line` of None not known before
    the files ahead have been read. `partition` are the values that its folders give (`month=2026-01`)."""

    path: Path
    kind: Kind
    partition: tuple[tuple[str, str], ...] = ()
    first_row: int = 0
    count: int | None = None
    first_line: int | None = None


Claims: TypeAlias = "Path | str | Part | Sequence[Path | str | Part]"
"""A file, a folder, a glob, a part, or several of them."""


def parts(claims: Claims, at_most: int) -> tuple[Part, ...]:
    """A claims input as parts of at most so many rows, the same for the same files.

    The parts come in the order of the sorted paths, then of the rows, and together are all rows, each once; give one,
    or several neighbours, to `open_claims` in place of the file, and its lines have the numbers that the whole input
    gives them. Nothing but the ends of the files is read: a Parquet file is cut between row groups where these are
    small enough, else within one; an Arrow file anywhere. A CSV file cannot be cut or counted so: it is one part of
    `count` None, and the parts after it have `first_line` None; give each the last one's `first_line` plus the `total`
    of its table (`numbered`).

    Counts within parts are not those of the whole: a member's history, the other codes of a claim and duplicate lines
    are seen within what is opened together.

    Raises PolicyRejected for an input that cannot be used.
    """
    if at_most < 1:
        raise ValueError("a part has at least one row")
    sheet = Sheet(name_of(claims))
    files = find_parts(claims, sheet)
    found = [piece for file in files for piece in _cut(file, at_most, sheet)]
    if sheet.problems:
        raise PolicyRejected(sheet.problems)
    return tuple(numbered(found, 1))


def numbered(found: Sequence[Part], first_line: int | None) -> Iterator[Part]:
    """The parts with their first lines, as far as counts are known; one that has its own keeps it."""
    for part in found:
        first_line = part.first_line or first_line
        yield replace(part, first_line=first_line)
        first_line = None if first_line is None or part.count is None else first_line + part.count


def name_of(claims: Claims) -> str:
    """What problems call the input as a whole."""
    if isinstance(claims, Part):
        return str(claims.path)
    if isinstance(claims, Path | str):
        return str(claims)
    return name_of(claims[0]) if len(claims) == 1 else f"{len(claims)} files"


def find_parts(claims: Claims, sheet: Sheet) -> tuple[Part, ...]:
    """The files of an input, by sorted path, as parts that take them whole; parts as they are.
    None after a report."""
    given = [claims] if isinstance(claims, Path | str | Part) else list(claims)
    found = [item for item in given if isinstance(item, Part)]
    files = {file for item in given if not isinstance(item, Part) for file in _files(Path(item), sheet)}
    for root, path in sorted(files, key=lambda file: str(file[1])):
        kind = _kind(path, sheet)
        if kind is not None:
            found.append(Part(path=path, kind=kind, partition=_partition(root, path)))
    if not given:
        sheet.report("MP801", None, "no file is given")
    _report_mixture(found, sheet)
    return () if sheet.problems else tuple(found)


def _files(path: Path, sheet: Sheet) -> list[tuple[Path, Path]]:
    """The files that a path stands for, each with the folder below which folders are partitions."""
    if path.is_file():
        return [(path.parent, path)]
    if path.is_dir():
        found = [(path, file) for file in path.rglob("*") if _is_input(file.relative_to(path)) and file.is_file()]
        nothing = f"no file in this folder ends in {', '.join(ENDINGS)}"
    elif has_magic(str(path)):
        root = Path(*_before_magic(path))
        pattern = str(path.relative_to(root))
        found = [(root, file) for file in root.glob(pattern) if file.is_file()]
        nothing = "no file has such a name"
    else:
        found, nothing = [], "no such file"
    if not found:
        sheet.report("MP801", None, nothing)
    return found


def _before_magic(path: Path) -> Iterator[str]:
    for part in path.parts:
        if has_magic(part):
            return
        yield part


def _is_input(path: Path) -> bool:
    return path.name.lower().endswith(ENDINGS) and not any(part.startswith((".", "_")) for part in path.parts)


def _partition(root: Path, path: Path) -> tuple[tuple[str, str], ...]:
    folders = path.parent.relative_to(root).parts if path.is_relative_to(root) else ()
    matches = (_PARTITION.fullmatch(folder) for folder in folders)
    return tuple((match[1], "" if match[2] == _NOTHING else match[2]) for match in matches if match)


def _kind(path: Path, sheet: Sheet) -> Kind | None:
    try:
        with path.open("rb") as stream:
            head = stream.read(6)
    except OSError as error:
        sheet.report("MP801", Place(str(path)), error.strerror or "cannot be read")
        return None
    return Kind.PARQUET if head.startswith(b"PAR1") else Kind.ARROW if head == b"ARROW1" else Kind.TEXT


def _report_mixture(found: Sequence[Part], sheet: Sheet) -> None:
    for part in found[1:]:
        where = Place(str(part.path))
        if part.kind is not found[0].kind:
            sheet.report("MP810", where, f"this is {part.kind}, {found[0].path} is {found[0].kind}")
        elif [name for name, _ in part.partition] != [name for name, _ in found[0].partition]:
            sheet.report("MP810", where, f"its folders give other columns than those of {found[0].path}")


def _cut(part: Part, at_most: int, sheet: Sheet) -> Iterator[Part]:
    if part.kind is Kind.TEXT or part.count is not None:
        yield part
        return
    try:
        blocks = _blocks(part)
    except (OSError, pa.ArrowException) as error:
        message = str(error).splitlines()[0] if str(error) else "damaged"
        sheet.report("MP802", Place(str(part.path)), message)
        return
    first, count = 0, 0
    for block in blocks:
        if count and count + block > at_most:
            yield replace(part, first_row=first, count=count)
            first, count = first + count, 0
        count += block
        while count > at_most:
            yield replace(part, first_row=first, count=at_most)
            first, count = first + at_most, count - at_most
    if count or first == 0:
        yield replace(part, first_row=first, count=count)


def _blocks(part: Part) -> list[int]:
    """Rows by row group; of an Arrow file all in one."""
    if part.kind is Kind.ARROW:
        return [ds.dataset(part.path, format="ipc").count_rows()]
    metadata = pq.read_metadata(part.path)
    return [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
