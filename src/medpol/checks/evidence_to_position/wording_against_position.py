"""The text states another position or another conclusion than the files that decide.

Claims are decided by the statements of the version; members and providers read the sentence. `Investigational` in the
one and `medically necessary` in the other is a denial that the document does not support, or the reverse.

Source: the rule of a package that nothing is said twice; 29 CFR 2560.503-1(g) (the provision a denial rests on).

Bad:

    text/policy.md
        Spinal traction is **investigational**.

Good:

    text/policy.md
        Spinal traction is **medically necessary** after exercise; otherwise it is not medically necessary.
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.prose import plain, sentences
from medpol.checks.subject import Subject
from medpol.evidence import Evidence

CODE = "EP113"
LEVEL: Level = "warning"
_POSITION = re.compile(
    r"(?i)\b(?P<word>investigational|experimental|not (?:considered )?medically necessary|medically necessary)\b"
)
_SUFFICES = re.compile(r"(?i)\bevidence is (?P<word>insufficient|sufficient)\b")
WORDED = ("investigational", "medically_necessary", "not_medically_necessary")
_NAMES = {"experimental": "investigational", "not considered medically necessary": "not_medically_necessary"}


def check(subject: Subject) -> Iterator[Finding]:
    yield from _positions(subject)
    if subject.evidence is not None:
        yield from _conclusions(subject, subject.evidence)


def _positions(subject: Subject) -> Iterator[Finding]:
    version, section = subject.newest, subject.narrative.section("policy")
    if version is None or section is None or any("{{" in passage.text for passage in section.passages):
        return
    known = {str(statement.position) for statement in version.statements}
    told = set()
    for passage in section.passages if known else ():
        for found in _POSITION.finditer(plain(passage.text).replace("*", " ")):
            word = found["word"].lower()
            position = _NAMES.get(word, word.replace(" ", "_"))
            told.add(position)
            if position not in known:
                has = ", ".join(sorted(known)).replace("_", " ")
                yield Finding(passage.at(found.start()), f"'{word}', but the statements say {has}")
    for at, statement in enumerate(version.statements):
        if told and statement.position in WORDED and statement.position not in told:
            place = subject.version_place(version, "statements", at, "position")
            message = (
                f"'{statement.id}' is {statement.position.replace('_', ' ')}, which the section 'policy' does not say"
            )
            yield Finding(place, message, related=(section.place,))


def _conclusions(subject: Subject, evidence: Evidence) -> Iterator[Finding]:
    drawn = {conclusion.sufficient for conclusion in evidence.appraisal.conclusions if not conclusion.draft}
    for section, passage in subject.narrative.passages:
        if section.key not in ("summary-of-evidence", "policy") and not section.key.startswith("section-summary"):
            continue
        for sentence in sentences(passage):
            for found in _SUFFICES.finditer(sentence.text):
                if drawn and (found["word"].lower() == "sufficient") not in drawn:
                    places = tuple(conclusion.place for conclusion in evidence.appraisal.conclusions)
                    message = f"'{found['word']}', but no conclusion of the appraisal says so"
                    yield Finding(sentence.at(found.start("word")), message, related=places)
