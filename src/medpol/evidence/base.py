"""The evidence words as frozen data: populations, studies, arms, results as reported, references.

Numbers that a source prints are `Decimal`, so that `58.0` keeps its decimals: a percentage can then be
checked against whole patients. Nothing here is computed from anything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from medpol.evidence.appraisal import Appraisal
from medpol.problems import Place, Problem

Design = Literal["rct", "nonrandomized_comparative", "cohort", "case_series", "systematic_review", "meta_analysis"]
Confidence = Literal["high", "medium", "low"]
Domain = Literal["symptoms", "function", "health_status", "satisfaction", "harms", "use_of_care"]
AnalysisRule = Literal["failures", "completers", "observed", "randomized", "unstated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Who the question is about, and its PICO."""

    key: str
    label: str
    intervention: str
    comparators: tuple[str, ...]
    outcomes: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Something measured. `instrument` names a scale of `instruments.py`; a count or a rate has none.

    `response` is the improvement (in points, positive) that makes a patient a responder in these studies.
    """

    key: str
    label: str
    domain: Domain
    instrument: str | None = None
    response: Decimal | None = None
    after_treatment_only: bool = False
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """A group of a study. Counts are patients; None is 'not reported'.

    `withdrew_by` is the timepoint up to which `withdrew_after` (treatment) counts.
    """

    key: str
    label: str
    randomized: int | None = None
    treated: int | None = None
    withdrew_before: int | None = None
    withdrew_after: int | None = None
    withdrew_by: str | None = None
    crossed_over: str | None = None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A trial, series or review. `randomized` is the number the source states, whatever its arms add up to."""

    key: str
    name: str
    design: Design
    population: str
    arms: tuple[Arm, ...]
    references: tuple[str, ...]
    registry: str | None = None
    randomized: int | None = None
    enrolled: int | None = None
    sites: int | None = None
    blinded_patients: bool | None = None
    blinded_assessors: bool | None = None
    industry_funded: bool | None = None
    eligibility: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    confidence: Confidence = "high"
    place: Place

    def arm(self, key: str) -> Arm:
        """The arm called `key`; KeyError when the study has none."""
        for arm in self.arms:
            if arm.key == key:
                return arm
        raise KeyError(f"study '{self.key}' has no arm '{key}'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One row of results.csv: what one source prints for one arm, outcome and timepoint.

    `change` has the sign of the scale (a lower ODI is negative); `ci_*` belongs to the change, or to the mean
    where there is no change. `p` is the printed marker (`<.001`), of this arm against `versus`.
    """

    study: str
    arm: str
    outcome: str
    timepoint: str
    rule: AnalysisRule = "unstated"
    n: int | None = None
    events: int | None = None
    percent: Decimal | None = None
    mean: Decimal | None = None
    sd: Decimal | None = None
    change: Decimal | None = None
    ci_low: Decimal | None = None
    ci_high: Decimal | None = None
    p: str | None = None
    versus: str | None = None
    reference: str | None = None
    confidence: Confidence = "high"
    as_printed: bool = False
    note: str = ""
    place: Place

    @property
    def count(self) -> int | None:
        """Patients with the event: as printed, else the one whole number the percentage allows."""
        if self.events is not None:
            return self.events
        if self.percent is None or self.n is None:
            return None
        counts = possible_counts(self.percent, self.n)
        return counts[0] if len(counts) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A publication. `month` and `day` are None where the source prints only a year."""

    key: str
    kind: Literal["article", "guideline", "report", "web"] = "article"
    authors: tuple[str, ...] = ()
    title: str
    journal: str = ""
    year: int | None = None
    month: int | None = None
    day: int | None = None
    volume: str = ""
    issue: str = ""
    pages: str = ""
    pmid: str = ""
    doi: str = ""
    url: str = ""
    printed_as: tuple[int, ...] = ()
    retracted: bool = False
    note: str = ""
    place: Place

    def published_by(self, day: date) -> bool:
        """Whether it was in print on `day`; an undated publication was not, a bare year counts from 1 January."""
        return self.year is not None and date(self.year, self.month or 1, self.day or 1) <= day


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidelineStatement:
    """One graded recommendation, in our own words."""

    text: str
    grade: str | None
    about_intervention: bool
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Guideline:
    """A society's or payer's guidance with the scheme its grades come from."""

    key: str
    issuer: str
    year: int
    reference: str | None
    grading: str
    statements: tuple[GuidelineStatement, ...]
    note: str = ""
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerPosition:
    """Where another payer stands on the intervention; dates as the source gives them."""

    payer: str
    number: str
    position: str
    date: str
    confidence: Confidence
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Records from search to inclusion, as the reviewers counted them (PRISMA 2020: Page et al. 2021, BMJ 372:n71)."""

    identified: Mapping[str, int]
    duplicates: int = 0
    removed_otherwise: int = 0
    screened: int
    excluded_screening: int
    not_retrieved: int = 0
    assessed: int
    excluded: Mapping[str, int] = field(default_factory=dict)
    included_studies: int
    included_reports: int

    @property
    def sought(self) -> int:
        """Reports sought for retrieval."""
        return self.screened - self.excluded_screening

    def mismatches(self) -> tuple[str, ...]:
        """Where the numbers do not flow on; empty when they do."""
        found = []
        left = sum(self.identified.values()) - self.duplicates - self.removed_otherwise
        if left != self.screened:
            found.append(f"{left} records left after removals, {self.screened} screened")
        retrieved = self.sought - self.not_retrieved
        if retrieved != self.assessed:
            found.append(f"{retrieved} reports retrieved, {self.assessed} assessed")
        kept = self.assessed - sum(self.excluded.values())
        if kept != self.included_reports:
            found.append(f"{kept} reports kept, {self.included_reports} included")
        if self.included_studies > self.included_reports:
            found.append(f"{self.included_studies} studies in {self.included_reports} reports")
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A policy's evidence folder, whole. `warnings` are defects of the sources, kept as printed."""

    policy: str
    populations: tuple[Population, ...]
    outcomes: tuple[Outcome, ...]
    timepoints: dict[str, Decimal]
    selection: tuple[str, ...]
    not_found: tuple[str, ...]
    studies: tuple[Study, ...]
    results: tuple[Result, ...]
    references: tuple[Reference, ...]
    guidelines: tuple[Guideline, ...]
    payer_positions: tuple[PayerPosition, ...] = ()
    appraisal: Appraisal
    flow: Flow | None = None
    warnings: tuple[Problem, ...] = ()

    def study(self, name: str) -> Study:
        """A study by key or by name (`MiDAS ENCORE`); KeyError when there is none."""
        for study in self.studies:
            if name in (study.key, study.name):
                return study
        raise KeyError(f"no study '{name}'; known: {', '.join(s.name for s in self.studies)}")

    def outcome(self, key: str) -> Outcome:
        """An outcome by key; KeyError when there is none."""
        for outcome in self.outcomes:
            if outcome.key == key:
                return outcome
        raise KeyError(f"no outcome '{key}'; known: {', '.join(o.key for o in self.outcomes)}")

    def population(self, key: str) -> Population:
        """A population by key; KeyError when there is none."""
        for population in self.populations:
            if population.key == key:
                return population
        raise KeyError(f"no population '{key}'; known: {', '.join(p.key for p in self.populations)}")

    def rows(self, study: str, outcome: str, timepoint: str) -> tuple[Result, ...]:
        """Every arm's row for one outcome of one study at one time, in file order."""
        key = self.study(study).key
        return tuple(r for r in self.results if (r.study, r.outcome, r.timepoint) == (key, outcome, timepoint))

    def for_population(self, key: str) -> "Evidence":
        """The part about one population."""
        self.population(key)
        studies = tuple(s for s in self.studies if s.population == key)
        return self._with(studies, self.results)

    def as_of(self, day: date) -> "Evidence":
        """What was in print on `day`: references, the studies they report and the results they print.

        Conclusions are not cut: they are the reviewer's, and carry their own date.
        """
        printed = {r.key for r in self.references if r.published_by(day)}
        studies = tuple(s for s in self.studies if printed & set(s.references))
        results = tuple(r for r in self.results if r.reference in printed)
        cut = self._with(studies, results)
        return replace(
            cut,
            references=tuple(r for r in self.references if r.key in printed),
            guidelines=tuple(g for g in self.guidelines if g.year <= day.year),
        )

    def _with(self, studies: tuple[Study, ...], results: tuple[Result, ...]) -> "Evidence":
        kept = {s.key for s in studies}
        return replace(
            self,
            studies=studies,
            results=tuple(r for r in results if r.study in kept),
            appraisal=self.appraisal.of_studies(kept),
        )


def possible_counts(percent: Decimal, n: int) -> range:
    """Whole numbers of `n` patients that print as `percent` (0 to 100) at its own decimals; half rounds either way.

    The GRIM test (Brown and Heathers 2017, Soc Psychol Personal Sci 8:363) applied to a percentage.
    """
    half_step = Decimal(1).scaleb(int(percent.as_tuple().exponent)) / 2
    low = (percent - half_step) * n / 100
    high = (percent + half_step) * n / 100
    first = max(0, int(low.to_integral_value(rounding="ROUND_CEILING")))
    last = min(n, int(high.to_integral_value(rounding="ROUND_FLOOR")))
    return range(first, last + 1)
