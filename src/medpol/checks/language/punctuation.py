"""Two marks of punctuation contradict each other, or one stands alone.

`;,` or `..` is what is left when a word between them was deleted; a blank before a comma, too.

Bad:

    text/background.md
        Traction, manual or mechanical;, is given daily .

Good:

    text/background.md
        Traction, manual or mechanical, is given daily.
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Edit, Finding, Level
from medpol.checks.language.words import prose
from medpol.checks.subject import Subject

CODE = "LA117"
LEVEL: Level = "warning"

_MARKS = re.compile(r"[;,:]\s?[;,](?!\s*\w*\))|(?<![.\s])\.\.(?!\.)|,\s?\.|\w(\s+)[,;.](?=\s|$)|\(\s?\)")


def check(subject: Subject) -> Iterator[Finding]:
    """The text, and the labels of the codes."""
    for item in prose(subject, tables=True, lists=True):
        for match in _MARKS.finditer(item.text):
            if item.passage.text[match.start() : match.end()] != match[0].strip("\n"):
                continue  # an expression or a citation stands there
            start = match.start(1) if match[1] else match.start()
            fix = (Edit(item.at(start), len(match[1]), ""),) if match[1] else ()
            yield Finding(item.at(start), f"'{match[0]}': one mark too many, or a word missing", fix=fix)
    for version in subject.policy.versions[-1:]:
        for index, code in enumerate(version.codes):
            if wrong := _MARKS.search(code.label):
                place = subject.version_place(version, "codes", index, "label")
                yield Finding(place, f"'{wrong[0]}' in the label of {code.pattern}: one mark too many")
