"""A criterion in English, regular enough to be read back: one tree, one text.

Every criterion is a head line with the lines under it. Leaves are sentences about one fact ("age is at least
65 years"), groups count ("at least 2 of the following"), `not` turns the sentence or the count, a waiver is an
"unless". Where a short form could be read in two ways the long one is used.
"""

from typing import NamedTuple

from medpol.model.criteria import (
    LEAVES,
    All,
    AnyOf,
    AtLeast,
    Because,
    CannotDetermine,
    Claims,
    Compare,
    CompareBy,
    Criterion,
    Is,
    Leaf,
    Measure,
    Not,
    OneOf,
    Unless,
    Window,
    Within,
)
from medpol.model.facts import DataDictionary, Fact, FactSource, FactType
from medpol.rendering.words import (
    codes_text,
    day_of,
    diagnoses_text,
    is_plural,
    level_of,
    phrase,
    quantity,
    quoted,
)
from medpol.rendering.words import number as digits


class Block(NamedTuple):
    """A line and the lines under it."""

    head: str
    under: "tuple[Block, ...]" = ()

    def lines(self, indent: int = 0) -> list[tuple[int, str]]:
        """Every line with its depth; a line with others under it ends in a colon."""
        head = f"{self.head}:" if self.under else self.head
        return [(indent, head), *(line for block in self.under for line in block.lines(indent + 1))]

    def __str__(self) -> str:
        return f"{self.head} ({'; '.join(map(str, self.under))})" if self.under else self.head


def criterion_lines(criterion: Criterion, facts: DataDictionary) -> list[tuple[int, str]]:
    """A criterion as (depth, line) pairs, for a list with bullets."""
    return criterion_block(criterion, facts).lines()


def criterion_text(criterion: Criterion, facts: DataDictionary) -> str:
    """A criterion as one sentence; groups list their members in brackets."""
    return str(criterion_block(criterion, facts))


def criterion_block(criterion: Criterion, facts: DataDictionary) -> Block:
    """A criterion with its label in front and its source key behind."""
    body = _body(criterion, facts)
    source = f" [{criterion.source}]" if criterion.source else ""
    return Block(f"{label_before(criterion)}{body.head}{source}", body.under)


def label_before(criterion: Criterion) -> str:
    return f"{quoted(criterion.label)}: " if criterion.label else ""


def _body(criterion: Criterion, facts: DataDictionary) -> Block:
    match criterion:
        case All() | AnyOf() | AtLeast():
            return Block(group_head(criterion), tuple(criterion_block(member, facts) for member in criterion.of))
        case Not(of=inner):
            return _negated(inner, facts)
        case Unless():
            return _waived(criterion, facts)
        case CompareBy():
            return _table(criterion, facts)
        case leaf:
            return Block(sentence(leaf, facts))


def group_head(group: All | AnyOf | AtLeast, *, negated: bool = False) -> str:
    """How many of a group's members must hold."""
    match group:
        case All():
            return "not all of the following" if negated else "all of the following"
        case AnyOf():
            return "none of the following" if negated else "any of the following"
        case AtLeast(n=n):
            return f"fewer than {n} of the following" if negated else f"at least {n} of the following"


def bare(criterion: Criterion) -> bool:
    """Without label and source of its own."""
    return not criterion.label and not criterion.source


def _negated(inner: Criterion, facts: DataDictionary) -> Block:
    if bare(inner):
        match inner:
            case All() | AnyOf() | AtLeast():
                return Block(
                    group_head(inner, negated=True), tuple(criterion_block(member, facts) for member in inner.of)
                )
            case Compare() | Is() | OneOf() | Window() | Claims() | CannotDetermine():
                return Block(sentence(inner, facts, negated=True))
    return Block("not the following", (criterion_block(inner, facts),))


def _waived(criterion: Unless, facts: DataDictionary) -> Block:
    inner, waiver = criterion_block(criterion.of, facts), criterion_block(criterion.waiver, facts)
    short = bare(criterion) and is_sentence(criterion.waiver)
    if short and is_sentence(criterion.of):
        return Block(f"{inner.head}, unless {waiver.head}")
    when = Block(f"waived if {waiver.head}", waiver.under)
    if bare(criterion) and isinstance(criterion.of, All | AnyOf | AtLeast):
        return Block(f"{inner.head}, unless waived", (*inner.under, when))
    return Block("required unless waived", (inner, when))


