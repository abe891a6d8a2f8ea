"""`medpol evidence POLICY`: a policy's evidence, its pictures, and what would change its conclusions."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medpol.interfaces.cli.options import JsonOption, LibraryOption, print_json, read_date

if TYPE_CHECKING:
    from medpol.evidence import Evidence


class Action(StrEnum):
    """What to do with the evidence."""

    show = "show"
    plot = "plot"
    next_trial = "next-trial"


def evidence(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="A policy number, such as 07.01.89.")],
    action: Annotated[Action, typer.Argument(help="show, plot or next-trial.")] = Action.show,
    kind: Annotated[
        str,
        typer.Argument(
            metavar="[KIND]",
            help="With plot: forest, funnel, cumulative, baujat, radial, traffic-light, bias-summary or prisma. "
            "With next-trial: one conclusion (default: all that state what would change them).",
        ),
    ] = "",
    population: Annotated[str, typer.Option(metavar="NAME", help="Only this population.")] = "",
    outcome: Annotated[str, typer.Option(metavar="NAME", help="The outcome of a plot, such as ODI.")] = "",
    timepoint: Annotated[str, typer.Option(metavar="TIME", help="The timepoint of a plot, such as '1 y'.")] = "",
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Only what was in print on this date.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="With plot: .svg or .png; its table goes beside it as .table.csv."
        ),
    ] = None,
    library: LibraryOption = None,
    json: JsonOption = False,
) -> None:
    """Show a policy's evidence; draw it; compute the smallest trial that would change a conclusion.

    \b
    medpol evidence 07.01.89 --population lumbar
    medpol evidence 07.01.89 plot forest --out responders.svg
    medpol evidence 07.01.89 next-trial lumbar-function
    """
    from medpol.evidence import load_evidence

    found = load_evidence(evidence_folder(policy, library))
    day = read_date(as_of)
    if day is not None:
        found = found.as_of(day)
    try:
        if action is Action.plot:
            _plot(found, kind, outcome, timepoint, out)
        elif action is Action.next_trial:
            _next_trial(found, kind, population, json=json)
        else:
            _show(found, population, json=json)
    except KeyError as error:
        raise typer.BadParameter(str(error.args[0])) from None
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def evidence_folder(policy: str, library: Path | None) -> Path:
    """LIBRARY/policies/POLICY/evidence; the bundled library unless one is named. PolicyRejected when absent."""
    from medpol.problems import Place, PolicyRejected, Problem

    if library is None:
        from importlib.resources import files

        library = Path(str(files("medpol"))) / "data" / "demonstration"
    policies = library / "policies"
    folder = policies / policy / "evidence"
    if policy in ("", ".", "..") or "/" in policy or "\\" in policy or not folder.is_dir():
        have = sorted(p.parent.name for p in policies.glob("*/evidence") if p.is_dir())
        remedy = f"policies with evidence: {', '.join(have) or 'none'}"
        raise PolicyRejected(
            [Problem(Place(str(folder)), "EV001", f"policy '{policy}' has no evidence folder", remedy)]
        )
    return folder


def _show(found: "Evidence", population: str, *, json: bool) -> None:
    from medpol.evidence.report import report_data, report_text

    keys = [found.population(population).key] if population else [p.key for p in found.populations]
    if json:
        data = report_data(found)
        data["populations"] = [part for part in data["populations"] if part["key"] in keys]
        print_json(data)
    else:
        typer.echo("\n".join(report_text(found, keys)))


def _plot(found: "Evidence", kind: str, outcome: str, timepoint: str, out: Path | None) -> None:
    from medpol.evidence.plots import KINDS, policy_picture

    if not kind:
        raise ValueError(f"name a picture: {', '.join(KINDS)}")
    if out is None or out.suffix.lower() not in (".svg", ".png"):
        raise ValueError("name a file ending in .svg or .png with --out")
    picture = policy_picture(found, kind, outcome=outcome, timepoint=timepoint)
    try:
        written = picture.save(out)
    except OSError as error:
        raise ValueError(f"{out} cannot be written: {error.strerror}") from None
    typer.echo("\n".join(str(path) for path in written))


def _next_trial(found: "Evidence", conclusion: str, population: str, *, json: bool) -> None:
    from medpol.evidence import next_trial, trial_power
    from medpol.evidence.report import next_trial_text, plain

    conclusions = found.appraisal.conclusions
    if conclusion:
        chosen = [found.appraisal.conclusion(conclusion)]
    else:
        keys = [found.population(population).key] if population else [p.key for p in found.populations]
        chosen = [c for c in conclusions if c.would_change is not None and c.population in keys]
    if not chosen:
        raise ValueError("no conclusion states what would change it: add `would_change:` to appraisal.yaml")
    powers = trial_power(found)
    trials = [next_trial(found, c) for c in chosen]
    if json:
        print_json({"trials": [plain(t) for t in trials], "power": [plain(p) for p in powers]})
    else:
        typer.echo("\n\n".join("\n".join(next_trial_text(found, t, powers)) for t in trials))
