"""A PMID, DOI or trial number cannot be real, or is not the one of the study.

An identifier is what a reader clicks on. A PMID has 1 to 8 digits, a DOI begins with 10. and a registrant, a
ClinicalTrials.gov number is NCT and 8 digits.

Source: NLM on PMIDs, ISO 26324 on DOIs, ClinicalTrials.gov on NCT numbers (patterns of evidence/references.py).

Bad:

    text/background.md
        The trial is registered (NCT0123456).

Good:

    text/background.md
        The trial is registered (NCT01234567).
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.prose import studies_named
from medpol.checks.references.printed import entries
from medpol.checks.subject import Subject
from medpol.evidence.references import DOI, NCT, PMID

CODE = "RE102"
LEVEL: Level = "error"


def check(subject: Subject) -> Iterator[Finding]:
    for entry in entries(subject):
        if entry.pmid and not PMID.fullmatch(entry.pmid):
            yield Finding(entry.at("PMID"), f"'{entry.pmid}' is no PMID: 1 to 8 digits")
        if entry.doi and not DOI.fullmatch(entry.doi):
            yield Finding(entry.at(entry.doi), f"'{entry.doi}' is no DOI: 10.…/…")
    studies = subject.evidence.studies if subject.evidence else ()
    known = {study.registry for study in studies if study.registry}
    for _, passage in subject.narrative.passages:
        for found in re.finditer(r"\bNCT\w*", passage.text):
            if not NCT.fullmatch(found[0]):
                yield Finding(passage.at(found.start()), f"'{found[0]}' is no trial number: NCT and 8 digits")
            elif subject.evidence is not None and known and found[0] not in known:
                named = [study for study in studies_named(passage.text, subject.evidence) if study.registry]
                if named:
                    has = ", ".join(f"{study.name}: {study.registry}" for study in named)
                    places = tuple(study.place for study in named)
                    yield Finding(passage.at(found.start()), f"{found[0]}; the evidence has {has}", related=places)
