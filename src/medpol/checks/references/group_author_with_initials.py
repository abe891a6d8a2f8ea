"""A group of authors is printed like a person.

`MiDAS Encore I` is a trial's investigators cut to a surname and an initial, as a reference manager does it when a group
is entered in the field for persons. Nobody finds such an author.

Source: NLM, Citing Medicine (2nd ed.), chapter 1: an organization as author is given in full.

Bad:

    text/references.md
        1. Ash A, Big Traction I. The Big Traction trial. *Spine J*. Mar 2021; 21(3): 100-9. PMID 33000001

Good:

    text/references.md
        1. Ash A, Big Traction Investigators. The Big Traction trial. *Spine J*. Mar 2021; 21(3): 100-9. PMID 33000001
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.references.printed import entries, listed
from medpol.checks.subject import Subject

CODE = "RE104"
LEVEL: Level = "warning"
_CUT = re.compile(r"(?P<group>[A-Z][\w-]+(?: [A-Z][\w-]+)+) (?P<initials>[A-Z]{1,3})")
_BODY = re.compile(r"(?i)\b(?:group|society|association|investigators?|committee|consortium|network|collaboration)\b")


def check(subject: Subject) -> Iterator[Finding]:
    for entry in entries(subject):
        for author in entry.authors.rstrip(".").split(", "):
            if _is_cut(author, entry.title):
                yield Finding(entry.at(author), f"'{author}' is a group, not a person: give its name in full")
    for reference in listed(subject) if not entries(subject) else ():
        for author in reference.authors:
            if _is_cut(author, reference.title):
                yield Finding(reference.place, f"'{author}' is a group, not a person: give its name in full")


def _is_cut(author: str, title: str) -> bool:
    """A name of two words and more with initials that the title itself has, or that calls itself a group."""
    found = _CUT.fullmatch(author.strip())
    return bool(found and (found["group"].lower() in title.lower() or _BODY.search(found["group"])))
