"""A policy's evidence as data (for JSON) and as text: what was studied, found, doubted and concluded."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from medpol.evidence.appraisal import TABLES, Conclusion, Limitation
from medpol.evidence.base import Evidence, Population, Result, Study
from medpol.evidence.next_trial import NextTrial, Scenario, TrialPower, trial_power
from medpol.evidence.responders import Comparison, Course, ResponderAnalysis, course, responder_analysis


def responder_analyses(evidence: Evidence) -> tuple[list[ResponderAnalysis], list[str]]:
    """Every responder analysis the results allow, and why the others cannot be made."""
    keys = dict.fromkeys((r.study, r.outcome, r.timepoint) for r in evidence.results if r.percent is not None)
    made, refused = [], []
    for study, outcome, timepoint in keys:
        if evidence.outcome(outcome).response is None:
            continue
        try:
            made.append(responder_analysis(evidence, study, outcome, timepoint))
        except ValueError as error:
            refused.append(str(error))
    return made, refused


def report_data(evidence: Evidence) -> dict[str, Any]:
    """The whole evidence as JSON-ready data; percentages 0 to 100, differences in percentage points."""
    return {
        "policy": evidence.policy,
        "populations": [_population(evidence, population) for population in evidence.populations],
        "selection": list(evidence.selection),
        "not_found": list(evidence.not_found),
        "guidelines": [plain(guideline) for guideline in evidence.guidelines],
        "payer_positions": [plain(position) for position in evidence.payer_positions],
        "references": [plain(reference) for reference in evidence.references],
        "warnings": [warning.as_json() for warning in evidence.warnings],
    }


def _population(evidence: Evidence, population: Population) -> dict[str, Any]:
    part = evidence.for_population(population.key)
    made, refused = responder_analyses(part)
    return {
        **plain(population),
        "studies": [plain(study) for study in part.studies],
        "results": [_result(result) for result in part.results],
        "responders": [_responders(analysis) for analysis in made],
        "responders_over_time": [{**plain(c), "rule_changes": c.rule_changes} for c in course(made)],
        "responders_not_computable": refused,
        "power": [plain(power) for power in trial_power(part)],
        "limitations": [_limitation(limitation) for limitation in part.appraisal.limitations],
        "risk_of_bias": [plain(judgement) for judgement in part.appraisal.bias],
        "conclusions": [_conclusion(c) for c in evidence.appraisal.conclusions if c.population == population.key],
    }


def plain(thing: Any) -> dict[str, Any]:
    """A dataclass as JSON-ready data, without its places."""
    return {name: _value(value) for name, value in asdict(thing).items() if name != "place"}


def _value(value: Any) -> Any:
    """Decimals become numbers, dates ISO text; places are left out."""
    if isinstance(value, dict):
        return {name: _value(member) for name, member in value.items() if name != "place"}
    if isinstance(value, list | tuple):
        return [_value(member) for member in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "as_tuple"):
        return float(value)
    return value


def _result(result: Result) -> dict[str, Any]:
    return {**plain(result), "count": result.count}


def _responders(analysis: ResponderAnalysis) -> dict[str, Any]:
    data = plain(analysis)
    for comparison, shown in zip(analysis.comparisons, data["comparisons"], strict=True):
        for rate, rate_data in zip(comparison.rates, shown["rates"], strict=True):
            rate_data["pct"] = rate.pct
    return data


def _limitation(limitation: Limitation) -> dict[str, Any]:
    return {**plain(limitation), "letter": limitation.letter, "label": limitation.label}


def _conclusion(conclusion: Conclusion) -> dict[str, Any]:
    level = conclusion.certainty.level if conclusion.certainty is not None else None
    return {**plain(conclusion), "certainty_level": level}


def report_text(evidence: Evidence, populations: Sequence[str]) -> list[str]:
    """Lines to read, one part per population asked for."""
    lines = [f"Evidence of policy {evidence.policy}"]
    for key in populations:
        lines += ["", *_population_text(evidence, evidence.population(key))]
    lines += ["", "Guidelines"]
    for guideline in evidence.guidelines:
        lines.append(f"  {guideline.issuer} ({guideline.year})")
        lines += [f"    {s.grade or 'ungraded'}: {s.text}" for s in guideline.statements]
    lines += ["", "Not found", *(f"  {text}" for text in evidence.not_found)]
    if evidence.warnings:
        lines += ["", "Defects of the sources, kept as printed"]
        lines += [f"  {w.place.path or f'line {w.place.line}'}: {w.code} {w.message}" for w in evidence.warnings]
    return lines


def _population_text(evidence: Evidence, population: Population) -> Iterator[str]:
    part = evidence.for_population(population.key)
    yield f"{population.label} ({population.key})"
    yield f"  {population.intervention} against {' or '.join(population.comparators)}"
    for conclusion in evidence.appraisal.conclusions:
        if conclusion.population == population.key:
            yield from _conclusion_text(evidence, conclusion)
    if not part.studies:
        yield "  no study"
        return
    yield ""
    yield from _indent(table([["Study", "Design", "Patients", "Registry", "Confidence"], *map(_row, part.studies)]))
    made, refused = responder_analyses(part)
    for analysis in made:
        yield ""
        yield from _indent(_analysis_text(part, analysis))
    yield from (f"  not computable: {text}" for text in refused)
    changed = [c for c in course(made) if c.rule_changes]
    if changed:
        yield ""
        yield "  One rule for all times (withdrawals as failures) beside what the sources print"
        for found in changed:
            yield from _indent(_indent(_course_text(part, found)))
    yield from _limitations_text(part)
    for judgement in part.appraisal.bias:
        draft = " (draft)" if judgement.draft else ""
        name = part.study(judgement.study).name
        yield f"  risk of bias{draft}, {name}, {judgement.outcome}: {judgement.overall.replace('_', ' ')}"


def _row(study: Study) -> list[str]:
    size = study.randomized if study.randomized is not None else study.enrolled
    kind = study.design.replace("_", " ")
    return [study.name, kind, "" if size is None else str(size), study.registry or "", study.confidence]


def _conclusion_text(evidence: Evidence, conclusion: Conclusion) -> Iterator[str]:
    verdict = "insufficient"
    if conclusion.sufficient:
        verdict = "sufficient: improves" if conclusion.improves else "sufficient: does not improve"
    draft = " (draft)" if conclusion.draft else ""
    yield f"  {conclusion.outcome}: {verdict}{draft} [{conclusion.key}]"
    yield f"    {conclusion.statement}"
    if conclusion.certainty is not None:
        yield f"    certainty {conclusion.certainty.level}, from {conclusion.certainty.start}:"
        for rating in conclusion.certainty.ratings:
            names = ", ".join(evidence.study(key).name for key in rating.evidence if _has(evidence, key))
            yield f"      {rating.levels:+d} {rating.domain.replace('_', ' ')}: {rating.reason} ({names})"
    for reason in conclusion.reasons:
        yield f"    because {reason}"


def _has(evidence: Evidence, key: str) -> bool:
    return any(study.key == key for study in evidence.studies)


def _course_text(part: Evidence, found: Course) -> list[str]:
    name = f"{part.study(found.study).name}, {found.outcome}"
    printed = ["as reported", *(f"{pct:.1f}%" for pct in found.reported_pct)]
    same = ["failures throughout", *(f"{pct:.1f}%" for pct in found.failures_pct)]
    return table([[name, *found.timepoints], printed, same])


def _limitations_text(part: Evidence) -> Iterator[str]:
    if not part.appraisal.limitations:
        return
    yield ""
    yield "  Limitations (key and column letter of the policy's tables)"
    for name in TABLES:
        for item in part.appraisal.limitations:
            if item.table == name:
                note = f" ({item.note})" if item.note else ""
                domain = item.domain.replace("_", " ")
                yield f"    {part.study(item.study).name}: {domain} {item.letter}{item.key}, {item.label}{note}"


def _analysis_text(part: Evidence, analysis: ResponderAnalysis) -> list[str]:
    study, outcome = part.study(analysis.study), part.outcome(analysis.outcome)
    points = "" if outcome.response is None else f", improved by at least {outcome.response}"
    head = ["Responders", *(arm.label for arm in analysis.arms)]
    two = len(analysis.arms) == 2
    if two:
        head += ["difference [95% CI]", "p"]
    lines = [f"{study.name}, {outcome.label}, {analysis.timepoint}{points}"]
    lines += table([head, *(comparison_row(c) for c in analysis.comparisons)])
    tip = analysis.tipping
    if tip is not None and tip.needed is not None:
        lines.append(
            f"tipping point: {tip.needed} of {tip.withdrawals} comparator withdrawals ({tip.needed_pct:.0f}%; "
            f"{tip.completer_pct:.0f}% of its completers responded) make p ≥ .05"
        )
    return lines


def comparison_row(comparison: Comparison) -> list[str]:
    """A row of the side-by-side table: assumption, rate per arm, difference, p."""
    cells = [comparison.assumption, *(f"{r.events}/{r.n} {r.pct:.1f}%" for r in comparison.rates)]
    if comparison.difference is not None and comparison.p is not None:
        interval = f"[{comparison.low:.1f}, {comparison.high:.1f}]"
        cells += [f"{comparison.difference:.1f} {interval}", "<.001" if comparison.p < 0.001 else f"{comparison.p:.3f}"]
    return cells


def next_trial_text(evidence: Evidence, trial: NextTrial, powers: Sequence[TrialPower]) -> list[str]:
    """The smallest trial that would change a conclusion, why the existing ones do not, and every assumption."""
    unit = "percentage points" if trial.measure == "risk_difference" else "points"
    best = trial.smallest
    lines = [
        f"To change '{trial.conclusion}' ({trial.outcome}, {trial.population})",
        f"  design      randomized, {' or '.join(trial.comparators)} as comparator,"
        f" assessors {'blinded' if trial.blinded_assessors else 'not necessarily blinded'}",
        f"  follow-up   {trial.follow_up_months} months",
        f"  effect      {best.difference:g} {unit}",
        f"  size        {best.n_per_arm} per arm analysed, {best.n_recruited} per arm recruited, power {best.power:g}",
        "",
        *_indent(table([["If the true effect is", "power", "per arm", "recruited"], *map(_scenario, trial.scenarios)])),
        "",
        "  Why the existing trials do not settle it",
    ]
    lines += [
        f"    {x.name}: {'; '.join(x.misses) or 'counts, and is pooled with the new trial'}" for x in trial.existing
    ]
    mine = [p for p in powers if p.outcome == trial.outcome]
    lines += [
        f"    {evidence.study(p.study).name} at {p.timepoint} could detect "
        f"{'nothing' if p.detectable_points is None else f'{p.detectable_points:.1f} points'} over "
        f"{p.control_pct:.1f}% with power .8; its power for 10 points was {p.power_for_10_points:.2f}"
        for p in mine
    ]
    return [*lines, "", "  Assumptions", *(f"    {text}" for text in trial.assumptions)]


def _scenario(scenario: Scenario) -> list[str]:
    return [f"{scenario.difference:g}", f"{scenario.power:g}", str(scenario.n_per_arm), str(scenario.n_recruited)]


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Text columns: the first flush left, the others flush right."""
    count = max(len(row) for row in rows)
    full = [[*row, *[""] * (count - len(row))] for row in rows]
    widths = [max(len(row[at]) for row in full) for at in range(count)]
    return [
        "  ".join(
            c.ljust(w) if at == 0 else c.rjust(w) for at, (c, w) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in full
    ]


def _indent(lines: Sequence[str]) -> list[str]:
    return [f"  {line}" if line else line for line in lines]
