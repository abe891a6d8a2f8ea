"""How far a study can be trusted: keyed limitations, RoB 2, ROBINS-I, GRADE, and the conclusion drawn.

The limitation keys are those of the policy's own Tables 2 and 3 (letters a–e and a–f); the labels are ours.
RoB 2: Sterne et al. 2019, BMJ 366:l4898. ROBINS-I: Sterne et al. 2016, BMJ 355:i4919.
GRADE: Guyatt et al. 2011, J Clin Epidemiol 64:383 and Balshem et al. 2011, 64:401.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from medpol.problems import Place

RELEVANCE = {
    "population": (
        "a",
        {
            1: "intended-use population unclear",
            2: "clinical context unclear",
            3: "study population unclear",
            4: "study population not representative of intended use",
        },
    ),
    "intervention": (
        "b",
        {
            1: "not clearly defined",
            2: "version used unclear",
            3: "intensity of delivery unlike the comparator's",
            4: "not the intervention of interest",
        },
    ),
    "comparator": (
        "c",
        {
            1: "not clearly defined",
            2: "not standard or optimal",
            3: "intensity of delivery unlike the intervention's",
            4: "not delivered effectively",
        },
    ),
    "outcomes": (
        "d",
        {
            1: "key health outcomes missing",
            2: "physiologic measures that are no validated surrogate",
            3: "harms not reported as CONSORT asks",
            4: "measurements not established and validated",
            5: "clinically important difference not prespecified",
            6: "clinically important difference not supported",
        },
    ),
    "follow_up": (
        "e",
        {1: "too short for benefit", 2: "too short for harms"},
    ),
}

DESIGN_AND_CONDUCT = {
    "allocation": (
        "a",
        {
            1: "not randomly allocated",
            2: "allocation not concealed",
            3: "allocation concealment unclear",
            4: "selection bias not controlled",
        },
    ),
    "blinding": (
        "b",
        {
            1: "treatment assignment not blinded",
            2: "outcome assessment not blinded",
            3: "outcome assessed by the treating physician",
        },
    ),
    "selective_reporting": (
        "c",
        {1: "not registered", 2: "sign of selective reporting", 3: "sign of selective publication"},
    ),
    "data_completeness": (
        "d",
        {
            1: "high loss to follow-up or missing data",
            2: "missing data handled inadequately",
            3: "many crossovers",
            4: "crossovers handled inadequately",
            5: "inappropriate exclusions",
            6: "no intention-to-treat analysis",
        },
    ),
    "power": (
        "e",
        {
            1: "power calculation not reported",
            2: "power not calculated for the primary outcome",
            3: "power not based on a clinically important difference",
        },
    ),
    "statistical": (
        "f",
        {
            1: "analysis unfit for the outcome type",
            2: "analysis unfit for repeated observations",
            3: "confidence intervals or p values missing",
            4: "comparative effects not calculated",
        },
    ),
}

TABLES: dict[str, dict[str, tuple[str, dict[int, str]]]] = {
    "relevance": RELEVANCE,
    "design_and_conduct": DESIGN_AND_CONDUCT,
}

ROB2_DOMAINS = {
    "randomization": "randomization process",
    "deviations": "deviations from intended interventions",
    "missing_data": "missing outcome data",
    "measurement": "measurement of the outcome",
    "selection": "selection of the reported result",
}
ROBINS_I_DOMAINS = {
    "confounding": "confounding",
    "selection": "selection of participants",
    "classification": "classification of interventions",
    "deviations": "deviations from intended interventions",
    "missing_data": "missing data",
    "measurement": "measurement of outcomes",
    "reporting": "selection of the reported result",
}
# From best to worst; 'no_information' never betters a judgement.
ROB2_LEVELS = ("low", "some_concerns", "high")
ROBINS_I_LEVELS = ("low", "moderate", "serious", "critical")

Tool = Literal["rob2", "robins_i"]
TOOLS: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "rob2": (ROB2_DOMAINS, ROB2_LEVELS),
    "robins_i": (ROBINS_I_DOMAINS, ROBINS_I_LEVELS),
}

DOWN = ("risk_of_bias", "inconsistency", "indirectness", "imprecision", "publication_bias")
UP = ("large_effect", "dose_response", "opposing_confounding")
CERTAINTY = ("very low", "low", "moderate", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limitation:
    """One key of a limitation table, as one study earned it."""

    study: str
    table: Literal["relevance", "design_and_conduct"]
    domain: str
    key: int
    note: str = ""
    place: Place

    @property
    def letter(self) -> str:
        """The column's footnote letter in the printed table."""
        return TABLES[self.table][self.domain][0]

    @property
    def label(self) -> str:
        """What the key means."""
        return TABLES[self.table][self.domain][1][self.key]


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasJudgement:
    """A RoB 2 or ROBINS-I assessment of one result: a level and a reason per domain."""

    study: str
    outcome: str
    tool: Tool
    levels: Mapping[str, str]
    reasons: Mapping[str, str]
    overall: str
    draft: bool
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """One GRADE step: which domain, how many levels (negative is down), why, and the studies it rests on."""

    domain: str
    levels: int
    reason: str
    evidence: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Certainty:
    """GRADE for one outcome: the level the design starts at and each step from it."""

    start: Literal["high", "low"]
    ratings: tuple[Rating, ...]

    @property
    def level(self) -> str:
        """very low, low, moderate or high; steps beyond either end stop there."""
        at = CERTAINTY.index(self.start) + sum(r.levels for r in self.ratings)
        return CERTAINTY[min(max(at, 0), len(CERTAINTY) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRule:
    """What a trial must be and show to change a conclusion; the stated rules `next_trial` computes with.

    `comparators` any of which will do; `follow_up_months` at least; `minimal_difference` in percentage points
    of responders or in points of the scale; `sd` for means. `attrition_pct` is planned for on top of n.
    """

    measure: Literal["risk_difference", "mean_difference"]
    timepoint: str
    follow_up_months: int
    comparators: tuple[str, ...]
    blinded_assessors: bool
    max_attrition_pct: Decimal
    alpha: Decimal
    power: Decimal
    minimal_difference: Decimal
    control_pct: Decimal | None = None
    sd: Decimal | None = None
    exceeds: Decimal = Decimal(0)
    assumptions: tuple[str, ...] = ()
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What the evidence allows for one population and outcome, and the studies it names.

    `improves` is None when the evidence is insufficient. `outcome` is an outcome key or 'net health outcome'.
    """

    key: str
    population: str
    outcome: str
    sufficient: bool
    improves: bool | None
    statement: str
    evidence: tuple[str, ...]
    reasons: tuple[str, ...]
    decided: date | None
    certainty: Certainty | None = None
    would_change: TrialRule | None = None
    draft: bool = False
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraisal:
    """appraisal.yaml, whole."""

    limitations: tuple[Limitation, ...] = ()
    bias: tuple[BiasJudgement, ...] = ()
    conclusions: tuple[Conclusion, ...] = ()

    def of_studies(self, keys: set[str]) -> "Appraisal":
        """The limitations and judgements of some studies; conclusions stay."""
        return replace(
            self,
            limitations=tuple(x for x in self.limitations if x.study in keys),
            bias=tuple(x for x in self.bias if x.study in keys),
        )

    def conclusion(self, key: str) -> Conclusion:
        """A conclusion by key; KeyError when there is none."""
        for conclusion in self.conclusions:
            if conclusion.key == key:
                return conclusion
        raise KeyError(f"no conclusion '{key}'; known: {', '.join(c.key for c in self.conclusions)}")


def least_overall(tool: Tool, levels: Mapping[str, str]) -> str:
    """The mildest overall judgement the tool allows for these domain levels.

    Both tools: overall is no better than the worst domain. RoB 2 lets several 'some concerns' add up to
    'high', a judgement that stays with the reviewer. Only 'no_information': the answer is that, too.
    """
    order = TOOLS[tool][1]
    known = [order.index(level) for level in levels.values() if level != "no_information"]
    return order[max(known)] if known else "no_information"


def limitation_table(
    appraisal: Appraisal, table: Literal["relevance", "design_and_conduct"], names: Mapping[str, str]
) -> list[list[str]]:
    """Header and one row per study, in file order, as the policy prints Tables 2 and 3.

    `names` maps study keys to what the first column shows. Cells hold `key. note`, several joined by a space.
    """
    domains = TABLES[table]
    header = ["Study"] + [f"{d.replace('_', ' ').capitalize()} ^{domains[d][0]}" for d in domains]
    rows: dict[str, list[str]] = {}
    for item in appraisal.limitations:
        if item.table != table:
            continue
        row = rows.setdefault(item.study, [names[item.study]] + [""] * len(domains))
        cell = f"{item.key}. {item.note or item.label}"
        at = 1 + list(domains).index(item.domain)
        row[at] = f"{row[at]} {cell}".strip()
    return [header, *rows.values()]
