"""A position contradicts its conclusion.

What is medically necessary rests on evidence that is sufficient and shows an improvement; what is investigational rests
on evidence that does not suffice. Another pairing is an error in one of the two, or coverage that rests on something
else, which the statement then has to say.

Source: the definition of the five criteria of technology assessment that plans use (evidence permits conclusions; it
improves the net health outcome); IOM 2011, standard 5.

Bad:

    version.yaml
        statements:
          - {id: all, position: medically_necessary, services: [traction], population: adults, conclusion: insufficient}

Good:

    version.yaml
        statements:
          - {id: all, position: investigational, services: [traction], population: adults, conclusion: insufficient}
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.evidence import Conclusion

CODE = "EP110"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    version = subject.newest
    conclusions = subject.evidence.appraisal.conclusions if subject.evidence else ()
    known = {conclusion.key: conclusion for conclusion in conclusions}
    for at, statement in enumerate(version.statements if version else ()):
        conclusion = known.get(statement.conclusion or "")
        if version is not None and conclusion is not None and not _fits(statement.position, conclusion):
            shows = "sufficient" if conclusion.sufficient else "insufficient"
            found = f"{shows}, improvement: {'yes' if conclusion.improves else 'not shown'}"
            message = f"'{statement.id}' is {statement.position.replace('_', ' ')}, '{conclusion.key}' is {found}"
            place = subject.version_place(version, "statements", at, "position")
            yield Finding(place, message, related=(conclusion.place,))


def _fits(position: str, conclusion: Conclusion) -> bool:
    if position == "medically_necessary":
        return conclusion.sufficient and conclusion.improves is not False
    if position == "investigational":
        return not (conclusion.sufficient and conclusion.improves)
    return True
