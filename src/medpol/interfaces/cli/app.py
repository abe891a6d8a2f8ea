"""The program `medpol` and its commands."""

import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from medpol import __version__
from medpol.interfaces.cli.adjudicate import adjudicate
from medpol.interfaces.cli.check import check, rule
from medpol.interfaces.cli.decide import decide
from medpol.interfaces.cli.demo import demo
from medpol.interfaces.cli.evidence import evidence
from medpol.interfaces.cli.explain import explain
from medpol.interfaces.cli.impact import impact
from medpol.interfaces.cli.letter import letter, summary
from medpol.interfaces.cli.look_up import search, show
from medpol.interfaces.cli.meta import meta
from medpol.interfaces.cli.outcomes import outcomes
from medpol.interfaces.cli.publish import publish
from medpol.interfaces.cli.redline import redline
from medpol.interfaces.cli.run_tests import run_tests
from medpol.interfaces.cli.site import site
from medpol.problems import PolicyRejected


class Commands(TyperGroup):
    """Prints every problem of rejected input in the one shape, and exits with 2."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> Any:
        words = list(sys.argv[1:] if args is None else args)
        try:
            return super().main(words, *rest, **options)
        except PolicyRejected as rejected:
            print_problems(rejected, as_json="--json" in words)
            raise SystemExit(2) from None
        except BrokenPipeError:
            raise SystemExit(0) from None


def print_problems(rejected: PolicyRejected, *, as_json: bool) -> None:
    """All problems: JSON on standard output where JSON was asked for, else text on standard error."""
    if as_json:
        import orjson

        report = {"problems": [problem.as_json() for problem in rejected.problems]}
        typer.echo(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode())
        return
    for problem in rejected.problems:
        typer.echo(str(problem), err=True)
    count = len(rejected.problems)
    typer.echo(f"{count} problem{'s' if count != 1 else ''}; nothing was done.", err=True)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"medpol {__version__}")
        raise typer.Exit


@app.callback()
def medpol(
    version: bool = typer.Option(
        False, "--version", help="Print the version and stop.", callback=_version, is_eager=True
    ),
) -> None:
    """Medical policies as software: decide requests and claims, with the whole reason.

    Exit status: 0 done, 1 findings or failed cases, 2 bad input.
    """


app.command()(demo)
app.command()(decide)
app.command()(adjudicate)
app.command()(explain)
app.command()(impact)
app.command("test")(run_tests)
app.command()(check)
app.command()(rule)
app.command()(show)
app.command()(search)
app.command()(publish)
app.command()(letter)
app.command()(summary)
app.command()(redline)
app.command()(site)
app.command()(evidence)
app.command()(outcomes)
app.command()(meta)


def main() -> None:
    """The entry point."""
    app()
