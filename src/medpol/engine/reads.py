"""What the criteria of a library read: codes, prefixes and ranges, facts, and the lists asked of a fact."""

from collections.abc import Iterator

from medpol.model.codes import CodeList, CodePattern, parse_pattern
from medpol.model.criteria import Claims, Criterion, OneOf, facts_of, members
from medpol.model.policy import Version
from medpol.model.rules import Library


def code_patterns(library: Library) -> Iterator[CodePattern]:
    """Every code, prefix and range that the library names."""
    for version in _versions(library):
        yield from (code.pattern for code in version.codes)
        applies = (parse_pattern(value) for _, values in version.applies_to for value in values)
        yield from (pattern for pattern in applies if pattern is not None)
        for _, codes in _lists(version):
            yield from codes.patterns


def facts_read(library: Library) -> frozenset[str]:
    """Every fact that decides something, and `history` where claims are counted."""
    found: set[str] = set()
    for version in _versions(library):
        found.update(fact for fact, _ in version.applies_to)
        for criterion in _criteria(version):
            found |= facts_of(criterion)
    return frozenset(found)


def lists_asked(library: Library, fact: str) -> list[CodeList]:
    """The lists that criteria ask of a fact."""
    return [codes for version in _versions(library) for name, codes in _lists(version) if name == fact]


def _versions(library: Library) -> Iterator[Version]:
    for policy in library.policies.values():
        yield from policy.versions


def _criteria(version: Version) -> Iterator[Criterion]:
    for criterion in (version.scope, *(statement.when for statement in version.statements)):
        if criterion is not None:
            yield criterion


def _lists(version: Version) -> Iterator[tuple[str, CodeList]]:
    """Each list with the fact it is asked of; '' for earlier claims."""
    for criterion in _criteria(version):
        yield from _lists_of(criterion)


def _lists_of(criterion: Criterion) -> Iterator[tuple[str, CodeList]]:
    match criterion:
        case OneOf(fact=fact, codes=codes):
            yield fact, codes
        case Claims(codes=codes, diagnosis=diagnosis):
            yield from (("", listed) for listed in (codes, diagnosis) if listed is not None)
    for member in members(criterion):
        yield from _lists_of(member)
