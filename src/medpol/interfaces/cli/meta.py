"""`medpol meta FILE.csv`: a meta-analysis of anyone's own data."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medpol.interfaces.cli.options import JsonOption, print_json

if TYPE_CHECKING:
    from medpol.evidence import MetaAnalysis, Pooled
    from medpol.evidence.plots import Diamond


def meta(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV with one row per study and a header.")],
    measure: Annotated[
        str,
        typer.Option(
            help="OR RR RD AS PETO (ai n1i ci n2i), MD SMD SMDH ROM (m1i sd1i n1i m2i sd2i n2i), "
            "IRR IRD IRSD (x1i t1i x2i t2i), PR PLN PLO PAS PFT (xi ni), COR ZCOR (ri ni), GEN (yi vi)."
        ),
    ],
    method: Annotated[
        str, typer.Option(help="EE MH PETO, or random effects: DL HE HS HSk SJ ML REML EB PM PMM.")
    ] = "REML",
    ci: Annotated[str, typer.Option(help="z, t, knha (Knapp-Hartung) or adhoc (with its floor).")] = "z",
    level: Annotated[float, typer.Option(help="Confidence level.", min=0.5, max=0.9999)] = 0.95,
    prediction: Annotated[str, typer.Option(help="Prediction interval: auto, z, t_kminus1 or t_kminus2.")] = "auto",
    zero_cells: Annotated[str, typer.Option(help="Zero cells: only_zero, all, none or drop_double.")] = "only_zero",
    columns: Annotated[
        str, typer.Option(metavar="NAME=TITLE,…", help='Your titles for the columns: "ai=Events, n1i=Total".')
    ] = "",
    moderators: Annotated[str, typer.Option(metavar='"A + B"', help="Meta-regression on these columns.")] = "",
    by: Annotated[str, typer.Option(metavar="COLUMN", help="Subgroups by this column.")] = "",
    order: Annotated[
        str, typer.Option(metavar="COLUMN", help="Order of the cumulative analysis (default: the file's).")
    ] = "",
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw a forest plot (.svg or .png).")] = None,
    as_json: JsonOption = False,
) -> None:
    """Pool your own studies: effects, heterogeneity, sensitivity, small-study bias.

    \b
    medpol meta trials.csv --measure OR
    medpol meta trials.csv --measure SMD --method DL --json

    Exit status: 0 done, 2 bad input (every bad cell is named).
    """
    from medpol.evidence import Variant, effects_of_table, meta_analysis, read_columns, read_meta_table

    if plot is not None:
        _check_plot(plot, file)
    table = read_meta_table(file, columns=read_columns(columns))
    effects = effects_of_table(table, measure.upper(), variant=Variant(zero_cells=zero_cells))
    used = [i for i, there in enumerate(effects.included) if there]
    labels = table.labels(by) if by else None
    names = [name.strip() for name in moderators.split("+") if name.strip()]
    report = meta_analysis(
        effects,
        method=method,
        ci=ci,
        level=level,
        prediction=prediction,
        order=table.moderator(order) if order else None,
        order_name=order or "the file",
        by=labels,
        moderators={name: table.moderator(name, used) for name in names},
    )
    if plot is not None:
        _draw(report, labels, plot)
    if as_json:
        print_json(report.as_json())
    else:
        typer.echo("\n".join(_text(report)))


def _check_plot(plot: Path, data: Path) -> None:
    """A picture is .svg or .png, and its table twin (same name, .table.csv) must not replace the data."""
    from medpol.problems import Place, PolicyRejected, Problem

    if plot.suffix.lower() not in {".svg", ".png"}:
        problem = Problem(Place(str(plot)), "EV103", "a picture ends in .svg or .png", "change the ending")
        raise PolicyRejected([problem])
    if plot.with_suffix(".table.csv").resolve() == data.resolve():
        message = f"the picture's table would be written over {data}"
        raise PolicyRejected([Problem(Place(str(plot)), "EV103", message, "give the picture another name")])


def _draw(report: "MetaAnalysis", labels: list[str] | None, out: Path) -> None:
    """A forest plot of the studies with an effect, by subgroup where asked for."""
    from medpol.evidence.plots import ForestRow, forest

    measure, printed = report.effects.measure, report.as_json()
    rows = [
        ForestRow(
            label=effect["study"],
            estimate=effect["yi"],
            low=effect["ci_low"],
            high=effect["ci_high"],
            weight_pct=weight,
            group=labels[i] if labels else "",
        )
        for i, (effect, weight) in enumerate(zip(printed["effects"], printed["weights_pct"], strict=True))
        if effect["yi"] is not None
    ]
    groups = report.subgroups.groups if report.subgroups else {}
    forest(
        rows,
        pooled=_diamond(f"{report.pooled.method}, {report.pooled.k} studies", report.pooled),
        subgroups={name: _diamond(name, fit) for name, fit in groups.items()},
        title=(measure.back_title or measure.title).capitalize(),
        effect=measure.back_title or measure.title,
        transform=report.pooled.back if measure.back_title else None,
        null=measure.null,
        level=report.pooled.level,
    ).save(out)


def _diamond(label: str, fit: "Pooled") -> "Diamond":
    from medpol.evidence.plots import Diamond

    low, high = fit.prediction_low, fit.prediction_high
    return Diamond(
        label=label,
        estimate=fit.estimate,
        low=fit.ci_low,
        high=fit.ci_high,
        prediction=None if low is None or high is None else (low, high),
        note=f"{label}: I2 = {fit.i2:.0f}%, tau2 = {_number(fit.tau2)}, p {_p(fit.q_p)}",
    )


def _text(report: "MetaAnalysis") -> list[str]:
    fit = report.pooled
    level = f"{100 * fit.level:g}%"
    lines = [f"{report.effects.measure.title}, {fit.method}, {fit.k} studies", ""]
    lines += _studies(report, level)
    lines += ["", *_pooled(fit, level), *_heterogeneity(report, level)]
    lines += [*_subgroups(report, level), *_regression(report, level), *_bias(report)]
    lines += ["", "Leaving one out", *_rows(report, "leave_one_out", level)]
    lines += ["", f"Cumulative, in the order of {report.order}", *_rows(report, "cumulative", level)]
    lines += ["", "Conventions", *(f"  {name}: {value}" for name, value in report.conventions.items())]
    if report.warnings:
        lines += ["", "Warnings", *(f"  {warning}" for warning in report.warnings)]
    return lines


def _interval(low: float, high: float) -> str:
    return f"[{_number(low)}, {_number(high)}]"


def _number(value: float) -> str:
    """Four significant digits at least, never an exponent for everyday sizes."""
    return f"{value:.4f}" if 1e-3 <= abs(value) < 1e5 or value == 0 else f"{value:.4g}"


def _p(value: float) -> str:
    return "< .0001" if value < 1e-4 else f"= {value:.4f}"


def _table(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  " + "  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
        for row in rows
    ]


def _studies(report: "MetaAnalysis", level: str) -> list[str]:
    out = report.as_json()
    rows = [["Study", "Effect", f"{level} CI", "Weight %"]]
    for effect, weight in zip(out["effects"], out["weights_pct"], strict=True):
        if effect["yi"] is None:
            rows.append([effect["study"], "not estimable", "", "" if weight is None else f"{weight:.2f}"])
            continue
        interval = _interval(effect["ci_low"], effect["ci_high"])
        rows.append([effect["study"], _number(effect["yi"]), interval, "-" if weight is None else f"{weight:.2f}"])
    return _table(rows)


def _pooled(fit: "Pooled", level: str) -> list[str]:
    lines = [
        f"Pooled  {_number(fit.estimate)}  {level} CI {_interval(fit.ci_low, fit.ci_high)}"
        f"  SE {_number(fit.se)}  p {_p(fit.p)}"
    ]
    back = fit.back_transformed
    title = fit.effects.measure.back_title
    if title and back["estimate"] is not None and back["ci_low"] is not None and back["ci_high"] is not None:
        interval = _interval(back["ci_low"], back["ci_high"])
        lines.append(f"  {title}  {_number(back['estimate'])}  {level} CI {interval}")
    if fit.prediction_low is not None and fit.prediction_high is not None:
        lines.append(f"Prediction interval  {_interval(fit.prediction_low, fit.prediction_high)}")
        if title and back["prediction_low"] is not None and back["prediction_high"] is not None:
            lines.append(f"  {title}  {_interval(back['prediction_low'], back['prediction_high'])}")
    return lines


def _heterogeneity(report: "MetaAnalysis", level: str) -> list[str]:
    fit = report.pooled
    line = f"Q({fit.q_df}) = {_number(fit.q)}, p {_p(fit.q_p)}; I2 = {fit.i2:.1f}%; H2 = {fit.h2:.2f}"
    if fit.method in {"EE", "MH", "PETO"}:
        return [f"Heterogeneity  {line}"]
    tau2 = f"tau2 = {_number(fit.tau2)}"
    if report.heterogeneity is not None:
        tau2 += f" ({level} CI {_number(report.heterogeneity.tau2[0])} to {_number(report.heterogeneity.tau2[1])})"
    return [f"Heterogeneity  {tau2}; {line}"]


def _subgroups(report: "MetaAnalysis", level: str) -> list[str]:
    found = report.subgroups
    if found is None:
        return []
    rows = [["Subgroup", "k", "Effect", f"{level} CI", "tau2", "I2 %"]]
    for name, fit in found.groups.items():
        interval = _interval(fit.ci_low, fit.ci_high)
        rows.append([name, str(fit.k), _number(fit.estimate), interval, _number(fit.tau2), f"{fit.i2:.1f}"])
    test = (
        [] if found.p is None else [f"  difference: Q({found.df}) = {_number(found.q_between or 0)}, p {_p(found.p)}"]
    )
    return ["", "Subgroups, each with its own tau2", *_table(rows), *test]


def _regression(report: "MetaAnalysis", level: str) -> list[str]:
    fit = report.meta_regression
    if fit is None:
        return []
    rows = [["Coefficient", "Estimate", "SE", f"{level} CI", "p"]]
    for i, name in enumerate(fit.names):
        interval = _interval(fit.ci_low[i], fit.ci_high[i])
        rows.append([name, _number(fit.coef[i]), _number(fit.se[i]), interval, _p(fit.p[i]).removeprefix("= ")])
    df = f"{fit.qm_df[0]}" + (f", {fit.qm_df[1]}" if fit.qm_df[1] is not None else "")
    explained = "" if fit.r2 is None else f"; R2 = {fit.r2:.1f}%"
    tests = [
        f"  moderators: QM({df}) = {_number(fit.qm)}, p {_p(fit.qm_p)}",
        f"  residual: QE({fit.qe_df}) = {_number(fit.qe)}, p {_p(fit.qe_p)}; tau2 = {_number(fit.tau2)}; "
        f"I2 = {fit.i2:.1f}%{explained}",
    ]
    return ["", "Meta-regression", *_table(rows), *tests]


def _bias(report: "MetaAnalysis") -> list[str]:
    lines = ["", "Small-study effects"]
    egger, begg, filled = report.egger, report.begg, report.trim_fill
    if egger.stat is not None and egger.p is not None and egger.df is not None:
        lines.append(f"  Egger: t({egger.df:g}) = {_number(egger.stat)}, p {_p(egger.p)}")
    if begg.tau is not None and begg.p is not None:
        lines.append(f"  Begg: tau = {_number(begg.tau)}, p {_p(begg.p)}")
    if filled is not None:
        pooled = filled.pooled
        lines.append(
            f"  Trim and fill (L0): {filled.k0} missing on the {filled.side}; "
            f"pooled {_number(pooled.estimate)} {_interval(pooled.ci_low, pooled.ci_high)}"
        )
    return lines if len(lines) > 2 else []


def _rows(report: "MetaAnalysis", which: str, level: str) -> list[str]:
    steps = report.leave_one_out if which == "leave_one_out" else report.cumulative
    if not steps:
        return ["  nothing to leave out"]
    rows = [["Without" if which == "leave_one_out" else "With", "k", "Effect", f"{level} CI", "tau2", "I2 %"]]
    for step in steps:
        interval = _interval(step.ci_low, step.ci_high)
        rows.append([step.study, str(step.k), _number(step.estimate), interval, _number(step.tau2), f"{step.i2:.1f}"])
    return _table(rows)
