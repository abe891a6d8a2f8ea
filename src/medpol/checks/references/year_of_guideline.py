"""A guideline has one year in the text and another in its publication.

A panel meets in one year and prints in the next. Both are right, but a reader who looks for the guideline of the one
year finds none: an editor decides which year to give.

Source: NLM, Citing Medicine (2nd ed.), chapter 1: the year is that of publication.

Bad:

    evidence/guidelines.yaml
        guidelines:
          spine-2020:
            issuer: A spine society
            year: 2020
            reference: ash-2021
            grading: letters A to C
            statements:
              - {text: Exercise first, grade: A}

Good:

    evidence/guidelines.yaml
        guidelines:
          spine-2021:
            issuer: A spine society
            year: 2021
            reference: ash-2021
            grading: letters A to C
            statements:
              - {text: Exercise first, grade: A}
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.prose import Sentence, sentences
from medpol.checks.subject import Subject
from medpol.evidence import Guideline

CODE = "RE107"
LEVEL: Level = "question"


def check(subject: Subject) -> Iterator[Finding]:
    references = {r.key: r for r in subject.evidence.references} if subject.evidence else {}
    for guideline in subject.evidence.guidelines if subject.evidence else ():
        printed = references.get(guideline.reference or "")
        year = printed.year if printed else None
        told = list(_told(subject, guideline))
        for told_year, sentence, at in told:
            if told_year not in (year, guideline.year) or (year and told_year != year):
                message = f"{guideline.issuer}: {told_year} in the text, its publication is of {year or guideline.year}"
                related = (guideline.place, printed.place) if printed else (guideline.place,)
                yield Finding(sentence.at(at), message, related=related)
        if printed and year and guideline.year != year and guideline.year not in {told_year for told_year, *_ in told}:
            message = f"'{guideline.key}' is of {guideline.year}, its publication '{printed.key}' of {year}"
            yield Finding(guideline.place, message, related=(printed.place,))


def _told(subject: Subject, guideline: Guideline) -> Iterator[tuple[int, Sentence, int]]:
    """The years that sentences give which name the issuer."""
    for section, passage in subject.narrative.passages:
        if section.key in ("references", "history") or guideline.issuer not in passage.text:
            continue
        for sentence in sentences(passage):
            found = re.search(r"\b[Ii]n ((?:19|20)\d\d)\b", sentence.text)
            if found and guideline.issuer in sentence.text:
                yield int(found[1]), sentence, found.start(1)
