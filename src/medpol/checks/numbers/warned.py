"""What reading the evidence already warned about, as findings of the rule that explains it."""

from collections.abc import Iterator

from medpol.checks.finding import Finding
from medpol.checks.subject import Subject


def warned(subject: Subject, code: str) -> Iterator[Finding]:
    """The warnings of one EV code: defects that the source itself prints, kept by `as_printed`."""
    for problem in subject.evidence.warnings if subject.evidence else ():
        if problem.code == code:
            yield Finding(problem.place, f"{problem.message} ({code})")
