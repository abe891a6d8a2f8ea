"""The code table as the text prints it."""

import re
from collections.abc import Iterator

from medpol.checks.subject import Subject
from medpol.checks.text_tables import plain
from medpol.model.codes import normal
from medpol.model.narrative import Table
from medpol.problems import Place

_CELL = re.compile(r"\(?([A-Z]?\d{4}[0-9A-Z]?)\)?")


def codes_in_text(subject: Subject) -> Iterator[tuple[str, Place]]:
    """Procedure codes in the cells of the tables of `text/codes.md`, alone or with commas between them."""
    section = subject.narrative.section("codes")
    for block in section.blocks if section else ():
        if isinstance(block, Table):
            for row in block.rows:
                for cell in row:
                    parts = [_CELL.fullmatch(part.strip()) for part in re.split(r"[,;]|<br ?/?>", plain(cell.text))]
                    if parts and all(parts):
                        yield from ((normal(part[1]), cell.place) for part in parts if part)
