"""The version lists a code that the text's code table lacks.

A provider who looks for the code in the published policy does not find it, and is decided by a rule he could not
read.

Bad:

    version.yaml
        codes:
          - {system: cpt, code: "97012", role: traction}
          - {system: cpt, code: "97140", role: traction}

Good:

    version.yaml
        codes:
          - {system: cpt, code: "97012", role: traction}
"""

from collections.abc import Iterator

from medpol.checks.codes.text import codes_in_text
from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject

CODE = "CO112"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """Only where the text prints a table of codes."""
    version = subject.newest
    printed = {code for code, _ in codes_in_text(subject)} if version else set()
    for entry in version.codes if version and printed else ():
        if not any(entry.pattern.matches(code) for code in printed):
            yield Finding(entry.place, f"{entry.pattern} is missing from the text's code table (text/codes.md)")
