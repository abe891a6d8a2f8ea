"""A comparative study is appraised nowhere.

A conclusion weighs studies by how far they can be trusted. A trial without a limitation key and without a judgement of
bias was counted, not weighed; a trial without limits is said to be so by a judgement of low risk.

Source: RoB 2, Sterne et al. 2019, BMJ 366:l4898; PRISMA 2020 item 18 (Page et al. 2021, BMJ 372:n71).

Bad:

    evidence/appraisal.yaml
        relevance: {}
        design_and_conduct: {}
        risk_of_bias: []

Good:

    evidence/appraisal.yaml
        relevance: {}
        risk_of_bias: []
        design_and_conduct: {ash: {blinding: [{key: 1}, {key: 2}]}}
"""

from collections.abc import Iterator

from medpol.checks.evidence_to_position.printed_keys import printed_rows
from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject

CODE = "EP103"
LEVEL: Level = "warning"
COMPARATIVE = ("rct", "nonrandomized_comparative")


def check(subject: Subject) -> Iterator[Finding]:
    evidence = subject.evidence
    if evidence is None:
        return
    appraisal = evidence.appraisal
    weighed = {item.study for item in appraisal.limitations} | {item.study for item in appraisal.bias}
    printed = {row.section.key for row in printed_rows(subject)}
    for study in evidence.studies:
        if f"evidence-{study.population}" in printed:
            continue  # EP104 and EP105 compare the printed tables
        if study.design in COMPARATIVE and study.key not in weighed:
            yield Finding(
                study.place,
                f"{study.name} ({study.design.replace('_', ' ')}) has no limitation and no judgement of bias",
            )
