"""Findings in plain words: what was not met and with which value, what nobody knew, what would turn the answer."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain

from medpol.model.criteria import LEAVES, All, AnyOf, AtLeast, Claims, CompareBy, Criterion, Not, Unless, Window
from medpol.model.determination import Finding, Seen
from medpol.model.facts import BUILT_IN
from medpol.model.request import FactValue
from medpol.model.truth import Truth
from medpol.rendering.letters.english import fact_name
from medpol.rendering.member_summary import Speaker
from medpol.rendering.member_summary.sentences import day_in_words, normal_word
from medpol.rendering.publication import Item, Run
from medpol.rendering.words import quantity, seen_text

WAYS = 3
"""Ways to another answer that a letter tells; more would bury the easiest."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A leaf with the way in which it is wanted; `negated`: its opposite."""

    finding: Finding
    negated: bool


@dataclass(frozen=True, slots=True)
class Account:
    """Tells findings of one request. `values` are its facts, `assumed` those the plan's rules gave."""

    speaker: Speaker
    values: Mapping[str, FactValue]
    assumed: Mapping[str, str]

    # ── what was not met ────────────────────────────────────────────────────────────────────────────────

    def unmet(self, finding: Finding, *, negated: bool = False) -> tuple[Item, ...]:
        """The points that keep a criterion from holding, each with the value seen."""
        criterion = finding.criterion
        if _effective(finding, negated) is Truth.YES:
            return ()
        match criterion:
            case Not() if finding.because:
                return self.unmet(finding.because[0], negated=not negated)
            case All() | AnyOf() | AtLeast() if len(finding.because) > 1:
                return self._group(finding, criterion, negated)
            case All() | AnyOf() | AtLeast() if finding.because:
                return self.unmet(finding.because[0], negated=negated)
            case Unless() if not negated and len(finding.because) == 2:
                return (self._waiver(finding),)
            case Unless() | CompareBy():
                return self.speaker.items(criterion, negated=negated)
            case _:
                return (self._leaf(finding, negated),)

    def _group(self, finding: Finding, group: All | AnyOf | AtLeast, negated: bool) -> tuple[Item, ...]:
        every = isinstance(group, All) != negated and not isinstance(group, AtLeast)
        if every:  # each member is needed: those that hold are left out
            return tuple(chain.from_iterable(self.unmet(member, negated=negated) for member in finding.because))
        head = self.speaker.items(group, negated=negated)[0]
        if isinstance(group, All | AtLeast) and negated:
            return (head,)
        under = tuple(self._one(self.unmet(member)) for member in finding.because)
        return (Item(text=head.text, under=under),) if under else ()

    def _waiver(self, finding: Finding) -> Item:
        first, waiver = (self.unmet(member) for member in finding.because)
        waived = Item(text=self.speaker.text(self.words("waived_if")), under=waiver)
        return Item(text=self.speaker.text(self.words("required_unless")), under=(*first, waived))

    def _one(self, items: tuple[Item, ...]) -> Item:
        """One way out of several: the points of a set are kept together."""
        return items[0] if len(items) == 1 else Item(text=self.speaker.text(self.words("all_unmet")), under=items)

    def _leaf(self, finding: Finding, negated: bool) -> Item:
        sentence = self.speaker.text(self.speaker.sentence(finding.criterion, negated=negated))  # type: ignore[arg-type]
        if finding.truth is Truth.UNKNOWN:
            return Item(text=(*sentence, Run(text=f" {self.words('reason_unknown')}", strong=True)))
        said = f" {self.words('reason_seen', seen=self.seen(finding))}"
        return Item(text=(*sentence, Run(text=said, strong=True), Run(text=f" {self._source(finding.criterion)}")))

    def words(self, key: str, **parts: object) -> str:
        return self.speaker.words.say(key, **parts)

    def seen(self, finding: Finding) -> str:
        """The value a leaf saw, in plain words where there are any."""
        leaf = finding.criterion
        if isinstance(leaf, Window):
            return self._value(self.values.get(leaf.event), leaf.event)
        if isinstance(leaf, Claims):
            return f"{finding.seen}"
        return self._value(finding.seen, getattr(leaf, "fact", ""))

    def _value(self, value: Seen, name: str) -> str:
        fact = self.speaker.facts.get(name)
        if isinstance(value, date):
            return day_in_words(value, self.speaker.words)
        text = seen_text(value, fact)
        known = {normal_word(value): words for value, words in self.speaker.plain.fact(name).values.items()}
        shown = ", ".join(known.get(normal_word(part), part) for part in text.split(", "))
        if fact is not None and fact.type.numeric and isinstance(value, int | float):
            own = self.speaker.plain.fact(name).unit
            return text if own is not None else quantity(value, fact.unit)
        return _unmarked(shown).strip("()") or "none"

    def _source(self, criterion: Criterion) -> str:
        name = getattr(criterion, "fact", getattr(criterion, "event", ""))
        if name in self.assumed:
            return self.words("reason_from", source=self.words("seen_by_rule"))
        if isinstance(criterion, Claims):
            return self.words("reason_from", source=self.words("seen_by_claims"))
        fact = self.speaker.facts.get(name)
        if name in BUILT_IN or fact is None:
            return self.words("reason_from", source=self.words("seen_by_request"))
        return self.words("reason_from", source=self.words(f"seen_by_{fact.source.value}"))

    # ── what held ───────────────────────────────────────────────────────────────────────────────────────

    def held(self, finding: Finding) -> tuple[Item, ...]:
        """The leaves that made a criterion hold, each with the value seen."""
        return tuple(self._leaf(w.finding, w.negated) for w in _leaves(finding) if _holds(w))

    # ── what nobody knew ────────────────────────────────────────────────────────────────────────────────

    def unknown(self, findings: Iterable[Finding]) -> tuple[Item, ...]:
        """The points nobody knew, each once."""
        open_ = [w for f in findings for w in _leaves(f) if w.finding.truth is Truth.UNKNOWN]
        texts = dict.fromkeys(self.speaker.sentence(w.finding.criterion, negated=w.negated) for w in open_)  # type: ignore[arg-type]
        return tuple(Item(text=self.speaker.text(text)) for text in texts)

    # ── what would turn the answer ──────────────────────────────────────────────────────────────────────

    def ways(self, findings: Iterable[Finding]) -> list[tuple[Item, ...]]:
        """For each criterion the fewest points to meet so that it holds, the easiest way first; at most WAYS."""
        found = (_flips(finding, negated=False) for finding in findings)
        ranked = sorted((way for way in found if way), key=_cost)
        said = (tuple(self.speaker.sentence(w.finding.criterion, negated=w.negated) for w in way) for way in ranked)  # type: ignore[arg-type]
        different = list(dict.fromkeys(tuple(dict.fromkeys(way)) for way in said))[:WAYS]
        return [tuple(Item(text=self.speaker.text(text)) for text in way) for way in different]

    def named(self, name: str) -> str:
        """A fact's name; of a yes-or-no fact the sentence that yes makes."""
        said = _unmarked(self.speaker.plain.fact(name).yes).rstrip(".") or fact_name(name, self.speaker)
        return said[:1].upper() + said[1:]

    def shown(self, name: str, value: FactValue | None) -> str:
        """A fact's value in plain words."""
        return self._value(value, name)


