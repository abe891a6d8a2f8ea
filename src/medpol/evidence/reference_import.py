"""References from other programs: RIS, MEDLINE/NBIB, PubMed XML, BibTeX → `Reference`.

Every reader takes text and a file name and returns what it could read plus a Problem per entry it could not.
"""

import calendar
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware
from lxml import etree

from medpol.evidence.base import Reference
from medpol.evidence.references import clean_doi
from medpol.problems import Place, PolicyRejected, Problem

Found = tuple[list[Reference], list[Problem]]

_MONTHS = {name.lower(): at for at, name in enumerate(calendar.month_abbr) if name}
# Above this a file is not a reference list (PubMed's own export stops at 10,000 records, some 50 MB).
LARGEST = 100_000_000


def read_reference_file(path: Path) -> list[Reference]:
    """Any supported file, by its ending (.ris, .nbib, .medline, .txt, .xml, .bib).

    Raises PolicyRejected with a Problem for every unreadable entry, or when nothing at all was found.
    """
    reader = READERS.get(path.suffix.lower())
    whole = Place(str(path))
    if reader is None:
        raise PolicyRejected([Problem(whole, "EV022", f"unknown format '{path.suffix}'", f"use {', '.join(READERS)}")])
    try:
        if path.stat().st_size > LARGEST:
            raise PolicyRejected([Problem(whole, "EV022", "the file is too large", "split it")])
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyRejected([Problem(whole, "EV001", f"the file cannot be read: {error}")]) from None
    found, problems = reader(text, str(path))
    if not found and not problems:
        problems = [Problem(whole, "EV022", "no reference found", "is the ending right for the content?")]
    if problems:
        raise PolicyRejected(problems)
    return found


def from_ris(text: str, file: str = "references.ris") -> Found:
    """RIS as written by reference managers and publishers."""
    if re.search(r"^PMID- ", text, flags=re.MULTILINE):
        return [], [Problem(Place(file), "EV022", "this is MEDLINE, not RIS", "rename it to .nbib")]
    try:
        entries = rispy.loads(text, skip_unknown_tags=True)
    except (OSError, ValueError) as error:
        return [], [Problem(Place(file), "EV022", f"not RIS: {error}")]
    found: list[Reference] = []
    problems: list[Problem] = []
    for number, entry in enumerate(entries, start=1):
        first, last = entry.get("start_page", ""), entry.get("end_page", "")
        fields = {
            "title": entry.get("title") or entry.get("primary_title") or "",
            "journal": entry.get("journal_name") or entry.get("secondary_title") or "",
            "volume": entry.get("volume", ""),
            "issue": entry.get("number", ""),
            "pages": f"{first}-{last}" if first and last else first,
            "doi": entry.get("doi", ""),
            "pmid": _pmid_in(entry.get("accession_number", "")),
            "url": next(iter(entry.get("urls", [])), ""),
        }
        authors = [_name(name) for name in entry.get("authors") or entry.get("first_authors") or [] if name.strip()]
        printed = entry.get("year") or entry.get("date") or entry.get("publication_year") or ""
        _keep(found, problems, fields, authors, when=_date(printed), place=Place(file, path=f"entry {number}"))
    return found, problems


def from_nbib(text: str, file: str = "references.nbib") -> Found:
    """MEDLINE display format: four-letter tags, continuation lines indented by six spaces."""
    found: list[Reference] = []
    problems: list[Problem] = []
    for line, record in _medline(text):

        def one(tag: str, record: Mapping[str, list[str]] = record) -> str:
            return record.get(tag, [""])[0]

        doi = next((v.split()[0] for v in record.get("LID", []) + record.get("AID", []) if v.endswith("[doi]")), "")
        fields = {
            "title": one("TI") or one("BTI"),
            "journal": one("TA") or one("JT"),
            "volume": one("VI"),
            "issue": one("IP"),
            "pages": one("PG"),
            "doi": doi,
            "pmid": one("PMID"),
            "url": "",
        }
        _keep(found, problems, fields, record.get("AU", []), when=_date(one("DP")), place=Place(file, line, 1))
    return found, problems


def _medline(text: str) -> Iterator[tuple[int, dict[str, list[str]]]]:
    record: dict[str, list[str]] = {}
    start, tag = 1, ""
    for number, line in enumerate(text.splitlines(), start=1):
        match = re.match(r"([A-Z]{2,4}) *- (.*)", line)
        if match and match[1] == "PMID" and "PMID" in record:
            yield start, record
            record = {}
        if match:
            if not record:
                start = number
            tag = match[1]
            record.setdefault(tag, []).append(match[2].strip())
        elif line.startswith("      ") and tag in record:
            record[tag][-1] += " " + line.strip()
        elif not line.strip() and record:
            yield start, record
            record, tag = {}, ""
    if record:
        yield start, record


