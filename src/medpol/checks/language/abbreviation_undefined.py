"""An abbreviation is never explained.

A member, a nurse or a judge cannot look into the writer's head. Everyday abbreviations and the names of code systems
are left out; under a table a legend (`CI: confidence interval;`) explains what stands in it.

Bad:

    text/background.md
        Harms should be reported by CONSORT.

Good:

    text/background.md
        Harms should be reported by the Consolidated Standards of Reporting Trials (CONSORT).
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.language.abbreviation_misspelt import intended
from medpol.checks.language.words import abbreviations, spelled_out
from medpol.checks.subject import Subject

CODE = "LA102"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    found = abbreviations(subject)
    for short, uses in found.uses.items():
        if short in found.explained or intended(short, found) or spelled_out(subject, short):
            continue
        yield Finding(uses[0].place, f"{short} is not explained anywhere", related=tuple(u.place for u in uses[1:]))
