"""A sentence gives a value at another time than the evidence has it.

"16.2 at 6 months" and "15.4 at 12 weeks" are both numbers of the evidence, and both are wrong if the two were swapped.
A figure belongs to the time in the brackets behind it (`46% (3 months)`), the time just before it (`at 6 weeks, 16.5`)
or behind it (`24.0% at 1 year`), else to the only time that its sentence names.

Source: the rule of a package that nothing is said twice.

Bad:

    text/evidence-adults.md
        # Traction

        At 2 years 60.0% of the traction group had improved.

Good:

    text/evidence-adults.md
        # Traction

        At 1 year 60.0% of the traction group had improved, and 56.0% at 2 years.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from medpol.checks.finding import Finding, Level
from medpol.checks.prose import (
    Figure,
    figures,
    is_about_results,
    months_in,
    passages_on_results,
    population_of,
    same_time,
    sentences,
)
from medpol.checks.subject import Subject
from medpol.evidence import Evidence, Result

CODE = "NU212"
LEVEL: Level = "warning"
_BEHIND = re.compile(r"\s*%?\s*(?:(?:\w+ ){0,4}\(|(?:points )?(?:at|after|by) )(?=\d|one|two|three|six|baseline)")

_BEFORE = re.compile(r"(?i)(?:(?:\d+ to )?\w+[ -](?:day|week|wk|month|mo|year|yr|y)s?|baseline),?\s+")


def check(subject: Subject) -> Iterator[Finding]:
    for section in subject.narrative.sections:
        if subject.evidence is None or not is_about_results(section):
            continue
        values = _values(subject.evidence, population_of(section))
        for passage, _ in passages_on_results(section):
            for sentence in sentences(passage):
                for figure, time in _timed(sentence.text):
                    rows = values.get(figure.value, [])
                    months = [subject.evidence.timepoints[row.timepoint] for row in rows]
                    if rows and not any(same_time(time, month) for month in months):
                        known = ", ".join(dict.fromkeys(row.timepoint for row in rows))
                        message = f"{figure.text} is the value at {known} in the evidence"
                        yield Finding(sentence.at(figure.start), message, related=tuple(row.place for row in rows))


def _values(evidence: Evidence, population: str) -> dict[Decimal, list[Result]]:
    """The rows by the percentage, mean or change they have."""
    own = {study.key for study in evidence.studies if population in ("", study.population)}
    values: dict[Decimal, list[Result]] = {}
    for row in evidence.results:
        for value in (row.percent, row.mean, row.change) if row.study in own else ():
            if value is not None:
                values.setdefault(abs(value), []).append(row)
    return values


def _timed(text: str) -> Iterator[tuple[Figure, Decimal]]:
    """Each measured figure of a sentence with the time it belongs to, where that can be told."""
    times = months_in(text)
    for figure in figures(text):
        if figure.kind not in ("percent", "decimal", "whole") or figure.bound:
            continue
        end = figure.start + len(figure.text)
        behind = _BEHIND.match(text, end)
        after = [time for time, at in times if behind and at == behind.end()]
        before = [time for time, at in times if at < figure.start and _BEFORE.fullmatch(text[at : figure.start])]
        if after:
            yield figure, after[0]
        elif before:
            yield figure, before[-1]
        elif len(times) == 1 and figure.kind != "whole":
            yield figure, times[0][0]
