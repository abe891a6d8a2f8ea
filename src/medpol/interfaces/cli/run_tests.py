"""medpol test"""

from pathlib import Path
from typing import Annotated

import typer

from medpol.interfaces.cli.options import JsonOption, open_library, print_json


def run_tests(
    path: Annotated[
        Path | None, typer.Argument(metavar="[LIBRARY]", help="A library folder, or a policy's folder in one.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Run the example requests of a library in every mode: singly, and as a batch on two SQL engines.

    \b
    medpol test
    medpol test my-library
    medpol test my-library/policies/07.01.89
    """
    from medpol.library import run_cases

    library, policy = _split(path)
    policies = open_library(library)
    if policy is not None:
        policies.policy(policy)  # PolicyRejected where there is none
    cases = [case for case in policies.cases() if policy in (None, case.policy)]
    if not cases:
        typer.echo(f"no cases in {path or policies.folder}: write policies/NUMBER/cases.yaml", err=True)
        raise typer.Exit(1)
    results = run_cases(policies, cases)
    failed = [result for result in results if result.failures]
    if json:
        print_json(
            {
                "cases": len(results),
                "failed": [
                    {"policy": r.case.policy, "case": r.case.name, "place": str(r.case.place), "failures": r.failures}
                    for r in failed
                ],
            }
        )
    else:
        for result in failed:
            typer.echo(f"{result.case.place}: {result.case.policy}: {result.case.name}")
            for failure in result.failures:
                typer.echo(f"    {failure}")
        count = len({result.case.policy for result in results})
        what = f"{len(results)} cases of {count} {'policy' if count == 1 else 'policies'}"
        modes = "each decided singly, on DuckDB and on SQLite"
        typer.echo(f"{what}, {modes}: {len(results) - len(failed)} passed, {len(failed)} failed")
    raise typer.Exit(1 if failed else 0)


def _split(path: Path | None) -> tuple[Path | None, str | None]:
    """A library folder and, where the path is a policy's, its number."""
    if path is not None and path.parent.name == "policies":
        return path.parent.parent, path.name
    return path, None
