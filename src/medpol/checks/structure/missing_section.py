"""A section that the policy needs is missing.

A policy that is published has a description of the service. Where its statements rest on conclusions it needs a
summary of the evidence, and where its text cites it needs the references.

Bad:

    text/description.md
        # Description
    text/background.md
        Low back pain is common among adults.[@ash-2021]

Good:

    text/background.md
        Low back pain is common among adults.[@ash-2021]
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject

CODE = "ST111"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """Only policies that have a text at all."""
    narrative, version = subject.narrative, subject.newest
    if not narrative.sections or version is None:
        return
    needed = {"description": "says what the service is"}
    if any(statement.conclusion for statement in version.statements):
        needed["summary-of-evidence"] = "sums up what the conclusions rest on"
    if subject.evidence is None and any("[@" in passage.text for _, passage in narrative.passages):
        needed["references"] = "lists what the text cites"
    for key, purpose in needed.items():
        section = narrative.section(key)
        if section is None or not section.blocks:
            place = section.place if section else narrative.sections[0].place
            yield Finding(place, f"text/{key}.md is missing or empty: it {purpose}")
