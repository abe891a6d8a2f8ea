"""A criterion rests on a word of judgement without a standard.

"Adequate trial", "appropriate candidate", "severe pain": two reviewers decide differently, and neither can be shown
wrong. Say how long, how much, by which scale; or mark the leaf as a judgement, so that a person is asked. (Federal law
asks for criteria that are objective and clear to the public: 42 CFR 438.236(b); ERISA, 29 CFR 2560.503-1(g)(1)(v).)

Bad:

    version.yaml
        statements:
          - id: after-exercise
            position: medically_necessary
            services: [traction]
            population: adults
            conclusion: insufficient
            source: published
            wording: after an adequate trial of exercise

Good:

    version.yaml
        statements:
          - id: after-exercise
            position: medically_necessary
            services: [traction]
            population: adults
            conclusion: insufficient
            source: published
            wording: after 6 weeks of exercise
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject

CODE = "LA120"
LEVEL: Level = "question"

WORDS = (
    "adequate", "adequately", "appropriate", "appropriately", "reasonable", "sufficient", "sufficiently", "significant",
    "significantly", "substantial", "considerable", "extensive", "prolonged", "excessive", "severe", "severely",
    "frequent", "rare", "acceptable", "suitable", "optimal", "recent", "recently", "persistent", "reliable",
)  # fmt: skip
_WORD = re.compile(rf"\b(?:{'|'.join(WORDS)})\b", re.I)
_MEASURED = re.compile(r"\d|\b(?:defined|measured|scale|score|grade|class|stage|index|by)\b", re.I)
_OF_EVIDENCE = re.compile(r"(?i)\bevidence\b")


def check(subject: Subject) -> Iterator[Finding]:
    """The wording of the newest version's statements; a number or a scale in the same clause is a standard."""
    version = subject.newest
    if version is None:
        return
    for index, statement in enumerate(version.statements):
        for clause in re.split(r"[;:.]\s", statement.wording):
            match = _WORD.search(clause)
            if match and not _MEASURED.search(clause) and not _OF_EVIDENCE.search(clause):
                place = subject.version_place(version, "statements", index, "wording")
                yield Finding(place, f"'{match[0]}' in statement '{statement.id}': by which standard?")
