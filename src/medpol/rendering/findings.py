"""A finding in English: its status, then what is the case ("not met: age 61 is not at least 65 years").

The sentence says what was found; the status says whether the criterion, which may be a negation, is met by it.
"""

from dataclasses import replace

from medpol.model.calendar import scale
from medpol.model.criteria import (
    LEAVES,
    All,
    AnyOf,
    AtLeast,
    CannotDetermine,
    Claims,
    Compare,
    CompareBy,
    Criterion,
    Is,
    Leaf,
    Not,
    OneOf,
    Row,
    Unless,
    Window,
)
from medpol.model.determination import Finding
from medpol.model.facts import DataDictionary
from medpol.model.truth import Truth
from medpol.rendering.english import (
    Block,
    bare,
    criterion_block,
    group_head,
    label_before,
    limit_text,
    sentence,
)
from medpol.rendering.words import codes_text, is_plural, number, phrase, quantity, quoted, seen_text

STATUS = {Truth.YES: "met", Truth.NO: "not met", Truth.UNKNOWN: "unknown"}


def finding_lines(finding: Finding, facts: DataDictionary) -> list[tuple[int, str]]:
    """A finding and those it rests on as (depth, line) pairs."""
    return finding_block(finding, facts).lines()


def finding_block(finding: Finding, facts: DataDictionary) -> Block:
    """A finding with those it rests on under it."""
    body = _body(finding, facts)
    return Block(f"{STATUS[finding.truth]}: {label_before(finding.criterion)}{body.head}", body.under)


def _body(finding: Finding, facts: DataDictionary) -> Block:
    match finding.criterion:
        case All() | AnyOf() | AtLeast():
            return _group(finding, facts)
        case Not(of=inner):
            return _negation(finding, inner, facts)
        case Unless():
            return _waiver(finding, facts)
        case CompareBy() as table:
            return _table(finding, table, facts)
        case leaf:
            return Block(_leaf(leaf, finding, facts))


def _members(finding: Finding, facts: DataDictionary) -> tuple[Block, ...]:
    return tuple(finding_block(member, facts) for member in finding.because)


def _group(finding: Finding, facts: DataDictionary, *, negated: bool = False) -> Block:
    group = finding.criterion
    if not isinstance(group, All | AnyOf | AtLeast):
        raise TypeError(group)
    return Block(f"{group_head(group, negated=negated)}{_tally(finding)}", _members(finding, facts))


def _tally(finding: Finding) -> str:
    """How many members are met, not met and unknown, where there are several."""
    truths = [member.truth for member in finding.because]
    counts = [(truths.count(truth), STATUS[truth]) for truth in (Truth.YES, Truth.NO, Truth.UNKNOWN)]
    shown = ", ".join(f"{count} {word}" for count, word in counts if count)
    return f" ({shown})" if len(truths) > 1 else ""


def _negation(finding: Finding, inner: Criterion, facts: DataDictionary) -> Block:
    below = finding.because[0] if finding.because else Finding(inner, ~finding.truth)
    if bare(inner):
        if isinstance(inner, All | AnyOf | AtLeast):
            return _group(below, facts, negated=True)
        if isinstance(inner, LEAVES):
            return Block(_leaf(inner, below, facts, wanted=False))
    return Block("not the following", (finding_block(below, facts),))


def _waiver(finding: Finding, facts: DataDictionary) -> Block:
    if len(finding.because) != 2:
        return criterion_block(finding.criterion, facts)
    inner, waiver = (finding_block(member, facts) for member in finding.because)
    waived = finding.because[1].truth is Truth.YES
    return Block(
        "waived" if waived else "required unless waived",
        (inner, Block(f"waiver {waiver.head}", waiver.under)),
    )


# ── thresholds that depend on the population ────────────────────────────────────────────────────────────────


def _table(finding: Finding, table: CompareBy, facts: DataDictionary) -> Block:
    """The comparison with the threshold that applied, and why it did.

    The finding rests on one clause per row ("an earlier row applies, or this row does not, or the value passes
    its threshold") and one for the loosest threshold.
    """
    if len(finding.because) != len(table.rows) + 1:
        return criterion_block(table, facts)
    index = _row_that_applies(finding, table)
    if index is None:
        rows = tuple(_row(finding, row, at, facts) for at, row in enumerate(table.rows))
        if finding.truth is Truth.NO:  # the value fails even the loosest threshold
            return Block(_comparison(finding.because[-1], facts), rows)
        return Block(criterion_block(replace(table, label="", source=""), facts).head, rows)
    row = table.rows[index]
    comparison = finding.because[index].because[-1]
    return Block(_comparison(comparison, facts), (_row(finding, row, index, facts),))


