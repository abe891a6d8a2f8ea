"""An abbreviation is used before it is explained.

A reader goes from top to bottom, and many read the summary alone: it needs its own explanations. What is explained
three pages later is not explained. (AMA Manual of Style, 11th edition, 13.0: expand at first mention, and again in
each part that is read by itself.)

Bad:

    text/background.md
        Function was measured by the RMDQ. The Roland-Morris Disability Questionnaire (RMDQ) has 24 items.

Good:

    text/background.md
        Function was measured by the Roland-Morris Disability Questionnaire (RMDQ). The RMDQ has 24 items.
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.language.words import abbreviations, kind_of, spelled_out
from medpol.checks.subject import Subject

CODE = "LA101"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """First use in the summary, or in the body, against the first explanation in the same part or before it."""
    found = abbreviations(subject)
    for short, uses in found.uses.items():
        explained = found.explained.get(short, [])
        later = spelled_out(subject, short) if not explained else None
        if later is not None and uses[0].turn <= later[0]:
            message = f"{short} is used here; its words ('{later[1]}') come only later, and never beside it"
            yield Finding(uses[0].place, message)
        if not explained:
            continue
        for part in ("summary", "body"):
            first = next((use for use in uses if kind_of(use.section) == part and not use.in_table), None)
            known = [spot for spot in explained if kind_of(spot.section) == part]
            if first is None or (part == "body" and not known):
                continue  # explained in the summary alone: LA104
            if not known or first.turn < known[0].turn:
                where = (known or explained)[0]
                message = f"{short} is used here and explained only in '{where.section}', line {where.place.line}"
                yield Finding(first.place, message, related=(where.place,))
