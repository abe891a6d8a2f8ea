"""Figures of the text that the evidence does not have."""

from collections.abc import Iterator

from medpol.checks.numbers.recorded import recorded
from medpol.checks.prose import (
    Figure,
    Sentence,
    figures,
    is_about_results,
    passages_on_results,
    population_of,
    sentences,
    studies_named,
    without_asides,
)
from medpol.checks.subject import Subject

UNTRIED = 3
"""A sentence with so many figures that are not recorded, and fewer that are, tells of what was never put down."""


def is_untried(missing: list[Figure], recorded: int) -> bool:
    """Whether a sentence tells of something that was never put into the evidence; else its figures are misprints."""
    return len(missing) >= UNTRIED and len(missing) > recorded


def unrecorded(subject: Subject) -> Iterator[tuple[Sentence, list[Figure], int]]:
    """Sentences on results with the figures that no row has, and how many of the others some row has."""
    for section in subject.narrative.sections:
        if subject.evidence is None or not is_about_results(section):
            continue
        known = recorded(subject, population_of(section))
        for passage, _ in passages_on_results(section) if known.counts else ():
            about = ""
            for sentence in sentences(passage):
                named = studies_named(without_asides(sentence.text), subject.evidence)
                about = named[0].key if len(named) == 1 else "" if named else about
                own = recorded(subject, study=about) if about else known
                asked = [f for f in figures(sentence.text) if not f.bound and f.kind not in ("year", "size")]
                missing = [f for f in asked if not (own if f.kind == "p" and own.markers else known).has(f)]
                if missing:
                    yield sentence, missing, len(asked) - len(missing)
