"""`medpol publish POLICY`: the complete policy document, as a plan publishes it."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from medpol.interfaces.cli.options import LibraryOption, open_library, read_date


class Format(StrEnum):
    """The formats of a publication."""

    html = "html"
    pdf = "pdf"
    docx = "docx"
    md = "md"


def publish(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="A policy's number, such as 07.01.89.")],
    version: Annotated[
        str | None,
        typer.Option("--version", metavar="DATE", help="The version in force on this date. Default: the latest one."),
    ] = None,
    to: Annotated[Format, typer.Option("--to", help="The format.")] = Format.html,
    theme: Annotated[
        Path | None,
        typer.Option("--theme", metavar="DIR", help="The plan's theme: its name, logo, colours, sections and texts."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="Default: POLICY-DATE.html (.pdf, .docx, .md) here; - prints it."
        ),
    ] = None,
    library: LibraryOption = None,
) -> None:
    """Publish a policy: every section, with its evidence, in HTML, PDF, DOCX or Markdown.

    \b
    medpol publish 07.01.89 --to pdf
    medpol publish 07.01.89 --version 2019-01-01 --to md --out -
    """
    day = read_date(version)
    policies = open_library(library)

    from medpol.library.publishing import publication, theme_of, write_publication

    look = theme_of(theme)
    document = publication(policies, policy, day, look)
    content = write_publication(document, look, to.value)
    target = out or Path(f"{document.identity.number}-{document.identity.effective}.{to.value}")
    if str(target) == "-":
        typer.get_binary_stream("stdout").write(content)
        return
    _write(target, content)
    typer.echo(f"{target}: {len(document.sections)} sections, {len(content):,} bytes")


def _write(target: Path, content: bytes) -> None:
    from medpol.problems import Place, PolicyRejected, Problem

    try:
        target.write_bytes(content)
    except OSError as error:
        message = f"cannot be written: {error.strerror}"
        raise PolicyRejected([Problem(Place(str(target)), "MP903", message, "give another --out")]) from None
