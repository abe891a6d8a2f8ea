"""The folder of a site: made beside, then put in place; nothing but a site is ever replaced."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from medpol.problems import Place, PolicyRejected, Problem
from medpol.rendering.site.addresses import HOME, json_path
from medpol.rendering.site.policies import SCHEMA

_KIND = SCHEMA.partition("/")[0]


def replace_site(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes the files, given by their paths inside, in place of the site that stood there.

    Raises PolicyRejected, and leaves the folder as it was, where it holds anything else or cannot be written.
    """
    folder = folder.absolute()
    foreign = next(_foreign(folder), None)
    if foreign is not None:
        raise _rejected(folder, "MP926", f"it holds {foreign}", "give an empty folder, or one that medpol site wrote")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as beside:
            made, old = Path(beside) / "made", Path(beside) / "old"
            _write(made, files)
            if folder.exists():
                folder.rename(old)
            try:
                made.rename(folder)
            except OSError:
                if old.exists():
                    old.rename(folder)
                raise
            shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise _rejected(folder, "MP903", f"cannot be written: {error.strerror}", "give another folder") from None


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir()
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _foreign(folder: Path) -> Iterator[str]:
    """What lies in the folder and is not of the site that its index.json lists."""
    if not folder.exists():
        return
    if not folder.is_dir():
        yield "a file of that name"
        return
    own = _own(folder)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_dir() and name not in own:
            yield name


def _own(folder: Path) -> set[str]:
    try:
        listed = json.loads((folder / json_path(HOME)).read_bytes())
    except (OSError, ValueError):
        return set()
    if not isinstance(listed, dict) or not str(listed.get("schema", "")).startswith(f"{_KIND}/"):
        return set()
    files = listed.get("files")
    return {str(name) for name in files} if isinstance(files, list) else set()


def _rejected(folder: Path, code: str, message: str, remedy: str) -> PolicyRejected:
    return PolicyRejected([Problem(Place(str(folder)), code, message, remedy)])
