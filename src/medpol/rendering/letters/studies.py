"""What studies show, in a letter: the conclusion, why, and the cells of the published tables it rests on."""

from collections.abc import Iterator

from medpol.evidence import Conclusion, Evidence, Result
from medpol.evidence.references import citation
from medpol.rendering.letters.case import Case
from medpol.rendering.publication import Block, Cell, Computed, Item, ListBlock, Paragraph, Run, TableBlock
from medpol.rendering.publication.model import run
from medpol.rendering.publication.numbers import Numbers

_HEADER = ("Study", "What was measured", "When", "What was found", "Printed in")


def studies(case: Case) -> Iterator[Block]:
    """The section; says so where the package holds no studies."""
    words = case.words
    key = case.statement.conclusion if case.statement else ""
    if case.evidence is None or not key:
        contract = case.determination.layer in ("contract", "benefit", "exclusion")
        yield Paragraph(text=run(words.say("studies_law" if contract else "studies_not_here")))
        return
    conclusion = case.evidence.appraisal.conclusion(key)
    yield Paragraph(text=run(words.say("studies_statement", statement=conclusion.statement)))
    certainty = conclusion.certainty
    said = words.say("studies_certainty", level=certainty.level) if certainty else words.say("studies_no_certainty")
    yield Paragraph(text=run(said))
    if conclusion.reasons:
        yield Paragraph(text=run(words.say("studies_reasons")))
        yield ListBlock(items=tuple(Item(text=run(f"{r[:1].upper()}{r[1:]}.")) for r in conclusion.reasons))
    if not conclusion.evidence:
        yield Paragraph(text=run(words.say("studies_none")))
        return
    yield from _table(case, case.evidence, conclusion)


def _table(case: Case, evidence: Evidence, conclusion: Conclusion) -> Iterator[Block]:
    numbers = Numbers(evidence)
    cited: dict[str, int] = {}
    shown = [
        (row, found)
        for key in conclusion.evidence
        for row in _latest(evidence, key)
        if (found := _found(evidence, numbers, row))
    ]
    if not shown:
        return
    rows = tuple(_row(evidence, row, found, cited) for row, found in shown)
    yield Paragraph(text=run(case.words.say("studies_found")))
    known = {reference.key: reference for reference in evidence.references}
    notes = [run(case.words.say("studies_table_note"))]
    notes += [run(f"[{at}] {citation(known[key])}") for key, at in cited.items()]
    cells = dict.fromkeys(number.cell for _, found in shown for _, number in found)
    notes.append((*run(f"{case.words.say('studies_cells')} "), Run(text=", ".join(f"#{c}" for c in cells), code=True)))
    yield TableBlock(
        anchor="studies-table",
        caption=run(case.words.say("studies_table")),
        header=tuple(run(head) for head in _HEADER),
        rows=rows,
        notes=tuple(notes),
        numbered=False,
    )


def _found(evidence: Evidence, numbers: Numbers, row: Result) -> list[tuple[str, Computed]]:
    """What each group of a study reported: the share that improved, else the mean change or the mean."""
    study = evidence.study(row.study)
    found = []
    for arm in study.arms:
        for ask in (numbers.responders, numbers.result):
            try:
                found.append((arm.label, ask(study.key, row.outcome, row.timepoint, arm.key)))
                break
            except (KeyError, ValueError):
                continue
    return found


def _row(evidence: Evidence, row: Result, found: list[tuple[str, Computed]], cited: dict[str, int]) -> tuple[Cell, ...]:
    keys = dict.fromkeys(key for _, number in found for key in number.cites)
    marks = [cited.setdefault(key, len(cited) + 1) for key in keys]
    return (
        Cell(lines=(run(evidence.study(row.study).name),), heads=True),
        Cell(lines=(run(evidence.outcome(row.outcome).label),)),
        Cell(lines=(run(row.timepoint),)),
        Cell(lines=tuple(run(f"{label}: {number}") for label, number in found)),
        Cell(lines=(run(", ".join(f"[{mark}]" for mark in marks)),)),
    )


def _latest(evidence: Evidence, study: str) -> Iterator[Result]:
    """One result for each outcome: the last time, after treatment, at which most groups were measured."""
    rows = [r for r in evidence.results if r.study == study and evidence.timepoints[r.timepoint] > 0]
    for outcome in dict.fromkeys(row.outcome for row in rows):
        own = [row for row in rows if row.outcome == outcome]
        groups = {row.timepoint: sum(other.timepoint == row.timepoint for other in own) for row in own}
        yield max(own, key=lambda row: (groups[row.timepoint], evidence.timepoints[row.timepoint]))
