"""The numbers of the reference list have a gap or a repetition.

Citations lead by number. Where one is left out or given twice, all behind it are in doubt.

Source: ICMJE Recommendations (January 2024), section IV.A.3.g: references are numbered consecutively.

Bad:

    text/references.md
        1. Ash A, Birch B. A trial of traction against usual care. *Spine J*. Mar 2021; 21(3): 100-9. PMID 33000001
        3. Cedar C. Two years after traction. *Spine J*. Jun 2024; 24(6): 200-8. PMID 38000002

Good:

    text/references.md
        1. Ash A, Birch B. A trial of traction against usual care. *Spine J*. Mar 2021; 21(3): 100-9. PMID 33000001
        2. Cedar C. Two years after traction. *Spine J*. Jun 2024; 24(6): 200-8. PMID 38000002
"""

from collections.abc import Iterator
from itertools import pairwise

from medpol.checks.finding import Finding, Level
from medpol.checks.references.printed import entries
from medpol.checks.subject import Subject

CODE = "RE112"
LEVEL: Level = "error"


def check(subject: Subject) -> Iterator[Finding]:
    printed = entries(subject)
    if printed and printed[0].number != 1:
        yield Finding(printed[0].place, f"the list begins with entry {printed[0].number}")
    for before, after in pairwise(printed):
        if after.number != before.number + 1:
            yield Finding(after.place, f"entry {after.number} follows entry {before.number}", related=(before.place,))
