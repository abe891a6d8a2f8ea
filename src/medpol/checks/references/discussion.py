"""Which publications of the list the text discusses."""

from collections.abc import Iterator

from medpol.checks.prose import content_words, plain
from medpol.checks.references.marks import citations
from medpol.checks.references.naming import Publication, cited_passages, mentioned, publications
from medpol.checks.references.printed import title_share, weights
from medpol.checks.subject import Subject

MOSTLY = 0.7
"""A paragraph that has so much of a title's weight in words speaks of the paper."""


def undiscussed(subject: Subject) -> tuple[Publication, ...]:
    """Those that nothing cites, describes or reports, worked out once a run."""
    return subject.once(("undiscussed", str(subject.folder)), lambda: tuple(_undiscussed(subject)))


def _undiscussed(subject: Subject) -> Iterator[Publication]:
    published = publications(subject)
    marks = citations(subject)
    named = mentioned(subject, published)
    weight = weights([p.title for p in published])
    words = [content_words(plain(passage.text)) for _, passage in cited_passages(subject)]
    used = _used(subject)
    for at, publication in enumerate(published):
        if (
            at in named
            or publication.key in used
            or any(c.leads_to(publication.number, publication.key) for c in marks)
        ):
            continue
        if all(title_share(publication.title, own, weight) < MOSTLY for own in words):
            yield publication


def _used(subject: Subject) -> set[str]:
    """The references of the evidence's studies and guidelines."""
    if subject.evidence is None:
        return set()
    keys = {key for study in subject.evidence.studies for key in study.references}
    return keys | {guideline.reference for guideline in subject.evidence.guidelines if guideline.reference}
