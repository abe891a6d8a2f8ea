"""A sentence gives several figures, and the evidence has none or few of them.

Its numbers cannot be checked, and when a version is made anew nobody knows where they came from. Put them into
results.csv or into the notes of the study.

Source: docs/evidence.md, one number, one row, one reference.

Bad:

    text/evidence-adults.md
        # Traction

        Many had a bulging disc (91%), narrow foramina (88%) or arthropathy (82%).

Good:

    text/evidence-adults.md
        # Traction

        At 1 year 60.0% of the traction group and 24.0% of the usual care group had improved (p<.001).
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.numbers.unrecorded import is_untried, unrecorded
from medpol.checks.subject import Subject

CODE = "NU203"
LEVEL: Level = "question"


def check(subject: Subject) -> Iterator[Finding]:
    for sentence, missing, recorded in unrecorded(subject):
        if is_untried(missing, recorded):
            shown = ", ".join(figure.text for figure in missing)
            yield Finding(sentence.at(missing[0].start), f"these figures are not in the evidence: {shown}")
