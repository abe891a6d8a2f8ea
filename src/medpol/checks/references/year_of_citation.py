"""A text cites an author or a study with a year in which neither published.

`Chou et al (2009)` leads to an entry of that author and that year. With another year it leads nowhere, or to another
paper of the same author.

Source: the list itself; ICMJE Recommendations (January 2024), section IV.A.3.g (references are checked).

Bad:

    text/background.md
        Ash et al (2020) compared traction with usual care.

Good:

    text/background.md
        Ash et al (2021) compared traction with usual care.
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.prose import is_about_results, names_study, plain, sentences, studies_named
from medpol.checks.references.naming import cited_passages, mentions, publications
from medpol.checks.references.printed import listed
from medpol.checks.subject import Subject
from medpol.evidence import Study

CODE = "RE106"
LEVEL: Level = "warning"
_YEARS = re.compile(r"\((\d{4}(?:[,;]\s*\d{4})*)\)")
_PUBLISHED = re.compile(r"(?i)\b(?:publish\w*|came out|appeared|reported|printed)\s+(?:in|during)\s+(?P<year>\d{4})\b")


def check(subject: Subject) -> Iterator[Finding]:
    years: dict[str, set[int]] = {}
    for publication in publications(subject):
        if publication.year:
            years.setdefault(publication.surname, set()).add(publication.year)
    for mention in mentions(subject):
        known = years.get(mention.name)
        if known and mention.year not in known:
            place = mention.passage.at(mention.start)
            message = f"{mention.name} ({mention.year}), but the list has {mention.name} {_shown(known)}"
            yield Finding(place, message)
    yield from _of_studies(subject)
    yield from _in_words(subject)


def _of_studies(subject: Subject) -> Iterator[Finding]:
    """`MiDAS ENCORE (2016, 2018)`: the years of a study's publications."""
    for _, passage in cited_passages(subject):
        text = plain(passage.text)
        for found in _YEARS.finditer(text):
            before = text[: found.start()].rstrip()
            for study in subject.evidence.studies if subject.evidence else ():
                known = _years_of(subject, study)
                wrong = [year for year in re.findall(r"\d{4}", found[1]) if int(year) not in known]
                if known and wrong and before.endswith(study.name) and names_study(before[-len(study.name) :], study):
                    message = f"{study.name} ({', '.join(wrong)}), but its publications are of {_shown(known)}"
                    yield Finding(passage.at(found.start()), message, related=(study.place,))


def _in_words(subject: Subject) -> Iterator[Finding]:
    """`results came out in 2016`: a year of the study that is spoken of, or of any publication."""
    for section in subject.narrative.sections:
        if subject.evidence is None or not is_about_results(section):
            continue
        studies: list[Study] = []
        for passage in section.passages:
            for sentence in sentences(passage):
                studies = studies_named(sentence.text, subject.evidence) or studies
                found = _PUBLISHED.search(sentence.text)
                known = {year for study in studies for year in _years_of(subject, study)}
                if found and known and int(found["year"]) not in known:
                    message = f"in {found['year']}, but the publications of {studies[0].name} are of {_shown(known)}"
                    yield Finding(sentence.at(found.start("year")), message, related=(studies[0].place,))


def _years_of(subject: Subject, study: Study) -> set[int]:
    return {r.year for r in listed(subject) if r.key in study.references and r.year}


def _shown(years: set[int]) -> str:
    return ", ".join(map(str, sorted(years)))
