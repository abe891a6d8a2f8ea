"""What the evidence folder has of numbers: what a figure typed in the text may be."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from medpol.checks.prose import Figure, figures, months_in, plain, same_time
from medpol.checks.subject import Subject
from medpol.evidence import Evidence, Result, Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Numbers by what they are. `told` are those in notes, eligibility and reasons: percentages, months, others."""

    percents: frozenset[Decimal]
    measures: frozenset[Decimal]
    counts: frozenset[int]
    sizes: frozenset[int]
    months: frozenset[Decimal]
    markers: frozenset[tuple[str, Decimal]]
    told: frozenset[tuple[str, Decimal]] = field(repr=False)

    def has(self, figure: Figure) -> bool:
        """Whether some recorded number of its kind is this one."""
        value = figure.value
        told = ("percent" if figure.kind == "percent" else "", value) in self.told
        match figure.kind:
            case "percent":
                return told or value in self.percents
            case "p":
                return (_sign(figure.sign), value) in self.markers
            case "size" | "arm_n" | "people":
                return told or value in self.counts
            case "time":
                times = [time for time, _ in months_in(figure.text)]
                known = [*self.months, *(time for kind, time in self.told if kind == "months")]
                return any(same_time(time, month) for time in times for month in known)
        return told or value in self.measures or value in self.counts


NOTHING = Recorded(
    percents=frozenset(), measures=frozenset(), counts=frozenset(), sizes=frozenset(), months=frozenset(),
    markers=frozenset(), told=frozenset(),
)  # fmt: skip


def recorded(subject: Subject, population: str = "", study: str = "") -> Recorded:
    """What the evidence has, of one population's studies, of one study (by key) or of all; worked out once a run."""
    evidence = subject.evidence
    if evidence is None:
        return NOTHING
    key = ("recorded", str(subject.folder), population, study)
    return subject.once(key, lambda: _recorded(evidence, population, study))


def _recorded(evidence: Evidence, population: str, key: str) -> Recorded:
    studies = [s for s in evidence.studies if population in ("", s.population) and key in ("", s.key)]
    keys = {study.key for study in studies}
    results = [result for result in evidence.results if result.study in keys]
    percent_scales = {outcome.key for outcome in evidence.outcomes if "percent" in outcome.label.lower()}
    percents = {r.percent for r in results if r.percent is not None}
    percents |= {abs(v) for r in results if r.outcome in percent_scales for v in _values(r)}
    sizes = {n for study in studies for n in (study.randomized, study.enrolled) if n is not None}
    times = {evidence.timepoints[r.timepoint] for r in results if r.timepoint in evidence.timepoints}
    return Recorded(
        percents=frozenset(percents),
        measures=frozenset(abs(v) for r in results for v in _values(r)) | _responses(evidence),
        counts=frozenset(_counts(studies, results)),
        sizes=frozenset(sizes),
        months=frozenset(times),
        markers=frozenset(marker for r in results if r.p and (marker := p_marker(r.p))),
        told=frozenset(_told(evidence, studies)),
    )


def p_marker(text: str) -> tuple[str, Decimal] | None:
    """`<.001` as sign and number; `.03` and `=.03` are the same. None for `NS`."""
    found = re.fullmatch(r"(<=|>=|<|>|=|≤|≥)?\s*(0?\.\d+|[01])", text.strip())
    return (_sign(found[1] or "="), Decimal(found[2])) if found else None


def _sign(text: str) -> str:
    return text.replace("≤", "<=").replace("≥", ">=")


def _values(result: Result) -> Iterator[Decimal]:
    for value in (result.mean, result.sd, result.change, result.ci_low, result.ci_high):
        if value is not None:
            yield value


def _responses(evidence: Evidence) -> set[Decimal]:
    return {outcome.response for outcome in evidence.outcomes if outcome.response is not None}


def _counts(studies: Iterable[Study], results: Iterable[Result]) -> set[int]:
    """Numbers of patients, arms, sites and studies, with the sums over a design."""
    counts = {n for r in results for n in (r.n, r.events) if n is not None}
    designs: dict[str, list[Study]] = {}
    for study in studies:
        designs.setdefault(study.design, []).append(study)
        named = (study.randomized, study.enrolled, study.sites, len(study.arms) or None)
        counts |= {n for n in named if n is not None}
        for arm in study.arms:
            flow = (arm.randomized, arm.treated, arm.withdrew_before, arm.withdrew_after)
            counts |= {n for n in flow if n is not None}
    for members in designs.values():
        counts |= {len(members), sum(study.randomized or 0 for study in members)}
    return counts


def _told(evidence: Evidence, studies: Iterable[Study]) -> Iterator[tuple[str, Decimal]]:
    """Numbers in what the folder says in words of these studies."""
    keys, texts = set(), list(evidence.selection)
    for study in studies:
        keys.add(study.key)
        texts += [*study.notes, *study.eligibility, study.name]
        texts += [arm.label for arm in study.arms] + [arm.crossed_over or "" for arm in study.arms]
    texts += [item.note for item in evidence.appraisal.limitations if item.study in keys]
    for conclusion in evidence.appraisal.conclusions:
        texts += [conclusion.statement, *conclusion.reasons]
    for text in texts:
        for figure in figures(plain(text)):
            if figure.kind == "time":
                yield from (("months", time) for time, _ in months_in(figure.text))
            else:
                yield "percent" if figure.kind == "percent" else "", figure.value
