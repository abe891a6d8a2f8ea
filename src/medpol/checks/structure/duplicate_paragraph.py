"""A paragraph stands twice.

Text that is repeated word for word drifts apart at the next revision. State it once and refer to it.

Bad:

    text/background.md
        Low back pain is common among adults, and most patients improve within a few weeks with exercise alone.
    text/description.md
        Low back pain is common among adults, and most patients improve within a few weeks with exercise alone.

Good:

    text/background.md
        Low back pain is common among adults, and most patients improve within a few weeks with exercise alone.
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.checks.text_tables import plain
from medpol.problems import Place

CODE = "ST123"
LEVEL: Level = "question"
WORDS = 12  # shorter ones recur by nature


def check(subject: Subject) -> Iterator[Finding]:
    """Paragraphs and items of a dozen words or more, compared without case and marks."""
    first: dict[str, Place] = {}
    for section, passage in subject.narrative.passages:
        text = plain(passage.text).lower()
        if passage.kind == "heading" or section.key == "references" or len(text.split()) < WORDS:
            continue
        if text in first:
            message = f"this stands twice: '{plain(passage.text)[:50]}…'"
            yield Finding(passage.place, message, related=(first[text],))
        first.setdefault(text, passage.place)
