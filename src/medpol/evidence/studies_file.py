"""studies.yaml → populations, outcomes, timepoints, studies; every problem with its line."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from medpol.evidence.base import Arm, Flow, Outcome, Population, Study
from medpol.evidence.files import Section, read_yaml
from medpol.evidence.instruments import INSTRUMENTS
from medpol.evidence.references import NCT, unknown
from medpol.problems import Place, Problem

DESIGNS = ("rct", "nonrandomized_comparative", "cohort", "case_series", "systematic_review", "meta_analysis")
DOMAINS = ("symptoms", "function", "health_status", "satisfaction", "harms", "use_of_care")
CONFIDENCE = ("high", "medium", "low")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudiesFile:
    """What studies.yaml holds."""

    populations: tuple[Population, ...]
    outcomes: tuple[Outcome, ...]
    timepoints: dict[str, Decimal]
    selection: tuple[str, ...]
    not_found: tuple[str, ...]
    studies: tuple[Study, ...]
    flow: Flow | None = None


def read_studies(path: Path, references: Iterable[str], problems: list[Problem]) -> StudiesFile:
    """The file, as far as it can be read. `references` are the keys that may be cited."""
    top = read_yaml(path, problems)
    populations = tuple(_population(key, section) for key, section in top.named("populations", required=True))
    outcomes = tuple(_outcome(key, section) for key, section in top.named("outcomes", required=True))
    timepoints = _timepoints(top)
    known = {population.key for population in populations}
    cited = frozenset(references)
    listed = top.named("studies", required=True)
    studies = tuple(_study(key, section, known, cited, timepoints) for key, section in listed)
    names: dict[str, Study] = {}
    for study in studies:
        twin = names.setdefault(study.name, study)
        if twin is not study:
            problems.append(Problem(study.place, "EV005", f"two studies are named '{study.name}'", "rename one"))
    selection, not_found = top.texts("selection"), top.texts("not_found")
    flow = next((_flow(section) for section in top.section("flow")), None)
    top.finish()
    return StudiesFile(
        populations=populations,
        outcomes=outcomes,
        timepoints=timepoints,
        selection=selection,
        not_found=not_found,
        studies=studies,
        flow=flow,
    )


def _flow(section: Section) -> Flow | None:
    """`flow:` counts of records; None when one is missing or they do not flow on."""
    sources = _counts(section, "identified")
    reasons = _counts(section, "excluded")
    needed = {key: section.whole(key, required=True) for key in ("screened", "excluded_screening", "assessed")}
    needed |= {key: section.whole(key, required=True) for key in ("included_studies", "included_reports")}
    optional = {key: section.whole(key) or 0 for key in ("duplicates", "removed_otherwise", "not_retrieved")}
    counts = {key: count for key, count in needed.items() if count is not None}
    if len(counts) < len(needed):
        return None
    flow = Flow(identified=sources, excluded=reasons, **counts, **optional)
    for mismatch in flow.mismatches():
        section.problem("EV019", f"the flow of records does not add up: {mismatch}", "check the counts")
    return flow


def _counts(section: Section, key: str) -> dict[str, int]:
    return {name: part.whole(name) or 0 for part in section.section(key) for name in part.keys()}  # noqa: SIM118


def _population(key: str, section: Section) -> Population:
    return Population(
        key=key,
        label=section.text("label", required=True),
        intervention=section.text("intervention", required=True),
        comparators=section.texts("comparators", required=True),
        outcomes=section.texts("outcomes", required=True),
        place=section.place,
    )


def _outcome(key: str, section: Section) -> Outcome:
    instrument = section.text("instrument") or None
    if instrument and instrument not in INSTRUMENTS:
        _not_known(section, "instrument", instrument, INSTRUMENTS, section.place_of("instrument"))
        instrument = None
    response = section.number("response")
    if response is not None and response <= 0:
        section.problem("EV004", "'response' must be above 0", "points of improvement", section.place_of("response"))
    return Outcome(
        key=key,
        label=section.text("label", required=True),
        domain=section.choice("domain", DOMAINS),  # type: ignore[arg-type]
        instrument=instrument,
        response=response,
        after_treatment_only=bool(section.flag("after_treatment_only")),
        place=section.place,
    )


def _timepoints(top: Section) -> dict[str, Decimal]:
    """`timepoints: {6 mo: 6}`: months after treatment by the name results.csv uses."""
    times: dict[str, Decimal] = {}
    for section in top.section("timepoints"):
        for name in section.keys():  # noqa: SIM118 - a Section is no mapping
            months = section.number(name, required=True)
            if months is not None and months < 0:
                section.problem("EV004", f"'{name}' must not be negative", "months", section.place_of(name))
            times[name] = months or Decimal(0)
    return times


def _not_known(section: Section, what: str, key: str, known: Iterable[str], place: Place) -> None:
    found = unknown(what, key, known, place)
    section.problem(found.code, found.message, found.remedy, found.place)


def _study(
    key: str, section: Section, populations: set[str], references: frozenset[str], times: Iterable[str]
) -> Study:
    arms = tuple(_arm(name, arm, times) for name, arm in section.named("arms"))
    population = section.text("population", required=True)
    if population and population not in populations:
        _not_known(section, "population", population, populations, section.place_of("population"))
    cited = section.placed_texts("references", required=True)
    for reference, place in cited:
        if reference not in references:
            _not_known(section, "reference", reference, references, place)
    registry = section.text("registry") or None
    if registry and not NCT.fullmatch(registry):
        section.problem("EV020", f"'{registry}' is not an NCT number", "NCT and 8 digits", section.place_of("registry"))
    study = Study(
        key=key,
        name=section.text("name", required=True),
        design=section.choice("design", DESIGNS),  # type: ignore[arg-type]
        population=population,
        arms=arms,
        references=tuple(reference for reference, _ in cited),
        registry=registry,
        randomized=section.whole("randomized"),
        enrolled=section.whole("enrolled"),
        sites=section.whole("sites", least=1),
        blinded_patients=section.flag("blinded_patients"),
        blinded_assessors=section.flag("blinded_assessors"),
        industry_funded=section.flag("industry_funded"),
        eligibility=section.texts("eligibility"),
        notes=section.texts("notes"),
        confidence=section.choice("confidence", CONFIDENCE, required=False),  # type: ignore[arg-type]
        place=section.place,
    )
    _arms_add_up(study, section)
    return study


def _arm(key: str, section: Section, times: Iterable[str]) -> Arm:
    arm = Arm(
        key=key,
        label=section.text("label", required=True),
        randomized=section.whole("randomized"),
        treated=section.whole("treated"),
        withdrew_before=section.whole("withdrew_before"),
        withdrew_after=section.whole("withdrew_after"),
        withdrew_by=section.text("withdrew_by") or None,
        crossed_over=section.text("crossed_over") or None,
        place=section.place,
    )
    if arm.withdrew_by is not None and arm.withdrew_by not in times:
        _not_known(section, "timepoint", arm.withdrew_by, times, section.place_of("withdrew_by"))
    if arm.withdrew_after is not None and arm.treated is not None and arm.withdrew_after > arm.treated:
        section.problem("EV011", f"{arm.withdrew_after} withdrew of {arm.treated} treated", "check both")
    return arm


def _arms_add_up(study: Study, section: Section) -> None:
    """Randomized must equal treated plus withdrawn before treatment, in each arm and in the whole study.

    A source that does not add up is kept as printed and warned about: correcting it is an editor's work.
    """
    flows = [
        (arm, arm.treated + arm.withdrew_before)
        for arm in study.arms
        if arm.treated is not None and arm.withdrew_before is not None
    ]
    for arm, total in flows:
        if arm.randomized is not None and arm.randomized != total:
            section.warning("EV018", f"arm '{arm.key}': {arm.randomized} randomized, {total} accounted for", arm.place)
    whole = sum(total for _, total in flows)
    if study.arms and len(flows) == len(study.arms) and study.randomized not in (None, whole):
        section.warning("EV018", f"{study.randomized} randomized, but the arms account for {whole}")
