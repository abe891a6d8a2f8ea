"""Responder rates under every assumption about the patients who left, side by side.

The trial of the first policy counted withdrawals as failures up to 1 year and only completers at 2 years; one
rule for all times, and the other rules beside it, show what that does to a rate.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scipy.special import erfc

from medpol.evidence.base import Arm, Evidence, Result
from medpol.evidence.effects.single import newcombe_interval

Assumption = Literal["as reported", "failures", "failures, all randomized", "completers", "best case", "worst case"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmCount:
    """Responders of one arm: `events` among `observed` patients seen, of `treated`, of `randomized`.

    None is unknown. Randomized is treated plus withdrawn before treatment, so that the arms add up.
    """

    arm: str
    label: str
    events: int
    observed: int | None
    treated: int
    randomized: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Events and patients under one assumption."""

    events: int
    n: int

    @property
    def pct(self) -> float:
        """Percent, 0 to 100."""
        return 100 * self.events / self.n


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One assumption: a rate per arm and, with two arms, the risk difference in percentage points.

    `low`, `high`: 95% Newcombe score interval; `p`: two-sided z test with pooled variance, no continuity
    correction (the chi-square test). None with a single arm.
    """

    assumption: Assumption
    meaning: str
    rates: tuple[Rate, ...]
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponderAnalysis:
    """Every assumption for one outcome and time; `tipping` is the comparison's breaking point, if it has one.

    The arms are (intervention, comparator), or the intervention alone.
    """

    study: str
    outcome: str
    timepoint: str
    arms: tuple[ArmCount, ...]
    comparisons: tuple[Comparison, ...]
    tipping: "TippingPoint | None" = None

    def under(self, assumption: Assumption) -> Comparison:
        """The comparison under one assumption; KeyError when it cannot be made."""
        for comparison in self.comparisons:
            if comparison.assumption == assumption:
                return comparison
        raise KeyError(f"'{assumption}' cannot be computed from what is reported")


@dataclass(frozen=True, slots=True, kw_only=True)
class TippingPoint:
    """How many of the comparator's withdrawals must have responded to lose significance, the others failing.

    `needed` is None when even all of them would not; `completer_pct` is the rate seen in the comparator.
    """

    needed: int | None
    withdrawals: int
    completer_pct: float

    @property
    def needed_pct(self) -> float | None:
        """`needed` as a percentage of the withdrawals."""
        return None if self.needed is None or not self.withdrawals else 100 * self.needed / self.withdrawals


MEANING: dict[Assumption, str] = {
    "as reported": "the numbers the source prints",
    "failures": "treated patients who left count as failures",
    "failures, all randomized": "everyone randomized who was not seen counts as a failure",
    "completers": "only patients who were seen",
    "best case": "intervention withdrawals respond, comparator withdrawals fail, all randomized",
    "worst case": "intervention withdrawals fail, comparator withdrawals respond, all randomized",
}


def difference(one: Rate, two: Rate) -> tuple[float, float, float]:
    """Risk difference and Newcombe's 95% interval, in percentage points."""
    low, high = newcombe_interval(one.events, one.n, two.events, two.n)
    return one.pct - two.pct, 100 * low, 100 * high


def chi_square_p(one: Rate, two: Rate) -> float:
    """Two-sided p of Pearson's chi-square of a 2×2 table, no continuity correction; 1 when no variance."""
    pooled = (one.events + two.events) / (one.n + two.n)
    variance = pooled * (1 - pooled) * (1 / one.n + 1 / two.n)
    if variance == 0:
        return 1.0
    z = (one.events / one.n - two.events / two.n) / math.sqrt(variance)
    return float(erfc(abs(z) / math.sqrt(2)))


def compare(arms: Sequence[ArmCount], reported: Sequence[Rate], *, alpha: float = 0.05) -> tuple[
    tuple[Comparison, ...], TippingPoint | None
]:  # fmt: skip
    """All assumptions for one or two arms, and the tipping point of the `failures` comparison.

    Assumptions that need a number nobody reports (randomized) are left out. Raises ValueError for counts
    that cannot be (events above observed, observed above treated, treated above randomized).
    """
    for arm in arms:
        chain = [x for x in (arm.events, arm.observed, arm.treated, arm.randomized) if x is not None]
        if chain != sorted(chain) or arm.events < 0 or arm.treated < 1:
            raise ValueError(f"arm '{arm.arm}': events ≤ observed ≤ treated ≤ randomized does not hold: {chain}")
    rows: list[tuple[Assumption, list[Rate]]] = [
        ("as reported", list(reported)),
        ("failures", [Rate(events=a.events, n=a.treated) for a in arms]),
    ]
    seen = [a.observed for a in arms if a.observed]
    whole = [a.randomized for a in arms if a.randomized]
    failed = [Rate(events=a.events, n=n) for a, n in zip(arms, whole, strict=False)]
    if len(seen) == len(arms):
        rows.append(("completers", [Rate(events=a.events, n=n) for a, n in zip(arms, seen, strict=True)]))
    if len(whole) == len(arms):
        rows.append(("failures, all randomized", failed))
    if len(seen) == len(whole) == len(arms):
        saved = [Rate(events=a.events + n - s, n=n) for a, s, n in zip(arms, seen, whole, strict=True)]
        rows.append(("best case", [saved[0], *failed[1:]]))
        rows.append(("worst case", [failed[0], *saved[1:]]))
    comparisons = tuple(_comparison(name, rates) for name, rates in rows if rates)
    tipping = _tipping(arms[0], arms[1], alpha) if len(arms) == 2 else None
    return comparisons, tipping


