"""Options that several commands share, and how they are read."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from medpol.library import PolicyLibrary

LibraryOption = Annotated[
    Path | None,
    typer.Option(
        "--library", "-l", metavar="DIR", help="A library folder. Default: the bundled demonstration library."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="Use the versions in force on this date, not on the service date."),
]
KnownOnOption = Annotated[
    str | None,
    typer.Option("--known-on", metavar="DATE", help="Use only versions published by this date."),
]


def open_library(folder: Path | None) -> "PolicyLibrary":
    from medpol.library import PolicyLibrary

    return PolicyLibrary(folder)


def read_date(text: str | None) -> date | None:
    """An ISO date, or a usage error."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is not a date; write YYYY-MM-DD") from None


def read_bytes(path: Path) -> bytes:
    """A file's bytes, `-` for standard input; PolicyRejected where it cannot be read."""
    import sys

    from medpol.problems import Place, PolicyRejected, Problem

    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        problem = Problem(Place(str(path)), "MP905", f"cannot be read: {error.strerror}", "give another file")
        raise PolicyRejected([problem]) from None


def write_bytes(path: Path, content: bytes) -> None:
    """Writes a file; PolicyRejected where it cannot be."""
    from medpol.problems import Place, PolicyRejected, Problem

    try:
        path.write_bytes(content)
    except OSError as error:
        message = f"cannot be written: {error.strerror}"
        raise PolicyRejected([Problem(Place(str(path)), "MP903", message, "give another --out")]) from None


def print_json(value: object) -> None:
    import orjson

    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
