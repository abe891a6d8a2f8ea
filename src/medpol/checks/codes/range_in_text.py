"""A range of codes in the text cannot be read as one.

`S42.92XA-S42.00XA` runs backwards, `M80.M84` has a point where the hyphen should be. A reader may guess; a program
takes in nothing, or the wrong codes. (Both were found in published code tables.)

Bad:

    text/codes.md
        | Codes | Number | Description |
        |---|---|---|
        | CPT | 97012 | mechanical traction |
        | ICD-10-CM | S42.92XA-S42.00XA | fractures |

Good:

    text/codes.md
        | Codes | Number | Description |
        |---|---|---|
        | CPT | 97012 | mechanical traction |
        | ICD-10-CM | S42.00XA-S42.92XA | fractures |
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.model.codes import normal

CODE = "CO108"
LEVEL: Level = "error"
_DX = r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Zx]{1,4})?"
_RANGE = re.compile(
    rf"(?<![\w.])({_DX}|\d{{4}}[0-9A-Z]|[A-Z]\d{{4}})\s?[-–]\s?({_DX}|\d{{4}}[0-9A-Z]|[A-Z]\d{{4}})(?![\w.])"
)
_GLUED = re.compile(r"(?<![\w.])([A-Z]\d[0-9A-Z])\.([A-Z]\d[0-9A-Z])(?![\w.])")


def check(subject: Subject) -> Iterator[Finding]:
    """The section of codes: ranges whose ends are of equal form, and two categories joined by a point."""
    section = subject.narrative.section("codes")
    for passage in section.passages if section else ():
        for match in _RANGE.finditer(passage.text):
            low, high = normal(match[1]), normal(match[2])
            if low > high and low[0].isalpha() == high[0].isalpha():
                yield Finding(passage.at(match.start()), f"the range {match[0]} runs backwards")
        for match in _GLUED.finditer(passage.text):
            message = f"'{match[0]}' is no code; a range is written {match[1]}-{match[2]}"
            yield Finding(passage.at(match.start()), message)