def _comparison(assumption: Assumption, rates: list[Rate]) -> Comparison:
    if len(rates) != 2:
        return Comparison(assumption=assumption, meaning=MEANING[assumption], rates=tuple(rates))
    gap, low, high = difference(*rates)
    return Comparison(
        assumption=assumption,
        meaning=MEANING[assumption],
        rates=tuple(rates),
        difference=gap,
        low=low,
        high=high,
        p=chi_square_p(*rates),
    )


def _tipping(intervention: ArmCount, comparator: ArmCount, alpha: float) -> TippingPoint | None:
    if not comparator.observed:
        return None
    gone = comparator.treated - comparator.observed
    fixed = Rate(events=intervention.events, n=intervention.treated)

    def p(extra: int) -> float:
        return chi_square_p(fixed, Rate(events=comparator.events + extra, n=comparator.treated))

    if p(0) >= alpha:
        return None
    even = math.ceil(comparator.treated * fixed.events / fixed.n) - comparator.events
    most = min(gone, even)  # up to equal rates p rises with every further responder
    needed = None
    if most > 0 and p(most) >= alpha:
        needed = bisect_left(range(most + 1), True, key=lambda extra: p(extra) >= alpha)
    return TippingPoint(needed=needed, withdrawals=gone, completer_pct=100 * comparator.events / comparator.observed)


def responder_analysis(evidence: Evidence, study: str, outcome: str, timepoint: str) -> ResponderAnalysis:
    """The analysis for a study of a policy's evidence.

    Rows under the `failures` rule have n = treated; the patients seen are then n less the arm's later
    withdrawals, where these are told for that time. Rows of `completers` have n = seen; treated is the arm's
    own. An arm without a row, or whose percentage no count can give, falls out. The arm with a p marker,
    else the first, is the intervention.
    Raises KeyError for unknown names, ValueError when no arm has usable counts.
    """
    found = evidence.study(study)
    evidence.outcome(outcome)
    rows = [r for r in evidence.rows(study, outcome, timepoint) if r.count is not None and r.n]
    rows.sort(key=lambda r: r.p is None)
    if not rows:
        raise ValueError(f"{found.name}, {outcome}, {timepoint}: no printed count, and no percentage that fits its n")
    arms = tuple(_arm_count(row, found.arm(row.arm)) for row in rows[:2])
    reported = [Rate(events=row.count or 0, n=row.n or 1) for row in rows[:2]]
    comparisons, tipping = compare(arms, reported)
    return ResponderAnalysis(
        study=found.key, outcome=outcome, timepoint=timepoint, arms=arms, comparisons=comparisons, tipping=tipping
    )


def _arm_count(row: Result, arm: Arm) -> ArmCount:
    n, events = row.n or 0, row.count or 0
    observed: int | None
    if row.rule == "completers":
        observed, treated = n, max(arm.treated or n, n)
    else:
        treated = n
        told = row.rule == "failures" and arm.withdrew_by == row.timepoint and arm.withdrew_after is not None
        observed = max(n - (arm.withdrew_after or 0), events) if told else None
    before = arm.withdrew_before
    randomized = treated + before if before is not None else None
    return ArmCount(
        arm=arm.key, label=arm.label, events=events, observed=observed, treated=treated, randomized=randomized
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One arm's responders over time, in percent: as the sources print them, and under one rule throughout."""

    study: str
    arm: str
    outcome: str
    timepoints: tuple[str, ...]
    reported_pct: tuple[float, ...]
    failures_pct: tuple[float, ...]

    @property
    def rule_changes(self) -> bool:
        """Whether the printed course mixes rules, so that its rises and falls cannot be read."""
        return any(abs(a - b) > 1e-9 for a, b in zip(self.reported_pct, self.failures_pct, strict=True))


def course(analyses: Sequence[ResponderAnalysis]) -> tuple[Course, ...]:
    """The intervention arm's course for every study and outcome analysed at two times or more."""
    groups: dict[tuple[str, str], list[ResponderAnalysis]] = {}
    for analysis in analyses:
        groups.setdefault((analysis.study, analysis.outcome), []).append(analysis)
    return tuple(
        Course(
            study=study,
            arm=members[0].arms[0].arm,
            outcome=outcome,
            timepoints=tuple(a.timepoint for a in members),
            reported_pct=tuple(a.under("as reported").rates[0].pct for a in members),
            failures_pct=tuple(a.under("failures").rates[0].pct for a in members),
        )
        for (study, outcome), members in groups.items()
        if len(members) > 1
    )


def rate_of(row: Result) -> Rate:
    """The count of a row as a rate. ValueError when it has none."""
    if row.count is None or not row.n:
        raise ValueError(f"row {row.place.line} has no count")
    return Rate(events=row.count, n=row.n)


def marker_holds(row: Result, other: Result) -> bool | None:
    """Whether the printed p marker of `row` agrees with its counts against `other`'s; None if it cannot be told.

    A marker of equality holds when the computed p rounds to it at its own decimals.
    """
    if row.p is None or row.count is None or other.count is None or not row.n or not other.n:
        return None
    p = chi_square_p(rate_of(row), rate_of(other))
    text = row.p.replace(" ", "").replace("≤", "<=").replace("≥", ">=")
    if text == "NS":
        return p >= 0.05
    sign = text.rstrip("0123456789.")
    number = text[len(sign) :]
    limit, decimals = float(number), len(number.partition(".")[2])
    match sign:
        case "<":
            return p < limit
        case "<=":
            return p <= limit
        case ">":
            return p > limit
        case ">=":
            return p >= limit
    return round(p, decimals) == limit
