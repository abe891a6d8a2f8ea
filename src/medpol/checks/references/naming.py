"""By what names the text speaks of a publication: author and year, the study it reports, the body that issued it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from medpol.checks.prose import content_words, names_study, plain
from medpol.checks.references.printed import Entry, entries, listed, surname, title_share, weights
from medpol.checks.subject import Subject
from medpol.evidence import Reference
from medpol.model.narrative import Passage, Section

_AUTHOR_YEAR = re.compile(
    r"\b(?P<name>[A-Z][a-zA-ZÀ-ÿ]+(?:[-'’][A-Z][a-zà-ÿ]+)?)"
    r"(?P<more>\s+(?:et al\.?|and (?:colleagues|others)|(?:and|&) [A-Z][a-z]+))?"
    r",?\s*\(?(?P<year>(?:19|20)\d\d)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What can be cited: a printed entry or, without a printed list, a reference. `number` 0: not printed."""

    number: int
    key: str
    surname: str
    title: str
    year: int | None
    entry: Entry | None = None
    reference: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """`Chou et al (2009)` in a passage. `sure` where 'et al' or the like shows that it is a citation."""

    name: str
    year: int
    sure: bool
    passage: Passage
    start: int


def publications(subject: Subject) -> tuple[Publication, ...]:
    """The printed entries with their references; without a printed list, the references."""
    by_number = {number: r for r in listed(subject) for number in r.printed_as}
    found = [
        Publication(
            number=e.number, key=r.key if (r := by_number.get(e.number)) else "", surname=e.surname, title=e.title,
            year=e.year, entry=e, reference=r,
        )
        for e in entries(subject)
    ]  # fmt: skip
    return tuple(found) or tuple(
        Publication(number=0, key=r.key, surname=surname(r), title=r.title, year=r.year, reference=r)
        for r in listed(subject)
    )


def cited_passages(subject: Subject) -> Iterator[tuple[Section, Passage]]:
    """Where citations stand: all but the list itself and the history."""
    for section, passage in subject.narrative.passages:
        if section.key not in ("references", "history", "codes"):
            yield section, passage


def mentions(subject: Subject) -> tuple[Mention, ...]:
    """Every `Author (year)`, read once a run."""
    return subject.once(("author-year", str(subject.folder)), lambda: tuple(_mentions(subject)))


def _mentions(subject: Subject) -> Iterator[Mention]:
    for _, passage in cited_passages(subject):
        for found in _AUTHOR_YEAR.finditer(plain(passage.text)):
            yield Mention(
                name=found["name"],
                year=int(found["year"]),
                sure=bool(found["more"]),
                passage=passage,
                start=found.start(),
            )


def mentioned(subject: Subject, published: tuple[Publication, ...]) -> set[int]:
    """Positions of the publications that an author and a year name; of two that fit, the likelier title."""
    weight = weights([p.title for p in published])
    found = set()
    for mention in mentions(subject):
        words = content_words(plain(mention.passage.text))
        fitting = [i for i, p in enumerate(published) if p.surname == mention.name and p.year == mention.year]
        if fitting:
            found.add(max(fitting, key=lambda i: title_share(published[i].title, words, weight)))
    return found


def bodies(subject: Subject, publication: Publication) -> list[str]:
    """Names under which a publication is known beside its author: its issuer and the studies it reports."""
    evidence, key = subject.evidence, publication.key
    if evidence is None or not key:
        return []
    names = [guideline.issuer for guideline in evidence.guidelines if guideline.reference == key]
    return names + [study.name for study in evidence.studies if key in study.references]


def is_named(subject: Subject, publication: Publication, text: str) -> bool:
    """Whether a text names a publication's first author, its issuer or its study."""
    body = re.sub(r"\s*\([^)]*\)", "", publication.surname)
    named = [body, *bodies(subject, publication)]
    if any(name and re.search(rf"\b{re.escape(name)}\b", text) for name in named):
        return True
    studies = subject.evidence.studies if subject.evidence else ()
    return any(publication.key in study.references and names_study(text, study) for study in studies)
