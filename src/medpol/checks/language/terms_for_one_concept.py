"""Several terms stand for one concept.

The smallest change that matters to a patient, and the smallest one that a scale can tell from noise, are two things
(de Vet and Terwee 2010, J Clin Epidemiol 63:804). A text that goes from MIC to MCID to "minimally important
difference" leaves open whether it means one threshold or three. The editor decides which term stays.

Bad:

    text/background.md
        A response was a minimally important change. The minimal clinically important difference was 10 points.

Good:

    text/background.md
        A response was a minimally important change. The minimally important change was 10 points.
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.language.words import prose
from medpol.checks.subject import Subject
from medpol.problems import Place

CODE = "LA109"
LEVEL: Level = "question"

CONCEPTS: dict[str, tuple[str, ...]] = {
    "the smallest important change": (
        r"minimal(?:ly)? clinically important (?:difference|change)s?|\bMCI[DC]\b",
        r"minimal(?:ly)? important differences?|\bMID\b",
        r"minimal(?:ly)? important changes?|\bMIC\b",
        r"minimum detectable (?:difference|change)s?|minimal(?:ly)? detectable (?:difference|change)s?|\bMD[DC]\b",
        r"smallest detectable (?:difference|change)s?|\bSD[DC]\b",
    ),
    "harm": (r"adverse events?\b|\bAEs\b", r"adverse reactions?\b|\bADRs\b", r"side effects?\b"),
    "not covered for want of evidence": (
        r"\binvestigational\b",
        r"\bexperimental\b(?! (?:group|arm|stud|design))",
        r"\bunproven\b",
    ),
}
"""A concept and the terms in use for it, as patterns."""


def check(subject: Subject) -> Iterator[Finding]:
    items = list(prose(subject, tables=True))
    for concept, patterns in CONCEPTS.items():
        firsts: list[tuple[Place, str]] = []
        for pattern in patterns:
            joined = pattern.replace(" ", r"\s+")
            found = (
                (item.at(m.start()), " ".join(m[0].split()))
                for item in items
                for m in re.finditer(joined, item.text, re.I)
            )
            if first := next(found, None):
                firsts.append(first)
        if len(firsts) > 1:
            terms = ", ".join(f"'{term}'" for _, term in firsts)
            message = f"{concept} has {len(firsts)} names here: {terms}; is one meant?"
            yield Finding(firsts[1][0], message, related=tuple(place for place, _ in firsts if place != firsts[1][0]))
