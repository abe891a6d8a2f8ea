"""How the codes of a version stand on a day, gathered by where they are listed."""

from collections.abc import Iterator
from datetime import date

from medpol.checks.codes.listed import Listed, listed, some
from medpol.checks.subject import Subject
from medpol.model.code_systems import Kind, Standing
from medpol.model.policy import Version
from medpol.problems import Place


def grouped(
    subject: Subject, version: Version, day: date, kind: Kind, besides: date | None = None
) -> Iterator[tuple[Place, str, str]]:
    """For each list or criterion with single codes of that standing on `day`: its place, what it is, and the codes.

    With `besides`, only codes that did not stand so on that other day.
    """
    found: dict[tuple[Place, str], list[str]] = {}
    for entry, standing in standings(subject, version, day):
        if standing.kind is not kind:
            continue
        if besides is not None and subject.code_systems.standing(entry.system, entry.single, besides).kind is kind:
            continue
        when = f" ({standing.day})" if standing.day else ""
        found.setdefault((entry.place, entry.where), []).append(f"{entry.single}{when}")
    for (place, where), codes in found.items():
        yield place, where, some(codes)


def standings(subject: Subject, version: Version, day: date) -> tuple[tuple[Listed, Standing], ...]:
    """Every single code of a version with its standing on a day."""
    return subject.once(("standings", version.id, day), lambda: tuple(_standings(subject, version, day)))


def _standings(subject: Subject, version: Version, day: date) -> Iterator[tuple[Listed, Standing]]:
    for entry in listed(subject, version):
        if entry.single:
            yield entry, subject.code_systems.standing(entry.system, entry.single, day)
