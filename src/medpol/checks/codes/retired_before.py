"""A code was already retired when the version took effect.

No claim of the version's time can carry it. It was taken over from an older edition, and what replaced it is missing
from the list.

Bad:

    version.yaml
        code_lists:
          pain: {system: icd-10-cm, codes: [M54.5, M54.16]}
        statements:
          - {id: pain, position: medically_necessary, population: adults, conclusion: insufficient, source: published, when: {diagnosis: {list: pain}}}
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}

Good:

    version.yaml
        code_lists:
          pain: {system: icd-10-cm, codes: [M54.50, M54.16]}
        statements:
          - {id: pain, position: medically_necessary, population: adults, conclusion: insufficient, source: published, when: {diagnosis: {list: pain}}}
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}
"""  # noqa: E501

from collections.abc import Iterator

from medpol.checks.codes.standings import grouped
from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.model.code_systems import Kind

CODE = "CO102"
LEVEL: Level = "error"


def check(subject: Subject) -> Iterator[Finding]:
    """By the bundled editions, on the version's first day; a day of which no edition is here is not judged."""
    for version in subject.policy.versions:
        for place, where, codes in grouped(subject, version, version.effective, Kind.RETIRED):
            yield Finding(place, f"{where} has codes that were retired before {version.effective}: {codes}")
