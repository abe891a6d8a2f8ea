"""Check a library, a policy of it, or several of either; and put right what is safe to put right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TypeAlias

from medpol.checks import Checked, Edit, Report, Rule, check_library, chosen, takes
from medpol.library.policies import bundled
from medpol.loading import CATALOGUE, load_library
from medpol.problems import Place, PolicyRejected, Problem

ROUNDS = 10
"""A fix may uncover another fault; more rounds than this would mean two rules undo each other."""

Stamp: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """What was put right, and what is found afterwards."""

    reports: tuple[Report, ...]
    files: tuple[str, ...]
    checked: Checked


def check_paths(
    paths: Sequence[Path] = (), *, today: date, select: Sequence[str] = (), ignore: Sequence[str] = ()
) -> Checked:
    """What the rules find in library folders and in folders of single policies; nothing: the bundled library.

    What cannot be loaded is in `problems`, never raised.
    """
    rules, silences = chosen(select, ignore), takes("CH101", select, ignore)
    results = [_check(folder, number, today, rules, silences) for folder, number in map(_split, paths or (bundled(),))]
    return Checked(
        reports=tuple(sorted({report for result in results for report in result.reports})),
        silenced=tuple(sorted({report for result in results for report in result.silenced})),
        problems=tuple(sorted({problem for result in results for problem in result.problems})),
        policies=sum(result.policies for result in results),
    )


def _check(folder: Path, number: str | None, today: date, rules: Iterable[Rule], silences: bool) -> Checked:
    try:
        library = load_library(folder)
    except PolicyRejected as rejected:
        return Checked(problems=rejected.problems)
    if number is not None and number not in library.policies:
        entry = CATALOGUE["MP901"]
        problem = Problem(Place(str(folder)), "MP901", f"there is no policy '{number}'", entry.remedy)
        return Checked(problems=(problem,))
    return check_library(
        library, library.policies if number is None else (number,), today, rules, idle_silences=silences
    )


def _split(path: Path) -> tuple[Path, str | None]:
    """A library folder and, where the path is a policy's, its number."""
    whole = path.resolve()
    if whole.parent.name == "policies":
        return path.parent.parent if path.parent.name == "policies" else whole.parent.parent, whole.name
    return path, None


# fixing


def fix_paths(
    paths: Sequence[Path] = (), *, today: date, select: Sequence[str] = (), ignore: Sequence[str] = ()
) -> Fixed:
    """Apply the safe edits, check again, until nothing more can be fixed.

    Raises PolicyRejected, with nothing written in that round, where a file changed while it was checked (MP911), and
    with the files as they were before the round where the library would not load any more (MP912).
    """
    done: list[Report] = []
    files: set[str] = set()
    for _ in range(ROUNDS):
        stamps = _stamps(paths)
        checked = check_paths(paths, today=today, select=select, ignore=ignore)
        reports, edits = _compatible(checked.reports)
        if checked.problems or not reports:
            return Fixed(reports=tuple(done), files=tuple(sorted(files)), checked=checked)
        before = _write(edits, stamps)
        again = check_paths(paths, today=today, select=select, ignore=ignore)
        if again.problems:
            for file, data in before.items():
                _replace(Path(file), data)
            message = "the fixes of this file were taken back: with them the library could not be read"
            raise PolicyRejected(Problem(Place(file), "MP912", message, CATALOGUE["MP912"].remedy) for file in before)
        done += reports
        files |= edits.keys()
    return Fixed(reports=tuple(done), files=tuple(sorted(files)), checked=again)


def _stamps(paths: Sequence[Path]) -> dict[str, Stamp]:
    """When each file of the libraries was last changed, how long it is, and which file it is."""
    folders = {_split(path)[0] for path in paths or (bundled(),)}
    return {str(file): _stamp(file) for folder in folders for file in folder.rglob("*") if file.is_file()}


def _stamp(file: Path) -> Stamp:
    status = file.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino


def _compatible(reports: Iterable[Report]) -> tuple[list[Report], dict[str, list[Edit]]]:
    """The reports whose edits do not touch those of another, and all their edits by file. A fix is whole or not."""
    taken: dict[str, list[Edit]] = {}
    fixed = []
    for report in reports:
        fix = report.finding.fix
        if fix and not any(_touch(edit, other) for edit in fix for other in taken.get(edit.place.file, ())):
            fixed.append(report)
            for edit in fix:
                taken.setdefault(edit.place.file, []).append(edit)
    return fixed, taken


def _touch(one: Edit, other: Edit) -> bool:
    if one.place.line != other.place.line:
        return False
    first, second = sorted((one, other))
    return second.place.column <= first.place.column + first.length


def _write(edits: dict[str, list[Edit]], stamps: dict[str, Stamp]) -> dict[str, bytes]:
    """Write every file, after all were found unchanged; gives back what they held."""
    changed = [file for file in edits if stamps.get(file) != _stamp(Path(file))]
    if changed:
        message = "the file changed while it was checked; nothing was written"
        raise PolicyRejected(Problem(Place(file), "MP911", message, CATALOGUE["MP911"].remedy) for file in changed)
    before = {file: Path(file).read_bytes() for file in edits}
    for file, data in before.items():
        _replace(Path(file), _edited(data, edits[file]))
    return before


def _edited(data: bytes, edits: Iterable[Edit]) -> bytes:
    """A file's bytes with the edits made; its line breaks and a byte-order mark stay as they are."""
    text = data.decode("utf-8")
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    lines = text.removeprefix(mark).split("\n")
    for edit in sorted(edits, reverse=True):
        line, column = lines[edit.place.line - 1], edit.place.column - 1
        lines[edit.place.line - 1] = line[:column] + edit.text + line[column + edit.length :]
    return (mark + "\n".join(lines)).encode()


def _replace(file: Path, data: bytes) -> None:
    """Put new content in a file's place in one step, with its permissions."""
    with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as new:
        new.write(data)
    Path(new.name).chmod(file.stat().st_mode)
    Path(new.name).replace(file)
