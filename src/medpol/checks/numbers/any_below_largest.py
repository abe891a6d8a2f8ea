"""A share of patients with any of several conditions is below the share with one of them.

Who has one of them has any of them: where 91% have a bulging disc, at least 91% have one condition or more. "Over 80%"
is not false then, but it says less than is known, or the percentages have different denominators.

Source: probability; P(any) is at least the largest P.

Bad:

    text/evidence-adults.md
        # Traction

        They had a bulging disc (91%), narrow foramina (88%) or arthropathy (82%).

        One or more comorbidities were present in over 80% of patients.

Good:

    text/evidence-adults.md
        # Traction

        They had a bulging disc (91%), narrow foramina (88%) or arthropathy (82%).

        One or more comorbidities were present in over 90% of patients, and in 95% of the control group.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from medpol.checks.finding import Finding, Level
from medpol.checks.prose import figures, is_about_results, sentences
from medpol.checks.subject import Subject
from medpol.model.narrative import Passage

CODE = "NU207"
LEVEL: Level = "question"
LISTED = 3
"""So many percentages in brackets in one sentence are a list of conditions."""
_ANY = re.compile(r"(?i)\b(?:(?:1|one) or more|at least (?:1|one)|any)\b[^.]*?(\d+(?:\.\d+)?)\s*%")
_PART = re.compile(r"\((\d+(?:\.\d+)?)\s*%\)")


def check(subject: Subject) -> Iterator[Finding]:
    for section in subject.narrative.sections:
        if not is_about_results(section):
            continue
        largest: tuple[Decimal, Passage] | None = None
        for passage in section.passages:
            for sentence in sentences(passage):
                parts = [Decimal(part) for part in _PART.findall(sentence.text)]
                if len(parts) >= LISTED and len(parts) == sum(f.kind == "percent" for f in figures(sentence.text)):
                    largest = max(parts), passage
                found = _ANY.search(sentence.text)
                if found and largest and Decimal(found[1]) < largest[0] - 1:
                    message = f"any: {found[1]}%, yet one of them alone is {largest[0]}%"
                    yield Finding(sentence.at(found.start(1)), message, related=(largest[1].place,))
