"""A limitation that the text asserts of a study contradicts what is recorded of it.

The text calls a trial double-blind and its appraisal says that nobody was blinded, or the reverse. One of the two was
written about another trial.

Source: RoB 2 domain 2, Sterne et al. 2019, BMJ 366:l4898.

Bad:

    text/summary-of-evidence.md
        ASH was a double-blind trial.

Good:

    text/summary-of-evidence.md
        ASH was not blinded.
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.prose import is_about_results, sentences, studies_named
from medpol.checks.subject import Subject
from medpol.evidence import Study

CODE = "EP114"
LEVEL: Level = "warning"
_BLIND = re.compile(r"(?i)(?<!not )\b(?:double|single|triple)[- ]blind(?:ed)?\b")
_OPEN = re.compile(
    r"(?i)\b(?:was|is|were) (?:non-?blind(?:ed)?|un-?blinded|not blinded|open[- ]label)\b|\blacked blinding\b"
)


def check(subject: Subject) -> Iterator[Finding]:
    for section in subject.narrative.sections:
        if subject.evidence is None or not is_about_results(section):
            continue
        study: Study | None = None
        for passage in section.passages:
            for sentence in sentences(passage):
                named = studies_named(sentence.text, subject.evidence)
                study = named[0] if len(named) == 1 else None if named else study
                for pattern, blinded in ((_BLIND, True), (_OPEN, False)):
                    found = pattern.search(sentence.text)
                    if found and study and study.blinded_patients is not None and study.blinded_patients != blinded:
                        recorded = "patients blinded" if study.blinded_patients else "patients not blinded"
                        message = f"'{found[0]}' of {study.name}, recorded as {recorded}"
                        yield Finding(sentence.at(found.start()), message, related=(study.place,))
