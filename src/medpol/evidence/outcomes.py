"""Patient-level responder analysis: a CSV of scores or answers → rates, changes and intervals per arm.

One row per patient, instrument and timepoint: `patient, arm, instrument, timepoint` and either `score` or
`item1`, `item2`, … (empty = not answered). `instrument` is a key of `INSTRUMENTS`.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev

from medpol.evidence.files import decimal
from medpol.evidence.instruments import INSTRUMENTS, Instrument
from medpol.evidence.references import unknown
from medpol.evidence.responders import ArmCount, Comparison, Rate, TippingPoint, compare
from medpol.evidence.results_file import cell
from medpol.evidence.scoring import score
from medpol.problems import Place, PolicyRejected, Problem

KEYS = ("patient", "arm", "instrument", "timepoint")
ITEM = re.compile(r"item[1-9]\d?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One patient's score on one instrument at one time; None when the visit was missed."""

    patient: str
    arm: str
    instrument: str
    timepoint: str
    score: float | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmOutcome:
    """One arm: patients with a baseline, those seen later, their scores and responders. SDs need two patients."""

    arm: str
    n: int
    seen: int
    responders: int
    baseline_mean: float
    follow_up_mean: float | None
    improvement_mean: float | None
    improvement_sd: float | None
    beyond_error: int | None
    bands: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeTable:
    """One instrument at one follow-up. The first arm of the file is compared with the second.

    `threshold` is the improvement (points) that makes a responder, with its source.
    """

    instrument: str
    timepoint: str
    threshold: float
    threshold_source: str
    arms: tuple[ArmOutcome, ...]
    comparisons: tuple[Comparison, ...]
    tipping: TippingPoint | None


def read_observations(path: Path) -> tuple[Observation, ...]:
    """The file's rows. Raises PolicyRejected with every bad cell."""
    whole = Place(str(path))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyRejected([Problem(whole, "EV001", f"the file cannot be read: {error}")]) from None
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="+", restval="")
    problems = list(_header(reader.fieldnames or (), str(path)))
    if problems:
        raise PolicyRejected(problems)
    rows: list[Observation] = []
    try:
        for raw in reader:
            rows.append(_observation(raw, Place(str(path), reader.line_num, 1), problems))
    except csv.Error as error:
        problems.append(Problem(Place(str(path), reader.line_num), "EV001", f"not CSV: {error}"))
    problems.extend(_repeated(rows))
    if not rows and not problems:
        problems.append(Problem(whole, "EV002", "the file has no rows", f"columns: {', '.join(KEYS)}, score"))
    if problems:
        raise PolicyRejected(problems)
    return tuple(rows)


def _header(names: Sequence[str], file: str) -> Iterator[Problem]:
    top = Place(file, 1, 1)
    for name in KEYS:
        if name not in names:
            yield Problem(top, "EV002", f"column '{name}' is missing", "add it to line 1")
    items = [name for name in names if ITEM.fullmatch(name)]
    if "score" not in names and not items:
        yield Problem(top, "EV002", "neither `score` nor `item1`, `item2`, … is a column", "add one of them")
    for name in names:
        if name not in (*KEYS, "score") and name not in items:
            yield Problem(top, "EV003", f"unknown column '{name}'", f"use {', '.join(KEYS)}, score, item1, …")


def _observation(raw: Mapping[str, str], place: Place, problems: list[Problem]) -> Observation:
    texts = {name: (raw.get(name) or "").strip() for name in KEYS}
    for name, text in texts.items():
        if not text:
            problems.append(Problem(cell(place, name), "EV002", f"'{name}' is empty", "fill it in"))
    instrument = INSTRUMENTS.get(texts["instrument"].lower())
    if instrument is None and texts["instrument"]:
        problems.append(unknown("instrument", texts["instrument"], INSTRUMENTS, cell(place, "instrument")))
    value = _score(raw, place, instrument, problems) if instrument is not None else None
    return Observation(
        patient=texts["patient"],
        arm=texts["arm"],
        instrument=texts["instrument"].lower(),
        timepoint=texts["timepoint"],
        score=value,
        place=place,
    )


def _score(
    raw: Mapping[str, str], place: Place, instrument: Instrument, problems: list[Problem]
) -> float | None:  # fmt: skip
    text = (raw.get("score") or "").strip()
    if text:
        value = decimal(text)
        if value is None or not instrument.holds(float(value)):
            message = f"'{text[:40]}' is not a score of {instrument.name} ({instrument.low:g} to {instrument.high:g})"
            problems.append(Problem(cell(place, "score"), "EV014", message, "empty means the visit was missed"))
            return None
        return float(value)
    answers: list[int | None] = []
    for at in range(1, (instrument.items or 0) + 1):
        answer = (raw.get(f"item{at}") or "").strip()
        if answer and not re.fullmatch(r"\d{1,2}", answer):
            problems.append(Problem(cell(place, f"item{at}"), "EV004", f"'{answer[:40]}' is no answer", "a number"))
            return None
        answers.append(int(answer) if answer else None)
    if not any(answer is not None for answer in answers):
        return None
    try:
        return score(instrument, answers).value
    except ValueError as error:
        problems.append(Problem(place, "EV014", str(error), "mend or empty the answers"))
        return None


