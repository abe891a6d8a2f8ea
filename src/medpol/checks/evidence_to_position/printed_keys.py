"""The limitation tables of the text: which keys they print for which study."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from medpol.checks.prose import plain, studies_named
from medpol.checks.subject import Subject
from medpol.evidence import Study
from medpol.evidence.appraisal import TABLES
from medpol.model.narrative import Passage, Section, Table
from medpol.problems import Place

_KEYS = re.compile(r"(?:^|(?<=[.;)])\s+)(\d(?:\s*[-–,]\s*\d)*)\.(?=\s|$)")
TableName = Literal["relevance", "design_and_conduct"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedRow:
    """A study's row; the domains are in the order of the columns, each with its keys and its cell."""

    section: Section
    table: TableName
    study: Study | None
    where: tuple[Place, ...]  # the table, and its caption where it has one
    place: Place
    cells: tuple[tuple[str, tuple[int, ...], Passage], ...]


def printed_rows(subject: Subject) -> tuple[PrintedRow, ...]:
    """Every row of the printed limitation tables, read once a run."""
    return subject.once(("limitation tables", str(subject.folder)), lambda: tuple(_rows(subject)))


def printed_cells(subject: Subject, study: Study, domain: str) -> tuple[Place, ...]:
    """Where the tables print a study's keys of a domain."""
    own = [row for row in printed_rows(subject) if row.study is not None and row.study.key == study.key]
    return tuple(cell.place for row in own for name, _, cell in row.cells if name == domain)


def _rows(subject: Subject) -> Iterator[PrintedRow]:
    for section in subject.narrative.sections:
        for table in (block for block in section.blocks if isinstance(block, Table)):
            name, columns = _columns(table)
            for row in table.rows if columns else ():
                named = studies_named(plain(row[0].text), subject.evidence) if subject.evidence and row else []
                cells = tuple((columns[at], keys_in(cell.text), cell) for at, cell in enumerate(row) if at in columns)
                yield PrintedRow(
                    section=section, table=name, study=named[0] if len(named) == 1 else None, place=row[0].place,
                    where=(table.place, *([table.caption.place] if table.caption else [])), cells=cells,
                )  # fmt: skip


def _columns(table: Table) -> tuple[TableName, dict[int, str]]:
    """Which limitation table it is and the domain of each column; no columns where it is none."""
    best: tuple[TableName, dict[int, str]] = ("relevance", {})
    for name, domains in TABLES.items():
        columns = {}
        for at, cell in enumerate(table.header):
            label = re.sub(r"\^?\s*[a-f]$|[ᵃ-ᶻ]$", "", plain(cell.text)).strip(" ^").lower().replace("-", " ")
            if label.replace(" ", "_") in domains:
                columns[at] = label.replace(" ", "_")
        if len(columns) > len(best[1]):
            best = ("relevance" if name == "relevance" else "design_and_conduct", columns)
    return best if len(best[1]) >= 3 else ("relevance", {})


def keys_in(text: str) -> tuple[int, ...]:
    """`1-2. No comparator data` → 1, 2; `1. … 3. …` → 1, 3."""
    keys: list[int] = []
    for found in _KEYS.finditer(text):
        for part in re.split(r"\s*,\s*", found[1]):
            ends = [int(end) for end in re.findall(r"\d", part)]
            keys += range(ends[0], ends[-1] + 1)
    return tuple(keys)
