"""The two libraries of a replay: what is in force in each, and which codes can be answered otherwise.

A policy speaks about a line by the line's own code alone, so only the codes that a changed version names can have
another answer. (An earlier claim of any code may be counted for such a line; it is not decided again.)
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from medpol.history.changes import library_changes
from medpol.model.changes import LibraryChanges, VersionChanges
from medpol.model.codes import CodeList, CodePattern
from medpol.model.criteria import Claims, Criterion, OneOf, facts_of, members
from medpol.model.facts import Fact
from medpol.model.policy import Policy, Status, Version
from medpol.model.rules import Library
from medpol.problems import Place, PolicyRejected, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Two libraries to decide the same lines by.

    `affected` are the codes whose lines can have another answer; None is every line. `cited` gives for a policy
    whose dates were set aside the version that speaks before and after, as its answers then cite it.
    """

    before: Library
    after: Library
    affected: CodeList | None
    changes: VersionChanges | LibraryChanges
    cited: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def reads(self) -> frozenset[str]:
        """Every fact (and 'history') that some version reads which speaks about an affected code."""
        found = frozenset[str]().union(*(facts_of(criterion) for criterion in self._criteria()))
        return found | {"history"} if "claim_history_on_file" in found else found

    def other_codes(self) -> list[CodeList]:
        """The lists that those versions ask of the other codes of a claim."""
        return [codes for criterion in self._criteria() for codes in _also_billed(criterion)]

    def counted(self) -> CodeList | None:
        """The codes whose earlier claims those versions count; None is every code."""
        if self.affected is None:
            return None
        patterns: set[CodePattern] = set()
        for leaf in (leaf for criterion in self._criteria() for leaf in _claims(criterion)):
            patterns.update(self.affected.patterns if leaf.codes is None else leaf.codes.patterns)
        return _listed(patterns)

    def _criteria(self) -> Iterator[Criterion]:
        for policy in (*self.before.policies.values(), *self.after.policies.values()):
            for version in policy.versions:
                if self.affected is None or _touches(self.affected, version):
                    yield from (OneOf(fact=fact, codes=CodeList()) for fact, _ in version.applies_to)
                    criteria = (version.scope, *(statement.when for statement in version.statements))
                    yield from (criterion for criterion in criteria if criterion is not None)


def on_all_dates(library: Library, number: str, changes: VersionChanges) -> Scenario:
    """As if the one text, and then the other, had been the policy's only version, in force on every date."""
    policy = library.policies[number]
    before, after = changes.before, changes.after
    return Scenario(
        before=_with(library, policy, (_always(before, date.min),)),
        after=_with(library, policy, (_always(after, date.min),)),
        affected=_codes(before, after),
        changes=changes,
        cited={number: (before.effective.isoformat(), after.effective.isoformat())},
    )


def from_its_date(library: Library, number: str, changes: VersionChanges) -> Scenario:
    """As it was published: the earlier version goes on in the first library, and in the second it is followed by the
    later one on that one's own date. Later versions are left out. `after` must take effect after `before`."""
    policy = library.policies[number]
    before, after = changes.before, changes.after
    kept = tuple(v for v in policy.versions if v.effective < before.effective)
    going_on = (*kept, _always(before, before.effective))
    return Scenario(
        before=_with(library, policy, going_on),
        after=_with(library, policy, (*going_on, _always(after, after.effective))),
        affected=_codes(before, after),
        changes=changes,
    )


def between_libraries(before: Library, after: Library) -> Scenario:
    """Each library as it is. Raises PolicyRejected where a fact is not the same kind of value in both."""
    changes = library_changes(before, after)
    problems = [
        Problem(
            after.facts[fact.name].place or Place(after.folder),
            "MP963",
            f"'{fact.name}' is declared otherwise than in {before.folder}",
            "give the fact another name where it is another value",
        )
        for fact in before.facts
        if fact.name in after.facts and _read_as(fact) != _read_as(after.facts[fact.name])
    ]
    if problems:
        raise PolicyRejected(problems)
    return Scenario(before=before, after=after, affected=_affected(before, after, changes), changes=changes)


def _affected(before: Library, after: Library, changes: LibraryChanges) -> CodeList | None:
    """The codes of the policies that changed; of all where the rules did. None where other lines of business exist:
    what is said of a line that nothing governs depends on their names."""
    if {*before.rules.lines_of_business} != {*after.rules.lines_of_business}:
        return None
    both = [policy for change in changes.policies for policy in (change.before, change.after) if policy]
    policies = [*before.policies.values(), *after.policies.values()] if changes.rules else both
    return _codes(*(v for policy in policies for v in policy.versions if v.status is Status.APPROVED))


def _always(version: Version, effective: date) -> Version:
    """The version approved and open-ended from a date on."""
    return replace(version, effective=effective, published=effective, ends=None, status=Status.APPROVED)


def _with(library: Library, policy: Policy, versions: tuple[Version, ...]) -> Library:
    return replace(library, policies={**library.policies, policy.number: replace(policy, versions=versions)})


def _codes(*versions: Version) -> CodeList:
    return _listed({code.pattern for version in versions for code in version.codes})


def _listed(patterns: Iterable[CodePattern]) -> CodeList:
    return CodeList(patterns=tuple(sorted(patterns, key=lambda pattern: (pattern.low, pattern.high))))


def _touches(codes: CodeList, version: Version) -> bool:
    """Whether the version names a code of the list."""
    return any(_overlaps(codes, code.pattern) for code in version.codes)


def _overlaps(codes: CodeList, pattern: CodePattern) -> bool:
    if pattern.low == pattern.high:
        return codes.matches(pattern.low)
    return any(pattern.low <= other.high and other.low <= pattern.high for other in codes.patterns)


def _also_billed(criterion: Criterion) -> Iterator[CodeList]:
    if isinstance(criterion, OneOf) and criterion.fact == "also_billed":
        yield criterion.codes
    for member in members(criterion):
        yield from _also_billed(member)


def _claims(criterion: Criterion) -> Iterator[Claims]:
    if isinstance(criterion, Claims):
        yield criterion
    for member in members(criterion):
        yield from _claims(member)


def _read_as(fact: Fact) -> tuple[object, ...]:
    """What decides how a cell of a claims file becomes the fact's value."""
    return fact.type, fact.unit, fact.low, fact.high, fact.levels, fact.values
