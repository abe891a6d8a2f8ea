"""An entry of the reference list is never cited or discussed.

A list that holds more than the review used shows either a search whose results were not weighed or a paragraph that
was taken out. Discussed is what a number, a key or an author with the year cites, what reports a study or guideline of
the evidence, and what a paragraph shares most of its title with.

Source: ICMJE Recommendations (January 2024), section IV.A.3.g; PRISMA 2020 item 16 (Page et al. 2021, BMJ 372:n71).

Bad:

    text/references.md
        1. Ash A, Birch B. A trial of traction against usual care. *Spine J*. Mar 2021; 21(3): 100-9. PMID 33000001
        2. Cedar C. Two years after traction. *Spine J*. Jun 2024; 24(6): 200-8. PMID 38000002
        3. Elm E. Costs of inversion tables in rural clinics. *Spine J*. Jun 2023; 23(6): 20-8. PMID 38000003

Good:

    text/references.md
        1. Ash A, Birch B. A trial of traction against usual care. *Spine J*. Mar 2021; 21(3): 100-9. PMID 33000001
        2. Cedar C. Two years after traction. *Spine J*. Jun 2024; 24(6): 200-8. PMID 38000002
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.references.discussion import undiscussed
from medpol.checks.references.newest_review import newest_undescribed
from medpol.checks.subject import Subject

CODE = "RE110"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    newest = newest_undescribed(subject)
    for publication in undiscussed(subject):
        entry = publication.entry
        if entry is not None and publication != newest:
            places = (publication.reference.place,) if publication.reference else ()
            message = f"entry {entry.number} ({publication.surname} {publication.year}) is never discussed"
            yield Finding(entry.place, message, related=places)
