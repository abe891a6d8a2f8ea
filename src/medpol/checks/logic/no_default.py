"""Some patients meet no statement, and there is no default.

Where a medical policy governs a code but none of its statements holds and it has no default position, the policy is
silent: the request ends without a policy or with a position nobody chose. Nearly every published policy closes with
"all other indications". (National determinations may be silent on purpose: the next layer is asked then.)

Bad:

    version.yaml
        statements:
          - {id: adults, position: medically_necessary, population: adults, conclusion: insufficient, source: published, when: age >= 18}

Good:

    version.yaml
        statements:
          - {id: adults, position: medically_necessary, population: adults, conclusion: insufficient, source: published, when: age >= 18}
        default: {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}
"""  # noqa: E501

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.solver import about, holds, solver_for, statements_of
from medpol.checks.subject import Subject

CODE = "LO109"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """For the statements about each code of the newest version: a patient whom all of them leave out."""
    version = subject.newest
    if version is None or subject.policy.authority != "medical_policy":
        return
    solver = solver_for(subject, version)
    seen = set()
    for index, code in enumerate(version.codes):
        row = tuple(s for s in statements_of(version) if index in about(version, s))
        if row in seen or not row or any(s.when is None for s in row):
            continue
        seen.add(row)
        whens = holds(*(s.when for s in row))
        if solver.impossible(yes=holds(version.scope), no=whens):
            continue
        patient = solver.patient(yes=holds(version.scope), no=whens)
        who = (
            f"a patient with {patient.words(subject.library.facts)}" if patient else "a patient who meets none of them"
        )
        message = f"no statement holds for {who} and code {code.pattern}, and the version has no default"
        yield Finding(subject.version_place(version, "statements"), message)
