"""medpol decide"""

from pathlib import Path
from typing import Annotated

import typer

from medpol.interfaces.cli.options import (
    AsOfOption,
    JsonOption,
    KnownOnOption,
    LibraryOption,
    open_library,
    print_json,
    read_bytes,
    read_date,
)


def decide(
    request: Annotated[Path, typer.Argument(metavar="REQUEST.json", help="The request; - for standard input.")],
    library: LibraryOption = None,
    as_of: AsOfOption = None,
    known_on: KnownOnOption = None,
    json: JsonOption = False,
) -> None:
    """Decide one request and say why, what is missing, and what the answer rests on.

    \b
    medpol decide request.json
    medpol decide request.json --json > answer.json
    medpol decide request.json --as-of 2016-01-01

    An adverse answer is a recommendation until a named, qualified person signs it.
    """
    policies = open_library(library)
    asked = policies.read_request(read_bytes(request), str(request))
    determination = policies.determine(asked, as_of=read_date(as_of), known_on=read_date(known_on))
    if json:
        print_json(policies.writer.as_json(determination))
    else:
        typer.echo(policies.in_words(determination))
