"""medpol show, medpol search"""

from typing import Annotated

import typer

from medpol.interfaces.cli.options import JsonOption, LibraryOption, open_library, print_json, read_date


def show(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="A policy's number.")],
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="The version in force on this date. Default: the latest one."),
    ] = None,
    library: LibraryOption = None,
    json: JsonOption = False,
) -> None:
    """Show a policy: its codes, its statements with their criteria in English, its sources.

    \b
    medpol show 07.01.89
    medpol show 150.13 --as-of 2015-06-01
    """
    policies = open_library(library)
    day = read_date(as_of)
    if json:
        print_json(policies.as_json(policy, day))
    else:
        typer.echo(policies.show(policy, day))


def search(
    words: Annotated[list[str], typer.Argument(metavar="TEXT|CODE", help="Words, or a procedure code.")],
    library: LibraryOption = None,
    json: JsonOption = False,
) -> None:
    """Find policies by code or by words.

    \b
    medpol search 62330
    medpol search spinal stenosis
    """
    policies = open_library(library)
    hits = list(policies.search(" ".join(words)))
    if json:
        print_json([{"policy": h.policy, "version": h.version or None, "where": h.where, "text": h.text} for h in hits])
    else:
        for hit in hits:
            typer.echo(f"{hit.policy:12} {hit.version or '-':10}  {hit.where}: {hit.text}")
        typer.echo(f"{len(hits)} found")
    raise typer.Exit(0 if hits else 1)
