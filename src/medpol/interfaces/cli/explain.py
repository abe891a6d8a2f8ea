"""medpol explain"""

from pathlib import Path
from typing import Annotated

import typer

from medpol.interfaces.cli.options import JsonOption, LibraryOption, open_library, print_json, read_bytes


def explain(
    answer: Annotated[
        Path, typer.Argument(metavar="ANSWER", help="An answer (.json) or an output of adjudicate (.parquet).")
    ],
    request: Annotated[
        Path | None,
        typer.Option("--request", "-r", metavar="REQUEST.json", help="The request the answer was given to."),
    ] = None,
    line: Annotated[int | None, typer.Option("--line", "-n", help="The line of the output to explain.")] = None,
    library: LibraryOption = None,
    json: JsonOption = False,
) -> None:
    """Derive a past answer again, compare the two, and show the whole reason.

    \b
    medpol explain answer.json --request request.json
    medpol explain answers.parquet --line 17

    Exit status 1 where the answer comes out differently today; it is said what has changed.
    """
    from medpol.library import explain_answer, explain_line

    if line is not None:
        explained = explain_line(answer, line, library)
    elif request is not None:
        explained = explain_answer(open_library(library), read_bytes(answer), read_bytes(request), str(answer))
    else:
        raise typer.BadParameter("give --request for an answer, or --line for an output of adjudicate")
    if json:
        print_json({"same": explained.same, "differences": list(explained.differences), "answer": explained.answer})
    else:
        typer.echo(explained.text)
        typer.echo("")
        same = "the same as the output's line says." if line is not None else "the same, byte for byte."
        typer.echo(f"Derived again: {same if explained.same else 'NOT the same.'}")
        for difference in explained.differences:
            typer.echo(f"  {difference}")
    raise typer.Exit(0 if explained.same else 1)