def _repeated(rows: Sequence[Observation]) -> Iterator[Problem]:
    seen: dict[tuple[str, ...], Observation] = {}
    arms: dict[str, Observation] = {}
    for row in rows:
        first = seen.setdefault((row.patient, row.instrument, row.timepoint), row)
        if first is not row:
            message = f"patient '{row.patient}' has this instrument and timepoint in row {first.place.line} too"
            yield Problem(row.place, "EV005", message, "keep one row")
        home = arms.setdefault(row.patient, row)
        if home.arm != row.arm:
            message = f"patient '{row.patient}' was in arm '{home.arm}' in row {home.place.line}"
            yield Problem(cell(row.place, "arm"), "EV005", message, "analyse as allocated: one arm per patient")


def analyse_outcomes(
    rows: Sequence[Observation], *, baseline: str = "baseline", thresholds: Mapping[str, float] | None = None
) -> tuple[OutcomeTable, ...]:
    """One table per instrument and follow-up, in file order.

    `thresholds` overrides the published important change by instrument key. A patient without a baseline score
    is left out; one without a follow-up score counts as not seen. Raises ValueError when an instrument has no
    threshold, no baseline, or a follow-up no arm has patients for.
    """
    tables = []
    for key in dict.fromkeys(row.instrument for row in rows):
        instrument = INSTRUMENTS[key]
        threshold, source = _threshold(instrument, thresholds or {})
        mine = [row for row in rows if row.instrument == key]
        start = {row.patient: row.score for row in mine if row.timepoint == baseline and row.score is not None}
        if not start:
            raise ValueError(f"{instrument.name}: no score at '{baseline}'")
        for timepoint in dict.fromkeys(row.timepoint for row in mine if row.timepoint != baseline):
            later = {row.patient: row.score for row in mine if row.timepoint == timepoint}
            arms = {row.patient: row.arm for row in mine}
            tables.append(_table(instrument, timepoint, start, later, arms, threshold=threshold, source=source))
    return tuple(tables)


def _threshold(instrument: Instrument, given: Mapping[str, float]) -> tuple[float, str]:
    if instrument.key in given:
        if given[instrument.key] <= 0:
            raise ValueError(f"{instrument.name}: a threshold must be above 0")
        return given[instrument.key], "given with the request"
    published = instrument.important_change
    if published is None:
        raise ValueError(f"{instrument.name}: no confirmed important change; state a threshold")
    return published.points, f"{published.kind}, {published.source}"


def _table(
    instrument: Instrument,
    timepoint: str,
    start: Mapping[str, float],
    later: Mapping[str, float | None],
    arms: Mapping[str, str],
    *,
    threshold: float,
    source: str,
) -> OutcomeTable:
    names = list(dict.fromkeys(arms[patient] for patient in start))
    outcomes = [
        _arm(instrument, name, {p: s for p, s in start.items() if arms[p] == name}, later, threshold) for name in names
    ]
    counts = [
        ArmCount(arm=o.arm, label=o.arm, events=o.responders, observed=o.seen, treated=o.n, randomized=o.n)
        for o in outcomes[:2]
    ]
    reported = [Rate(events=o.responders, n=o.n) for o in outcomes[:2]]
    comparisons, tipping = compare(counts, reported)
    return OutcomeTable(
        instrument=instrument.key,
        timepoint=timepoint,
        threshold=threshold,
        threshold_source=source,
        arms=tuple(outcomes),
        comparisons=tuple(c for c in comparisons if c.assumption not in ("as reported", "failures, all randomized")),
        tipping=tipping,
    )


def _arm(
    instrument: Instrument, name: str, start: Mapping[str, float], later: Mapping[str, float | None], threshold: float
) -> ArmOutcome:
    pairs = [(first, last) for patient, first in start.items() if (last := later.get(patient)) is not None]
    gains = [instrument.improvement(first, last) for first, last in pairs]
    error = min((t.points for t in instrument.thresholds if t.kind == "MDC"), default=None)
    bands: dict[str, int] = {band.label: 0 for band in instrument.bands}
    for _, last in pairs:
        label = instrument.band(last)
        if label is not None:
            bands[label] += 1
    return ArmOutcome(
        arm=name,
        n=len(start),
        seen=len(pairs),
        responders=sum(gain >= threshold - 1e-9 for gain in gains),
        baseline_mean=mean(start.values()),
        follow_up_mean=mean(last for _, last in pairs) if pairs else None,
        improvement_mean=mean(gains) if gains else None,
        improvement_sd=stdev(gains) if len(gains) > 1 else None,
        beyond_error=None if error is None else sum(gain >= error - 1e-9 for gain in gains),
        bands=bands,
    )