def is_sentence(criterion: Criterion) -> bool:
    """A leaf, or a leaf turned by `not`: one line without a clause of its own."""
    if isinstance(criterion, Not):
        return isinstance(criterion.of, LEAVES) and bare(criterion.of)
    return isinstance(criterion, LEAVES)


def _table(criterion: CompareBy, facts: DataDictionary) -> Block:
    rows: list[Block] = []
    for row in criterion.rows:
        limit = limit_text(criterion.fact, row.then, facts)
        if row.when is None:
            rows.append(Block(f"otherwise {limit}"))
        else:
            when = criterion_block(row.when, facts)
            rows.append(Block(f"{limit} if {when.head}", when.under))
    word = _comparing(criterion.fact, facts)[criterion.op]
    return Block(f"{phrase(criterion.fact, facts)} is {word}", tuple(rows))


# ── leaves ──────────────────────────────────────────────────────────────────────────────────────────────────


def sentence(leaf: Leaf, facts: DataDictionary, *, negated: bool = False, seen: str = "") -> str:
    """A leaf, or its opposite, as a sentence; `seen` is put behind the fact's name."""
    match leaf:
        case Is(fact=name):
            return f"{_subject(name, seen, facts)}: {'no' if negated else 'yes'}{_vouched(facts.get(name))}"
        case Compare():
            return f"{_subject(leaf.fact, seen, facts)} is {'not ' if negated else ''}{_interval(leaf, facts, negated)}"
        case OneOf():
            return f"{_subject(leaf.fact, seen, facts)} {_membership(leaf, facts, negated)}"
        case Window():
            return f"{_subject(leaf.event, seen, facts)} is {'not ' if negated else ''}{_distance(leaf, facts)}"
        case Claims():
            return f"{'not: ' if negated else ''}{_count(leaf, facts)}"
        case CannotDetermine(because=because, what=what):
            opposite = "not: " if negated else ""
            return f"{opposite}cannot be determined from facts ({_REASONS[because]}): {quoted(what)}"


def _subject(name: str, seen: str, facts: DataDictionary) -> str:
    return f"{phrase(name, facts)} {seen}" if seen else phrase(name, facts)


_VOUCHED = {
    FactSource.RECORD: "",
    FactSource.ATTESTATION: " (provider's attestation)",
    FactSource.DOCUMENT: " (document on file)",
    FactSource.REVIEWER: " (reviewer's judgement)",
    FactSource.PLAN: " (plan's own records)",
}


def _vouched(fact: Fact | None) -> str:
    return _VOUCHED[fact.source] if fact else ""


_REASONS = {
    Because.JUDGEMENT: "judgement",
    Because.LICENSED: "licensed criteria",
    Because.OPEN_LIST: "open-ended list",
    Because.NOT_AVAILABLE: "not available",
}

_AMOUNTS = {">=": "at least", ">": "more than", "<=": "at most", "<": "below", "==": "exactly"}
_LEVELS = {**_AMOUNTS, ">": "above"}
_DATES = {">=": "on or after", ">": "after", "<=": "on or before", "<": "before", "==": "on"}


def _comparing(name: str, facts: DataDictionary) -> dict[str, str]:
    fact = facts.get(name)
    kind = fact.type if fact else FactType.NUMBER
    return _DATES if kind is FactType.DATE else _LEVELS if kind is FactType.ORDINAL else _AMOUNTS


def limit_text(name: str, value: float, facts: DataDictionary, *, unit: bool = True) -> str:
    """A threshold of a fact: a quantity, a level's name, or a date."""
    fact = facts.get(name)
    if fact is None:
        return digits(value)
    if fact.type is FactType.DATE:
        return day_of(value)
    if fact.type is FactType.ORDINAL:
        return level_of(value, fact)
    return quantity(value, fact.unit) if unit else digits(value)


def _interval(leaf: Compare, facts: DataDictionary, negated: bool) -> str:
    word, low, high = _comparing(leaf.fact, facts), leaf.low, leaf.high
    if low is None and high is None:
        return "known"
    if low is not None and low == high and not leaf.low_open and not leaf.high_open:
        return f"{word['==']} {limit_text(leaf.fact, low, facts)}"
    both = low is not None and high is not None
    ends = []
    if low is not None:
        ends.append(f"{word['>' if leaf.low_open else '>=']} {limit_text(leaf.fact, low, facts, unit=not both)}")
    if high is not None:
        ends.append(f"{word['<' if leaf.high_open else '<=']} {limit_text(leaf.fact, high, facts)}")
    return f"{'both ' if negated and both else ''}{' and '.join(ends)}"


