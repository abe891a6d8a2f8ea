"""References: reading references.yaml, checking identifiers, finding duplicates, citing."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz

from medpol.evidence.base import Reference
from medpol.evidence.files import Section, read_yaml
from medpol.problems import Place, Problem

# NLM: a PMID is 1 to 8 digits without leading zeros. DOI syntax: ISO 26324 / Crossref's recommended pattern.
PMID = re.compile(r"[1-9]\d{0,7}")
DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+")
NCT = re.compile(r"NCT\d{8}")
KINDS = ("article", "guideline", "report", "web")
# Two titles this alike (0 to 100, word order ignored) in neighbouring years are taken for one publication.
ALIKE = 93


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two references that are one publication, and how that shows."""

    first: Reference
    second: Reference
    by: str


def clean_doi(text: str) -> str:
    """A bare lower-case DOI: resolver, `doi:` and a trailing full stop taken off."""
    text = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:\s*)", "", text.strip(), flags=re.IGNORECASE)
    return text.rstrip(".,; ").lower()


def find_duplicates(references: Iterable[Reference]) -> Iterator[Duplicate]:
    """Pairs with the same PMID, the same DOI, or near-equal titles within a year of each other.

    Different PMIDs or DOIs on both sides rule a pair out, however alike the titles (two-part papers).
    """
    listed = list(references)
    for at, first in enumerate(listed):
        for second in listed[at + 1 :]:
            by = _same(first, second)
            if by:
                yield Duplicate(first, second, by)


def _same(one: Reference, two: Reference) -> str:
    for name, a, b in (("PMID", one.pmid, two.pmid), ("DOI", clean_doi(one.doi), clean_doi(two.doi))):
        if a and b:
            return name if a == b else ""
    if one.year is not None and two.year is not None and abs(one.year - two.year) > 1:
        return ""
    alike = fuzz.token_sort_ratio(_plain(one.title), _plain(two.title))
    return f"title {alike:.0f}% alike" if alike >= ALIKE else ""


def _plain(title: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", title.lower()))


def citation(reference: Reference) -> str:
    """One line in the AMA manner: three authors then 'et al', title, journal, year;volume(issue):pages, PMID, DOI."""
    shown = ", ".join(reference.authors[:3]) + (", et al" if len(reference.authors) > 3 else "")
    where = reference.journal
    if reference.year is not None:
        where += f"{'. ' if where else ''}{reference.year}"
    if reference.volume:
        where += f";{reference.volume}" + (f"({reference.issue})" if reference.issue else "")
    if reference.pages:
        where += f":{reference.pages}"
    ids = [f"PMID {reference.pmid}"] if reference.pmid else []
    ids += [f"doi:{reference.doi}"] if reference.doi else []
    parts = [shown, reference.title, where, *ids, "" if ids else reference.url]
    return " ".join(f"{part.rstrip('.')}." for part in parts if part)


def identifier_problems(reference: Reference) -> Iterator[Problem]:
    """Identifiers that cannot be real."""
    if reference.pmid and not PMID.fullmatch(reference.pmid):
        yield Problem(reference.place, "EV020", f"'{reference.pmid}' is not a PMID", "1 to 8 digits")
    if reference.doi and not DOI.fullmatch(reference.doi):
        yield Problem(reference.place, "EV020", f"'{reference.doi}' is not a DOI", "write it as 10.…/…")


def read_references(path: Path, problems: list[Problem]) -> tuple[Reference, ...]:
    """references.yaml; a duplicate is an error unless `same_as` in its note explains it (then it is merged)."""
    top = read_yaml(path, problems)
    found = [_reference(name, section) for name, section in top.named("references", required=True)]
    top.finish()
    for reference in found:
        problems.extend(identifier_problems(reference))
    for pair in find_duplicates(found):
        problems.append(
            Problem(
                pair.second.place,
                "EV021",
                f"'{pair.second.key}' repeats '{pair.first.key}' ({pair.by})",
                "keep one entry; list every printed number under `printed_as`",
            )
        )
    return tuple(found)


def _reference(key: str, section: Section) -> Reference:
    printed = section.texts("printed_as")
    for text in printed:
        if not text.isdecimal():
            section.problem("EV004", f"printed number '{text}' is no whole number", "", section.place_of("printed_as"))
    month, day = section.whole("month", least=1), section.whole("day", least=1)
    if (month or 1) > 12 or (day or 1) > 31:
        section.problem("EV004", "no such date", "month 1 to 12, day 1 to 31", section.place_of("month"))
        month = day = None
    return Reference(
        key=key,
        kind=section.choice("kind", KINDS, required=False),  # type: ignore[arg-type]
        authors=section.texts("authors"),
        title=section.text("title", required=True),
        journal=section.text("journal"),
        year=section.whole("year", least=1800),
        month=month,
        day=day,
        volume=section.text("volume"),
        issue=section.text("issue"),
        pages=section.text("pages"),
        pmid=section.text("pmid"),
        doi=section.text("doi"),
        url=section.text("url"),
        printed_as=tuple(int(text) for text in printed if text.isdecimal()),
        retracted=bool(section.flag("retracted")),
        note=section.text("note"),
        place=section.place,
    )


def known_keys(references: Iterable[Reference]) -> frozenset[str]:
    """The keys other files may cite."""
    return frozenset(reference.key for reference in references)


def unknown(what: str, key: str, known: Iterable[str], place: Place) -> Problem:
    """A key that names nothing."""
    return Problem(place, "EV006", f"unknown {what} '{key}'", f"known: {', '.join(sorted(known)) or 'none'}")
