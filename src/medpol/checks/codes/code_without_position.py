"""No statement is about a code that the version lists.

The code is in the table, but no statement has its role and there is no default: the version governs it and says
nothing of it.

Bad:

    version.yaml
        codes:
          - {system: cpt, code: "97012", role: traction}
          - {system: cpt, code: "97140", role: manual}
        statements:
          - {id: all, services: [traction], position: investigational, population: adults, conclusion: insufficient, source: published}

Good:

    version.yaml
        codes:
          - {system: cpt, code: "97012", role: traction}
          - {system: cpt, code: "97140", role: manual}
        statements:
          - {id: all, services: [traction, manual], position: investigational, population: adults, conclusion: insufficient, source: published}
"""  # noqa: E501

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.solver import about, statements_of
from medpol.checks.subject import Subject

CODE = "CO114"
LEVEL: Level = "error"


def check(subject: Subject) -> Iterator[Finding]:
    for version in subject.policy.versions:
        governed = frozenset[int]().union(*(about(version, s) for s in statements_of(version)))
        for index, code in enumerate(version.codes):
            if index not in governed:
                role = f" (role '{code.role}')" if code.role else ""
                yield Finding(code.place, f"no statement is about {code.pattern}{role}, and there is no default")
