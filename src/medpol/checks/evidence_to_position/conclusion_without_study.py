"""A conclusion rests on no study though there are studies.

Who concludes names what the conclusion was drawn from. Where a population has studies and its conclusion names none,
or one that is not of this population, the way from the numbers to the judgement is missing.

Source: GRADE, Guyatt et al. 2011, J Clin Epidemiol 64:383 (each judgement with the body of evidence it is about).

Bad:

    evidence/appraisal.yaml
        conclusions:
          insufficient:
            population: adults
            outcome: ODI
            evidence_is: insufficient
            decided: 2025-10-31
            statement: Not yet known.
            reasons: [too little]

Good:

    evidence/appraisal.yaml
        conclusions:
          insufficient:
            population: adults
            outcome: ODI
            evidence_is: insufficient
            decided: 2025-10-31
            evidence: [ash]
            statement: Not yet known.
            reasons: [too little]
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject

CODE = "EP102"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    evidence = subject.evidence
    for conclusion in evidence.appraisal.conclusions if evidence else ():
        own = (
            {study.key for study in evidence.studies if study.population == conclusion.population}
            if evidence
            else set()
        )
        if not conclusion.evidence and (own or conclusion.sufficient):
            there = f"; there are {', '.join(sorted(own))}" if own else ""
            yield Finding(conclusion.place, f"'{conclusion.key}' names no study{there}")
        for key in conclusion.evidence:
            if key not in own:
                yield Finding(
                    conclusion.place, f"'{conclusion.key}' rests on '{key}', no study of {conclusion.population}"
                )
