"""Lines with the lines under them → groups, negations, waivers and tables; their leaves are read in `leaves`."""

import re
from collections.abc import Mapping
from dataclasses import replace

from medpol.model.codes import CodeList
from medpol.model.criteria import All, AnyOf, AtLeast, CompareBy, Criterion, Not, Row, Unless
from medpol.model.facts import DataDictionary, FactType
from medpol.problems import PolicyRejected
from medpol.rendering import phrasings
from medpol.rendering.english import Block, criterion_block
from medpol.rendering.reading.layout import Item, Notes, Words, read_layout
from medpol.rendering.reading.leaves import read_leaf
from medpol.rendering.reading.values import Scope, fact_of, limit_of
from medpol.rendering.words import unquoted

_LABEL = re.compile(r"(?P<label>“·*”): ")
_SOURCE = re.compile(r"(?P<said>.*) \[(?P<key>[^][]+)\]")
_TABLE = re.compile(r"(?P<fact>.+?) is (?P<word>.+)")
_NUMBER = r"\d{1,6}"
_TABLE_TYPES = (FactType.NUMBER, FactType.DURATION, FactType.ORDINAL, FactType.DATE)


def read_criterion(
    english: str, facts: DataDictionary, lists: Mapping[str, CodeList] | None = None, name: str = "criterion"
) -> Criterion:
    """The criterion that `english` says, as `criterion_lines` with bullets or as `criterion_text` on one line.

    Exactly what `english` would say is read: a text whose criterion would be said otherwise is a problem, so that
    two different texts never are the same criterion. Bullets, numbers, indentation and line breaks are free.
    `lists` are the named code lists that the text may refer to. Raises PolicyRejected with every problem and its
    line and column in the text; `name` is the file that the problems name.
    """
    notes = Notes(name)
    item = read_layout(english, notes)
    scope = Scope.of(notes, facts, lists or {})
    criterion = None if item is None else _criterion(item, scope)
    if item is not None and criterion is not None:
        _compare(item, criterion_block(criterion, facts), notes)
    if criterion is None or notes.problems:
        raise PolicyRejected(notes.problems)
    return criterion


def _compare(item: Item, said: Block, notes: Notes) -> None:
    """Report the first place where the text differs from what its own criterion is said as."""
    if item.words.text != said.head:
        shorter = min(len(item.words.text), len(said.head))
        pairs = enumerate(zip(item.words.text, said.head, strict=False))
        same = next((at for at, (one, other) in pairs if one != other), shorter)
        notes.report("MP976", item.words, f"this is said as: {said.head}", offset=same)
        return
    for below, block in zip(item.under, said.under, strict=True):
        _compare(below, block, notes)


def _criterion(item: Item, scope: Scope) -> Criterion | None:
    """A line with what it lists; a waiver on the line is outside its label and its source."""
    head, unless, waiver = _parted(item.words)
    if not unless:
        return _labelled(item, scope)
    if waiver.text == phrasings.WAIVED:
        of = _labelled(Item(head, item.under[:-1]), scope)
        return _unless(of, _waiver(item, scope))
    if item.under:
        scope.notes.report("MP975", waiver, "no list follows such a waiver", "write `, unless waived:` and list it")
    return _unless(_labelled(Item(head), scope), _labelled(Item(waiver), scope))


def _parted(words: Words) -> tuple[Words, bool, Words]:
    at = words.plain.find(phrasings.UNLESS)
    return (words, False, words) if at < 0 else (words.part(0, at), True, words.part(at + len(phrasings.UNLESS)))


def _unless(of: Criterion | None, waiver: Criterion | None) -> Unless | None:
    return None if of is None or waiver is None else Unless(of=of, waiver=waiver)


def _waiver(item: Item, scope: Scope) -> Criterion | None:
    """The last line under a criterion that can be waived."""
    last = item.under[-1] if item.under else item
    said = last.words.after(phrasings.WAIVED_IF)
    if said is None:
        scope.notes.report("MP975", last.words, "the last line under a waiver begins with “waived if”")
        return None
    return _criterion(Item(said, last.under), scope)


def _labelled(item: Item, scope: Scope) -> Criterion | None:
    """`“label”: … [source]`."""
    words, label, source = item.words, "", ""
    if match := _LABEL.match(words.plain):
        label = unquoted(words.group(match, "label").text)
        words = words.part(match.end())
    if match := _SOURCE.fullmatch(words.plain):
        key = words.group(match, "key").text
        source = unquoted(key) if key.startswith("“") else key
        words = words.part(0, match.end("said"))
    criterion = _body(Item(words, item.under), scope)
    if criterion is None or not (label or source):
        return criterion
    return replace(criterion, label=label, source=source)


