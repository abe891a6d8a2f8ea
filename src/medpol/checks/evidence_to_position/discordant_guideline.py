"""A guideline recommends what the policy does not cover, and no reason is given.

A policy may judge otherwise than a society, but it says why: the panel's conflicts of interest, a grade above what the
studies carry, later studies. Without a reason an appeal quotes the guideline and the plan has no answer.

Source: IOM 2011, Clinical Practice Guidelines We Can Trust, standard 5; AGREE II item 12 (Brouwers et al. 2010, CMAJ
182:E839).

Bad:

    version.yaml
        statements:
          - {id: all, position: investigational, services: [traction], population: adults, conclusion: insufficient}
    evidence/guidelines.yaml
        guidelines:
          spine-2021:
            issuer: A spine society
            year: 2021
            reference: ash-2021
            grading: letters A to C
            statements: [{text: Offer traction, grade: A, about_intervention: yes}]

Good:

    version.yaml
        statements:
          - {id: all, position: investigational, services: [traction], population: adults, conclusion: insufficient}
    evidence/guidelines.yaml
        guidelines:
          spine-2021:
            issuer: A spine society
            year: 2021
            reference: ash-2021
            grading: letters A to C
            statements: [{text: Do not offer traction, grade: D, about_intervention: yes}]
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.evidence import Guideline, GuidelineStatement

CODE = "EP109"
LEVEL: Level = "question"
NEGATIVE = ("investigational", "not_medically_necessary")
_AGAINST = re.compile(r"(?i)\bnot\b|\bagainst\b|\binsufficient\b|\bno recommendation\b|\bonly in research\b")
_STRONG = re.compile(r"\b(?:Grade )?[AB]\b|\bLevel I{1,2}\b|\bstrong\b|\b1[AB]\b", re.I)


def check(subject: Subject) -> Iterator[Finding]:
    version, evidence = subject.newest, subject.evidence
    negative = [s for s in version.statements if s.position in NEGATIVE] if version else []
    if version is None or evidence is None or not negative:
        return
    for guideline in evidence.guidelines:
        statement = next((s for s in guideline.statements if _recommends(s)), None)
        if statement is None or _answered(subject, guideline):
            continue
        told = tuple(
            passage.at(passage.text.find(statement.grade))
            for _, passage in subject.narrative.passages
            if statement.grade and statement.grade in passage.text
        )
        message = (
            f"{guideline.issuer} recommends it ({statement.grade or 'no grade'}), "
            f"the policy says {negative[0].position.replace('_', ' ')} and gives no reason"
        )
        yield Finding(statement.place, message, related=(*told, guideline.place))


def _recommends(statement: GuidelineStatement) -> bool:
    text = statement.text
    return statement.about_intervention and not _AGAINST.search(text) and bool(_STRONG.search(statement.grade or ""))


def _answered(subject: Subject, guideline: Guideline) -> bool:
    """Whether a conclusion's reasons name the issuer."""
    conclusions = subject.evidence.appraisal.conclusions if subject.evidence else ()
    return any(guideline.issuer in text for c in conclusions for text in (*c.reasons, c.statement))
