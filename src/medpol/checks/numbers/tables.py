"""Tables of results: which study, arm, outcome and time a cell is about, and what is typed in it."""

import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from medpol.checks.prose import content_words, months_in, notes_of, plain, same_time, studies_named
from medpol.checks.subject import Subject
from medpol.evidence import Arm, Evidence, Outcome, Result, Study
from medpol.model.narrative import Passage, Section, Table
from medpol.problems import Place

_LEGEND = re.compile(r"(?<![\w-])([A-Z][\w-]*[A-Z][\w-]*): ([^;:]+?)(?=[;.]|$)")
_MARK = re.compile(r"(?<![\w*])(\*+|[†‡§¶]+)\s*p\s*(<=|>=|<|>|=|≤|≥)\s*(0?\.\d+|[01])", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultCell:
    """A cell of a table about a study, with all that its row, its group and its column say of it."""

    section: Section
    passage: Passage
    study: Study
    arm: Arm | None
    outcome: Outcome | None
    timepoint: str
    rows: tuple[Result, ...]  # of the evidence: of this outcome and time, and of this arm where one is named


@dataclass(frozen=True, slots=True)
class Typed:
    """Numbers typed together, with the offset in the cell. `what`: n, percent, spread `m (s)`, interval, count."""

    what: str
    values: tuple[Decimal, ...]
    start: int
    mark: str = ""
    arm: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    """The study a table is about, the evidence it is compared with, and what its abbreviations stand for."""

    study: Study
    evidence: Evidence
    short: Mapping[str, str]


def result_cells(subject: Subject) -> tuple[ResultCell, ...]:
    """The cells of the tables whose caption names a study of the evidence, read once a run."""
    key = ("result cells", str(subject.folder))
    return subject.once(key, lambda: tuple(_read_cells(subject)))


def _read_cells(subject: Subject) -> Iterator[ResultCell]:
    """A second half of a split table takes the study of the first: it has the same header and no caption."""
    evidence = subject.evidence
    if evidence is None:
        return
    for section in subject.narrative.sections:
        short = abbreviations(section)
        study, header, group = None, tuple[str, ...](), None
        for table in (block for block in section.blocks if isinstance(block, Table)):
            labels = tuple(cell.text for cell in table.header)
            named = studies_named_in(table.caption.text if table.caption else "", evidence)
            if named or labels != header:
                study, header, group = (named[0] if len(named) == 1 else None), labels, None
            if study is not None:
                about = _About(study=study, evidence=evidence, short=short)
                group = yield from _cells_of(section, table, about, group)


def studies_named_in(caption: str, evidence: Evidence) -> list[Study]:
    """Like `studies_named`, in any case: captions are often in capitals."""
    found = studies_named(caption, evidence)
    return found or [study for study in evidence.studies if study.name.lower() in caption.lower()]


def abbreviations(section: Section) -> Mapping[str, str]:
    """What the notes of a section's tables say its abbreviations stand for."""
    return {found[1]: found[2] for note in notes_of(section) for found in _LEGEND.finditer(plain(note.text))}


def legend_marks(section: Section) -> dict[str, tuple[tuple[str, Decimal], Place]]:
    """The p that each mark of the section's notes stands for, `** p<.001`, and where it says so."""
    return {
        found[1]: ((found[2].replace("≤", "<=").replace("≥", ">="), Decimal(found[3])), note.place)
        for note in notes_of(section)
        for found in _MARK.finditer(note.text.replace("\\", ""))
    }


def _cells_of(
    section: Section, table: Table, about: "_About", group: Outcome | None
) -> Generator[ResultCell, None, Outcome | None]:
    """The cells of a table; gives back the outcome whose rows it ended with. `group` is that of the half before."""
    study, evidence, short = about.study, about.evidence, about.short
    results = [result for result in evidence.results if result.study == study.key]
    for row in table.rows:
        label = " ".join(plain(cell.text) for cell in row if not _figures_in(cell.text))
        arm = arm_in([plain(cell.text) for cell in row], study, short)
        outcome = outcome_in(label, evidence)
        if outcome is not None and arm is None:
            group = outcome
        for header, cell in zip(table.header, row, strict=False):
            for sub, part_arm, part in _parts(cell, arm, study, short):
                own = outcome_in(f"{label if outcome else _label(group)} {sub}", evidence) or outcome or group
                if own is None:
                    continue
                time = timepoint_in(plain(header.text), evidence)
                here = [r for r in results if r.timepoint == time and (part_arm is None or r.arm == part_arm.key)]
                rows = tuple(r for r in here if r.outcome == own.key) or tuple(
                    r for r in here if _is_part(evidence.outcome(r.outcome), own)
                )
                yield ResultCell(
                    section=section, passage=part, study=study, arm=part_arm, outcome=own, timepoint=time, rows=rows
                )
    return group


def _is_part(outcome: Outcome, whole: Outcome) -> bool:
    """`ZCQ symptom severity, pain` is a part of `ZCQ symptom severity`."""
    return content_words(whole.label) < content_words(outcome.label)


def _label(outcome: Outcome | None) -> str:
    return "" if outcome is None else f"{outcome.label} {outcome.key}"


def _figures_in(text: str) -> bool:
    return bool(re.match(r"\W*(?:[nN]\s*=\s*)?\d", text))


def _parts(
    cell: Passage, arm: Arm | None, study: Study, short: Mapping[str, str]
) -> Iterator[tuple[str, Arm | None, Passage]]:
    """A cell, or its parts with a label each: `Pain: 3.8 (0.5) Neuroischemic: 3.2 (0.9)`."""
    labels = list(re.finditer(r"([A-Z][\w -]*?):\s+(?=\d)", cell.text))
    if not labels:
        yield "", arm, cell
        return
    for at, label in enumerate(labels):
        end = labels[at + 1].start() if at + 1 < len(labels) else len(cell.text)
        part = Passage(kind=cell.kind, text=cell.text[label.end() : end].rstrip(), starts=((0, cell.at(label.end())),))
        yield label[1], arm_in([label[1]], study, short) or arm, part


def arm_in(labels: list[str], study: Study, short: Mapping[str, str]) -> Arm | None:
    """The arm that one of these labels is, by its key, its label or what the table's legend says; the best fit."""
    best: tuple[float, Arm] | None = None
    for text in labels:
        bare = re.sub(r"\([^)]*\)|[¹²³⁴-⁹*]", " ", text).strip()
        words = content_words(short.get(bare, bare))
        for arm in study.arms:
            own = content_words(arm.label)
            alike = 1.0 if bare.lower() == arm.key.lower() else len(words & own) / max(len(words | own), 1)
            if alike > 0.6 and (best is None or alike > best[0]):  # more than half in common
                best = (alike, arm)
    return best[1] if best else None


def outcome_in(text: str, evidence: Evidence) -> Outcome | None:
    """The outcome a label names, by its key as a word or by all words of its label; the fullest fit."""
    words, tokens = content_words(text), set(re.findall(r"[\w-]+", text))
    fits = []
    for outcome in evidence.outcomes:
        own = content_words(outcome.label)
        if own and own <= words:
            fits.append((len(own), outcome))
        elif outcome.key in tokens:
            fits.append((1, outcome))
    return max(fits, key=lambda fit: fit[0])[1] if fits else None


def timepoint_in(text: str, evidence: Evidence) -> str:
    """The name of the one timepoint a heading names; ''."""
    named = {
        name
        for months, _ in months_in(text)
        for name, at in evidence.timepoints.items()
        if same_time(Decimal(at), months)
    }
    return min(named) if len(named) == 1 else ""


_NUMBER = r"[-−]?\d+(?:\.\d+)?"
_INTERVAL = rf"(?P<low>{_NUMBER})\s*(?:to|,|–|-)\s*(?P<high>{_NUMBER})"
_ENDS = _INTERVAL.replace("low", "l").replace("high", "h")
_TYPED = re.compile(
    rf"(?P<n>[nN]\s*=\s*(?P<n_value>\d+)(?:\s*\((?P<arm>[A-Za-z][^)]*)\))?)"
    rf"|(?P<merged>(?P<percent>\d+\.\d)(?P<change>\d+\.\d)\s*\({_INTERVAL}\))"
    rf"|(?P<interval>(?P<estimate>{_NUMBER})\s*\((?:95% CI,?:?\s*)?{_ENDS}\))"
    rf"|(?P<spread>(?P<mean>{_NUMBER})\s*\((?P<sd>\d+(?:\.\d+)?)\))"
    rf"|(?P<share>(?P<events>\d+)\s*(?:/|of)\s*(?P<of>\d+)(?:\s*\((?P<pct>\d+(?:\.\d+)?)\s*%?\))?)"
    rf"|(?P<lone>(?P<value>{_NUMBER})\s*%?)\s*(?P<mark>(?:\\?\*)+|[†‡§¶]+)?"
)


def typed_in(cell: Passage) -> Iterator[Typed]:
    """The numbers of a cell; nothing where it is no cell of numbers (it has more words than that)."""
    text = cell.text
    rest = _TYPED.sub("", text)
    if len(re.findall(r"[A-Za-z]{3,}", rest)) > 1:
        return
    for found in _TYPED.finditer(text):
        start = found.start()
        if found["n"]:
            yield Typed("n", (Decimal(found["n_value"]),), start, arm=found["arm"] or "")
        elif found["merged"]:
            yield Typed("percent", (Decimal(found["percent"]),), start)
            numbers = _decimals(found, "change", "low", "high")
            yield Typed("interval", numbers, found.start("change"))
        elif found["interval"]:
            yield Typed("interval", _decimals(found, "estimate", "l", "h"), start)
        elif found["spread"]:
            yield Typed("spread", _decimals(found, "mean", "sd"), start)
        elif found["share"]:
            names = ("events", "of", "pct") if found["pct"] else ("events", "of")
            yield Typed("count", _decimals(found, *names), start)
        else:
            yield Typed("lone", _decimals(found, "value"), start, mark=(found["mark"] or "").replace("\\", ""))


def _decimals(found: re.Match[str], *names: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(found[name].replace("−", "-")) for name in names)


def fits(typed: Typed, row: Result) -> bool:
    """Whether a row of the evidence has what is typed; a change is compared without its sign."""
    values = typed.values
    match typed.what:
        case "n":
            return row.n == values[0]
        case "percent":
            return row.percent == values[0]
        case "interval":
            estimates = {abs(x) for x in (row.change, row.mean, row.percent) if x is not None}
            ends = sorted(abs(x) for x in (row.ci_low, row.ci_high) if x is not None)
            return abs(values[0]) in estimates and sorted(map(abs, values[1:])) == ends
        case "spread":
            return _is_spread(values, row)
        case "count":
            own = (row.count, row.n, row.percent)
            return all(mine is not None and mine == value for mine, value in zip(own, values, strict=False))
    lone = abs(values[0])
    return lone in {
        abs(Decimal(x)) for x in chain((row.percent, row.mean, row.change), (row.events, row.n)) if x is not None
    }


def _is_spread(values: tuple[Decimal, ...], row: Result) -> bool:
    """`mean (SD)`, `percent (n)` or `n (percent)`."""
    one, two = values
    return (row.mean, row.sd) == (one, two) or {one, two} == {row.percent, Decimal(row.events or -1)}
