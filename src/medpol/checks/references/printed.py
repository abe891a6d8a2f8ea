"""The printed reference list: its entries, read from Vancouver-like lines."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass

from medpol.checks.prose import content_words
from medpol.checks.subject import Subject
from medpol.evidence import Reference
from medpol.model.narrative import Passage
from medpol.problems import Place

_MONTHS = {name: at for at, name in enumerate(calendar.month_abbr) if name}
_MONTH = r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_DATES = (
    re.compile(rf"\b{_MONTH}\s+(?:(?P<day>\d{{1,2}}),?\s+)?{_YEAR}\b"),  # May 01 2009, Feb 2016, May 13, 2025
    re.compile(rf"\b{_YEAR}\s+{_MONTH}(?:\s+(?P<day>\d{{1,2}}))?"),  # 2024 Jan
    re.compile(rf"\b{_YEAR}\b"),
)
_AUTHORS = re.compile(
    r"(?P<authors>(?:(?!\. ).){0,200}?(?:,?\s+et al\b\.?))\s+"
    r"|(?P<all>.+?(?:\b[A-Z]{1,3}\.|[^A-Z.]\.|\)\.))\s+(?=[“\"A-Z0-9])"
)
_WHERE = re.compile(
    r"(?P<volume>\d+)\s*(?:\((?P<issue>[^)]+)\))?:\s*(?P<pages>[a-zA-Z]?\d+(?:\s*[-–]\s*[a-zA-Z]?\d+)?)"
)
_PMID = re.compile(r"PMID:?\s*(\w+)")
_DOI = re.compile(r"(?i)doi(?:\.org/|:)\s*(\S+?)[.,;]?(?=\s|$)")
_URL = re.compile(r"https?://[^\s>]+|www\.[^\s>]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the list. Empty text and None: the line does not have it. `journal` is as printed, without marks."""

    number: int
    text: str
    passage: Passage
    authors: str
    title: str
    journal: str
    year: int | None
    month: int | None
    day: int | None
    volume: str
    issue: str
    pages: str
    pmid: str
    doi: str
    url: str

    @property
    def place(self) -> Place:
        return self.passage.place

    def at(self, text: str) -> Place:
        """Where a piece of the entry stands; the entry where it is not found."""
        return self.passage.at(max(self.passage.text.find(text), 0))

    @property
    def surname(self) -> str:
        """The first author's, or the whole name of a body."""
        first = self.authors.split(",")[0].strip(" .")
        return re.sub(r"\s+[A-Z]{1,3}$", "", first)


def entries(subject: Subject) -> tuple[Entry, ...]:
    """The numbered entries of the section `references`, read once a run."""
    return subject.once(("printed references", str(subject.folder)), lambda: tuple(_entries(subject)))


def _entries(subject: Subject) -> Iterator[Entry]:
    section = subject.narrative.section("references")
    for passage in section.passages if section else ():
        if passage.kind == "item" and passage.number is not None and "{{" not in passage.text:
            yield read_entry(passage, passage.number)


def read_entry(passage: Passage, number: int) -> Entry:
    """An entry's parts; what does not stand where it is expected is left empty."""
    text = " ".join(passage.text.split())
    journal = re.search(r"[*_]([^*_]+)[*_]", text)
    head, tail = (text[: journal.start()], text[journal.end() :]) if journal else (text, text)
    found = _AUTHORS.match(head)
    authors = (found["authors"] or found["all"]) if found else ""
    year, month, day = _date(tail)
    where = _WHERE.search(tail) if journal else None
    title = head[found.end() if found else 0 :]
    if not journal:
        cut = re.search(r"\. (?=[A-Z12])|\.?\s*<?http|\s+(?=[A-Z][a-z]+ \d{1,2}, \d{4})|; ", title)
        title = title[: cut.start()] if cut else title
    return Entry(
        number=number,
        text=text,
        passage=passage,
        authors=authors.strip(),
        title=title.strip(" ."),
        journal=journal[1].strip() if journal else "",
        year=year,
        month=month,
        day=day,
        volume=where["volume"] if where else "",
        issue=(where["issue"] or "") if where else "",
        pages=where["pages"] if where else "",
        pmid=_first(_PMID, text),
        doi=_first(_DOI, text),
        url=found_url[0] if (found_url := _URL.search(text)) else "",
    )


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1] if found else ""


def _date(text: str) -> tuple[int | None, int | None, int | None]:
    for pattern in _DATES:
        if found := pattern.search(text):
            parts = found.groupdict()
            month, day = parts.get("month"), parts.get("day")
            return int(found["year"]), _MONTHS[month] if month else None, int(day) if day else None
    return None, None, None


def reference_of(entry: Entry, references: tuple[Reference, ...]) -> Reference | None:
    """What an entry is in references.yaml: by its printed number."""
    return next((reference for reference in references if entry.number in reference.printed_as), None)


def listed(subject: Subject) -> tuple[Reference, ...]:
    """references.yaml; empty without evidence."""
    return subject.evidence.references if subject.evidence else ()


def surname(reference: Reference) -> str:
    """The first author's, or the whole name of a body."""
    return re.sub(r"\s+[A-Z]{1,3}$", "", reference.authors[0]) if reference.authors else ""


def title_share(title: str, text_words: frozenset[str], weight: dict[str, float]) -> float:
    """How much of a title stands in a text, 0 to 1; rare words of the list count most (`weights`)."""
    words = content_words(title)
    total = sum(weight.get(word, 1.0) for word in words)
    return sum(weight.get(word, 1.0) for word in words & text_words) / total if total else 0.0


def weights(titles: list[str]) -> dict[str, float]:
    """A word counts by how few titles of the list have it: 1 in one title, a half in two …"""
    counts: dict[str, int] = {}
    for title in titles:
        for word in content_words(title):
            counts[word] = counts.get(word, 0) + 1
    return {word: 1 / count for word, count in counts.items()}
