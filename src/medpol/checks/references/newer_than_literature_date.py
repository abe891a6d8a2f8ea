"""The list has a publication from after the day to which literature was searched.

A version says how far its search went. A later paper was found by chance, others of that time were not looked for; or
the date was not moved on at the last update.

Source: PRISMA 2020 item 6 (Page et al. 2021, BMJ 372:n71): the date when each source was last searched.

Bad:

    version.yaml
        literature_through: 2024-01-31

Good:

    version.yaml
        literature_through: 2024-06-30
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.references.printed import entries, listed
from medpol.checks.subject import Subject
from medpol.problems import Place

CODE = "RE113"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    version = subject.newest
    until = version.literature_through if version else None
    if version is None or not until:
        return
    limit = tuple(int(part) for part in until.split("-"))
    for name, place, date in _dated(subject):
        size = min(len(date), len(limit))
        if date[:size] > limit[:size]:
            printed = "-".join(f"{part:02}" for part in date)
            yield Finding(
                place,
                f"{name} is of {printed}, the literature was searched through {until}",
                related=(subject.version_place(version, "literature_through"),),
            )


def _dated(subject: Subject) -> Iterator[tuple[str, Place, tuple[int, ...]]]:
    """Each publication with its date, as precise as it is printed."""
    printed = entries(subject)
    for entry in printed:
        if entry.year:
            yield f"entry {entry.number}", entry.place, _known(entry.year, entry.month, entry.day)
    for reference in listed(subject):
        if reference.year and not (printed and reference.printed_as):
            yield f"'{reference.key}'", reference.place, _known(reference.year, reference.month, reference.day)


def _known(year: int, month: int | None, day: int | None) -> tuple[int, ...]:
    return (year,) if month is None else (year, month) if day is None else (year, month, day)
