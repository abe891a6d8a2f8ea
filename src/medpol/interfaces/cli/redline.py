"""`medpol redline POLICY`: two versions as one text, with what was added and removed."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from medpol.interfaces.cli.options import LibraryOption, open_library, read_date, write_bytes


class Format(StrEnum):
    """The formats of a redline."""

    html = "html"
    docx = "docx"


def redline(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="A policy's number, such as 07.01.89.")],
    from_: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="DATE", help="The earlier version's effective date. Default: the one ahead of the later."
        ),
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="The later version's. Default: the newest one.")
    ] = None,
    draft: Annotated[
        Path | None,
        typer.Option("--draft", metavar="FILE", help="A version file that is not in the library, as the later one."),
    ] = None,
    format_: Annotated[
        Format | None, typer.Option("--format", "-f", help="Default: what --out ends with, or html.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Default: POLICY-DATE-DATE.html (.docx) here; - prints it."),
    ] = None,
    theme: Annotated[Path | None, typer.Option("--theme", metavar="DIR", help="The plan's theme.")] = None,
    author: Annotated[
        str | None, typer.Option("--author", metavar="NAME", help="Who changed it (docx). Default: the plan.")
    ] = None,
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="DATE", help="When it was changed (docx). Default: the later effective date."),
    ] = None,
    library: LibraryOption = None,
) -> None:
    """Redline two versions of a policy: HTML to read, DOCX with tracked changes to accept or reject.

    \b
    medpol redline 240.4
    medpol redline 07.01.89 --from 2019-07-01 --to 2021-07-01 --format docx
    medpol redline 240.4 --draft new.yaml --out new.docx --author "M. Director"
    """
    if to and draft:
        raise typer.BadParameter("the later side is either --to or --draft")
    before, after, day = read_date(from_), read_date(to), read_date(on)
    policies = open_library(library)

    from datetime import date

    from medpol.library.publishing import theme_of
    from medpol.library.redlines import redlined, write_redline
    from medpol.rendering.redline.docx import Author

    look = theme_of(theme)
    found = redlined(policies, policy, look, before=before, after=after, draft=draft)
    old, new = found.redline.before, found.redline.after
    kind = format_ or (Format.docx if out and out.suffix.lower() == ".docx" else Format.html)
    made_by = Author(name=author or new.plan, day=day or date.fromisoformat(new.effective))
    content = write_redline(found, look, kind.value, made_by)
    target = out or Path(f"{new.number}-{old.effective}-{new.effective}.{kind.value}")
    if str(target) == "-":
        typer.get_binary_stream("stdout").write(content)
        return
    write_bytes(target, content)
    count = found.count
    typer.echo(f"{target}: {count} change{'' if count == 1 else 's'}, {len(content):,} bytes")
