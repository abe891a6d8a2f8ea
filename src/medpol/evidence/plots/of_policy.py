"""The pictures of a policy's evidence, by kind."""

from collections.abc import Callable, Mapping

from medpol.evidence.appraisal import Tool
from medpol.evidence.base import Evidence, Result
from medpol.evidence.effects import effect_sizes
from medpol.evidence.plots.bias import BiasRow, bias_summary, traffic_light
from medpol.evidence.plots.forest import Diamond, ForestRow, forest
from medpol.evidence.plots.picture import Picture
from medpol.evidence.plots.pooled import OF_POOLED, cumulative_of
from medpol.evidence.plots.prisma import prisma
from medpol.evidence.pooling import Pooled, cumulative, pool
from medpol.evidence.responders import difference, rate_of

Pair = tuple[Result, Result]


def policy_picture(evidence: Evidence, kind: str, *, outcome: str = "", timepoint: str = "") -> Picture:
    """A picture of one kind (`KINDS`). Raises ValueError when the evidence cannot fill it, KeyError for names.

    The forest shows responders under the sources' own counting, per outcome, at `timepoint` (default: the last
    at which two arms are compared). Kinds that pool need two studies of one `outcome`.
    """
    if kind not in KINDS:
        raise ValueError(f"unknown picture '{kind}'; use {', '.join(KINDS)}")
    return KINDS[kind](evidence, outcome, timepoint)


def compared(evidence: Evidence, outcome: str = "", timepoint: str = "") -> list[Pair]:
    """(intervention, comparator) rows with counts, one per study, outcome and timepoint that has both."""
    keys = dict.fromkeys((r.study, r.outcome, r.timepoint) for r in evidence.results)
    pairs = []
    for study, name, when in keys:
        if outcome not in ("", name) or timepoint not in ("", when):
            continue
        rows = [r for r in evidence.rows(study, name, when) if r.count is not None and r.n]
        rows.sort(key=lambda r: r.p is None)
        if len(rows) == 2:
            pairs.append((rows[0], rows[1]))
    return pairs


def _forest(evidence: Evidence, outcome: str, timepoint: str) -> Picture:
    when = timepoint or _latest(evidence, outcome)
    pairs = compared(evidence, outcome, when)
    if not pairs:
        raise ValueError(f"no outcome is compared in two arms at '{when}'")
    rows, pooled = [], {}
    shared = {o for o in (p[0].outcome for p in pairs) if sum(q[0].outcome == o for q in pairs) > 1}
    for one, two in pairs:
        study, name = evidence.study(one.study).name, evidence.outcome(one.outcome).label
        gap, low, high = difference(rate_of(one), rate_of(two))
        texts = (f"{one.count}/{one.n}", f"{two.count}/{two.n}")
        grouped = one.outcome in shared
        label = study if grouped else f"{name} ({study})"
        group = name if grouped else ""
        rows.append(ForestRow(label=label, estimate=gap, low=low, high=high, columns=texts, group=group))
        if grouped and name not in pooled:
            pooled[name] = _percent(_pooled([p for p in pairs if p[0].outcome == one.outcome], evidence), name)
    return forest(
        rows,
        subgroups=pooled,
        title=f"Responders at {when}: difference between the arms (Newcombe intervals)",
        effect="Difference, percentage points",
        column_names=("Intervention", "Comparator"),
        favours=("favours comparator", "favours intervention"),
        decimals=1,
    )


def _percent(fit: Pooled, name: str) -> Diamond:
    values = {part: 100 * getattr(fit, part) for part in ("estimate", "ci_low", "ci_high")}
    return Diamond(
        label=f"{name}, pooled ({fit.method})",
        estimate=values["estimate"],
        low=values["ci_low"],
        high=values["ci_high"],
    )


def _latest(evidence: Evidence, outcome: str) -> str:
    found = {one.timepoint for one, _ in compared(evidence, outcome)}
    if not found:
        raise ValueError("no responder counts of two arms to compare")
    return max(found, key=lambda name: evidence.timepoints[name])


def _pooled(pairs: list[Pair], evidence: Evidence) -> Pooled:
    effects = effect_sizes(
        "RD",
        study=[evidence.study(one.study).name for one, _ in pairs],
        ai=[one.count or 0 for one, _ in pairs],
        n1i=[one.n or 0 for one, _ in pairs],
        ci=[two.count or 0 for _, two in pairs],
        n2i=[two.n or 0 for _, two in pairs],
    )
    return pool(effects, method="REML")


def _of_studies(kind: str) -> Callable[[Evidence, str, str], Picture]:
    def draw(evidence: Evidence, outcome: str, timepoint: str) -> Picture:
        if not outcome:
            raise ValueError(f"a {kind} plot is of one outcome: name it")
        evidence.outcome(outcome)
        when = timepoint or _latest(evidence, outcome)
        pairs = compared(evidence, outcome, when)
        if len(pairs) < 2:
            raise ValueError(f"a {kind} plot needs two studies; {outcome} at {when} has {len(pairs)}")
        fit = _pooled(pairs, evidence)
        if kind == "cumulative":
            return cumulative_of(fit, cumulative(fit.effects, method="REML"))
        return OF_POOLED[kind](fit)

    return draw


def _bias_rows(evidence: Evidence) -> tuple[Tool, list[BiasRow], str]:
    judged = evidence.appraisal.bias
    if not judged:
        raise ValueError("no risk-of-bias judgement is recorded")
    tool = judged[0].tool
    mine = [x for x in judged if x.tool == tool]
    rows = [
        BiasRow(label=f"{evidence.study(x.study).name}, {x.outcome}", levels=x.levels, overall=x.overall) for x in mine
    ]
    name = {"rob2": "RoB 2", "robins_i": "ROBINS-I"}[tool]
    return tool, rows, name + (", drafts not yet signed by a reviewer" if any(x.draft for x in mine) else "")


def _traffic(evidence: Evidence, outcome: str, timepoint: str) -> Picture:  # noqa: ARG001 - one shape for all kinds
    tool, rows, name = _bias_rows(evidence)
    return traffic_light(rows, tool=tool, title=f"Risk of bias ({name})")


def _summary(evidence: Evidence, outcome: str, timepoint: str) -> Picture:  # noqa: ARG001
    tool, rows, name = _bias_rows(evidence)
    return bias_summary(rows, tool=tool, title=f"Risk of bias, summary ({name})")


def _prisma(evidence: Evidence, outcome: str, timepoint: str) -> Picture:  # noqa: ARG001
    if evidence.flow is None:
        raise ValueError("no flow of records is kept: add `flow:` to studies.yaml")
    return prisma(evidence.flow)


KINDS: Mapping[str, Callable[[Evidence, str, str], Picture]] = {
    "forest": _forest,
    "funnel": _of_studies("funnel"),
    "cumulative": _of_studies("cumulative"),
    "baujat": _of_studies("baujat"),
    "radial": _of_studies("radial"),
    "traffic-light": _traffic,
    "bias-summary": _summary,
    "prisma": _prisma,
}
