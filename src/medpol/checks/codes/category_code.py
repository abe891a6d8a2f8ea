"""A diagnosis category stands where a code should.

Only codes at the last level are billed (ICD-10-CM Official Guidelines, section I.B.2). A category such as M54.1 written
without `*` matches none of the codes under it.

Bad:

    version.yaml
        code_lists:
          pain: {system: icd-10-cm, codes: [M54.1]}
        statements:
          - {id: pain, position: medically_necessary, population: adults, conclusion: insufficient, source: published, when: {diagnosis: {list: pain}}}
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}

Good:

    version.yaml
        code_lists:
          pain: {system: icd-10-cm, codes: [M54.1*]}
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

CODE = "CO106"
LEVEL: Level = "error"


def check(subject: Subject) -> Iterator[Finding]:
    """A category on the first day and on the last: one that became a category in between is a retired code."""
    for version in subject.policy.versions:
        last = last_day(subject, version)
        for place, where, codes in grouped(subject, version, version.effective, Kind.CATEGORY):
            if any(True for _ in grouped(subject, version, last, Kind.CATEGORY)) or last == version.effective:
                message = (
                    f"{where} has categories, which are never billed; add `*` to have all codes under them: {codes}"
                )
                yield Finding(place, message)
