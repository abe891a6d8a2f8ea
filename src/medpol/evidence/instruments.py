"""The outcome scales of spine trials: range, direction, bands, important and detectable change, with sources.

Only figures whose source could be opened are here; `gaps` says what was looked for and not found.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

OSTELO = (
    "Ostelo et al. 2008, Spine 33:90, 'Interpreting change scores for pain and functional status in "
    "low back pain: towards international consensus regarding minimal important change' (abstract)"
)
PARAI = "Parai et al. 2020, Eur Spine J, doi:10.1007/s00586-019-06222-8 (abstract; lumbar surgery registry)"
DAVIDSON = "Davidson and Keating 2002, Phys Ther 82:8, Table 5 (90% MDC; stable patients)"
DIAZ = "Díaz-Arribas et al. 2017, Spine 42:1908, doi:10.1097/BRS.0000000000002298 (abstract; low back pain)"
STRATFORD = "Stratford et al. 1996, Phys Ther 76:359 (abstract; 90% confidence)"
MIDAS = "responder definition of the MiDAS ENCORE trial (PMID 27228511), as the policy states it"
ITALIAN_SSSQ = "Pillastrini et al., Italian Swiss Spinal Stenosis Questionnaire, World Physiotherapy congress"
CHINESE_ZCQ = "Chinese Zurich Claudication Questionnaire, 2025, doi:10.1038/s41598-025-01380-w (abstract)"
STUCKI = "Stucki et al. 1996, Spine 21:796, structure as given at scientificspine.com"
FAIRBANK_BANDS = "bands of the developers (Fairbank et al. 1980), as reprinted in doi:10.1186/1750-1164-7-12 Table 1"
ODI_RULE = "published ODI instructions: sections 0–5, sum over possible points, unanswered sections left out"
RAND = "RAND 36-Item Health Survey 1.0 scoring: answers 1, 2, 3 become 0, 50, 100; mean of the answered items"
ROLAND = "Roland and Morris 1983, Spine 8:141: one point per statement agreed with, 24 statements"

ThresholdKind = Literal["MIC", "MCID", "MDC"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A severity class: scores from `low` to `high`, both within."""

    low: float
    high: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A published size of change, in points of the scale and always positive.

    MIC/MCID: the smallest change that matters to a patient. MDC: the smallest beyond measurement error.
    """

    kind: ThresholdKind
    points: float
    setting: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A scale. `items` is the count of its questions where item-level scoring is published, else None.

    `item_values` are the answers an item allows.
    """

    key: str
    name: str
    low: float
    high: float
    better: Literal["lower", "higher"]
    bands: tuple[Band, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    items: int | None = None
    item_values: tuple[int, ...] = ()
    rule: Literal["percent", "mean", "sum", "rand"] | None = None
    rule_source: str = ""
    gaps: tuple[str, ...] = ()

    def holds(self, score: float) -> bool:
        """Whether a score is on the scale."""
        return self.low <= score <= self.high

    def improvement(self, baseline: float, follow_up: float) -> float:
        """Points better (positive) or worse, whatever the direction of the scale."""
        change = follow_up - baseline
        return -change if self.better == "lower" else change

    def band(self, score: float) -> str | None:
        """The severity label of a score. Bands are printed in whole numbers; a score between two falls up."""
        for band in self.bands:
            if score <= band.high:
                return band.label
        return None

    @property
    def important_change(self) -> Threshold | None:
        """The threshold responder analysis uses unless told otherwise: the first MIC or MCID listed."""
        return next((t for t in self.thresholds if t.kind != "MDC"), None)


def _zcq(key: str, name: str, high: float, items: int, *thresholds: Threshold, **more: object) -> Instrument:
    values = tuple(range(1, int(high) + 1))
    return Instrument(
        key=key,
        name=f"Zurich Claudication Questionnaire, {name}",
        low=1,
        high=high,
        better="lower",
        thresholds=(Threshold(kind="MIC", points=0.5, setting="responder definition", source=MIDAS), *thresholds),
        items=items,
        item_values=values,
        rule="mean",
        rule_source=STUCKI,
        **more,  # type: ignore[arg-type]
    )


_ODI = Instrument(
    key="odi",
    name="Oswestry Disability Index",
    low=0,
    high=100,
    better="lower",
    bands=(
        Band(low=0, high=20, label="minimal disability"),
        Band(low=21, high=40, label="moderate disability"),
        Band(low=41, high=60, label="severe disability"),
        Band(low=61, high=80, label="crippled"),
        Band(low=81, high=100, label="bed-bound or exaggerating"),
    ),
    thresholds=(
        Threshold(kind="MIC", points=10, setting="low back pain, consensus", source=OSTELO),
        Threshold(kind="MIC", points=18, setting="lumbar surgery", source=PARAI),
        Threshold(kind="MDC", points=18, setting="lumbar surgery", source=PARAI),
        Threshold(kind="MDC", points=10.5, setting="low back pain, 'about the same', n=16", source=DAVIDSON),
    ),
    items=10,
    item_values=(0, 1, 2, 3, 4, 5),
    rule="percent",
    rule_source=ODI_RULE,
)

_PAIN_NRS = Instrument(
    key="nrs",
    name="Numeric Rating Scale for pain",
    low=0,
    high=10,
    better="lower",
    thresholds=(
        Threshold(kind="MIC", points=2, setting="low back pain, consensus", source=OSTELO),
        Threshold(kind="MIC", points=2.7, setting="lumbar surgery, back pain", source=PARAI),
        Threshold(kind="MDC", points=3.6, setting="lumbar surgery, back pain", source=PARAI),
        Threshold(kind="MIC", points=3.2, setting="lumbar surgery, leg pain", source=PARAI),
        Threshold(kind="MDC", points=3.7, setting="lumbar surgery, leg pain", source=PARAI),
    ),
    gaps=("severity bands: several in use, none confirmed for back or leg pain",),
)

_VAS = Instrument(
    key="vas",
    name="Visual Analogue Scale for pain, 100 mm",
    low=0,
    high=100,
    better="lower",
    thresholds=(Threshold(kind="MIC", points=15, setting="low back pain, consensus", source=OSTELO),),
    gaps=("MDC not confirmed",),
)

_VAS10 = Instrument(
    key="vas10",
    name="Visual Analogue Scale for pain, reported from 0 to 10",
    low=0,
    high=10,
    better="lower",
    thresholds=(Threshold(kind="MIC", points=1.5, setting="15 of 100 mm, low back pain, consensus", source=OSTELO),),
    gaps=("MDC not confirmed",),
)

_RMDQ = Instrument(
    key="rmdq",
    name="Roland-Morris Disability Questionnaire, 24 statements",
    low=0,
    high=24,
    better="lower",
    thresholds=(
        Threshold(kind="MIC", points=5, setting="low back pain, consensus", source=OSTELO),
        Threshold(kind="MDC", points=5, setting="low back pain, upper end of 4 to 5", source=STRATFORD),
        Threshold(kind="MDC", points=8.6, setting="low back pain, 'unchanged', n=47", source=DAVIDSON),
    ),
    items=24,
    item_values=(0, 1),
    rule="sum",
    rule_source=ROLAND,
    gaps=("severity bands: none published by the developers",),
)

_SF36_PF = Instrument(
    key="sf36-pf",
    name="SF-36 Physical Functioning",
    low=0,
    high=100,
    better="higher",
    thresholds=(Threshold(kind="MDC", points=16, setting="low back pain, 'about the same', n=16", source=DAVIDSON),),
    items=10,
    item_values=(1, 2, 3),
    rule="rand",
    rule_source=RAND,
    gaps=("MIC in lumbar stenosis not confirmed: responder analysis needs a stated threshold",),
)


def _sf12(key: str, name: str, mcid: float, mdc: float) -> Instrument:
    return Instrument(
        key=key,
        name=f"SF-12 {name} Component Summary",
        low=0,
        high=100,
        better="higher",
        thresholds=(
            Threshold(kind="MCID", points=mcid, setting="subacute and chronic low back pain", source=DIAZ),
            Threshold(kind="MDC", points=mdc, setting="subacute and chronic low back pain", source=DIAZ),
        ),
        gaps=(
            "item scoring needs the owner's licensed weights: summaries are read, not computed",
            "norm-based (US mean 50, SD 10); the range 0 to 100 is nominal",
        ),
    )


INSTRUMENTS: Mapping[str, Instrument] = {
    instrument.key: instrument
    for instrument in (
        _ODI,
        _zcq(
            "zcq-ss",
            "symptom severity",
            5,
            7,
            Threshold(kind="MCID", points=0.21, setting="stenosis, non-surgical", source=CHINESE_ZCQ),
            Threshold(kind="MDC", points=0.955, setting="stenosis and back pain, 95%", source=ITALIAN_SSSQ),
            gaps=("the balance question is answered 1, 3 or 5; any of 1 to 5 is accepted for it",),
        ),
        _zcq(
            "zcq-pf",
            "physical function",
            4,
            5,
            Threshold(kind="MCID", points=0.16, setting="stenosis, non-surgical", source=CHINESE_ZCQ),
            Threshold(kind="MDC", points=0.741, setting="stenosis and back pain, 95%", source=ITALIAN_SSSQ),
        ),
        _zcq(
            "zcq-ps",
            "patient satisfaction",
            4,
            6,
            Threshold(kind="MDC", points=0.765, setting="stenosis and back pain, 95%", source=ITALIAN_SSSQ),
            gaps=("asked only after treatment: a change from baseline does not exist",),
        ),
        _PAIN_NRS,
        _VAS,
        _VAS10,
        _RMDQ,
        _SF36_PF,
        _sf12("sf12-pcs", "Physical", 3.29, 0.56),
        _sf12("sf12-mcs", "Mental", 3.77, 3.77),
    )
}
