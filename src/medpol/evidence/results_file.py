"""results.csv → results as reported; every impossible cell is a Problem with its row and column.

A defect that the source itself prints is kept: mark the row `as_printed` and say why in `note`, and the
problem becomes a warning.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Literal

from medpol.evidence.base import Result, possible_counts
from medpol.evidence.files import decimal
from medpol.evidence.instruments import INSTRUMENTS, Instrument
from medpol.evidence.references import unknown
from medpol.evidence.responders import chi_square_p, marker_holds, rate_of
from medpol.evidence.studies_file import CONFIDENCE, StudiesFile
from medpol.problems import Place, Problem

COLUMNS = (
    "study", "arm", "outcome", "timepoint", "rule", "n", "events", "percent", "mean", "sd", "change",
    "ci_low", "ci_high", "p", "versus", "reference", "confidence", "as_printed", "note",
)  # fmt: skip
NUMBERS = ("percent", "mean", "sd", "change", "ci_low", "ci_high")
VALUES = ("events", "percent", "mean", "change", "ci_low")
RULES = ("unstated", "failures", "completers", "observed", "randomized")
# '<.001', '=.03', '.03', '<= 0.05', 'NS'
P_MARKER = re.compile(r"(<=|>=|<|>|=|≤|≥)?\s*(0?\.\d+|[01])|NS")


def read_results(path: Path, studies: StudiesFile, references: Iterable[str], problems: list[Problem]) -> list[Result]:
    """Every row that could be read; `problems` grows by what was wrong."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(Place(str(path)), "EV001", f"the file cannot be read: {error}"))
        return []
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="+", restval="")
    if not _header_fits(reader.fieldnames or (), str(path), problems):
        return []
    results = []
    try:
        for raw in reader:
            row = Row(raw, Place(str(path), reader.line_num, 1), problems)
            results.append(_result(row))
    except csv.Error as error:
        problems.append(Problem(Place(str(path), reader.line_num), "EV001", f"not CSV: {error}"))
    cited = frozenset(references)
    for result in results:
        problems.extend(_settled(result, _names(result, studies, cited)))
        problems.extend(_settled(result, _cells(result, studies)))
    problems.extend(_across(results, studies))
    return results


def _header_fits(header: Iterable[str], file: str, problems: list[Problem]) -> bool:
    names = list(header)
    before = len(problems)
    for name in COLUMNS[:4]:
        if name not in names:
            problems.append(Problem(Place(file, 1, 1), "EV002", f"column '{name}' is missing", "add it to line 1"))
    for at, name in enumerate(names, start=1):
        if name not in COLUMNS:
            spot = Place(file, 1, 1, f"column {at}")
            problems.append(Problem(spot, "EV003", f"unknown column '{name}'", f"use {', '.join(COLUMNS)}"))
        elif names.index(name) != at - 1:
            problems.append(Problem(Place(file, 1, 1), "EV005", f"column '{name}' is given twice", "keep one"))
    return len(problems) == before


class Row:
    """A CSV row read cell by cell; a malformed cell becomes a problem and reads as empty."""

    def __init__(self, cells: Mapping[str, str], place: Place, problems: list[Problem]) -> None:
        self.place = place
        self._cells = cells
        self._problems = problems
        if cells.get("+"):
            problems.append(Problem(place, "EV004", "more cells than columns", "quote cells that hold a comma"))

    def text(self, column: str) -> str:
        """The cell without surrounding blanks."""
        return (self._cells.get(column) or "").strip()

    def wrong(self, column: str, expected: str) -> None:
        """Note a cell that is not what its column holds."""
        message = f"'{self.text(column)[:40]}' is not {expected}"
        self._problems.append(Problem(cell(self.place, column), "EV004", message, "empty means not reported"))

    def whole(self, column: str) -> int | None:
        """A count; None when empty."""
        text = self.text(column)
        if re.fullmatch(r"\d{1,9}", text):
            return int(text)
        if text:
            self.wrong(column, "a whole number")
        return None

    def number(self, column: str) -> Decimal | None:
        """A finite decimal as printed; None when empty."""
        text = self.text(column)
        value = decimal(text) if text else None
        if text and value is None:
            self.wrong(column, "a number")
        return value

    def choice(self, column: str, options: tuple[str, ...]) -> str:
        """One of `options`, the first when empty."""
        text = self.text(column)
        if text and text not in options:
            self.wrong(column, f"one of {', '.join(options)}")
        return text if text in options else options[0]


