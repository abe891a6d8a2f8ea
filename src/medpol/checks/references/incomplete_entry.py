"""An entry of the reference list lacks what is needed to find it.

An article is found by its journal and year, anything else by an address. A report with neither cannot be verified by a
provider, a member or a court.

Source: NLM, Citing Medicine (2nd ed.), chapters 1, 4 and 26 (required components).

Bad:

    text/references.md
        1. Ash A, Birch B. A trial of traction against usual care. *Spine J*. Mar 2021; 21(3): 100-9. PMID 33000001
        2. Tech Watch Inc. Traction for low back pain. May 13, 2025

Good:

    text/references.md
        1. Ash A, Birch B. A trial of traction against usual care. *Spine J*. Mar 2021; 21(3): 100-9. PMID 33000001
        2. Tech Watch Inc. Traction for low back pain. May 13, 2025. <https://example.org/traction>
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.references.printed import entries
from medpol.checks.subject import Subject

CODE = "RE105"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    for entry in entries(subject):
        article = (("authors", entry.authors), ("year", entry.year), ("pages", entry.pages or entry.doi or entry.url))
        other = (("authors", entry.authors), ("year", entry.year), ("address", entry.url or entry.doi or entry.pmid))
        missing = [name for name, value in (article if entry.journal else other) if not value]
        if missing:
            stop = "" if entry.journal or entry.text.endswith((".", ">")) else "; it has no stop at its end either"
            yield Finding(entry.place, f"entry {entry.number} has no {' and no '.join(missing)}{stop}")
