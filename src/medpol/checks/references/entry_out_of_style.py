"""An entry of the reference list is written in another style than the others.

One list has one style; the style of most entries counts, whatever it is. An entry that was pasted from elsewhere stands
out: all authors instead of three, `PMID:` for `PMID`, the year before the month, a journal in small letters.

Source: ICMJE Recommendations (January 2024), section IV.A.3.g: one reference style throughout.

Bad:

    text/references.md
        1. Ash A. One trial of traction. *Spine J*. Mar 2021; 21(3): 100-9. PMID 33000001
        2. Birch B. Another trial of belts. *Spine J*. Mar 2022; 22(3): 10-19. PMID 33000002
        3. Cedar C. Exercise at home. *Pain Med*. Mar 2023; 23(3): 20-29. PMID 33000003
        4. Dogwood D. Tables for traction. *Pain Med*. Mar 2020; 20(3): 30-39. PMID 33000004
        5. Elm E. The cost of traction. *Spine J*. Mar 2024; 24(3): 40-49. PMID 33000005
        6. Fir F. The end of traction. *Spine J*. 2024 Mar;24(3):50-59. PMID: 33000006.

Good:

    text/references.md
        1. Ash A. One trial of traction. *Spine J*. Mar 2021; 21(3): 100-9. PMID 33000001
        2. Birch B. Another trial of belts. *Spine J*. Mar 2022; 22(3): 10-19. PMID 33000002
        3. Cedar C. Exercise at home. *Pain Med*. Mar 2023; 23(3): 20-29. PMID 33000003
        4. Dogwood D. Tables for traction. *Pain Med*. Mar 2020; 20(3): 30-39. PMID 33000004
        5. Elm E. The cost of traction. *Spine J*. Mar 2024; 24(3): 40-49. PMID 33000005
        6. Fir F. The end of traction. *Spine J*. Mar 2024; 24(3): 50-59. PMID 33000006
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.references.printed import Entry, entries
from medpol.checks.subject import Subject

CODE = "RE103"
LEVEL: Level = "warning"
ENOUGH = 5
"""Fewer entries have no usual style."""
USUAL = 0.8
"""Share of the entries that makes a style the usual one."""


def _authors(entry: Entry) -> str:
    shown = len([a for a in entry.authors.split(",") if "et al" not in a])
    return "all authors" if shown > 3 else "three authors at most"


def _date(entry: Entry) -> str:
    return "year before month" if re.search(r"\b(?:19|20)\d\d [A-Z][a-z]{2}\b", entry.text) else "month before year"


def _journal(entry: Entry) -> str:
    words = [word for word in re.findall(r"[A-Za-z]{3,}", entry.journal) if word not in ("and", "the", "for")]
    return "journal in capitals" if all(word[0].isupper() for word in words) else "journal in small letters"


def _spacing(entry: Entry) -> str:
    return "a blank after the semicolon" if re.search(r"\d; \d", entry.text) else "no blank after the semicolon"


def _either(test: Callable[[Entry], bool], yes: str, no: str) -> Callable[[Entry], str]:
    return lambda entry: yes if test(entry) else no


FEATURES: tuple[Callable[[Entry], str], ...] = (
    _authors,
    _date,
    _journal,
    _spacing,
    _either(lambda e: e.authors.endswith("."), "a stop after the authors", "no stop after the authors"),
    _either(lambda e: f"{e.journal}*." in e.text, "a stop after the journal", "no stop after the journal"),
    _either(lambda e: "PMID:" in e.text, "`PMID:` with a colon", "`PMID` without a colon"),
    _either(lambda e: e.text.endswith("."), "a stop at the end", "no stop at the end"),
    _either(lambda e: bool(e.doi), "with a DOI", "without a DOI"),
)
"""What of an entry in a journal is style: each gives one of two wordings."""


def check(subject: Subject) -> Iterator[Finding]:
    articles = [entry for entry in entries(subject) if entry.journal]
    if len(articles) < ENOUGH:
        return
    usual = []
    for feature in FEATURES:
        style, count = Counter(feature(entry) for entry in articles).most_common(1)[0]
        if count >= USUAL * len(articles):
            usual.append((feature, style))
    for entry in articles:
        unlike = [feature(entry) for feature, style in usual if feature(entry) != style]
        if unlike:
            yield Finding(entry.place, f"entry {entry.number}, unlike the others: {', '.join(unlike)}")