def _body(item: Item, scope: Scope) -> Criterion | None:
    words, under = item.words, item.under
    if words.text == phrasings.NOT_THE_FOLLOWING:
        return _negation(item, scope)
    if words.text == phrasings.REQUIRED:
        if len(under) != 2:
            scope.notes.report("MP975", words, f"two lines stand under this one, not {len(under)}")
            return None
        return _unless(_criterion(under[0], scope), _waiver(item, scope))
    if words.text in _COUNTING or _counted(words):
        return _group(item, scope)
    return _table(item, scope) if under else read_leaf(words, scope)


def _negation(item: Item, scope: Scope) -> Criterion | None:
    if len(item.under) != 1:
        scope.notes.report("MP975", item.words, f"one line stands under this one, not {len(item.under)}")
        return None
    of = _criterion(item.under[0], scope)
    return None if of is None else Not(of=of)


# ── groups ──────────────────────────────────────────────────────────────────────────────────────────────────

_COUNTING: Mapping[str, tuple[type[All | AnyOf], bool]] = {
    phrasings.ALL: (All, True),
    phrasings.NOT_ALL: (All, False),
    phrasings.ANY: (AnyOf, True),
    phrasings.NONE: (AnyOf, False),
}


def _counted(words: Words) -> tuple[int, bool] | None:
    """(n, whether so many must hold) of `at least n` and `fewer than n of the following`."""
    for form, holds in ((phrasings.AT_LEAST, True), (phrasings.FEWER, False)):
        if match := form.read(words.plain, n=_NUMBER):
            return int(match["n"]), holds
    return None


def _group(item: Item, scope: Scope) -> Criterion | None:
    if not item.under:
        scope.notes.report("MP975", item.words, "nothing stands under this line")
        return None
    found = [_criterion(member, scope) for member in item.under]
    of = tuple(member for member in found if member is not None)
    counted = _counted(item.words)
    if counted is not None and not 1 <= counted[0] <= len(found):
        scope.notes.report("MP973", item.words, f"{counted[0]} of a list of {len(found)}", "count within the list")
        return None
    if len(of) < len(found):
        return None
    if counted is not None:
        group: Criterion = AtLeast(n=counted[0], of=of)
        return group if counted[1] else Not(of=group)
    kind, holds = _COUNTING[item.words.text]
    return kind(of=of) if holds else Not(of=kind(of=of))


# ── tables ──────────────────────────────────────────────────────────────────────────────────────────────────


def _table(item: Item, scope: Scope) -> Criterion | None:
    """`BMI is at least:` and under it `40 kg/m2 if …`, last `otherwise 35 kg/m2`."""
    match = _TABLE.fullmatch(item.words.plain)
    if match is None:
        scope.notes.report("MP971", item.words, "no list belongs under this line")
        return None
    fact = fact_of(item.words.group(match, "fact"), scope)
    if fact is None:
        return None
    word = item.words.group(match, "word")
    words = {said: sign for sign, said in phrasings.comparing(fact.type).items() if sign != "=="}
    if fact.type not in _TABLE_TYPES or word.text not in words:
        scope.notes.report("MP971", word, f"a table's line ends in one of: {', '.join(words)}")
        return None
    rows = [_row(row, fact.name, scope, last=row is item.under[-1]) for row in item.under]
    whole = tuple(row for row in rows if row is not None)
    return CompareBy(fact=fact.name, op=words[word.text], rows=whole) if len(whole) == len(rows) else None


def _row(item: Item, fact: str, scope: Scope, *, last: bool) -> Row | None:
    otherwise = item.words.after(phrasings.OTHERWISE)
    at = item.words.plain.find(phrasings.IF)
    if last != (otherwise is not None) or (otherwise is None and at < 0):
        shape = "`otherwise …`" if last else "`… if …`"
        scope.notes.report("MP971", item.words, f"this line of a table is written as {shape}")
        return None
    if otherwise is not None:
        then = limit_of(otherwise, scope.facts[fact], scope)
        if item.under:
            scope.notes.report("MP975", item.words, "no list belongs under this line")
        return None if then is None else Row(when=None, then=then)
    then = limit_of(item.words.part(0, at), scope.facts[fact], scope)
    when = _criterion(Item(item.words.part(at + len(phrasings.IF)), item.under), scope)
    return None if then is None or when is None else Row(when=when, then=then)
