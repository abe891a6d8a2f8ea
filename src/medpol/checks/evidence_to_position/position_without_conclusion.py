"""A position rests on no conclusion.

A statement says that something is covered, not covered or investigational, and no conclusion about its population says
why. The determination can then cite nothing, and an appeal finds nothing to answer.

Source: IOM 2011, Clinical Practice Guidelines We Can Trust, standard 5 (each recommendation with its reasoning).

Bad:

    version.yaml
        statements:
          - {id: all, position: investigational, services: [traction], population: adults}

Good:

    version.yaml
        statements:
          - {id: all, position: investigational, services: [traction], population: adults, conclusion: insufficient}
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject

CODE = "EP101"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    version = subject.newest
    if version is None or subject.evidence is None or not subject.evidence.appraisal.conclusions:
        return
    known = {conclusion.key: conclusion for conclusion in subject.evidence.appraisal.conclusions}
    for at, statement in enumerate(version.statements):
        place = subject.version_place(version, "statements", at)
        conclusion = known.get(statement.conclusion or "")
        if not statement.conclusion:
            yield Finding(place, f"'{statement.id}' is {_words(statement.position)} and names no conclusion")
        elif conclusion is None:
            yield Finding(place, f"'{statement.id}' names the conclusion '{statement.conclusion}', which is not there")
        elif statement.population and conclusion.population != statement.population:
            message = f"'{statement.id}' is about {statement.population}, its conclusion about {conclusion.population}"
            yield Finding(place, message, related=(conclusion.place,))


def _words(position: str) -> str:
    return str(position).replace("_", " ")
