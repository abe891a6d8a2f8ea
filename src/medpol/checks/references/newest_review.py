"""The newest systematic review of the list is not described.

A review that rests on an older synthesis while a newer one stands in its own list misses what the newer one found, and
an appeal will quote it.

Source: AMSTAR 2 (Shea et al. 2017, BMJ 358:j4008), item 4 on a comprehensive, current search.

Bad:

    text/references.md
        1. Ash A, Birch B. A trial of traction against usual care. *Spine J*. Mar 2021; 21(3): 100-9. PMID 33000001
        2. Cedar C. Two years after traction. *Spine J*. Jun 2024; 24(6): 200-8. PMID 38000002
        3. Elm E. Inversion tables: a systematic review. *Spine J*. Jun 2025; 25(6): 20-8. PMID 38000003

Good:

    text/background.md
        Elm (2025) reviewed inversion tables.
    text/references.md
        1. Ash A, Birch B. A trial of traction against usual care. *Spine J*. Mar 2021; 21(3): 100-9. PMID 33000001
        2. Cedar C. Two years after traction. *Spine J*. Jun 2024; 24(6): 200-8. PMID 38000002
        3. Elm E. Inversion tables: a systematic review. *Spine J*. Jun 2025; 25(6): 20-8. PMID 38000003
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.references.discussion import undiscussed
from medpol.checks.references.naming import Publication, publications
from medpol.checks.subject import Subject

CODE = "RE115"
LEVEL: Level = "warning"
_REVIEW = re.compile(r"(?i)\b(?:systematic review|meta-analys[ie]s)\b")


def check(subject: Subject) -> Iterator[Finding]:
    newest = newest_undescribed(subject)
    if newest is not None:
        place = newest.entry.place if newest.entry else newest.reference.place if newest.reference else None
        if place is not None:
            name = f"entry {newest.number}" if newest.entry else f"'{newest.key}'"
            yield Finding(
                place, f"{name} ({newest.surname} {newest.year}) is the newest review, and nothing describes it"
            )


def newest_undescribed(subject: Subject) -> Publication | None:
    """The newest review of the list where nothing describes it."""
    reviews = [p for p in publications(subject) if _REVIEW.search(p.title) and p.year]
    newest = max(reviews, key=lambda p: p.year or 0, default=None)
    return newest if newest in undiscussed(subject) else None
