"""The reference list has one publication twice.

Every entry after the second one gets a wrong number when it is taken out, or had one when it was put in: citations that
point one entry too far are the usual trace. A reader counts two papers where there is one.

Source: ICMJE Recommendations (January 2024), section IV.A.3.g, on references numbered once.

Bad:

    text/references.md
        1. Ash A, Birch B. A trial of traction against usual care. *Spine J*. Mar 2021; 21(3): 100-9. PMID 33000001
        2. Ash A, Birch B. A trial of traction against usual care. *Spine J*. Mar 2021; 21(3): 100-9. PMID 33000001

Good:

    text/references.md
        1. Ash A, Birch B. A trial of traction against usual care. *Spine J*. Mar 2021; 21(3): 100-9. PMID 33000001
        2. Cedar C. Two years after traction. *Spine J*. Jun 2024; 24(6): 200-8. PMID 38000002
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.references.printed import Entry, entries
from medpol.checks.subject import Subject
from medpol.evidence import Reference, find_duplicates

CODE = "RE101"
LEVEL: Level = "error"


def check(subject: Subject) -> Iterator[Finding]:
    printed = entries(subject)
    by_key = {str(at): entry for at, entry in enumerate(printed)}
    for pair in find_duplicates(_as_reference(key, entry) for key, entry in by_key.items()):
        first, second = by_key[pair.first.key], by_key[pair.second.key]
        message = f"entry {second.number} repeats entry {first.number} ({pair.by})"
        yield Finding(second.place, message, related=(first.place,))


def _as_reference(key: str, entry: Entry) -> Reference:
    return Reference(key=key, title=entry.title, year=entry.year, pmid=entry.pmid, doi=entry.doi, place=entry.place)
