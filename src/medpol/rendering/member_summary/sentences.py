"""A criterion in short plain sentences: every leaf is one, every group a line that says how many must be true.

Nothing is left out: a long code list gets a letter and is printed at the end; a fact without plain words keeps
its name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from medpol.model.codes import CodeList
from medpol.model.criteria import (
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
    Measure,
    Not,
    OneOf,
    Unless,
    Window,
    Within,
)
from medpol.model.facts import DataDictionary, FactType
from medpol.model.units import spoken
from medpol.rendering import phrasings
from medpol.rendering.member_summary.dictionary import Plain, Words
from medpol.rendering.publication import Item, Run, Text
from medpol.rendering.words import codes_text, diagnoses_text, level_of, listing, number, phrase, quantity

_MARK = re.compile(r"( ?\()?\{([^|}]*)\|([^}]*)\}(\))?")
_SHOWN = 3  # codes that are named in a sentence; more become a list
_CODED = ("diagnosis", "primary_diagnosis", "procedure", "modifier", "also_billed", "place_of_service")


@dataclass(slots=True)
class Speaker:
    """Says criteria plainly, and remembers the medical names and the code lists it used on the way."""

    facts: DataDictionary
    plain: Plain
    words: Words
    glossary: dict[str, str] = field(default_factory=dict)  # medical name → plain words
    lists: dict[str, str] = field(default_factory=dict)  # codes in text → the list's letter

    # ── texts ───────────────────────────────────────────────────────────────────────────────────────────

    def text(self, marked: str) -> Text:
        """Plain words; a medical name follows in brackets, in italics, where it is used first.

        `{|medical}` has no plain words: the name stands alone, in italics.
        """
        runs: list[Run] = []
        at = 0
        for found in _MARK.finditer(marked):
            bracketed = bool(found[1] and found[4])
            runs.append(Run(text=marked[at : found.start()]))
            plain, medical = found[2], found[3]
            if not plain and not bracketed:
                runs += [Run(text=found[1] or ""), Run(text=medical, emphasis=True)]
            elif not bracketed:
                runs.append(Run(text=f"{found[1] or ''}{plain}"))
            if plain and medical not in self.glossary:
                self.glossary[medical] = plain
                runs.append(Run(text=f" ({medical})", emphasis=True))
            if found[4] and not bracketed:
                runs.append(Run(text=found[4]))
            at = found.end()
        return tuple(r for r in (*runs, Run(text=marked[at:])) if r.text)

    def codes(self, codes: CodeList, text: str) -> str:
        """A few codes as they are, more as a list with a letter."""
        if not codes.name and len(codes.patterns) <= _SHOWN:
            return self.words.say("code", codes=listing(text.split(", ")).replace(" and ", " or "))
        full = ", ".join(map(str, codes.patterns)) if codes.name else text
        key = full if codes.loaded else f"{codes.name}: {self.words.say('list_not_loaded')}"
        letter = self.lists.setdefault(key, _letter(len(self.lists)))
        return self.words.say("list", letter=letter)

    # ── groups ──────────────────────────────────────────────────────────────────────────────────────────

    def items(self, criterion: Criterion, *, negated: bool = False) -> tuple[Item, ...]:
        """A criterion as items of a list; `negated`: its opposite."""
        match criterion:
            case Not(of=inner):
                return self.items(inner, negated=not negated)
            case All(of=of) | AnyOf(of=of) | AtLeast(of=of):
                if len(of) == 1:
                    return self.items(of[0], negated=negated)
                return (self._group(*self._head(criterion, negated)),)
            case Unless():
                return (self._waiver(criterion, negated),)
            case CompareBy():
                return (self._table(criterion, negated),)
            case leaf:
                return (Item(text=self.text(self.sentence(leaf, negated=negated))),)

    def _head(self, group: All | AnyOf | AtLeast, negated: bool) -> tuple[str, tuple[Criterion, ...]]:
        match group:
            case All(of=of):
                return ("not_all" if negated else "all"), of
            case AnyOf(of=of):
                return ("none" if negated else "any"), of
            case AtLeast(n=n, of=of):
                return f"{'fewer' if negated else 'at_least'}:{n}", of

    def _group(self, head: str, of: tuple[Criterion, ...]) -> Item:
        key, _, n = head.partition(":")
        under = tuple(item for member in of for item in self.items(member))
        return Item(text=self.text(self.words.say(key, n=n)), under=under)

    def _waiver(self, criterion: Unless, negated: bool) -> Item:
        head = self.words.say("not_required_unless" if negated else "required_unless")
        waiver = Item(text=self.text(self.words.say("waived_if")), under=self.items(criterion.waiver))
        return Item(text=self.text(head), under=(*self.items(criterion.of), waiver))

    def _table(self, table: CompareBy, negated: bool) -> Item:
        rows = []
        for row in table.rows:
            limit = self._amount(table.fact, row.then)
            if row.when is None:
                rows.append(Item(text=self.text(self.words.say("otherwise", limit=limit))))
            else:
                head = self.text(self.words.say("limit_if", limit=limit))
                rows.append(Item(text=head, under=self.items(row.when)))
        word = self.words.say(f"table_{'not_' if negated else ''}{_OPERATORS[table.op]}")
        return Item(text=self.text(f"{self._name(table.fact)} {word}"), under=tuple(rows))

    # ── leaves ──────────────────────────────────────────────────────────────────────────────────────────

    def sentence(self, leaf: Leaf, *, negated: bool = False) -> str:
        """A leaf, or its opposite, as one sentence with its medical names marked."""
        label = self.plain.labels.get(leaf.label, "")
        match leaf:
            case Is(fact=name):
                known = self.plain.fact(name)
                own = known.no if negated else known.yes
                return own or self.words.say("not_so" if negated else "so", what=phrase(name, self.facts))
            case Compare():
                return f"{self._name(leaf.fact)} {self._interval(leaf, negated)}."
            case OneOf(fact="diagnosis", codes=codes) if label and not negated:
                said = self.codes(codes, self._codes_of(leaf))
                return f"{label} {self.words.say('by_code', codes=said)}"
            case OneOf():
                return self._membership(leaf, negated)
            case Window():
                return self._window(leaf, negated)
            case Claims():
                return self._claims(leaf, negated)
            case CannotDetermine(what=what):
                return self.words.say("judge_not" if negated else "judge", what=what)

    def _name(self, name: str) -> str:
        """The fact's plain name at the start of a sentence."""
        said = self.plain.fact(name).name or phrase(name, self.facts)
        return said[:1].upper() + said[1:]

    def _within(self, name: str) -> str:
        return self.plain.fact(name).name or phrase(name, self.facts)

    def _amount(self, name: str, value: float) -> str:
        fact, own = self.facts.get(name), self.plain.fact(name).unit
        if fact is None:
            return number(value)
        if fact.type is FactType.DATE:
            return day_in_words(date(1970, 1, 1) + timedelta(days=value), self.words)
        if fact.type is FactType.ORDINAL:
            return level_of(value, fact)
        return f"{number(value)} {own}".strip() if own is not None else quantity(value, fact.unit)

    def _interval(self, leaf: Compare, negated: bool) -> str:
        fact = self.facts.get(leaf.fact)
        dated = fact is not None and fact.type is FactType.DATE
        ends = {
            name: self._amount(leaf.fact, value) for name, value in (("low", leaf.low), ("high", leaf.high))
            if value is not None
        }  # fmt: skip
        if not ends:
            return self.words.say("not_known" if negated else "known")
        if leaf.low is not None and leaf.low == leaf.high and not leaf.low_open and not leaf.high_open:
            return self.words.say("is_not" if negated else "is", value=ends["low"])
        key = "date" if dated else "amount"
        sides = []
        if leaf.low is not None:
            sides.append(f"{key}_{'above' if leaf.low_open else 'from'}")
        if leaf.high is not None:
            sides.append(f"{key}_{'below' if leaf.high_open else 'to'}")
        if negated and len(sides) == 1:
            sides, negated = [_OPPOSITE[sides[0].removeprefix(f"{key}_")]], False
            sides = [f"{key}_{sides[0]}"]
        values = [ends[end] for end in ("low", "high") if end in ends]
        said = [self.words.say(side, value=value) for side, value in zip(sides, values, strict=True)]
        return self.words.say("is_not_so" if negated else "is_so", what=f" {self.words.say('and')} ".join(said))

    def _codes_of(self, leaf: OneOf) -> str:
        if leaf.fact in ("diagnosis", "primary_diagnosis"):
            return diagnoses_text(CodeList(patterns=leaf.codes.patterns))
        return codes_text(CodeList(patterns=leaf.codes.patterns), self.facts.get(leaf.fact))

    def _membership(self, leaf: OneOf, negated: bool) -> str:
        name = leaf.fact
        side = "_not" if negated else ""
        if name in _CODED or leaf.codes.name:
            said = self.codes(leaf.codes, self._codes_of(leaf))
            key = f"{name if name in _CODED else 'coded'}{side}"
            return self.words.say(key, codes=said, name=self._name(name))
        known = {normal_word(value): words for value, words in self.plain.fact(name).values.items()}
        raw = self._codes_of(leaf).split(", ")
        values = [known.get(normal_word(value), value) for value in raw]
        fact = self.facts.get(name)
        key = "include" if fact is not None and fact.type is FactType.SET else "value"
        said = listing(values).replace(" and ", " or ") if len(values) > 1 else values[0]
        return self.words.say(f"{key}{side}", name=self._name(name), values=said)

    def _window(self, leaf: Window, negated: bool) -> str:
        table: tuple[phrasings.Bounds, ...] = phrasings.GAPS
        if leaf.unit == "d" and any(gap.fits(leaf.low, leaf.high) for gap in phrasings.DAY_GAPS):
            table = phrasings.DAY_GAPS
        gap = phrasings.fitting(table, leaf.low, leaf.high)
        said = gap.say(leaf.low, leaf.high, lambda n: quantity(n, leaf.unit), unit=spoken(leaf.unit))
        key = "window_not" if negated else "window"
        return self.words.say(key, event=self._name(leaf.event), gap=said, anchor=self._within(leaf.anchor))

    def _claims(self, leaf: Claims, negated: bool) -> str:
        what = self.words.say("same_care")
        if leaf.codes is not None:
            what = self.words.say("care_of", codes=self.codes(leaf.codes, codes_text(leaf.codes, None)))
        span = self._span(leaf)
        if leaf.diagnosis is not None:
            said = self.codes(leaf.diagnosis, diagnoses_text(leaf.diagnosis))
            span += self.words.say("with_diagnosis", codes=said)
        if leaf.same:
            span += self.words.say("for_the_same", same=listing(leaf.same))
        low, high = leaf.low or 0, leaf.high
        measure = leaf.measure.value
        if negated and high is None:
            low, high, negated = 0, low - 1, False
        elif negated and low == 0 and high is not None:
            low, high, negated = high + 1, None, False
        key, n = _times(low, high)
        had = self.words.say("had_not" if negated else "had")
        if key == "never":
            return self.words.say("count_never", what=what, span=span)
        if key == "once" and leaf.measure is Measure.LINES:
            return self.words.say("count_once", had=had, what=what, span=span)
        count = self.words.say(f"{measure}_{key if key != 'once' else 'least'}", low=n[0], high=n[1])
        return self.words.say("count", had=had, what=what, count=count, span=span)

    def _span(self, leaf: Claims) -> str:
        anchor = self._within(leaf.before)
        length = quantity(leaf.length, leaf.unit) if leaf.within is Within.LENGTH else ""
        return self.words.say(f"span_{leaf.within.value.replace(' ', '_')}", length=length, anchor=anchor)


_OPERATORS: Mapping[str, str] = {">=": "from", ">": "above", "<=": "to", "<": "below"}
_OPPOSITE: Mapping[str, str] = {"above": "to", "from": "below", "below": "from", "to": "above"}


def _times(low: int, high: int | None) -> tuple[str, tuple[int, int | None]]:
    """Which sentence says a count."""
    if high is None:
        return ("once" if low == 1 else "least"), (low, high)
    if high == 0:
        return "never", (low, high)
    if low == high:
        return "exactly", (low, high)
    return ("most" if low == 0 else "range"), (low, high)


def normal_word(value: str) -> str:
    """A value's name as the dictionary and the sentence both have it."""
    return value.strip("“”").replace("_", " ").casefold()


def day_in_words(day: date, words: Words) -> str:
    """`October 1, 2016`."""
    return words.say("day", month=words.say("months").split()[day.month - 1], day=day.day, year=day.year)


def _letter(at: int) -> str:
    """A, B … Z, AA, AB …"""
    return (_letter(at // 26 - 1) if at >= 26 else "") + chr(ord("A") + at % 26)
