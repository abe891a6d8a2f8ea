"""A publication was retracted.

Its results are withdrawn; whatever rests on them has to be decided anew. A reference is retracted where
references.yaml says `retracted: yes`, or its title begins with the mark that PubMed sets.

Source: COPE Retraction Guidelines (2019); NLM marks the title of a retracted article.

Bad:

    evidence/references.yaml
        references:
          ash-2021: {authors: [Ash A, Birch B], title: A trial of traction, year: 2021, retracted: yes}
          cedar-2024: {authors: [Cedar C], title: Two years after traction, year: 2024}

Good:

    evidence/references.yaml
        references:
          ash-2021: {authors: [Ash A, Birch B], title: A trial of traction, year: 2021}
          cedar-2024: {authors: [Cedar C], title: Two years after traction, year: 2024}
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.references.printed import entries, listed
from medpol.checks.subject import Subject

CODE = "RE114"
LEVEL: Level = "error"
_MARK = re.compile(r"(?i)\W*(?:retracted(?: article)?\b\W*(?::|\]|\))|retraction(?: in| of)?:)")


def check(subject: Subject) -> Iterator[Finding]:
    for reference in listed(subject):
        if reference.retracted or _MARK.match(reference.title):
            rows = sum(r.reference == reference.key for r in subject.evidence.results) if subject.evidence else 0
            yield Finding(reference.place, f"'{reference.key}' was retracted; {rows} rows of results.csv rest on it")
    known = {number for reference in listed(subject) for number in reference.printed_as}
    for entry in entries(subject):
        if _MARK.match(entry.title) and entry.number not in known:
            yield Finding(entry.place, f"entry {entry.number} was retracted")
