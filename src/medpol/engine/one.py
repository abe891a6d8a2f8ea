"""Decide one request, keeping every finding: no short cut, so the trace is whole.

A criterion becomes a closure once and is then asked any number of times. The trace is the result.
"""

from collections.abc import Callable
from typing import TypeAlias

from medpol.engine.lower import clauses
from medpol.engine.predicates.table import predicate
from medpol.model.criteria import All, AnyOf, AtLeast, CompareBy, Criterion, Leaf, Not, Unless
from medpol.model.determination import Finding
from medpol.model.request import Request
from medpol.model.truth import Truth

Decide: TypeAlias = Callable[[Request], Finding]

_NO, _UNKNOWN, _YES = Truth.NO, Truth.UNKNOWN, Truth.YES
_finding = tuple.__new__  # a Finding without its Python-level constructor: half the cost of a leaf


def decide(criterion: Criterion, request: Request) -> Finding:
    """The whole finding of one criterion on one request; `prepare` once where the same criterion is asked often."""
    return prepare(criterion)(request)


def prepare(criterion: Criterion) -> Decide:
    """The criterion as a function from a request to its finding."""
    match criterion:
        case All(of=of):
            return _at_least(criterion, len(of), of)
        case AnyOf(of=of):
            return _at_least(criterion, 1, of)
        case AtLeast(n=n, of=of):
            return _at_least(criterion, n, of)
        case Unless(of=inner, waiver=waiver):
            return _at_least(criterion, 1, (inner, waiver))
        case CompareBy():
            parts = clauses(criterion)
            return _at_least(criterion, len(parts), parts)
        case Not(of=inner):
            return _not(criterion, inner)
        case leaf:
            return _leaf(leaf)


def _at_least(criterion: Criterion, n: int, of: tuple[Criterion, ...]) -> Decide:
    members = tuple(prepare(member) for member in of)
    spare = len(members) - n  # how many may fail

    def run(request: Request) -> Finding:
        because = tuple([member(request) for member in members])
        yes = no = 0
        for finding in because:
            truth = finding[1]
            if truth is _YES:
                yes += 1
            elif truth is _NO:
                no += 1
        truth = _YES if yes >= n else _NO if no > spare else _UNKNOWN
        return _finding(Finding, (criterion, truth, because, None))

    return run


def _not(criterion: Not, inner: Criterion) -> Decide:
    member = prepare(inner)

    def run(request: Request) -> Finding:
        finding = member(request)
        return _finding(Finding, (criterion, ~finding.truth, (finding,), None))

    return run


def _leaf(leaf: Leaf) -> Decide:
    meaning = predicate(leaf)
    observe, holds = meaning.observe(leaf), meaning.holds(leaf)

    def run(request: Request) -> Finding:
        value = observe(request)
        if value is None:  # the one place where a missing fact becomes unknown
            return _finding(Finding, (leaf, _UNKNOWN, (), None))
        return _finding(Finding, (leaf, _YES if holds(value) else _NO, (), value))

    return run
