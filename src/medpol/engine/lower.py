"""Every criterion as threshold gates and negations over leaves: the small language both modes decide.

`all` of k is "at least k of k", `any` is "at least 1", a waiver is an `any`. A table of thresholds becomes,
row by row, "an earlier row applies, or this row does not, or the value passes this row's threshold", and one
clause more, "the value passes the loosest threshold": without it a value that fails every row would be
unknown while it is not known which row applies.
"""

from typing import TypeAlias

from medpol.model.criteria import (
    All,
    AnyOf,
    AtLeast,
    Compare,
    CompareBy,
    Criterion,
    Leaf,
    Not,
    Unless,
)

Gate: TypeAlias = AtLeast | Not | Leaf
"""What is left: an AtLeast or Not has only such members."""


def lower(criterion: Criterion) -> Gate:
    """The same meaning with only AtLeast, Not and leaves."""
    match criterion:
        case All(of=of):
            return _gate(len(of), of)
        case AnyOf(of=of):
            return _gate(1, of)
        case AtLeast(n=n, of=of):
            return _gate(n, of)
        case Unless(of=inner, waiver=waiver):
            return _gate(1, (inner, waiver))
        case CompareBy():
            return lower(All(of=clauses(criterion)))
        case Not(of=inner):
            return Not(of=lower(inner))
        case leaf:
            return leaf


def clauses(table: CompareBy) -> tuple[Criterion, ...]:
    """What must all hold for a table of thresholds to be passed; each row's clause, then the loosest threshold."""
    earlier: list[Criterion] = []
    result: list[Criterion] = []
    for row in table.rows:
        own = (Not(of=row.when),) if row.when is not None else ()
        result.append(AnyOf(of=(*earlier, *own, passes(table, row.then))))
        if row.when is not None:
            earlier.append(row.when)
    thresholds = [row.then for row in table.rows]
    loosest = min(thresholds) if table.op.startswith(">") else max(thresholds)
    return (*result, passes(table, loosest))


def passes(table: CompareBy, threshold: float) -> Compare:
    """The comparison of one row."""
    is_open = table.op in (">", "<")
    if table.op.startswith(">"):
        return Compare(fact=table.fact, low=threshold, low_open=is_open)
    return Compare(fact=table.fact, high=threshold, high_open=is_open)


def _gate(n: int, of: tuple[Criterion, ...]) -> AtLeast:
    return AtLeast(n=n, of=tuple(lower(member) for member in of))
