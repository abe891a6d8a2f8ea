"""A code stands in two positions.

The same code is listed under two roles, and statements without a criterion give the roles different answers. The
first decides; whoever reads the other list is told the opposite. (A published policy had the same four codes in its
covered and in its not covered list.)

Bad:

    version.yaml
        codes:
          - {system: cpt, code: "97012", role: covered}
          - {system: cpt, code: "97012", role: not-covered}
        statements:
          - {id: yes, services: [covered], position: medically_necessary, population: adults, conclusion: insufficient, source: published}
          - {id: no, services: [not-covered], position: investigational, population: adults, conclusion: insufficient, source: published}

Good:

    version.yaml
        codes:
          - {system: cpt, code: "97012", role: covered}
          - {system: cpt, code: "97014", role: not-covered}
        statements:
          - {id: yes, services: [covered], position: medically_necessary, population: adults, conclusion: insufficient, source: published}
          - {id: no, services: [not-covered], position: investigational, population: adults, conclusion: insufficient, source: published}
"""  # noqa: E501

from collections.abc import Iterator
from itertools import combinations

from medpol.checks.finding import Finding, Level
from medpol.checks.solver import about
from medpol.checks.subject import Subject
from medpol.model.policy import ServiceCode, State, Version

CODE = "CO109"
LEVEL: Level = "error"


def check(subject: Subject) -> Iterator[Finding]:
    """Entries of different roles that share a code and a day."""
    for version in subject.policy.versions:
        states = [_states(version, index) for index in range(len(version.codes))]
        for (i, one), (j, other) in combinations(enumerate(version.codes), 2):
            if one.role != other.role and _meet(one, other) and states[i] and states[j] and states[i] != states[j]:
                said = (
                    f"as '{one.role}' {', '.join(sorted(states[i]))}, as '{other.role}' {', '.join(sorted(states[j]))}"
                )
                yield Finding(other.place, f"{other.pattern} stands in two positions: {said}", related=(one.place,))


def _states(version: Version, index: int) -> set[State]:
    """What the statements without a criterion say of an entry."""
    return {s.position.state for s in version.statements if s.when is None and index in about(version, s)}


def _meet(one: ServiceCode, other: ServiceCode) -> bool:
    overlap = one.pattern.low <= other.pattern.high and other.pattern.low <= one.pattern.high
    ends = one.until is None or other.from_ is None or other.from_ < one.until
    begins = other.until is None or one.from_ is None or one.from_ < other.until
    return overlap and ends and begins