def cell(place: Place, column: str) -> Place:
    """The place of one cell in a row."""
    return replace(place, path=f"row {place.line}, column {column}")


def _result(row: Row) -> Result:
    p = row.text("p")
    if p and not P_MARKER.fullmatch(p):
        row.wrong("p", "a p marker such as <.001 or =.03")
        p = ""
    numbers = {name: row.number(name) for name in NUMBERS}
    return Result(
        study=row.text("study"),
        arm=row.text("arm"),
        outcome=row.text("outcome"),
        timepoint=row.text("timepoint"),
        rule=row.choice("rule", RULES),  # type: ignore[arg-type]
        n=row.whole("n"),
        events=row.whole("events"),
        p=p or None,
        versus=row.text("versus") or None,
        reference=row.text("reference") or None,
        confidence=row.choice("confidence", CONFIDENCE),  # type: ignore[arg-type]
        as_printed=row.choice("as_printed", ("no", "yes")) == "yes",
        note=row.text("note"),
        place=row.place,
        **numbers,
    )


def _settled(result: Result, found: Iterable[Problem]) -> Iterator[Problem]:
    """Errors of an `as_printed` row are the source's own, so they warn."""
    for problem in found:
        source_defect = result.as_printed and problem.code in SOURCE_DEFECTS
        level: Literal["error", "warning"] = "warning" if source_defect else problem.level
        yield replace(problem, level=level)


SOURCE_DEFECTS = frozenset({"EV010", "EV011", "EV012", "EV013", "EV014", "EV015", "EV016", "EV017"})


def _names(result: Result, studies: StudiesFile, references: frozenset[str]) -> Iterator[Problem]:
    study = next((s for s in studies.studies if s.key == result.study), None)
    if study is None:
        known = (s.key for s in studies.studies)
        yield unknown("study", result.study, known, cell(result.place, "study"))
    else:
        arms = {arm.key for arm in study.arms}
        for column, name in (("arm", result.arm), ("versus", result.versus)):
            if name is not None and name not in arms:
                yield unknown("arm", name, arms, cell(result.place, column))
    outcomes = {outcome.key for outcome in studies.outcomes}
    if result.outcome not in outcomes:
        yield unknown("outcome", result.outcome, outcomes, cell(result.place, "outcome"))
    if result.timepoint not in studies.timepoints:
        yield unknown("timepoint", result.timepoint, studies.timepoints, cell(result.place, "timepoint"))
    if result.reference is not None and result.reference not in references:
        yield unknown("reference", result.reference, references, cell(result.place, "reference"))


def _cells(result: Result, studies: StudiesFile) -> Iterator[Problem]:
    def problem(column: str, code: str, message: str, remedy: str = "check the source") -> Problem:
        return Problem(cell(result.place, column), code, message, remedy)

    if result.as_printed and not result.note:
        yield problem("note", "EV002", "an `as_printed` row needs a note", "say what is wrong in the source")
    n, percent = result.n, result.percent
    if all(getattr(result, name) is None for name in VALUES):
        if not result.as_printed:
            yield problem("n", "EV002", "the row has no value", "give events, percent, mean or change")
        else:
            yield problem("n", "EV017", "an n is printed for a cell without a value")
    if n is not None and result.events is not None and result.events > n:
        yield problem("events", "EV011", f"{result.events} events in {n} patients")
    if percent is not None and not 0 <= percent <= 100:
        yield problem("percent", "EV004", f"{percent} is not a percentage", "0 to 100")
    elif percent is not None and n is not None:
        yield from _grim(result, percent, n)
    if result.sd is not None and result.sd < 0:
        yield problem("sd", "EV012", f"a standard deviation of {result.sd} is negative")
    yield from _interval(result)
    outcome = next((o for o in studies.outcomes if o.key == result.outcome), None)
    if outcome is not None and outcome.instrument is not None:
        yield from _on_scale(result, INSTRUMENTS[outcome.instrument])
    if outcome is not None and outcome.after_treatment_only and result.change is not None:
        yield problem("change", "EV016", f"'{outcome.key}' has no baseline, so no change can exist")


