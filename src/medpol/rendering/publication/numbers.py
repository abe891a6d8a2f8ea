"""The numbers a narrative may ask for: each looks the evidence up, and tells where it can be checked and what it cites.

Every function raises KeyError for a name that is not there and ValueError for a number that nobody reported.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from medpol.evidence import (
    INSTRUMENTS,
    Arm,
    Comparison,
    Evidence,
    ResponderAnalysis,
    Result,
    effect_sizes,
    next_trial,
    pool,
    responder_analysis,
)
from medpol.rendering.publication.model import Computed, anchor_of

SHOWN = ("percent", "mean", "sd", "change", "improvement", "n", "events", "p")
COUNTED = ("randomized", "treated", "withdrew_before", "withdrew_after", "enrolled", "sites")


def result_anchor(result: Result) -> str:
    """The permanent id of the table cell that shows a result."""
    return anchor_of(result.study, result.outcome, result.timepoint, result.arm)


def study_anchor(study: str) -> str:
    """The permanent id of a study's row in the table of studies."""
    return f"study-{anchor_of(study)}"


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of one evidence folder, cut to what was in print."""

    evidence: Evidence

    def responders(
        self, study: str, outcome: str, timepoint: str, arm: str = "", rule: str = "as reported"
    ) -> Computed:
        """`58.0% (83 of 143) against 27.1% (35 of 129)`; one arm's with `arm`; under another `rule` on withdrawals."""
        analysis = responder_analysis(self.evidence, study, outcome, timepoint)
        rates = _comparison(analysis, rule).rates
        names = [count.arm for count in analysis.arms]
        if arm and arm not in names:
            raise KeyError(f"no arm '{arm}' with responders; known: {', '.join(names)}")
        shown = [f"{rate.pct:.1f}% ({rate.events} of {rate.n})" for rate in rates]
        text = shown[names.index(arm)] if arm else " against ".join(shown)
        rows = self.evidence.rows(study, outcome, timepoint)
        return self._of(text, *(row for row in rows if not arm or row.arm == arm))

    def difference(self, study: str, outcome: str, timepoint: str, rule: str = "as reported") -> Computed:
        """Responders: `30.9 percentage points (95% CI 19.2 to 41.2)`, Newcombe's interval.

        Mean changes: `14.1 points`, without an interval unless both arms report a deviation.
        """
        rows = self.evidence.rows(study, outcome, timepoint)
        if not rows:
            raise KeyError(self._absent(study, outcome, timepoint))
        changes = [row for row in sorted(rows, key=lambda row: row.p is None) if row.change is not None]
        if all(row.percent is None and row.events is None for row in rows):
            if len(changes) != 2:
                raise ValueError("no change in two arms to compare")
            return self._of(f"{_abs(changes[0], changes[1])} points", *changes)
        analysis = responder_analysis(self.evidence, study, outcome, timepoint)
        found = _comparison(analysis, rule)
        if found.difference is None:
            raise ValueError("there is one arm only: nothing to compare")
        text = f"{found.difference:.1f} percentage points (95% CI {found.low:.1f} to {found.high:.1f})"
        return self._of(text, *rows)

    def result(self, study: str, outcome: str, timepoint: str, arm: str = "", show: str = "") -> Computed:
        """One reported value, with its interval where one is reported: `improvement` is `change` made positive."""
        rows = [row for row in self.evidence.rows(study, outcome, timepoint) if arm in ("", row.arm)]
        if not rows:
            raise KeyError(self._absent(study, outcome, timepoint, arm))
        if len(rows) > 1:
            raise ValueError(f"name the arm: {', '.join(row.arm for row in rows)}")
        row = rows[0]
        values = self._values(row)
        which = show or next((name for name in ("improvement", "percent", "mean") if values[name]), "")
        if which not in SHOWN:
            raise ValueError(f"show '{show}' is none of {', '.join(SHOWN)}")
        if not values[which]:
            raise ValueError(f"{which} is not reported")
        return self._of(values[which], row)

    def _values(self, row: Result) -> dict[str, str]:
        """What a row reports, as text by its name; '' where it is not reported."""
        name = self.evidence.outcome(row.outcome).instrument
        toward = -1 if name is not None and INSTRUMENTS[name].better == "lower" else 1
        ends = sorted(toward * end for end in (row.ci_low, row.ci_high) if end is not None)
        interval = f" (95% CI {ends[0]} to {ends[1]})" if len(ends) == 2 else ""
        printed = f" (95% CI {row.ci_low} to {row.ci_high})" if interval else ""
        better = toward * row.change if row.change is not None and name is not None else None
        return {
            "percent": _text(row.percent, "%"),
            "mean": _text(row.mean, "" if row.change is not None else printed),
            "sd": _text(row.sd),
            "change": _text(row.change, printed),
            "improvement": _text(better, f" points{interval}"),
            "n": _text(row.n),
            "events": _text(row.count),
            "p": row.p or "",
        }

    def randomized(self, study: str, arm: str = "") -> Computed:
        """Patients randomized, in one arm or in all."""
        return self.count(study, "randomized", arm)

    def count(self, study: str, what: str, arm: str = "") -> Computed:
        """A study's count: randomized, treated, withdrew_before, withdrew_after, enrolled, sites."""
        if what not in COUNTED:
            raise ValueError(f"'{what}' is none of {', '.join(COUNTED)}")
        found = self.evidence.study(study)
        arms = (found.arm(arm),) if arm else found.arms
        stated = {"randomized": found.randomized, "enrolled": found.enrolled, "sites": found.sites}
        value = None if arm else stated.get(what)
        if value is None and what not in ("enrolled", "sites"):
            parts = [_count(one, what) for one in arms]
            value = sum(part for part in parts if part is not None) if parts and None not in parts else None
        if value is None:
            raise ValueError(f"{what} is not reported")
        return Computed(text=f"{value:,}", cell=study_anchor(found.key), cites=self._cited(found.references[:1]))

    def followed(self, study: str, outcome: str, timepoint: str, arm: str) -> Computed:
        """How many of an arm's treated patients a result counts: `69% (99 of 143)`."""
        found = self.evidence.study(study)
        treated = found.arm(arm).treated
        row = next((r for r in self.evidence.rows(study, outcome, timepoint) if r.arm == arm and r.n), None)
        if row is None or row.n is None or not treated:
            raise ValueError("the number treated or the number followed is not reported")
        return self._of(f"{100 * row.n / treated:.0f}% ({row.n} of {treated})", row)

    def trials(self, population: str) -> Computed:
        """How many randomized trials there are on a population."""
        return self._total(population, lambda _: 1)

    def patients(self, population: str) -> Computed:
        """How many patients the randomized trials of a population randomized."""
        return self._total(population, lambda randomized: randomized or 0)

    def _total(self, population: str, part: Callable[[int | None], int]) -> Computed:
        studies = [s for s in self.evidence.for_population(population).studies if s.design == "rct"]
        return Computed(text=f"{sum(part(s.randomized) for s in studies):,}", cell=studies_anchor(population))

    def pooled(self, outcome: str, timepoint: str) -> Computed:
        """The pooled difference of responders over the studies that compare two arms (random effects, REML)."""
        from medpol.evidence.plots.of_policy import compared  # draws: not needed by other numbers

        pairs = compared(self.evidence, outcome, timepoint)
        if len(pairs) < 2:
            raise ValueError(f"pooling needs two studies; {outcome} at {timepoint} has {len(pairs)}")
        effects = effect_sizes(
            "RD",
            study=[one.study for one, _ in pairs],
            ai=[one.count or 0 for one, _ in pairs],
            n1i=[one.n or 0 for one, _ in pairs],
            ci=[two.count or 0 for _, two in pairs],
            n2i=[two.n or 0 for _, two in pairs],
        )
        fit = pool(effects, method="REML")
        low, high = 100 * fit.ci_low, 100 * fit.ci_high
        text = f"{100 * fit.estimate:.1f} percentage points (95% CI {low:.1f} to {high:.1f})"
        return self._of(text, *(row for pair in pairs for row in pair))

    def response(self, outcome: str) -> Computed:
        """The improvement that makes a responder: `10 points`."""
        found = self.evidence.outcome(outcome)
        if found.response is None:
            raise ValueError(f"no response is defined for {outcome}")
        return Computed(text=f"{found.response} point{'' if found.response == 1 else 's'}")

    def trial_size(self, conclusion: str) -> Computed:
        """Patients per arm, recruited, of the smallest trial that would change a conclusion."""
        trial = next_trial(self.evidence, self.evidence.appraisal.conclusion(conclusion))
        return Computed(text=f"{trial.smallest.n_recruited:,}", cell=conclusion_anchor(conclusion))

    def certainty(self, conclusion: str) -> Computed:
        """The GRADE certainty of a conclusion: `very low`."""
        found = self.evidence.appraisal.conclusion(conclusion).certainty
        if found is None:
            raise ValueError("it has no certainty")
        return Computed(text=found.level, cell=conclusion_anchor(conclusion))

    def conclusion(self, key: str) -> Computed:
        """A conclusion's statement, as the appraisal records it."""
        return Computed(text=self.evidence.appraisal.conclusion(key).statement, cell=conclusion_anchor(key))

    def _of(self, text: str, *rows: Result) -> Computed:
        sources = [row.reference for row in rows if row.reference]
        return Computed(text=text.replace("-", "−"), cell=result_anchor(rows[0]), cites=self._cited(sources))

    def _cited(self, keys: "list[str] | tuple[str, ...]") -> tuple[str, ...]:
        known = {reference.key for reference in self.evidence.references}
        return tuple(dict.fromkeys(key for key in keys if key in known))

    def _absent(self, study: str, outcome: str, timepoint: str, arm: str = "") -> str:
        self.evidence.outcome(outcome)
        name = self.evidence.study(study).name
        times = dict.fromkeys(r.timepoint for r in self.evidence.results if (r.outcome == outcome))
        of_arm = f" in arm '{arm}'" if arm else ""
        return f"{name} reports no {outcome} at '{timepoint}'{of_arm}; known times: {', '.join(times)}"


def studies_anchor(population: str) -> str:
    """The permanent id of the table of studies of a population."""
    return f"table-studies-{anchor_of(population)}"


def conclusion_anchor(key: str) -> str:
    """The permanent id of a conclusion."""
    return f"conclusion-{anchor_of(key)}"


def _comparison(analysis: ResponderAnalysis, rule: str) -> Comparison:
    for comparison in analysis.comparisons:
        if comparison.assumption == rule:
            return comparison
    known = ", ".join(comparison.assumption for comparison in analysis.comparisons)
    raise KeyError(f"no rule '{rule}' here; there are: {known}")


def _count(arm: Arm, what: str) -> int | None:
    counts = {
        "randomized": arm.randomized,
        "treated": arm.treated,
        "withdrew_before": arm.withdrew_before,
        "withdrew_after": arm.withdrew_after,
    }
    return counts[what]


def _text(value: Decimal | int | None, after: str = "") -> str:
    return "" if value is None else f"{value}{after}"


def _abs(one: Result, two: Result) -> Decimal:
    return abs((one.change or Decimal(0)) - (two.change or Decimal(0)))
