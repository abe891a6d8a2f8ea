"""`medpol site DIR`: the whole library as pages that open with no server."""

from pathlib import Path
from typing import Annotated

import typer

from medpol.interfaces.cli.options import JsonOption, LibraryOption, open_library, print_json


def site(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write it: a new folder, or an earlier site.")],
    theme: Annotated[Path | None, typer.Option("--theme", metavar="DIR", help="The plan's theme.")] = None,
    library: LibraryOption = None,
    json: JsonOption = False,
) -> None:
    """Write the whole library as a static site: search, every version, what changed, every code, all as JSON too.

    \b
    medpol site public
    medpol site public --library our-library --theme our-theme
    """
    policies = open_library(library)

    from dataclasses import asdict

    from medpol.interfaces.cli.adjudicate import stages
    from medpol.library.publishing import theme_of
    from medpol.library.site import build_site

    look = theme_of(theme)
    with stages(show=not json) as on_stage:
        built = build_site(policies, folder, look, on_stage)
    if json:
        print_json({"folder": str(folder), **asdict(built)})
        return
    typer.echo(
        f"{folder / 'index.html'}: {built.policies} policies, {built.versions} versions, {built.codes} codes; "
        f"{built.pages:,} pages in {built.files:,} files, {built.size / 1e6:.1f} MB"
    )
