"""An abbreviation of the body is explained in the summary only.

The summary and the body are read apart, often by different people; each needs its own explanation.

Bad:

    text/summary-of-evidence.md
        Mechanical lumbar traction (MLT) was studied in one trial.
    text/background.md
        There are several devices for MLT.

Good:

    text/summary-of-evidence.md
        Mechanical lumbar traction (MLT) was studied in one trial.
    text/background.md
        There are several devices for mechanical lumbar traction (MLT).
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.language.words import abbreviations, kind_of
from medpol.checks.subject import Subject

CODE = "LA104"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    found = abbreviations(subject)
    for short, explained in found.explained.items():
        if any(kind_of(spot.section) == "body" for spot in explained):
            continue
        used = [use for use in found.uses.get(short, []) if kind_of(use.section) == "body"]
        if used:
            summary = explained[0]
            message = f"{short} is explained in '{summary.section}' only, not in the body that uses it"
            yield Finding(used[0].place, message, related=(summary.place, *(use.place for use in used[1:])))
