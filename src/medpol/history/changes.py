"""What differs between two versions of a policy, and between two libraries, as data.

Statements are the same where their ids are. Criteria are compared by what they ask: a label, a source key or a place
makes them no other, only worded otherwise.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from medpol.model.changes import (
    Aspect,
    LibraryChanges,
    ListChange,
    PolicyChange,
    StatementChange,
    VersionChanges,
)
from medpol.model.criteria import All, AnyOf, AtLeast, CompareBy, Criterion, Not, Unless
from medpol.model.policy import Grant, Policy, ServiceCode, Statement, Status, Version
from medpol.model.rules import Library


def version_changes(before: Version, after: Version) -> VersionChanges:
    """What `after` says otherwise than `before`."""
    added, removed, changed = _codes(before.codes, after.codes)
    scopes = before.scope, after.scope
    return VersionChanges(
        before=before,
        after=after,
        codes_added=added,
        codes_removed=removed,
        codes_changed=changed,
        lists=tuple(_lists(before, after)),
        statements=tuple(_statements(before, after)),
        scope=None if _asks(before.scope) == _asks(after.scope) else scopes,
        applies_to=before.applies_to != after.applies_to,
    )


def library_changes(before: Library, after: Library) -> LibraryChanges:
    """Policies added, removed and changed, as far as approved versions go; and whether the plan's rules differ."""
    numbers = sorted({*before.policies, *after.policies})
    found = (_policy(before.policies.get(number), after.policies.get(number)) for number in numbers)
    rules = replace(before.rules, plan="", notice=""), replace(after.rules, plan="", notice="")
    return LibraryChanges(policies=tuple(change for change in found if change), rules=rules[0] != rules[1])


def _policy(before: Policy | None, after: Policy | None) -> PolicyChange | None:
    old, new = _approved(before), _approved(after)
    pairs = [version_changes(old[day], new[day]) for day in sorted(old.keys() & new.keys())]
    change = PolicyChange(
        before=before,
        after=after,
        versions=tuple(pair for pair in pairs if not pair.none or pair.before.ends != pair.after.ends),
        begun=tuple(new[day] for day in sorted(new.keys() - old.keys())),
        ended=tuple(old[day] for day in sorted(old.keys() - new.keys())),
    )
    moved = bool(before and after and before.authority != after.authority)
    return change if moved or change.versions or change.begun or change.ended else None


def _approved(policy: Policy | None) -> dict[str, Version]:
    versions = policy.versions if policy else ()
    return {v.effective.isoformat(): v for v in versions if v.status is Status.APPROVED}


# codes


def _codes(
    before: Sequence[ServiceCode], after: Sequence[ServiceCode]
) -> tuple[tuple[ServiceCode, ...], tuple[ServiceCode, ...], tuple[tuple[ServiceCode, ServiceCode], ...]]:
    old, new = {_governs(code): code for code in before}, {_governs(code): code for code in after}
    gone = {(code.system, code.pattern): code for key, code in old.items() if key not in new}
    come = {(code.system, code.pattern): code for key, code in new.items() if key not in old}
    return (
        tuple(code for key, code in come.items() if key not in gone),
        tuple(code for key, code in gone.items() if key not in come),
        tuple((gone[key], code) for key, code in come.items() if key in gone),
    )


def _governs(code: ServiceCode) -> ServiceCode:
    """The code without what decides nothing."""
    return replace(code, label="", source="")


def _lists(before: Version, after: Version) -> Iterator[ListChange]:
    old = {named.name: named.codes.patterns for named in before.code_lists}
    for named in after.code_lists:
        patterns = old.get(named.name)
        if patterns is not None and set(patterns) != set(named.codes.patterns):
            added = tuple(p for p in named.codes.patterns if p not in set(patterns))
            removed = tuple(p for p in patterns if p not in set(named.codes.patterns))
            yield ListChange(name=named.name, added=added, removed=removed)


# statements


def _statements(before: Version, after: Version) -> Iterator[StatementChange]:
    """Those of the later version in order, then those that are gone."""
    old, new = _all_statements(before), _all_statements(after)
    moved = _moved([name for name in old if name in new], [name for name in new if name in old])
    for name, statement in new.items():
        if name not in old:
            yield StatementChange(before=None, after=statement)
            continue
        aspects = (*_aspects(old[name], statement), *((Aspect.ORDER,) if name in moved else ()))
        if aspects:
            yield StatementChange(before=old[name], after=statement, aspects=aspects)
    yield from (StatementChange(before=old[name], after=None) for name in old if name not in new)


def _all_statements(version: Version) -> dict[str, Statement]:
    return {s.id: s for s in (*version.statements, *((version.default,) if version.default else ()))}


def _moved(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """The names that changed places with another: the first statement that holds decides."""
    place = {name: i for i, name in enumerate(after)}
    swapped = ((one, other) for one, other in combinations(before, 2) if place[one] > place[other])
    return {name for pair in swapped for name in pair}


def _aspects(before: Statement, after: Statement) -> Iterator[Aspect]:
    if before.position is not after.position:
        yield Aspect.POSITION
    if _asks(before.when) != _asks(after.when):
        yield Aspect.CRITERION
    if set(before.services) != set(after.services):
        yield Aspect.SERVICES
    if before.population != after.population:
        yield Aspect.POPULATION
    if _given(before) != _given(after):
        yield Aspect.GRANTS
    reworded = before.when != after.when and _asks(before.when) == _asks(after.when)
    if reworded or _words(before) != _words(after):
        yield Aspect.WORDING


def _words(statement: Statement) -> tuple[str, ...]:
    return statement.wording, statement.conclusion, statement.delegate, statement.source


def _given(statement: Statement) -> tuple[object, ...]:
    return (statement.lesser_of_requested, *(_granted(grant) for grant in statement.grants))


def _granted(grant: Grant) -> tuple[object, ...]:
    return (grant.name, *((_asks(row.when), row.value) for row in grant.rows))


def _asks(criterion: Criterion | None) -> Criterion | None:
    """The criterion without labels and sources, all the way down."""
    if criterion is None:
        return None
    plain = replace(criterion, label="", source="")
    match plain:
        case All(of=of) | AnyOf(of=of) | AtLeast(of=of):
            return replace(plain, of=tuple(_plain(of)))
        case Not(of=inner):
            return replace(plain, of=_asks(inner) or inner)
        case Unless(of=inner, waiver=waiver):
            return replace(plain, of=_asks(inner) or inner, waiver=_asks(waiver) or waiver)
        case CompareBy(rows=rows):
            return replace(plain, rows=tuple(replace(row, when=_asks(row.when)) for row in rows))
        case _:
            return plain


def _plain(criteria: Iterable[Criterion]) -> Iterator[Criterion]:
    for criterion in criteria:
        yield _asks(criterion) or criterion
