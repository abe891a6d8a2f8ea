"""The place of service is at odds with the procedure.

A percutaneous procedure is done in an office, an outpatient department or a surgery center. A policy that names
inpatient hospital (place of service 21) alone for it asks for a setting in which it is rarely given. (A published
policy on a percutaneous procedure says "Inpatient".)

Bad:

    policy.yaml
        technology:
          name: needle decompression
          approach: [percutaneous]
    version.yaml
        applies_to: {line_of_business: [commercial], place_of_service: ["21"]}

Good:

    policy.yaml
        technology:
          name: needle decompression
          approach: [percutaneous]
    version.yaml
        applies_to: {line_of_business: [commercial], place_of_service: ["11", "22", "24"]}
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.solver import criteria_of, walk
from medpol.checks.subject import Subject
from medpol.model.criteria import OneOf
from medpol.model.narrative import Block, Table
from medpol.problems import Place

CODE = "CO113"
LEVEL: Level = "question"
INPATIENT = "21"  # CMS, Place of Service Code Set: inpatient hospital
_SAID = re.compile(r"\bplace of service\b\W*(?:\w+\W+){0,2}?inpatient\b", re.IGNORECASE)


def check(subject: Subject) -> Iterator[Finding]:
    """Where the technology says percutaneous: `applies_to`, criteria, and the words of the section of codes."""
    technology, version = subject.policy.technology, subject.newest
    if technology is None or version is None or not any("percutaneous" in a for a in technology.approach):
        return
    message = "inpatient hospital alone, for a percutaneous procedure"
    if dict(version.applies_to).get("place_of_service") == (INPATIENT,):
        yield Finding(subject.version_place(version, "applies_to", "place_of_service"), message)
    for whole in criteria_of(version):
        for leaf in walk(whole):
            if isinstance(leaf, OneOf) and leaf.fact == "place_of_service" and leaf.codes.exact == {INPATIENT}:
                yield Finding(leaf.place, message)
    section = subject.narrative.section("codes")
    for block in section.blocks if section else ():
        for text, place in _lines(block):
            if _SAID.search(text) and "outpatient" not in text.lower():
                yield Finding(place, message)


def _lines(block: Block) -> Iterator[tuple[str, Place]]:
    """A passage, or the rows of a table."""
    if isinstance(block, Table):
        for row in (block.header, *block.rows):
            yield " ".join(cell.text for cell in row), row[0].place
    else:
        yield block.text, block.place
