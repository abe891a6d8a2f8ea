"""A citation points at an entry that the sentence is not about.

The sentence or its heading names a body, a study or an author; the number leads to the paper of another. A duplicate
that was put into the list, or taken out of it, shifts every number behind it.

Source: the list itself; de Lacey et al. 1985, BMJ 291:884, who found the author misquoted in 15% of references.

Bad:

    text/background.md
        Cedar reported on two years of traction.¹

Good:

    text/background.md
        Cedar reported on two years of traction.²
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.prose import plain, without_asides
from medpol.checks.references.marks import citations
from medpol.checks.references.naming import is_named, publications
from medpol.checks.subject import Subject

CODE = "RE108"
LEVEL: Level = "error"


def check(subject: Subject) -> Iterator[Finding]:
    published = publications(subject)
    for citation in citations(subject):
        cited = [p for p in published if citation.leads_to(p.number, p.key)]
        near = without_asides(plain(citation.sentence))
        if not cited or any(is_named(subject, p, near) or is_named(subject, p, citation.heading) for p in cited):
            continue
        meant = [p for p in published if is_named(subject, p, near)] or [
            p for p in published if is_named(subject, p, citation.heading)
        ]
        if meant:
            other = " or ".join(dict.fromkeys(f"{p.number or p.key} ({p.surname})" for p in meant))
            message = f"{citation.shown} is {cited[0].surname} {cited[0].year}, the sentence is about {other}"
            places = tuple(p.entry.place for p in (*cited, *meant) if p.entry)
            yield Finding(citation.place, message, related=places)
