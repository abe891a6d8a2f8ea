"""A code list of the version is used by no criterion.

Either a criterion that should refer to it writes its codes out, so that the two drift apart, or the list is left over.

Bad:

    version.yaml
        code_lists:
          pain: {system: icd-10-cm, codes: [M54.50]}

Good:

    version.yaml
        code_lists:
          pain: {system: icd-10-cm, codes: [M54.50]}
        statements:
          - {id: pain, position: medically_necessary, population: adults, conclusion: insufficient, source: published, when: {diagnosis: {list: pain}}}
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}
"""  # noqa: E501

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.solver import criteria_of, walk
from medpol.checks.subject import Subject
from medpol.model.criteria import Claims, Criterion, OneOf
from medpol.model.policy import Version

CODE = "CO115"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    technology = subject.policy.technology
    label = {n for flag in technology.label for n in _names(flag.when)} if technology else set[str]()
    for version in subject.policy.versions:
        used = label | _used(version)
        for own in version.code_lists:
            if own.name not in used:
                yield Finding(subject.version_place(version, "code_lists", own.name), f"no criterion uses '{own.name}'")


def _used(version: Version) -> set[str]:
    return {name for whole in criteria_of(version) for name in _names(whole)}


def _names(whole: Criterion) -> Iterator[str]:
    for leaf in walk(whole):
        match leaf:
            case OneOf(codes=codes):
                yield codes.name
            case Claims(codes=codes, diagnosis=diagnosis):
                yield from (listed.name for listed in (codes, diagnosis) if listed is not None)
