"""A criterion in English, regular enough to be read back: one tree, one text.

Every criterion is a head line with the lines under it. Leaves are sentences about one fact ("age is at least
65 years"), groups count ("at least 2 of the following"), `not` turns the sentence or the count, a waiver is an
"unless". Where a short form could be read in two ways the long one is used.
"""

from functools import partial
from typing import NamedTuple

from medpol.model.codes import CodeList
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
    Unless,
    Window,
    Within,
)
from medpol.model.facts import DataDictionary, Fact, FactType
from medpol.model.units import spoken
from medpol.rendering import phrasings
from medpol.rendering.words import (
    codes_text,
    day_of,
    diagnoses_text,
    is_plural,
    key_text,
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
    source = f" [{key_text(criterion.source)}]" if criterion.source else ""
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
            return phrasings.NOT_ALL if negated else phrasings.ALL
        case AnyOf():
            return phrasings.NONE if negated else phrasings.ANY
        case AtLeast(n=n):
            return (phrasings.FEWER if negated else phrasings.AT_LEAST).say(n=n)


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
    return Block(phrasings.NOT_THE_FOLLOWING, (criterion_block(inner, facts),))


def _waived(criterion: Unless, facts: DataDictionary) -> Block:
    inner, waiver = criterion_block(criterion.of, facts), criterion_block(criterion.waiver, facts)
    short = bare(criterion) and is_sentence(criterion.waiver)
    if short and is_sentence(criterion.of):
        return Block(f"{inner.head}{phrasings.UNLESS}{waiver.head}")
    when = Block(f"{phrasings.WAIVED_IF}{waiver.head}", waiver.under)
    if bare(criterion) and isinstance(criterion.of, All | AnyOf | AtLeast):
        return Block(f"{inner.head}{phrasings.UNLESS}{phrasings.WAIVED}", (*inner.under, when))
    return Block(phrasings.REQUIRED, (inner, when))


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
            rows.append(Block(f"{phrasings.OTHERWISE}{limit}"))
        else:
            when = criterion_block(row.when, facts)
            rows.append(Block(f"{limit}{phrasings.IF}{when.head}", when.under))
    word = _comparing(criterion.fact, facts)[criterion.op]
    return Block(f"{phrase(criterion.fact, facts)} is {word}", tuple(rows))


# ── leaves ──────────────────────────────────────────────────────────────────────────────────────────────────


def sentence(leaf: Leaf, facts: DataDictionary, *, negated: bool = False, seen: str = "") -> str:
    """A leaf, or its opposite, as a sentence; `seen` is put behind the fact's name."""
    match leaf:
        case Is(fact=name):
            answer = phrasings.NO if negated else phrasings.YES
            return phrasings.ANSWER.say(
                fact=_subject(name, seen, facts), answer=answer, vouched=_vouched(facts.get(name))
            )
        case Compare():
            return f"{_subject(leaf.fact, seen, facts)} is {'not ' if negated else ''}{_interval(leaf, facts, negated)}"
        case OneOf():
            return f"{_subject(leaf.fact, seen, facts)} {_membership(leaf, facts, negated)}"
        case Window():
            return f"{_subject(leaf.event, seen, facts)} is {'not ' if negated else ''}{_distance(leaf, facts)}"
        case Claims():
            return f"{phrasings.NOT if negated else ''}{_count(leaf, facts)}"
        case CannotDetermine(because=because, what=what):
            said = phrasings.UNDECIDED.say(because=phrasings.REASONS[because], what=quoted(what))
            return f"{phrasings.NOT if negated else ''}{said}"


def _subject(name: str, seen: str, facts: DataDictionary) -> str:
    return f"{phrase(name, facts)} {seen}" if seen else phrase(name, facts)


def _vouched(fact: Fact | None) -> str:
    return phrasings.VOUCHED[fact.source] if fact else ""


def _comparing(name: str, facts: DataDictionary) -> dict[str, str]:
    fact = facts.get(name)
    return phrasings.comparing(fact.type if fact else FactType.NUMBER)


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
        return phrasings.KNOWN
    if low is not None and low == high and not leaf.low_open and not leaf.high_open:
        return f"{word['==']} {limit_text(leaf.fact, low, facts)}"
    both = low is not None and high is not None
    ends = []
    if low is not None:
        ends.append(f"{word['>' if leaf.low_open else '>=']} {limit_text(leaf.fact, low, facts, unit=not both)}")
    if high is not None:
        ends.append(f"{word['<' if leaf.high_open else '<=']} {limit_text(leaf.fact, high, facts)}")
    return f"{phrasings.BOTH if negated and both else ''}{phrasings.AND.join(ends)}"


def _membership(leaf: OneOf, facts: DataDictionary, negated: bool) -> str:
    fact, codes = facts.get(leaf.fact), leaf.codes
    text = codes_text(codes, fact)
    single = not codes.name and len(codes.patterns) == 1 and codes.patterns[0].low == codes.patterns[0].high
    if fact is None or fact.type is not FactType.SET:
        by = "" if single else phrasings.ON if codes.name else phrasings.ONE_OF
        return f"is {'not ' if negated else ''}{by}{text}"
    plural = is_plural(leaf.fact)
    if single:
        verb = ("do not include" if plural else "does not include") if negated else "include" if plural else "includes"
        return f"{verb} {text}"
    which = "none" if negated else "any"
    return f"{'include' if plural else 'includes'} {which} {'on' if codes.name else 'of'} {text}"


def _distance(leaf: Window, facts: DataDictionary) -> str:
    table = (
        phrasings.DAY_GAPS
        if leaf.unit == "d" and any(gap.fits(leaf.low, leaf.high) for gap in phrasings.DAY_GAPS)
        else phrasings.GAPS
    )
    gap = phrasings.fitting(table, leaf.low, leaf.high)
    said = gap.say(leaf.low, leaf.high, partial(quantity, unit=leaf.unit), unit=spoken(leaf.unit))
    return f"{said}{phrasings.THE_ANCHOR.format(anchor=phrase(leaf.anchor, facts))}"


def _count(leaf: Claims, facts: DataDictionary) -> str:
    one, many = phrasings.COUNTED[leaf.measure]
    single = 1 in (leaf.low, leaf.high) and (None in (leaf.low, leaf.high) or leaf.low == leaf.high)
    diagnoses = phrasings.DIAGNOSES_ON if leaf.diagnosis is not None and leaf.diagnosis.name else phrasings.DIAGNOSES
    return phrasings.CLAIMS.say(
        count=phrasings.fitting(phrasings.COUNTS, leaf.low, leaf.high).say(leaf.low, leaf.high, digits),
        counted=one if single else many,
        what=_counted_codes(leaf.codes),
        span=_span(leaf, facts),
        diagnosis="" if leaf.diagnosis is None else diagnoses.say(codes=diagnoses_text(leaf.diagnosis)),
        same=phrasings.SAME.say(same=phrasings.AND.join(leaf.same)) if leaf.same else "",
    )


def _counted_codes(codes: CodeList | None) -> str:
    if codes is None:
        return phrasings.SAME_CODE
    form = phrasings.ANY_ON if codes.name else phrasings.ONE_CODE if len(codes.patterns) == 1 else phrasings.MANY_CODES
    return form.say(codes=codes_text(codes, None))


def _span(leaf: Claims, facts: DataDictionary) -> str:
    if leaf.within is Within.SAME_CLAIM and leaf.before == "service_date":
        return phrasings.SAME_CLAIM
    length = quantity(leaf.length, leaf.unit) if leaf.within is Within.LENGTH else ""
    return phrasings.SPANS[leaf.within].say(anchor=phrase(leaf.before, facts), length=length)
