"""The wording of a statement and its criteria say different things.

A version carries the payer's own wording beside the logic that decides. A number, a code, a date or a count that is
in one and not in the other is a denial that the published text does not support, or a promise that the claims system
does not keep.

Bad:

    version.yaml
        statements:
          - id: after-exercise
            position: medically_necessary
            services: [traction]
            population: adults
            conclusion: insufficient
            source: published
            wording: for members of 18 years or older after at least 8 weeks of exercise
            when:
              all:
                - age >= 18
                - exercise_weeks >= 6 wk

Good:

    version.yaml
        statements:
          - id: after-exercise
            position: medically_necessary
            services: [traction]
            population: adults
            conclusion: insufficient
            source: published
            wording: for members of 18 years or older after at least 6 weeks of exercise
            when:
              all:
                - age >= 18
                - exercise_weeks >= 6 wk
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.rendering.wording import compare_wording

CODE = "LO119"
LEVEL: Level = "error"


def check(subject: Subject) -> Iterator[Finding]:
    """Every statement of the newest version that has both a wording and criteria."""
    version = subject.newest
    if version is None:
        return
    for index, statement in enumerate(version.statements):
        for mismatch in compare_wording(statement.wording, statement, subject.library.facts, version):
            place = subject.version_place(version, "statements", index, "wording")
            where, other = ("wording", "criteria") if mismatch.in_wording else ("criteria", "wording")
            message = f"'{mismatch.text}' ({mismatch.kind}) is in the {where} of '{statement.id}', not in its {other}"
            yield Finding(place, message)
