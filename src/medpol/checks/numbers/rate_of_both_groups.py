"""One figure is given for both groups, and the evidence does not have it for both.

"1.3% in both groups" is two results in few words; the evidence has a row for each arm.

Source: CONSORT 2010 item 17a, Schulz et al. 2010, BMJ 340:c332 (results for each group).

Bad:

    text/evidence-adults.md
        # Traction

        Responses were alike (60.0% in both groups).

Good:

    text/evidence-adults.md
        # Traction

        Responses differed (60.0% after traction, 24.0% after usual care).
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from medpol.checks.finding import Finding, Level
from medpol.checks.prose import is_about_results, passages_on_results, sentences
from medpol.checks.subject import Subject
from medpol.evidence import Result

CODE = "NU214"
LEVEL: Level = "warning"
_BOTH = re.compile(r"(?i)(\d+(?:\.\d+)?)\s*%?\s+in (?:both|each|either) (?:groups?|arms?)\b")


def check(subject: Subject) -> Iterator[Finding]:
    for section in subject.narrative.sections:
        if subject.evidence is None or not is_about_results(section):
            continue
        for passage, _ in passages_on_results(section):
            for sentence in sentences(passage):
                for found in _BOTH.finditer(sentence.text):
                    rows = [r for r in subject.evidence.results if Decimal(found[1]) in (r.percent, r.mean, r.n)]
                    if rows and not any(_other_arm(row, other) for row in rows for other in rows):
                        message = f"{found[1]} in both groups, but the evidence has it for '{rows[0].arm}' only"
                        yield Finding(sentence.at(found.start()), message, related=tuple(row.place for row in rows))


def _other_arm(one: Result, other: Result) -> bool:
    same = (one.study, one.outcome, one.timepoint) == (other.study, other.outcome, other.timepoint)
    return same and one.arm != other.arm