def _membership(leaf: OneOf, facts: DataDictionary, negated: bool) -> str:
    fact, codes = facts.get(leaf.fact), leaf.codes
    text = codes_text(codes, fact)
    single = not codes.name and len(codes.patterns) == 1 and codes.patterns[0].low == codes.patterns[0].high
    if fact is None or fact.type is not FactType.SET:
        by = "" if single else "on " if codes.name else "one of "
        return f"is {'not ' if negated else ''}{by}{text}"
    plural = is_plural(leaf.fact)
    if single:
        verb = ("do not include" if plural else "does not include") if negated else "include" if plural else "includes"
        return f"{verb} {text}"
    which = "none" if negated else "any"
    return f"{'include' if plural else 'includes'} {which} {'on' if codes.name else 'of'} {text}"


def _distance(leaf: Window, facts: DataDictionary) -> str:
    anchor = f"the {phrase(leaf.anchor, facts)}"
    return f"{_gap(leaf.low, leaf.high, leaf.unit)} {anchor}"


def _gap(low: int | None, high: int | None, unit: str) -> str:
    if unit == "d" and (low, high) in _DAY_WORDS:
        return _DAY_WORDS[low, high]
    match low, high:
        case None, None:
            return "known together with"
        case None, int():
            return (
                f"at least {quantity(-high, unit)} after"
                if high <= 0
                else f"no earlier than {quantity(high, unit)} before"
            )
        case int(), None:
            return (
                f"at least {quantity(low, unit)} before" if low >= 0 else f"no later than {quantity(-low, unit)} after"
            )
        case 0, int() if high >= 0:
            return f"within {quantity(high, unit)} before"
        case int(), 0:
            return f"within {quantity(-low, unit)} after"
        case int(), int() if low > 0 and high > 0:
            return f"between {digits(low)} and {quantity(high, unit)} before"
        case int(), int() if low < 0 and high < 0:
            return f"between {digits(-high)} and {quantity(-low, unit)} after"
        case _:
            return f"between {_side(high, unit)} and {_side(low, unit)}"


_DAY_WORDS: dict[tuple[int | None, int | None], str] = {
    (1, None): "before",
    (0, None): "on or before",
    (None, -1): "after",
    (None, 0): "on or after",
    (0, 0): "on the same day as",
}


def _side(distance: int | None, unit: str) -> str:
    steps = distance or 0
    return f"{quantity(steps, unit)} before" if steps >= 0 else f"{quantity(-steps, unit)} after"


_COUNTED = {
    Measure.LINES: ("earlier claim", "earlier claims"),
    Measure.DAYS: ("earlier service day", "earlier service days"),
    Measure.UNITS: ("earlier unit", "earlier units"),
}


def _count(leaf: Claims, facts: DataDictionary) -> str:
    codes = leaf.codes
    if codes is None:
        what = "the same code"
    elif codes.name:
        what = f"any code on {codes_text(codes, None)}"
    else:
        what = f"{'code' if len(codes.patterns) == 1 else 'any of the codes'} {codes_text(codes, None)}"
    parts = [f"{_how_many(leaf)} for {what} {_span(leaf, facts)}"]
    if leaf.diagnosis is not None:
        parts.append(f"with any diagnosis {'on' if leaf.diagnosis.name else 'of'} {diagnoses_text(leaf.diagnosis)}")
    if leaf.same:
        parts.append(f"same {' and '.join(leaf.same)}")
    return ", ".join(parts)


def _how_many(leaf: Claims) -> str:
    one, many = _COUNTED[leaf.measure]
    low, high = leaf.low, leaf.high
    if low is None and high is None:
        return f"any number of {many}"
    if low is None:
        return f"no more than {high} {one if high == 1 else many}"
    if high is None:
        return f"at least {low} {one if low == 1 else many}"
    if low == high:
        return f"no {many}" if low == 0 else f"exactly {low} {one if low == 1 else many}"
    return f"{low} to {high} {many}"


def _span(leaf: Claims, facts: DataDictionary) -> str:
    anchor = phrase(leaf.before, facts)
    match leaf.within:
        case Within.LENGTH:
            return f"in the {quantity(leaf.length, leaf.unit)} up to the {anchor}"
        case Within.LIFETIME:
            return f"at any time up to the {anchor}"
        case Within.CALENDAR_YEAR:
            return f"in the calendar year up to the {anchor}"
        case Within.SAME_DAY:
            return f"on the same day as the {anchor}"
        case Within.SAME_CLAIM:
            return (
                "on the same claim" if leaf.before == "service_date" else f"on the same claim, counted for the {anchor}"
            )