def _grim(result: Result, percent: Decimal, n: int) -> Iterator[Problem]:
    counts = possible_counts(percent, n)
    place = cell(result.place, "percent")
    if not counts:
        fits = [m for m in range(max(1, n - 12), n + 13) if possible_counts(percent, m)]
        near = ", ".join(str(m) for m in sorted(fits, key=lambda m: (abs(m - n), m))[:4]) or "none near"
        message = f"no whole number of {n} patients is {percent}%"
        yield Problem(place, "EV010", message, f"check percent and n; n that would fit: {near}")
    elif result.events is not None and result.events not in counts:
        message = f"{result.events} of {n} is not {percent}% (that would be {counts[0]})"
        yield Problem(place, "EV010", message, "check events, percent and n")


def _interval(result: Result) -> Iterator[Problem]:
    low, high = result.ci_low, result.ci_high
    if (low is None) != (high is None):
        missing = "ci_low" if low is None else "ci_high"
        yield Problem(cell(result.place, missing), "EV002", "half an interval", "give both ends or neither")
    if low is None or high is None:
        return
    if low > high:
        yield Problem(cell(result.place, "ci_low"), "EV013", f"{low} to {high} runs backwards", "swap the ends")
        return
    estimates = (("change", result.change), ("mean", result.mean), ("percent", result.percent))
    column, estimate = next(((c, e) for c, e in estimates if e is not None), ("ci_low", None))
    if estimate is not None and not low <= estimate <= high:
        message = f"the interval {low} to {high} does not contain {estimate}"
        yield Problem(cell(result.place, column), "EV013", message, "check estimate and interval")


def _on_scale(result: Result, scale: Instrument) -> Iterator[Problem]:
    if result.mean is not None and not scale.holds(float(result.mean)):
        message = f"a mean of {result.mean} is outside {scale.name} ({scale.low:g} to {scale.high:g})"
        yield Problem(cell(result.place, "mean"), "EV014", message, "check the value and the instrument")
    width = scale.high - scale.low
    if result.change is not None and abs(float(result.change)) > width:
        message = f"a change of {result.change} is wider than {scale.name} ({width:g} points)"
        yield Problem(cell(result.place, "change"), "EV014", message, "check the value and the instrument")


def _across(results: list[Result], studies: StudiesFile) -> Iterator[Problem]:
    """What only several rows show: a row given twice, and patients who appear after the start."""
    seen: dict[tuple[str, ...], Result] = {}
    series: dict[tuple[str, str, str], list[Result]] = {}
    for result in results:
        key = (result.study, result.arm, result.outcome, result.timepoint, result.rule)
        if key in seen:
            message = f"the same study, arm, outcome, timepoint and rule as row {seen[key].place.line}"
            yield Problem(result.place, "EV005", message, "keep one row")
        seen.setdefault(key, result)
        series.setdefault(key[:3], []).append(result)
    months = studies.timepoints
    for rows in series.values():
        counted = [r for r in rows if r.n is not None and r.timepoint in months]
        counted.sort(key=lambda r: months[r.timepoint])
        for before, after in pairwise(counted):
            if before.n is not None and after.n is not None and after.n > before.n:
                message = f"n grows from {before.n} ({before.timepoint}) to {after.n} ({after.timepoint})"
                found = Problem(cell(after.place, "n"), "EV015", message, "check the source")
                yield from _settled(after, [found])
    yield from _markers(results)


def _markers(results: list[Result]) -> Iterator[Problem]:
    """Printed p markers that the chi-square test of the printed counts contradicts; the test used is not known."""
    by_arm = {(r.study, r.arm, r.outcome, r.timepoint, r.rule): r for r in results}
    for result in results:
        other = by_arm.get((result.study, result.versus or "", result.outcome, result.timepoint, result.rule))
        if other is not None and marker_holds(result, other) is False:
            p = chi_square_p(rate_of(result), rate_of(other))
            message = f"p is printed as '{result.p}', the counts give {p:.2g} (chi-square)"
            yield Problem(cell(result.place, "p"), "EV023", message, "check counts and p", "warning")