def from_pubmed_xml(text: str, file: str = "references.xml") -> Found:
    """PubMed's ArticleSet. External entities, DTDs and the network stay off."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position if error.position else (0, 0)
        return [], [Problem(Place(file, line, column), "EV022", f"not XML: {error.msg}")]
    found: list[Reference] = []
    problems: list[Problem] = []
    for article in root.iter("PubmedArticle"):
        issue = article.find(".//JournalIssue")
        fields = {
            "title": _words(article.find(".//ArticleTitle")),
            "journal": _words(article.find(".//MedlineTA")) or _words(article.find(".//Journal/Title")),
            "volume": _words(issue.find("Volume")) if issue is not None else "",
            "issue": _words(issue.find("Issue")) if issue is not None else "",
            "pages": _words(article.find(".//MedlinePgn")),
            "doi": _words(article.find("./PubmedData/ArticleIdList/ArticleId[@IdType='doi']"))
            or _words(article.find(".//ELocationID[@EIdType='doi']")),
            "pmid": _words(article.find("./MedlineCitation/PMID")),
            "url": "",
        }
        authors = []
        for author in article.iterfind(".//Article/AuthorList/Author"):
            name = f"{_words(author.find('LastName'))} {_words(author.find('Initials'))}".strip()
            authors.append(name or _words(author.find("CollectiveName")))
        printed = issue.find("PubDate") if issue is not None else None
        when = " ".join(_words(printed.find(t)) for t in ("Year", "Month", "Day")) if printed is not None else ""
        if printed is not None and not when.strip():
            when = _words(printed.find("MedlineDate"))
        _keep(found, problems, fields, authors, when=_date(when), place=Place(file, article.sourceline or 0, 1))
    return found, problems


def from_bibtex(text: str, file: str = "references.bib") -> Found:
    """BibTeX; good entries are kept, each broken block is a Problem."""
    library = parse_string(text, append_middleware=[LatexDecodingMiddleware(keep_braced_groups=True)])
    found: list[Reference] = []
    problems = [
        Problem(Place(file, (block.start_line or 0) + 1, 1), "EV022", f"broken BibTeX entry: {_reason(block.error)}")
        for block in library.failed_blocks
    ]
    for entry in library.entries:
        raw = {key.lower(): str(f.value) for key, f in entry.fields_dict.items()}
        values = {key: text.replace("{", "").replace("}", "") for key, text in raw.items()}
        fields = {
            "title": values.get("title", ""),
            "journal": values.get("journal") or values.get("booktitle") or values.get("institution", ""),
            "volume": values.get("volume", ""),
            "issue": values.get("number", ""),
            "pages": values.get("pages", "").replace("--", "-").replace("–", "-"),
            "doi": values.get("doi", ""),
            "pmid": values.get("pmid", ""),
            "url": values.get("url", ""),
        }
        authors = [_bibtex_name(name) for name in re.split(r"\s+and\s+", raw.get("author", "")) if name.strip("{ }")]
        printed = f"{values.get('year', '')} {values.get('month', '')}"
        place = Place(file, (entry.start_line or 0) + 1, 1)
        _keep(found, problems, fields, authors, when=_date(printed), place=place, key=entry.key)
    return found, problems


READERS: dict[str, Callable[[str, str], Found]] = {
    ".ris": from_ris,
    ".nbib": from_nbib,
    ".medline": from_nbib,
    ".txt": from_nbib,
    ".xml": from_pubmed_xml,
    ".bib": from_bibtex,
}


def _keep(
    found: list[Reference],
    problems: list[Problem],
    fields: dict[str, str],
    authors: list[str],
    *,
    when: tuple[int | None, int | None, int | None],
    place: Place,
    key: str = "",
) -> None:
    tidy = {name: " ".join(str(value).split()) for name, value in fields.items()}
    if not tidy["title"]:
        problems.append(Problem(place, "EV022", "the entry has no title", "complete it in the source file"))
        return
    tidy["title"], tidy["doi"] = tidy["title"].rstrip("."), clean_doi(tidy["doi"])
    year, month, day = when
    family = re.sub(r"[^a-z]", "", authors[0].split(" ")[0].lower()) if authors else "anon"
    known = {r.key for r in found}
    base = key or f"{family}-{year or 'nd'}"
    unique = next(k for k in (base, *(f"{base}{c}" for c in range(2, len(known) + 3))) if k not in known)
    reference = Reference(
        key=unique,
        authors=tuple(authors),
        title=tidy["title"],
        journal=tidy["journal"],
        year=year,
        month=month,
        day=day,
        volume=tidy["volume"],
        issue=tidy["issue"],
        pages=tidy["pages"],
        pmid=tidy["pmid"],
        doi=tidy["doi"],
        url=tidy["url"],
        place=place,
    )
    found.append(reference)


def _date(text: str) -> tuple[int | None, int | None, int | None]:
    """`2016 May 31`, `2016/05/31`, `2016-05`, `May 2016`, `2016 Mar-Apr` → year, month, day as far as given."""
    year = re.search(r"\b(1[89]|20)\d{2}\b", text)
    if not year:
        return None, None, None
    rest = text[: year.start()] + " " + text[year.end() :]
    words = re.findall(r"[A-Za-z]+|\d+", rest)
    month = next((_MONTHS[w[:3].lower()] for w in words if w[:3].lower() in _MONTHS), None)
    numbers = [int(w) for w in words if w.isdigit()]
    if month is None and numbers and 1 <= numbers[0] <= 12:
        month = numbers.pop(0)
    day = next((n for n in numbers if month is not None and 1 <= n <= 31), None)
    return int(year[0]), month, day


def _name(name: str) -> str:
    """`Deer, Timothy R.` → `Deer TR`; a name without a comma is a group's, or initialled already."""
    family, comma, given = (part.strip() for part in name.partition(","))
    if not comma:
        return family
    initials = "".join(part[0] for part in re.split(r"[\s.-]+", given) if part)
    return f"{family} {initials.upper()}".strip()


def _bibtex_name(name: str) -> str:
    """The same for BibTeX, which also writes `Timothy R. Deer`, and groups in braces."""
    plain = name.replace("{", "").replace("}", "").strip()
    if "," in plain or " " not in plain or name.strip().startswith("{"):
        return _name(plain)
    given, family = plain.rsplit(" ", 1)
    return _name(f"{family}, {given}")


def _reason(error: Exception) -> str:
    return str(getattr(error, "abort_reason", "") or error or type(error).__name__)


def _pmid_in(text: str) -> str:
    return text if re.fullmatch(r"[1-9]\d{0,7}", text) else ""


def _words(element: "etree._Element | None") -> str:
    return " ".join("".join(element.itertext()).split()) if element is not None else ""
