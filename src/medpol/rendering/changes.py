"""What differs between two versions or two libraries, in English."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from medpol.model.changes import (
    Aspect,
    LibraryChanges,
    ListChange,
    PolicyChange,
    StatementChange,
    VersionChanges,
)
from medpol.model.codes import CodePattern
from medpol.model.criteria import Criterion
from medpol.model.facts import DataDictionary
from medpol.model.policy import Grant, ServiceCode, Statement, Version
from medpol.rendering.english import criterion_lines, criterion_text
from medpol.rendering.words import phrase, quantity, quoted

_LISTED = 12
"""Codes that are named before "and N more"."""


class Line(NamedTuple):
    """A line of a nested list. `mark` says that it was added or removed."""

    depth: int
    text: str
    mark: Literal["", "+", "−"] = ""


def changes_lines(changes: VersionChanges | LibraryChanges, facts: DataDictionary) -> list[Line]:
    """Every difference, from the codes to the criteria; one line where there is none."""
    found = _version(changes, facts) if isinstance(changes, VersionChanges) else _library(changes, facts)
    return list(found) or [Line(0, "both decide and say the same")]


def _library(changes: LibraryChanges, facts: DataDictionary) -> Iterator[Line]:
    if changes.rules:
        yield Line(0, "the plan's rules differ: lines of business, precedence or assumptions")
    for change in changes.policies:
        yield from _policy(change, facts)


def _policy(change: PolicyChange, facts: DataDictionary) -> Iterator[Line]:
    policy = change.after or change.before
    if policy is None:
        return
    name = f"{policy.number}, {policy.title}"
    if change.before is None or change.after is None:
        yield Line(0, f"policy {name}", "−" if change.after is None else "+")
        return
    yield Line(0, f"policy {name}")
    if change.before.authority != change.after.authority:
        yield Line(1, f"authority: {_spaced(change.before.authority)} → {_spaced(change.after.authority)}")
    yield from (Line(1, f"version {version.effective}", "+") for version in change.begun)
    yield from (Line(1, f"version {version.effective}", "−") for version in change.ended)
    for pair in change.versions:
        yield Line(1, f"version {pair.after.effective}")
        yield from (line._replace(depth=line.depth + 2) for line in _version(pair, facts))


def _version(changes: VersionChanges, facts: DataDictionary) -> Iterator[Line]:
    if changes.codes_added:
        yield Line(0, f"codes: {_codes(changes.codes_added)}", "+")
    if changes.codes_removed:
        yield Line(0, f"codes: {_codes(changes.codes_removed)}", "−")
    yield from (Line(0, f"code {_code(old)} → {_code(new)}") for old, new in changes.codes_changed)
    yield from (line for change in changes.lists for line in _list(change))
    if changes.applies_to:
        yield Line(0, f"applies to {_applies_to(changes.before)} → {_applies_to(changes.after)}")
    if changes.scope is not None:
        yield Line(0, "scope")
        yield from _criterion(*changes.scope, facts, depth=1)
    for change in changes.statements:
        yield from _statement(change, facts)


def _list(change: ListChange) -> Iterator[Line]:
    yield Line(0, f"the list {quoted(change.name)}")
    for patterns, mark in ((change.added, "+"), (change.removed, "−")):
        if patterns:
            yield Line(1, f"{len(patterns)} codes: {_some(patterns)}", "+" if mark == "+" else "−")


def _codes(codes: Sequence[ServiceCode]) -> str:
    return "; ".join(
        f"{_some(code.pattern for code in codes if code.role == role)}{f' ({role})' if role else ''}"
        for role in dict.fromkeys(code.role for code in codes)
    )


def _some(patterns: Iterable[CodePattern]) -> str:
    texts = [str(pattern) for pattern in patterns]
    more = f" and {len(texts) - _LISTED} more" if len(texts) > _LISTED else ""
    return ", ".join(texts[:_LISTED]) + more


def _code(code: ServiceCode) -> str:
    limits = (code.role, f"from {code.from_}" if code.from_ else "", f"until before {code.until}" if code.until else "")
    said = ", ".join(filter(None, limits))
    return f"{code.pattern} ({said or 'no role'})"


def _applies_to(version: Version) -> str:
    return "; ".join(f"{_spaced(fact)} {', '.join(values)}" for fact, values in version.applies_to) or "everyone"


def _statement(change: StatementChange, facts: DataDictionary) -> Iterator[Line]:
    old, new = change.before, change.after
    one = new or old
    if one is None:
        return
    if old is None or new is None:
        mark: Literal["+", "−"] = "+" if old is None else "−"
        yield Line(0, f"statement {one.id}: {_spaced(one.position)}{_about(one)}", mark)
        lines = criterion_lines(one.when, facts) if one.when else [(0, "always")]
        yield from (Line(depth + 1, text, mark) for depth, text in lines)
        return
    yield Line(0, f"statement {one.id}: {_spaced(one.position)}")
    for aspect in change.aspects:
        yield from _aspect(aspect, old, new, facts)


def _aspect(aspect: Aspect, old: Statement, new: Statement, facts: DataDictionary) -> Iterator[Line]:
    match aspect:
        case Aspect.POSITION:
            yield Line(1, f"position: {_spaced(old.position)} → {_spaced(new.position)}")
        case Aspect.CRITERION:
            yield Line(1, "criterion")
            yield from _criterion(old.when, new.when, facts, depth=2)
        case Aspect.SERVICES:
            yield Line(1, f"services: {_services(old)} → {_services(new)}")
        case Aspect.POPULATION:
            yield Line(1, f"population: {old.population or 'not named'} → {new.population or 'not named'}")
        case Aspect.GRANTS:
            yield Line(1, f"grants: {_grants(old, facts)} → {_grants(new, facts)}")
        case Aspect.ORDER:
            yield Line(1, "changed places with another statement; the first that holds decides")
        case Aspect.WORDING:
            yield Line(1, "worded, labelled or sourced otherwise")


def _criterion(old: Criterion | None, new: Criterion | None, facts: DataDictionary, depth: int) -> Iterator[Line]:
    """Both texts as one, line by line, with what went and what came."""
    before, after = (criterion_lines(c, facts) if c is not None else [(0, "always")] for c in (old, new))
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (Line(level + depth, text) for level, text in before[a:b])
        else:
            yield from (Line(level + depth, text, "−") for level, text in before[a:b])
            yield from (Line(level + depth, text, "+") for level, text in after[c:d])


def _about(statement: Statement) -> str:
    return f", for {_services(statement)}" if statement.services else ""


def _services(statement: Statement) -> str:
    return ", ".join(statement.services) or "every code"


def _grants(statement: Statement, facts: DataDictionary) -> str:
    return "; ".join(_grant(grant, facts) for grant in statement.grants) or "nothing named"


def _grant(grant: Grant, facts: DataDictionary) -> str:
    rows = (
        f"{quantity(row.value.value, row.value.unit)}{f' if {criterion_text(row.when, facts)}' if row.when else ''}"
        for row in grant.rows
    )
    return f"{phrase(grant.name, facts)} {', else '.join(rows)}"


def _spaced(name: str) -> str:
    return name.replace("_", " ")