def _effective(finding: Finding, negated: bool) -> Truth:
    return ~finding.truth if negated else finding.truth


def _holds(wanted: Wanted) -> bool:
    return _effective(wanted.finding, wanted.negated) is Truth.YES


def _leaves(finding: Finding, negated: bool = False) -> Iterator[Wanted]:
    """Every leaf under a finding, with the way it counts."""
    if isinstance(finding.criterion, LEAVES):
        yield Wanted(finding, negated)
        return
    turned = negated != isinstance(finding.criterion, Not)
    for member in finding.because:
        yield from _leaves(member, turned)


def _flips(finding: Finding, *, negated: bool) -> tuple[Wanted, ...] | None:
    """The fewest leaves to turn so that a criterion (negated: its opposite) holds; None where none can be named.

    An `all` needs every member, an `any` its cheapest, `at least n` the cheapest that are lacking; `not` swaps them.
    A leaf that occurs twice is counted twice, so the set is small but not proved the smallest.
    """
    if _effective(finding, negated) is Truth.YES:
        return ()
    criterion = finding.criterion
    if isinstance(criterion, LEAVES):
        return (Wanted(finding, negated),)
    if isinstance(criterion, Not):
        return _flips(finding.because[0], negated=not negated) if finding.because else None
    if not isinstance(criterion, All | AnyOf | AtLeast | Unless):
        return None
    found = [_flips(member, negated=negated) for member in finding.because]
    needed = _needed(criterion, len(found), negated)
    known = sorted((f for f in found if f is not None), key=_cost)
    return tuple(chain.from_iterable(known[:needed])) if len(known) >= needed else None


_BILL_OR_PERSON = frozenset(
    (
        *("modifier", "also_billed", "procedure", "place_of_service", "age", "age_months", "age_days", "birth_date"),
        *("sex", "service_date", "state", "line_of_business", "plan", "diagnosis", "primary_diagnosis"),
    )
)
"""What is on the bill or cannot be otherwise: no advice to give, so a way without it comes first."""


def _cost(way: tuple[Wanted, ...]) -> tuple[int, int]:
    """How many of its points nobody can do anything about, then how many there are."""
    return sum(getattr(w.finding.criterion, "fact", "") in _BILL_OR_PERSON for w in way), len(way)


def _needed(group: All | AnyOf | AtLeast | Unless, size: int, negated: bool) -> int:
    """How many members must hold (negated: must fail)."""
    least = size if isinstance(group, All) else group.n if isinstance(group, AtLeast) else 1
    return size - least + 1 if negated else least


def _unmarked(text: str) -> str:
    """A text without the marks of medical names."""
    while "{" in text:
        start, end = text.index("{"), text.index("}")
        text = text[:start] + text[start + 1 : end].partition("|")[0] + text[end + 1 :]
    return text
