"""What would change an insufficient conclusion: the smallest new trial that satisfies its stated rules.

Existing comparative results that satisfy the rules already count: the new trial is pooled with them by inverse
variance (common effect), and must bring the lower confidence limit above what the rule demands.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from scipy.special import ndtr, ndtri

from medpol.evidence.appraisal import Conclusion, TrialRule
from medpol.evidence.base import Evidence, Result, Study
from medpol.evidence.instruments import INSTRUMENTS
from medpol.evidence.planning import detectable_proportion, power_proportions

LARGEST = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """An existing controlled study and each rule it does not satisfy; `counts` when there is none."""

    study: str
    name: str
    misses: tuple[str, ...]

    @property
    def counts(self) -> bool:
        """Whether its results enter the computation."""
        return not self.misses


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Patients per arm needed if the truth is `difference` (percentage points or points of the scale)."""

    difference: float
    power: float
    n_per_arm: int
    n_recruited: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NextTrial:
    """The design, its size, the studies behind it and every assumption."""

    conclusion: str
    population: str
    outcome: str
    measure: str
    comparators: tuple[str, ...]
    follow_up_months: int
    timepoint: str
    blinded_assessors: bool
    smallest: Scenario
    scenarios: tuple[Scenario, ...]
    existing: tuple[Shortfall, ...]
    prior_estimate: float | None
    prior_se: float | None
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialPower:
    """What an existing two-arm comparison could find: power for a difference, and the least detectable one."""

    study: str
    outcome: str
    timepoint: str
    n: tuple[int, int]
    control_pct: float
    detectable_points: float | None
    power_for_10_points: float


def next_trial(evidence: Evidence, conclusion: Conclusion) -> NextTrial:
    """The smallest trial for one conclusion. Raises ValueError when it states no rules or is sufficient already."""
    rule = conclusion.would_change
    if conclusion.sufficient or rule is None:
        raise ValueError(f"conclusion '{conclusion.key}' states no `would_change` rules")
    studies = [s for s in evidence.studies if s.population == conclusion.population and len(s.arms) > 1]
    existing = tuple(
        Shortfall(study=s.key, name=s.name, misses=tuple(_misses(evidence, s, conclusion.outcome, rule)))
        for s in studies
    )
    prior = [_effect(evidence, evidence.study(x.study), conclusion.outcome, rule) for x in existing if x.counts]
    weight = sum(1 / variance for _, variance in prior)
    estimate = sum(y / variance for y, variance in prior) / weight if prior else 0.0
    smallest = _scenario(rule, float(rule.minimal_difference), float(rule.power), estimate, weight)
    wanted = _differences(rule)
    scenarios = tuple(_scenario(rule, d, p, estimate, weight) for d in wanted for p in (0.8, 0.9))
    return NextTrial(
        conclusion=conclusion.key,
        population=conclusion.population,
        outcome=conclusion.outcome,
        measure=rule.measure,
        comparators=rule.comparators,
        follow_up_months=rule.follow_up_months,
        timepoint=rule.timepoint,
        blinded_assessors=rule.blinded_assessors,
        smallest=smallest,
        scenarios=scenarios,
        existing=existing,
        prior_estimate=estimate if prior else None,
        prior_se=math.sqrt(1 / weight) if prior else None,
        assumptions=(*rule.assumptions, *_method(rule)),
    )


def _differences(rule: TrialRule) -> list[float]:
    least = float(rule.minimal_difference)
    most = 100 - float(rule.control_pct or 0) if rule.measure == "risk_difference" else math.inf
    return [d for d in (least, 1.5 * least, 2 * least) if d < most]


def _method(rule: TrialRule) -> tuple[str, ...]:
    demand = f"lower {100 * (1 - float(rule.alpha)):g}% limit of the pooled difference above {rule.exceeds}"
    return (
        f"success is a {demand}; normal approximation, two arms of equal size",
        f"recruitment is raised so that {rule.max_attrition_pct}% may leave",
    )


def _scenario(rule: TrialRule, difference: float, power: float, prior: float, weight: float) -> Scenario:
    n = _patients(rule, difference, power, prior, weight)
    keep = 1 - float(rule.max_attrition_pct) / 100
    return Scenario(difference=difference, power=power, n_per_arm=n, n_recruited=math.ceil(n / keep - 1e-9))


def _patients(rule: TrialRule, difference: float, power: float, prior: float, weight: float) -> int:
    """The least n per arm with enough power; bisection, since power rises with n. ValueError beyond 10 million."""
    low, high = 1, 2
    while _power(rule, difference, high, prior, weight) < power:
        low, high = high, high * 2
        if high > LARGEST:
            raise ValueError(f"no trial of up to {LARGEST:,} patients per arm satisfies the rules")
    while high - low > 1:
        middle = (low + high) // 2
        if _power(rule, difference, middle, prior, weight) < power:
            low = middle
        else:
            high = middle
    return high


def _power(rule: TrialRule, difference: float, n: int, prior: float, weight: float) -> float:
    """The chance that prior evidence plus n per arm gives a lower limit above `exceeds`, if `difference` is true."""
    own = 1 / _variance(rule, difference, n)
    z = float(ndtri(1 - float(rule.alpha) / 2))
    total, bar = own + weight, float(rule.exceeds)
    return float(ndtr((weight * (prior - bar) + own * (difference - bar) - z * math.sqrt(total)) / math.sqrt(own)))


