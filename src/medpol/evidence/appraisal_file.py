"""appraisal.yaml and guidelines.yaml → limitations, risk of bias, conclusions, guidelines."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

from medpol.evidence.appraisal import (
    DOWN,
    TABLES,
    TOOLS,
    UP,
    Appraisal,
    BiasJudgement,
    Certainty,
    Conclusion,
    Limitation,
    Rating,
    Tool,
    TrialRule,
    least_overall,
)
from medpol.evidence.base import Guideline, GuidelineStatement, PayerPosition
from medpol.evidence.files import Section, read_yaml
from medpol.evidence.references import unknown
from medpol.evidence.studies_file import CONFIDENCE, StudiesFile
from medpol.problems import Place, Problem

MEASURES = ("risk_difference", "mean_difference")
NET_OUTCOME = "net health outcome"


def read_appraisal(path: Path, studies: StudiesFile, problems: list[Problem]) -> Appraisal:
    """The file, as far as it can be read."""
    top = read_yaml(path, problems)
    names = {study.key for study in studies.studies}
    limitations = [x for table in TABLES for x in _limitations(top, table, names)]
    bias = [_bias(section, names, studies) for section in top.items("risk_of_bias")]
    conclusions = [_conclusion(key, section, names, studies) for key, section in top.named("conclusions")]
    top.finish()
    return Appraisal(limitations=tuple(limitations), bias=tuple(bias), conclusions=tuple(conclusions))


def _known(section: Section, what: str, key: str, known: Iterable[str], place: Place) -> bool:
    found = None if key in known else unknown(what, key, known, place)
    if found is not None and key:
        section.problem(found.code, found.message, found.remedy, found.place)
    return found is None


def _limitations(top: Section, table: str, names: set[str]) -> Iterator[Limitation]:
    for study, columns in top.named(table):
        _known(columns, "study", study, names, columns.place)
        for domain, (letter, labels) in TABLES[table].items():
            for item in columns.items(domain):
                key = item.whole("key", required=True, least=1)
                if key is not None and key not in labels:
                    message = f"key {key} does not exist in table column {domain} (^{letter})"
                    item.problem("EV006", message, f"keys: {', '.join(map(str, labels))}", item.place_of("key"))
                elif key is not None and study in names:
                    yield Limitation(
                        study=study,
                        table=table,  # type: ignore[arg-type]
                        domain=domain,
                        key=key,
                        note=item.text("note"),
                        place=item.place,
                    )
                item.text("note")


def _bias(section: Section, names: set[str], studies: StudiesFile) -> BiasJudgement:
    study, outcome = section.text("study", required=True), section.text("outcome", required=True)
    _known(section, "study", study, names, section.place_of("study"))
    _known(section, "outcome", outcome, _outcome_names(studies), section.place_of("outcome"))
    tool: Tool = section.choice("tool", tuple(TOOLS))  # type: ignore[assignment]
    domains, order = TOOLS[tool]
    levels: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for part in section.section("domains"):
        for domain in domains:
            for judged in part.section(domain):
                levels[domain] = judged.choice("level", (*order, "no_information"))
                reasons[domain] = judged.text("reason", required=True)
            if domain not in levels:
                part.problem("EV002", f"domain '{domain}' is not judged", "use no_information if it cannot be")
    overall = section.choice("overall", (*order, "no_information"))
    _check_overall(section, tool, levels, overall)
    return BiasJudgement(
        study=study,
        outcome=outcome,
        tool=tool,
        levels=levels,
        reasons=reasons,
        overall=overall,
        draft=bool(section.flag("draft")),
        place=section.place,
    )


def _check_overall(section: Section, tool: Tool, levels: dict[str, str], overall: str) -> None:
    least = least_overall(tool, levels) if levels else overall
    order = (*TOOLS[tool][1],)
    if overall == "no_information" or least == "no_information":
        better = overall != least
    else:
        better = order.index(overall) < order.index(least)
    if better:
        message = f"overall '{overall}' is better than the worst domain allows ('{least}')"
        section.problem("EV030", message, f"raise it to {least} or mend a domain", section.place_of("overall"))


def _outcome_names(studies: StudiesFile) -> list[str]:
    return [*(outcome.key for outcome in studies.outcomes), NET_OUTCOME]


def _conclusion(key: str, section: Section, names: set[str], studies: StudiesFile) -> Conclusion:
    population, outcome = section.text("population", required=True), section.text("outcome", required=True)
    _known(section, "population", population, [p.key for p in studies.populations], section.place_of("population"))
    _known(section, "outcome", outcome, _outcome_names(studies), section.place_of("outcome"))
    evidence = section.placed_texts("evidence")
    for study, place in evidence:
        _known(section, "study", study, names, place)
    sufficient = section.choice("evidence_is", ("insufficient", "sufficient")) == "sufficient"
    improves = section.flag("improves")
    if sufficient and improves is None:
        section.problem("EV002", "a sufficient conclusion says whether the outcome improves", "add `improves:`")
    if not sufficient and improves is not None:
        section.problem("EV031", "insufficient evidence cannot say whether the outcome improves", "drop `improves:`")
    reasons = section.texts("reasons", required=True)
    certainty = next((_certainty(part, names) for part in section.section("certainty")), None)
    rule = next((_rule(part, studies) for part in section.section("would_change")), None)
    if sufficient and not evidence:
        section.problem("EV031", "a sufficient conclusion names no study", "add `evidence:`")
    return Conclusion(
        key=key,
        population=population,
        outcome=outcome,
        sufficient=sufficient,
        improves=improves,
        statement=section.text("statement", required=True),
        evidence=tuple(study for study, _ in evidence),
        reasons=reasons,
        decided=section.day("decided"),
        certainty=certainty,
        would_change=rule,
        draft=bool(section.flag("draft")),
        place=section.place,
    )


def _certainty(section: Section, names: set[str]) -> Certainty:
    start = section.choice("start", ("high", "low"))
    ratings = []
    for item in section.items("ratings", required=True):
        domain = item.choice("domain", (*DOWN, *UP))
        levels = item.number("levels", required=True) or Decimal(0)
        allowed = (-1, -2) if domain in DOWN else (1, 2)
        if levels not in allowed:
            message = f"'{domain}' moves by {allowed[0]} or {allowed[1]}, not {levels}"
            item.problem("EV004", message, "see GRADE", item.place_of("levels"))
        studies = item.placed_texts("evidence")
        for study, place in studies:
            _known(item, "study", study, names, place)
        ratings.append(
            Rating(
                domain=domain,
                levels=int(levels),
                reason=item.text("reason", required=True),
                evidence=tuple(study for study, _ in studies),
                place=item.place,
            )
        )
    return Certainty(start=start, ratings=tuple(ratings))  # type: ignore[arg-type]


def _rule(section: Section, studies: StudiesFile) -> TrialRule:
    timepoint = section.text("timepoint", required=True)
    _known(section, "timepoint", timepoint, studies.timepoints, section.place_of("timepoint"))
    measure = section.choice("measure", MEASURES)
    fraction = {name: _fraction(section, name) for name in ("alpha", "power")}
    control, sd = section.number("control_pct"), section.number("sd")
    if measure == "risk_difference" and (control is None or not 0 < control < 100):
        section.problem("EV002", "a risk difference needs `control_pct` between 0 and 100", "")
    if measure == "mean_difference" and (sd is None or sd <= 0):
        section.problem("EV002", "a mean difference needs an `sd` above 0", "")
    difference = section.number("minimal_difference", required=True)
    if difference is not None and difference <= 0:
        section.problem("EV004", "'minimal_difference' must be above 0", "", section.place_of("minimal_difference"))
    attrition = section.number("max_attrition_pct", required=True)
    if attrition is not None and not 0 <= attrition < 100:
        section.problem("EV004", "'max_attrition_pct' must be 0 to below 100", "")
    return TrialRule(
        measure=measure,  # type: ignore[arg-type]
        timepoint=timepoint,
        follow_up_months=section.whole("follow_up_months", required=True) or 0,
        comparators=section.texts("comparators", required=True),
        blinded_assessors=bool(section.flag("blinded_assessors")),
        max_attrition_pct=attrition or Decimal(0),
        alpha=fraction["alpha"],
        power=fraction["power"],
        minimal_difference=difference or Decimal(1),
        control_pct=control,
        sd=sd,
        exceeds=section.number("exceeds") or Decimal(0),
        assumptions=section.texts("assumptions"),
        place=section.place,
    )


def _fraction(section: Section, key: str) -> Decimal:
    value = section.number(key, required=True)
    if value is not None and not 0 < value < 1:
        section.problem("EV004", f"'{key}' must lie between 0 and 1", "", section.place_of(key))
        value = None
    return value or Decimal("0.5")


def read_guidelines(
    path: Path, references: Iterable[str], problems: list[Problem]
) -> tuple[tuple[Guideline, ...], tuple[PayerPosition, ...]]:
    """guidelines.yaml: who recommends what, under which grading scheme; and other payers' positions."""
    top = read_yaml(path, problems)
    cited = frozenset(references)
    guidelines = tuple(_guideline(key, section, cited) for key, section in top.named("guidelines"))
    positions = tuple(
        PayerPosition(
            payer=item.text("payer", required=True),
            number=item.text("number"),
            position=item.text("position", required=True),
            date=item.text("date"),
            confidence=item.choice("confidence", CONFIDENCE),  # type: ignore[arg-type]
            place=item.place,
        )
        for item in top.items("payer_positions")
    )
    top.finish()
    return guidelines, positions


def _guideline(key: str, section: Section, references: frozenset[str]) -> Guideline:
    reference = section.text("reference") or None
    if reference is not None:
        _known(section, "reference", reference, references, section.place_of("reference"))
    statements = tuple(
        GuidelineStatement(
            text=item.text("text", required=True),
            grade=item.text("grade") or None,
            about_intervention=bool(item.flag("about_intervention")),
            place=item.place,
        )
        for item in section.items("statements", required=True)
    )
    return Guideline(
        key=key,
        issuer=section.text("issuer", required=True),
        year=section.whole("year", required=True, least=1900) or 0,
        reference=reference,
        grading=section.text("grading"),
        statements=statements,
        note=section.text("note"),
        place=section.place,
    )
