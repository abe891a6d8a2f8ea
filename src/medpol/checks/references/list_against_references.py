"""The printed list and references.yaml differ in an entry.

The list in the text and the references behind the evidence are the same publications. A digit that differs sends one of
the two readers to another paper.

Source: the rule of a package that nothing is said twice.

Bad:

    text/references.md
        1. Ash A, Birch B. A trial of traction against usual care. *Spine J*. Mar 2021; 21(3): 100-9. PMID 33000011
        2. Cedar C. Two years after traction. *Spine J*. Jun 2024; 24(6): 200-8. PMID 38000002

Good:

    text/references.md
        1. Ash A, Birch B. A trial of traction against usual care. *Spine J*. Mar 2021; 21(3): 100-9. PMID 33000001
        2. Cedar C. Two years after traction. *Spine J*. Jun 2024; 24(6): 200-8. PMID 38000002
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.references.printed import Entry, entries, listed, reference_of
from medpol.checks.subject import Subject
from medpol.evidence import Reference, clean_doi

CODE = "RE111"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    printed = entries(subject)
    numbers = {entry.number for entry in printed}
    for entry in printed:
        reference = reference_of(entry, listed(subject))
        if reference is None:
            if any(r.printed_as for r in listed(subject)):
                yield Finding(entry.place, f"entry {entry.number} is in no `printed_as` of references.yaml")
            continue
        for name, here, there in _differences(entry, reference):
            message = f"entry {entry.number}, {name}: '{here}' in the list, '{there}' in references.yaml"
            yield Finding(entry.place, message, related=(reference.place,))
    for reference in listed(subject) if printed else ():
        for number in reference.printed_as:
            if number not in numbers:
                yield Finding(
                    reference.place, f"'{reference.key}' is printed as {number}, which the list does not have"
                )


def _differences(entry: Entry, reference: Reference) -> Iterator[tuple[str, str, str]]:
    pairs = (
        ("year", entry.year, reference.year),
        ("month", entry.month, reference.month),
        ("day", entry.day, reference.day),
        ("volume", entry.volume, reference.volume),
        ("issue", entry.issue, reference.issue),
        ("pages", _pages(entry.pages), _pages(reference.pages)),
        ("PMID", entry.pmid, reference.pmid),
        ("DOI", clean_doi(entry.doi), clean_doi(reference.doi)),
        ("address", entry.url, reference.url),
        ("journal", _bare(entry.journal), _bare(reference.journal)),
        ("title", _bare(entry.title), _bare(reference.title)),
        ("authors", _authors(entry.authors), _authors(", ".join(reference.authors))),
    )
    for name, here, there in pairs:
        if here and there and here != there:
            yield name, str(here), str(there)


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _pages(text: str) -> str:
    return re.sub(r"\s*[–-]\s*", "-", text)


def _authors(text: str) -> str:
    """As words, with or without the closing 'et al'."""
    return re.sub(r" et al$", "", _bare(text))
