"""A code is not valid on any day the version is in force.

It begins only after the version has ended, or later than today. A list for the next version may have been put into
this one, or a code was announced and postponed.

Bad:

    version.yaml
        effective: 2020-01-01
        ends: 2021-01-01
        code_lists:
          pain: {system: icd-10-cm, codes: [M54.50]}
        statements:
          - {id: pain, position: investigational, conclusion: insufficient, source: published, when: {diagnosis: {list: pain}}}

Good:

    version.yaml
        effective: 2020-01-01
        ends: 2021-01-01
        code_lists:
          pain: {system: icd-10-cm, codes: [M54.2]}
        statements:
          - {id: pain, position: investigational, conclusion: insufficient, source: published, when: {diagnosis: {list: pain}}}
"""  # noqa: E501

from collections.abc import Iterator

from medpol.checks.codes.listed import last_day
from medpol.checks.codes.standings import grouped
from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.model.code_systems import Kind

CODE = "CO104"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    for version in subject.policy.versions:
        last = last_day(subject, version)
        for place, where, codes in grouped(subject, version, last, Kind.NOT_YET_VALID):
            yield Finding(place, f"{where} has codes that are not valid before {last}: {codes}")
