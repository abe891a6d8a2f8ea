"""`medpol outcomes FILE`: responder analysis of anyone's own patient-level scores."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medpol.interfaces.cli.options import JsonOption, print_json

if TYPE_CHECKING:
    from medpol.evidence import OutcomeTable


def outcomes(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="CSV: patient, arm, instrument, timepoint, and score or item1, item2, … (docs/evidence.md).",
        ),
    ],
    baseline: Annotated[str, typer.Option(metavar="NAME", help="The timepoint before treatment.")] = "baseline",
    threshold: Annotated[
        list[str] | None,
        typer.Option(metavar="INSTRUMENT=POINTS", help="Improvement that makes a responder. May be repeated."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Responders per arm under every assumption about patients who left, from patient-level scores or answers.

    \b
    medpol outcomes registry.csv
    medpol outcomes registry.csv --threshold odi=15 --json
    """
    from medpol.evidence import analyse_outcomes, read_observations
    from medpol.evidence.report import plain

    rows = read_observations(file)
    try:
        tables = analyse_outcomes(rows, baseline=baseline, thresholds=_thresholds(threshold or []))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if json:
        print_json({"tables": [plain(table) for table in tables]})
    else:
        typer.echo("\n\n".join("\n".join(_text(table)) for table in tables))


def _thresholds(texts: list[str]) -> dict[str, float]:
    from medpol.evidence import INSTRUMENTS

    found: dict[str, float] = {}
    for text in texts:
        key, _, points = text.partition("=")
        try:
            found[key.strip().lower()] = float(points)
        except ValueError:
            raise typer.BadParameter(f"'{text}' is not INSTRUMENT=POINTS") from None
        if key.strip().lower() not in INSTRUMENTS:
            raise typer.BadParameter(f"unknown instrument '{key}'; known: {', '.join(INSTRUMENTS)}")
    return found


def _text(outcome: "OutcomeTable") -> list[str]:
    from medpol.evidence import INSTRUMENTS
    from medpol.evidence.report import comparison_row, table

    instrument = INSTRUMENTS[outcome.instrument]
    lines = [
        f"{instrument.name}, {outcome.timepoint}",
        f"  responder: improved by {outcome.threshold:g} points or more ({outcome.threshold_source})",
        "",
    ]
    head = ["Arm", "baseline n", "mean", "seen", "mean", "improved by", "SD"]
    rows = [
        [arm.arm, str(arm.n), _number(arm.baseline_mean), str(arm.seen), _number(arm.follow_up_mean),
         _number(arm.improvement_mean), _number(arm.improvement_sd)]
        for arm in outcome.arms
    ]  # fmt: skip
    lines += [f"  {line}" for line in table([head, *rows])]
    names = [arm.arm for arm in outcome.arms[:2]]
    titles = ["Responders", *names, *(["difference [95% CI]", "p"] if len(names) == 2 else [])]
    lines += ["", *(f"  {line}" for line in table([titles, *map(comparison_row, outcome.comparisons)]))]
    if outcome.tipping is not None and outcome.tipping.needed is not None:
        lines.append(f"  tipping point: {outcome.tipping.needed} of {outcome.tipping.withdrawals} comparator losses")
    if any(arm.bands for arm in outcome.arms):
        labels = [band.label for band in instrument.bands]
        bands = [[arm.arm, *(str(arm.bands[label]) for label in labels)] for arm in outcome.arms]
        lines += ["", *(f"  {line}" for line in table([["At follow-up", *labels], *bands]))]
    return lines


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
