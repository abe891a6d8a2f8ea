"""What rules read in the written part: tables with their sections, marks of footnotes, plain words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from medpol.checks.subject import Subject
from medpol.model.narrative import Block, Passage, Section, Table
from medpol.problems import Place

_MARK = re.compile(r"(?<=[\w.%)])(?:\\?\*)+(?![\w*])|(?:\\\*)+|[†‡§]|\^[a-z]\^|<sup>[a-z]</sup>")
_DEFINED = re.compile(r"(?:^|(?<=[\s.;]))((?:\\\*)+|[†‡§]|\^[a-z]\^|<sup>[a-z]</sup>|[a-z](?=\.\s))\s*\.?")
_EMPHASIS = re.compile(r"(?<![\w.%)\\\\*])\*{1,3}(?=[^\s*])[^*]+\*{1,3}")
_DROPPED = re.compile(r"\[@[^\]]*\]|[*_`]|\{\{.*?\}\}")


@dataclass(frozen=True, slots=True)
class Mark:
    """A footnote's mark, normalized (`*`, `**`, `†`, `a`), and where it stands."""

    sign: str
    place: Place


def tables(subject: Subject) -> Iterator[tuple[Section, int, Table]]:
    """Every table with its section and its position among the section's blocks."""
    for section in subject.narrative.sections:
        for index, block in enumerate(section.blocks):
            if isinstance(block, Table):
                yield section, index, block


def whole_tables(subject: Subject) -> Iterator[list[Table]]:
    """Tables with the parts that a page break cut off: of one section, with one header."""
    found: dict[tuple[str, tuple[str, ...]], list[Table]] = {}
    for section, _, table in tables(subject):
        found.setdefault((section.key, names(table.header)), []).append(table)
    yield from found.values()


def marks_used(table: Table) -> Iterator[Mark]:
    """Marks behind a word or a number in the caption, the header and the cells."""
    for passage in (*((table.caption,) if table.caption else ()), *table.cells):
        text = _EMPHASIS.sub(lambda found: " " * len(found[0]), passage.text)
        for match in _MARK.finditer(text):
            yield Mark(_sign(match[0]), passage.at(match.start()))


def marks_defined(table: Table) -> Iterator[Mark]:
    """Marks that the notes below a table explain."""
    for note in table.notes:
        for match in _DEFINED.finditer(note.text):
            yield Mark(_sign(match[1]), note.at(match.start(1)))


def _sign(text: str) -> str:
    return re.sub(r"[\\^]|</?sup>", "", text)


def plain(text: str) -> str:
    """Words without emphasis, citations and expressions, in one line."""
    return " ".join(_DROPPED.sub(" ", text).split())


def names(header: tuple[Passage, ...]) -> tuple[str, ...]:
    """The names of the columns, in lower case."""
    return tuple(plain(cell.text).lower() for cell in header)


def is_text(block: Block) -> bool:
    return isinstance(block, Passage) and block.kind == "paragraph"
