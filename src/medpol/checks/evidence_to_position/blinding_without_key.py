"""A study is said to be unblinded, and its appraisal does not say so.

Where the text or studies.yaml says that assessors knew the treatment, key 2 of blinding belongs to the study; where
patients knew it, key 1. A limitation that stands in the prose only is missing from the table that readers compare by.

Source: the keys of the appraisal tables (evidence/appraisal.py); RoB 2 domain 4, Sterne et al. 2019, BMJ 366:l4898.

Bad:

    evidence/appraisal.yaml
        design_and_conduct:
          ash: {blinding: [{key: 1}]}

Good:

    evidence/appraisal.yaml
        design_and_conduct:
          ash: {blinding: [{key: 1}, {key: 2}]}
"""

import re
from collections.abc import Iterator

from medpol.checks.evidence_to_position.printed_keys import printed_cells
from medpol.checks.finding import Finding, Level
from medpol.checks.prose import is_about_results, sentences, studies_named
from medpol.checks.subject import Subject
from medpol.evidence import Evidence, Study
from medpol.problems import Place

CODE = "EP106"
LEVEL: Level = "warning"
_OPEN = re.compile(
    r"(?i)\b(?:non-?blind\w*|un-?blind\w*|not blinded|without blinding|neither)\b[^.;]{0,40}?\bassessors?\b"
    r"|\bassessors? (?:were|was) (?:not blinded|unblinded|aware)"
)


def check(subject: Subject) -> Iterator[Finding]:
    evidence = subject.evidence
    if evidence is None:
        return
    told = _told(subject)
    appraised = {item.study for item in evidence.appraisal.limitations}
    for study in evidence.studies:
        keys = _blinding(evidence, study)
        if study.key not in appraised:
            continue
        if (study.blinded_assessors is False or study.key in told) and not keys & {2, 3}:
            place, related = _where(subject, study, told)
            yield Finding(
                place,
                f"{study.name}: assessors knew the treatment, but the appraisal lacks blinding key 2",
                related=related,
            )
        if study.blinded_patients is False and 1 not in keys:
            place, related = _where(subject, study, {})
            yield Finding(
                place,
                f"{study.name}: patients knew the treatment, but the appraisal lacks blinding key 1",
                related=related,
            )


def _blinding(evidence: Evidence, study: Study) -> set[int]:
    items = evidence.appraisal.limitations
    return {item.key for item in items if item.study == study.key and item.domain == "blinding"}


def _told(subject: Subject) -> dict[str, Place]:
    """Where the text says of which study that its assessors were not blinded; of the study last named."""
    told: dict[str, Place] = {}
    for section in subject.narrative.sections:
        if subject.evidence is None or not is_about_results(section):
            continue
        studies: list[Study] = []
        for passage in section.passages:
            for sentence in sentences(passage):
                studies = studies_named(sentence.text, subject.evidence) or studies
                found = _OPEN.search(sentence.text)
                if found and len(studies) == 1:
                    told.setdefault(studies[0].key, sentence.at(found.start()))
    return told


def _where(subject: Subject, study: Study, told: dict[str, Place]) -> tuple[Place, tuple[Place, ...]]:
    """The sentence that says so, else the printed cell, else the study; the others are related."""
    cells = printed_cells(subject, study, "blinding")
    items = subject.evidence.appraisal.limitations if subject.evidence else ()
    keys = [item.place for item in items if item.study == study.key and item.domain == "blinding"]
    places = [*([told[study.key]] if study.key in told else []), *cells, *keys, study.place]
    return places[0], tuple(places[1:])
