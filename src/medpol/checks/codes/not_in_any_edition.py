"""A code is in no edition of its system.

Its form is right, but no edition has it: two digits were swapped, or a character was lost. No claim can carry it.

Bad:

    version.yaml
        code_lists:
          pain: {system: icd-10-cm, codes: [M54.99]}
        statements:
          - {id: pain, position: medically_necessary, population: adults, conclusion: insufficient, source: published, when: {diagnosis: {list: pain}}}
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}

Good:

    version.yaml
        code_lists:
          pain: {system: icd-10-cm, codes: [M54.9]}
        statements:
          - {id: pain, position: medically_necessary, population: adults, conclusion: insufficient, source: published, when: {diagnosis: {list: pain}}}
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}
"""  # noqa: E501

from collections.abc import Iterator

from medpol.checks.codes.listed import last_day
from medpol.checks.codes.standings import grouped
from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.model.code_systems import Kind

CODE = "CO105"
LEVEL: Level = "error"


def check(subject: Subject) -> Iterator[Finding]:
    """On the first and on the last day of the version, where an edition of both is here; either says enough."""
    for version in subject.policy.versions:
        for day in dict.fromkeys((version.effective, last_day(subject, version))):
            found = list(grouped(subject, version, day, Kind.NOT_LISTED))
            for place, where, codes in found:
                yield Finding(place, f"{where} has codes that no edition has: {codes}")
            if found:
                break
