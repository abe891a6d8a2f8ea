"""The arms of a trial do not add up to the patients randomized.

Everybody who is randomized was treated or withdrew before treatment. Where the arms account for fewer or for more,
patients are missing from the report, or a number is wrong.

Source: CONSORT 2010 item 13a, Schulz et al. 2010, BMJ 340:c332 (flow of participants).

Bad:

    evidence/studies.yaml
        studies:
          ash:
            name: ASH
            design: rct
            population: adults
            randomized: 102
            references: [ash-2021, cedar-2024]
            arms:
              traction: {label: traction, treated: 50, withdrew_before: 0}
              care: {label: usual care, treated: 50, withdrew_before: 0}

Good:

    evidence/studies.yaml
        studies:
          ash:
            name: ASH
            design: rct
            population: adults
            randomized: 102
            references: [ash-2021, cedar-2024]
            arms:
              traction: {label: traction, treated: 50, withdrew_before: 2}
              care: {label: usual care, treated: 50, withdrew_before: 0}
"""

from collections.abc import Iterator
from dataclasses import replace

from medpol.checks.finding import Finding, Level
from medpol.checks.numbers.warned import warned
from medpol.checks.subject import Subject

CODE = "NU107"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    studies = {study.place: study.key for study in subject.evidence.studies} if subject.evidence else {}
    for finding in warned(subject, "EV018"):
        key = studies.get(finding.place)
        stated = subject.place("evidence/studies.yaml", "studies", key, "randomized") if key else finding.place
        yield replace(finding, place=stated)
