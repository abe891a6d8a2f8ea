"""Every code that a version writes down, with its system and its place."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from medpol.checks.solver import criteria_of, walk
from medpol.checks.subject import Subject
from medpol.model.codes import CodeList, CodePattern
from medpol.model.criteria import Claims, OneOf
from medpol.model.policy import Version
from medpol.problems import Place

SYSTEM_OF_FACT = {
    "diagnosis": "icd-10-cm",
    "primary_diagnosis": "icd-10-cm",
    "place_of_service": "place-of-service",
    "modifier": "modifier",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """One pattern; `where` says in words what it is part of."""

    system: str
    pattern: CodePattern
    place: Place
    where: str

    @property
    def single(self) -> str:
        """The code where it is one; '' for a prefix or a range."""
        return self.pattern.low if self.pattern.low == self.pattern.high else ""

    @property
    def is_prefix(self) -> bool:
        return self.pattern.high == f"{self.pattern.low}~"


def listed(subject: Subject, version: Version) -> tuple[Listed, ...]:
    """The code table, the version's own lists, the codes in criteria, the places it applies to. Each pattern once."""
    return subject.once(("listed", version.id), lambda: tuple(dict.fromkeys(_listed(subject, version))))


def _listed(subject: Subject, version: Version) -> Iterator[Listed]:
    for code in version.codes:
        yield Listed(code.system, code.pattern, code.place, "the code table")
    for own in version.code_lists:
        if own.codes.loaded:
            place = subject.version_place(version, "code_lists", own.name)
            shared = place == subject.version_place(version) or place == subject.version_place(version, "code_lists")
            home = _shared(subject, own.name) if shared else place
            yield from (Listed(own.system, p, home, f"the list '{own.name}'") for p in own.codes.patterns)
    for whole in criteria_of(version):
        for leaf in walk(whole):
            match leaf:
                case OneOf(fact=fact, codes=codes) if not codes.name and fact in SYSTEM_OF_FACT:
                    yield from _of(codes, SYSTEM_OF_FACT[fact], leaf.place, "a criterion")
                case Claims(diagnosis=CodeList() as codes) if not codes.name:
                    yield from _of(codes, "icd-10-cm", leaf.place, "a criterion")
    for fact, values in version.applies_to:
        if fact == "place_of_service":
            place = subject.version_place(version, "applies_to", fact)
            yield from (Listed("place-of-service", CodePattern(v, v), place, "applies_to") for v in values)


def _of(codes: CodeList, system: str, place: Place, where: str) -> Iterator[Listed]:
    yield from (Listed(system, pattern, place, where) for pattern in codes.patterns)


def _shared(subject: Subject, name: str) -> Place:
    return Place(str(subject.folder.parent.parent / "code_lists" / f"{name}.yaml"), 1, 1)


def first_day(version: Version) -> date:
    return version.effective


def last_day(subject: Subject, version: Version) -> date:
    """The last day on which the version is in force: today at the latest, its first day at the earliest."""
    end = subject.policy.end_of(version)
    last = subject.today if end is None else min(end - timedelta(days=1), subject.today)
    return max(version.effective, last)


def some(codes: Iterable[str], most: int = 5) -> str:
    """`A, B, C and 12 more`."""
    names = list(codes)
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