def _row_that_applies(finding: Finding, table: CompareBy) -> int | None:
    """The first row that applies, or None where that is not known."""
    for index, row in enumerate(table.rows):
        if row.when is None:
            return index
        applies = _when(finding, index).truth
        if applies is not Truth.NO:
            return index if applies is Truth.YES else None
    return None


def _when(finding: Finding, index: int) -> Finding:
    """The finding of the condition of the row at `index`: the one inside the clause's negation."""
    return finding.because[index].because[-2].because[0]


def _row(finding: Finding, row: Row, index: int, facts: DataDictionary) -> Block:
    table = finding.criterion
    limit = limit_text(table.fact, row.then, facts) if isinstance(table, CompareBy) else number(row.then)
    if row.when is None:
        return Block(f"threshold {limit}, otherwise")
    when = finding_block(_when(finding, index), facts)
    return Block(f"threshold {limit}, {when.head}", when.under)


def _comparison(finding: Finding, facts: DataDictionary) -> str:
    leaf = finding.criterion
    return _leaf(leaf, finding, facts) if isinstance(leaf, Compare) else ""


# ── leaves ──────────────────────────────────────────────────────────────────────────────────────────────────


def _leaf(leaf: Leaf, finding: Finding, facts: DataDictionary, *, wanted: bool = True) -> str:
    """What is the case: the leaf's sentence with the value seen, turned where it does not hold.

    Where it is not known: that, and what is wanted (`wanted` False: the opposite).
    """
    negated = finding.truth is Truth.NO
    match leaf:
        case CannotDetermine():
            return sentence(leaf, facts, negated=not wanted)
        case Is() if finding.truth is Truth.UNKNOWN:
            return f"{_not_known(leaf, facts)} ({'yes' if wanted else 'no'} is required)"
        case _ if finding.truth is Truth.UNKNOWN:
            return f"{_not_known(leaf, facts)} ({sentence(leaf, facts, negated=not wanted)})"
        case OneOf(fact=name, codes=codes) if seen_text(finding.seen, facts.get(name)) == codes_text(
            codes, facts.get(name)
        ):
            return sentence(leaf, facts, negated=negated)
        case Compare(fact=name) | OneOf(fact=name):
            return sentence(leaf, facts, negated=negated, seen=seen_text(finding.seen, facts.get(name)))
        case Window(unit=unit):
            return sentence(leaf, facts, negated=negated, seen=f"({_gap(finding.seen, unit)})")
        case Claims():
            found = number(finding.seen) if isinstance(finding.seen, int | float) else "?"
            return f"{found} found ({sentence(leaf, facts, negated=not wanted)})"
        case _:
            return sentence(leaf, facts, negated=negated)


def _not_known(leaf: Leaf, facts: DataDictionary) -> str:
    match leaf:
        case OneOf(codes=codes) if not codes.loaded:
            return f"the list {quoted(codes.name)} is not loaded"
        case Window(event=event, anchor=anchor):
            others = "" if anchor == "service_date" else f" or {phrase(anchor, facts)}"
            return f"{phrase(event, facts)}{others} is not known"
        case Claims():
            return "the claims history is not known"
        case Compare(fact=name) | OneOf(fact=name) | Is(fact=name):
            return f"{phrase(name, facts)} {'are' if is_plural(name) else 'is'} not known"
        case CannotDetermine():
            return "no fact can settle it"


def _gap(seen: object, unit: str) -> str:
    """A distance in fine units (`calendar.distance`) in words: `9 months before`, `12 months and some days after`."""
    if not isinstance(seen, int):
        return str(seen)
    side = "after" if seen < 0 else "before"
    if seen == 0:
        return "the same day"
    if unit in ("d", "wk"):
        return f"{quantity(abs(seen), 'd')} {side}"
    months, rest = divmod(abs(seen), scale("mo"))
    days = "some days" if rest else ""
    whole = quantity(months, "mo") if months else ""
    return f"{' and '.join(part for part in (whole, days) if part)} {side}"
