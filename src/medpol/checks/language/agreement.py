"""A verb or a noun does not agree with its number.

"The data was", "these evidence", "Table 2 and 3": small, and readers of a policy that decides about care take them
for carelessness in the rest. (`data` is plural in the AMA Manual of Style, 11th edition, 7.8.)

Bad:

    text/background.md
        The follow-up data of all patients was published, as shown in Table 2 and 3.

Good:

    text/background.md
        The follow-up data of all patients were published, as shown in Tables 2 and 3.
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.language.words import prose
from medpol.checks.prose import sentences
from medpol.checks.subject import Subject

CODE = "LA114"
LEVEL: Level = "warning"

_CLAUSE = r"(?:\s+(?:of|from|on|for|in)\s+(?:(?!\b(?:was|were|is|are|which|that|who)\b)[^.,;:()])*?)?"
_MANY = r"\b(?:studies|patients|individuals|participants|trials|results)"
_ONE = r"(?:[Tt]his|[Ee]ach|[Ee]very)"
PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"\b[Dd]ata{_CLAUSE}\s+(?:was|is|has)\b"), "'data' are many: were, are, have"),
    (re.compile(r"\b(?:Table|Figure)\s+\d+\s*(?:and|,|to|–)\s*\d+\b"), "two of them: 'Tables', 'Figures'"),
    (re.compile(r"\b[Tt]hese\s+(?:evidence|information|literature|research)\b"), "'this'; it is one"),
    (re.compile(rf"\b{_ONE}\s+(?:criteria|phenomena|diagnoses|analyses)\b"), "one is a criterion, a diagnosis"),
    (re.compile(r"\bcriteria\s+is\b"), "'criteria' are many: are"),
    (re.compile(rf"{_MANY}\s+(?:was|is|has)\s+(?!not\b)\w+(?:ed|en)\b"), "the subject is many: were, are, have"),
)
"""What does not agree, and why."""

_COMPOUND = re.compile(r"\b(?:of|in|for|among|between|with|by|from|on)\s+(?:the\s+|all\s+|\w+\s+){0,3}$")


def check(subject: Subject) -> Iterator[Finding]:
    for item in prose(subject):
        for sentence in sentences(item.passage):
            for pattern, why in PATTERNS:
                for match in pattern.finditer(sentence.text):
                    if match[0][0].islower() and _COMPOUND.search(sentence.text[: match.start()]):
                        continue  # "the share of patients was": the subject stands before
                    yield Finding(sentence.at(match.start()), f"'{' '.join(match[0].split())}': {why}")
