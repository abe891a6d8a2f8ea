"""What a streamed run has done so far, so that it can be taken up again after any end.

The manifest says what the run is (its identity) and which parts are finished, each with size and SHA-256. It has no
times: an undisturbed run and one taken up again leave the same bytes. Every file is written under another name,
flushed to disk and then renamed; a part is entered after it has its name.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from medpol.loading import CATALOGUE
from medpol.problems import Place, PolicyRejected, Problem

MANIFEST, LOCK = "_manifest.json", "_lock"
_FORMAT = 1
_END = 1 << 16  # bytes at either end of an input file that its checksum is of: a Parquet file's footer is at the end


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file with what proves it unchanged. `name` is relative to the folder of the run."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A finished part: of the input's lines `first` to `first + count - 1` so many rejected, so many written out."""

    number: int
    first: int
    count: int
    rejected: int
    written: int
    output: Written
    tally: Written


@dataclass(slots=True, kw_only=True)
class Manifest:
    """`identity` is all that the answers depend on; `finished` the summary of a run that is complete, with the files
    that it left outside the folder."""

    identity: Mapping[str, Any]
    part_rows: int
    day: str
    entries: dict[int, Entry] = field(default_factory=dict)
    finished: Mapping[str, Any] | None = None

    def write(self, folder: Path) -> None:
        entries = [asdict(self.entries[number]) for number in sorted(self.entries)]
        content = {
            "format": _FORMAT,
            "identity": self.identity,
            "part_rows": self.part_rows,
            "day": self.day,
            "parts": entries,
            "finished": self.finished,
        }
        with replaced(folder / MANIFEST) as path:
            path.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def read_manifest(folder: Path) -> Manifest | None:
    """None where there is none. Raises PolicyRejected for one that is damaged or of another release."""
    path = folder / MANIFEST
    try:
        content = orjson.loads(path.read_bytes())
        if content["format"] != _FORMAT:
            raise ValueError("of another release")
        entries = [
            Entry(**{**entry, "output": Written(**entry["output"]), "tally": Written(**entry["tally"])})
            for entry in content["parts"]
        ]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"the manifest cannot be read: {type(error).__name__}"
        raise PolicyRejected([Problem(Place(str(path)), "MP982", message, CATALOGUE["MP982"].remedy)]) from None
    return Manifest(
        identity=content["identity"],
        part_rows=content["part_rows"],
        day=content["day"],
        entries={entry.number: entry for entry in entries},
        finished=content["finished"],
    )


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """A name beside `path` to write to; it takes the place of `path` when it is whole and on disk."""
    beside = path.with_name(f".{path.name}.new")
    try:
        yield beside
        settle(beside)
        beside.replace(path)
        settle(path.parent)
    finally:
        beside.unlink(missing_ok=True)


def settle(path: Path) -> None:
    """Have a file, or a folder's list of names, on disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def written(path: Path, folder: Path) -> Written:
    """A file as it is now."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Written(name=os.path.relpath(path, folder), size=path.stat().st_size, sha256=digest)


def is_unchanged(file: Written, folder: Path) -> bool:
    path = folder / file.name
    return path.is_file() and path.stat().st_size == file.size and written(path, folder) == file


def input_identity(path: Path) -> dict[str, Any]:
    """An input file: path, size, time of its last change in nanoseconds, and SHA-256 of its two ends."""
    about = path.stat()
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        digest.update(stream.read(_END))
        if about.st_size > _END:
            stream.seek(max(_END, about.st_size - _END))
            digest.update(stream.read(_END))
    return {
        "path": str(path.resolve()),
        "size": about.st_size,
        "changed": about.st_mtime_ns,
        "ends_sha256": digest.hexdigest(),
    }


def folder_digest(folder: Path) -> str:
    """SHA-256 over the names and contents of all files below a folder, but hidden ones."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in name.parts):
            content = path.read_bytes()
            digest.update(f"{name.as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


@contextmanager
def locked(folder: Path) -> Iterator[int]:
    """Hold the folder for this process alone; the number of the lock's open file.

    The lock is the operating system's, so it ends with its process, however that ends; the process number in the file
    only serves the message. Raises PolicyRejected (MP983) where another process holds it.
    """
    import fcntl

    path = folder / LOCK
    number = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not os.path.samestat(os.fstat(number), path.stat()):
                raise BlockingIOError  # its holder has just ended, and another may have begun
        except OSError:
            holder = os.pread(number, 20, 0).decode().strip()
            message = f"the process {holder or '?'} is writing there"
            raise PolicyRejected([Problem(Place(str(folder)), "MP983", message, CATALOGUE["MP983"].remedy)]) from None
        os.ftruncate(number, 0)
        os.pwrite(number, f"{os.getpid()}\n".encode(), 0)
        try:
            yield number
        finally:
            path.unlink(missing_ok=True)
    finally:
        os.close(number)