def _variance(rule: TrialRule, difference: float, n: int) -> float:
    """Variance of the new trial's estimate, in squared points."""
    if rule.measure == "mean_difference":
        return 2 * float(rule.sd or 0) ** 2 / n
    control = float(rule.control_pct or 0) / 100
    treated = control + difference / 100
    if not 0 < treated < 1:
        raise ValueError(f"{rule.control_pct}% of controls and {difference} points more leave 0 to 100%")
    return 1e4 * (control * (1 - control) + treated * (1 - treated)) / n


def _misses(evidence: Evidence, study: Study, outcome: str, rule: TrialRule) -> Iterator[str]:
    if study.design != "rct":
        yield "not randomized"
    if not any(arm.label in rule.comparators for arm in study.arms):
        yield "comparator not one of those asked for"
    if rule.blinded_assessors and study.blinded_assessors is not True:
        yield "assessors not blinded" if study.blinded_assessors is False else "blinding of assessors not reported"
    if _effect_rows(evidence, study, outcome, rule) is None:
        yield f"no usable comparison at {rule.follow_up_months} months or later"
    lost = _attrition_pct(study)
    if lost is None:
        yield "losses not reported"
    elif lost > rule.max_attrition_pct:
        yield f"{lost:.0f}% lost, over {rule.max_attrition_pct}%"
    judged = [b for b in evidence.appraisal.bias if b.study == study.key]
    if any(b.overall in ("high", "serious", "critical") for b in judged):
        yield "high risk of bias" + (" (draft judgement)" if all(b.draft for b in judged) else "")


def _attrition_pct(study: Study) -> float | None:
    known = [(a.treated, a.withdrew_before, a.withdrew_after) for a in study.arms]
    if any(None in values for values in known):
        return None
    lost = sum((before or 0) + (after or 0) for _, before, after in known)
    return 100 * lost / sum((treated or 0) + (before or 0) for treated, before, _ in known)


def _effect_rows(
    evidence: Evidence, study: Study, outcome: str, rule: TrialRule
) -> tuple[Result, Result] | None:  # fmt: skip
    """(intervention, control) rows with what the measure needs, at the earliest timepoint late enough."""
    times = sorted((m, t) for t, m in evidence.timepoints.items() if m >= rule.follow_up_months)
    for _, timepoint in times:
        rows = [r for r in evidence.rows(study.key, outcome, timepoint) if r.n and _usable(r, rule)]
        if len(rows) == 2:
            labels = {a.key: a.label for a in study.arms}
            rows.sort(key=lambda r: labels[r.arm] in rule.comparators)
            return rows[0], rows[1]
    return None


def _usable(row: Result, rule: TrialRule) -> bool:
    if rule.measure == "risk_difference":
        return row.count is not None
    return row.sd is not None and (row.change is not None or row.mean is not None)


def _effect(evidence: Evidence, study: Study, outcome: str, rule: TrialRule) -> tuple[float, float]:
    """Estimate and variance of an eligible study, improvement positive; _misses has made sure of the rows."""
    rows = _effect_rows(evidence, study, outcome, rule)
    if rows is None:
        raise ValueError(f"study '{study.key}' has no usable comparison")
    one, two = rows
    n1, n2 = one.n or 1, two.n or 1
    if rule.measure == "risk_difference":
        p1, p2 = (one.count or 0) / n1, (two.count or 0) / n2
        return 100 * (p1 - p2), 1e4 * (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    values = [float(r.change if r.change is not None else r.mean or 0) for r in rows]
    instrument = evidence.outcome(outcome).instrument
    sign = -1 if instrument is None or INSTRUMENTS[instrument].better == "lower" else 1
    variance = float(one.sd or 0) ** 2 / n1 + float(two.sd or 0) ** 2 / n2
    return sign * (values[0] - values[1]), variance


def trial_power(evidence: Evidence, *, power: float = 0.8, alpha: float = 0.05) -> tuple[TrialPower, ...]:
    """For every two-arm responder comparison: the rise it could detect with this power, and its power for 10 points."""
    found = []
    keys = dict.fromkeys((r.study, r.outcome, r.timepoint) for r in evidence.results)
    for study, outcome, timepoint in keys:
        rows = [r for r in evidence.rows(study, outcome, timepoint) if r.count is not None and r.n]
        if len(rows) != 2:
            continue
        rows.sort(key=lambda r: r.p is None)
        n1, n2 = rows[0].n or 1, rows[1].n or 1
        control = (rows[1].count or 0) / n2
        rise = detectable_proportion(control, n1, n2, power=power, alpha=alpha)
        ten = power_proportions(min(control + 0.1, 1.0), control, n1, n2, alpha=alpha)
        found.append(
            TrialPower(
                study=study,
                outcome=outcome,
                timepoint=timepoint,
                n=(n1, n2),
                control_pct=100 * control,
                detectable_points=None if rise is None else 100 * rise,
                power_for_10_points=ten,
            )
        )
    return tuple(found)
