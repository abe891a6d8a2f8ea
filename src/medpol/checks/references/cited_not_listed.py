"""A citation leads to no entry of the reference list.

The number is beyond the list, the key is in no references.yaml, or the list has nothing of the author. What a sentence
claims then stands without a source.

Source: ICMJE Recommendations (January 2024), section IV.A.3.g.

Bad:

    text/background.md
        Yew et al (2019) described traction.[@ash-2021] Others followed.⁷

Good:

    text/background.md
        Ash et al (2021) described traction.[@ash-2021] Others followed.²
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.references.marks import citations
from medpol.checks.references.naming import mentions, publications
from medpol.checks.references.printed import listed
from medpol.checks.subject import Subject

CODE = "RE109"
LEVEL: Level = "error"


def check(subject: Subject) -> Iterator[Finding]:
    published = publications(subject)
    numbers, keys = {p.number for p in published}, {r.key for r in listed(subject)}
    for citation in citations(subject):
        for number in citation.numbers:
            if number not in numbers:
                yield Finding(citation.place, f"{number} is no number of the reference list")
        for key in citation.keys:
            if key not in keys:
                yield Finding(citation.place, f"'{key}' is no key of references.yaml")
    names = [
        " ".join((*(r.authors if (r := p.reference) else ()), p.entry.authors if p.entry else "")) for p in published
    ]
    for mention in mentions(subject) if published else ():
        if mention.sure and not any(mention.name in name for name in names):
            yield Finding(mention.passage.at(mention.start), f"the reference list has nothing by {mention.name}")
