"""What a criterion may refer to, and the codes it names: shared by leaves written as text and as mappings."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import yaml

from medpol.loading.nodes import Node, Sheet, items_of, similar, text_of
from medpol.model.codes import CodeList, CodePattern, normal, parse_pattern
from medpol.model.facts import DataDictionary, Fact
from medpol.problems import Place

T = TypeVar("T")


@dataclass(slots=True)
class Scope:
    """What a criterion may refer to, and where its problems go.

    `sources` None checks no source keys. `used` collects the facts and the named lists that were asked for.
    """

    sheet: Sheet
    facts: DataDictionary
    lists: Mapping[str, CodeList] = field(default_factory=dict)
    sources: Collection[str] | None = None
    used_facts: set[str] = field(default_factory=set)
    used_lists: set[str] = field(default_factory=set)

    def fact(self, name: str, where: Node | Place) -> Fact | None:
        """A fact of the dictionary; an unknown one is reported."""
        fact = self.facts.get(name)
        if fact is None:
            known = [known.name for known in self.facts]
            self.sheet.report("MP302", where, f"no fact is called '{name}'{similar(name, known)}")
        else:
            self.used_facts.add(name)
        return fact

    def named_list(self, name: str, where: Node) -> CodeList | None:
        """A list of the version or of code_lists/; an unknown one is reported."""
        found = self.lists.get(name)
        if found is None:
            self.sheet.report("MP315", where, f"no code list is called '{name}'{similar(name, self.lists)}")
        else:
            self.used_lists.add(name)
        return found

    def source(self, name: str, where: Node) -> None:
        """Report a source key that policy.yaml does not have."""
        if self.sources is not None and name not in self.sources:
            self.sheet.report("MP322", where, f"no source is called '{name}'{similar(name, self.sources)}")


@dataclass(frozen=True, slots=True)
class Text:
    """A leaf's text and the node it stands in, for problems with their column."""

    scope: Scope
    node: Node
    text: str

    def place(self, offset: int = 0) -> Place:
        return self.scope.sheet.place(self.node, offset)

    def report(self, code: str, offset: int, message: str, remedy: str = "") -> None:
        self.scope.sheet.report(code, self.place(offset), message, remedy)

    def fact(self, name: str, offset: int) -> Fact | None:
        return self.scope.fact(name, self.place(offset))


def pattern_of(sheet: Sheet, text: str, where: Node | Place, fact: Fact | None = None) -> CodePattern | None:
    """One code, prefix or range; for a fact with declared values, one of them. None after a report."""
    if fact is not None and fact.values:
        value = normal(text)
        if value not in map(normal, fact.values):
            known = ", ".join(fact.values)
            sheet.report("MP309", where, f"'{text}' is no value of '{fact.name}': {known}{similar(text, fact.values)}")
            return None
        return CodePattern(value, value)
    pattern = parse_pattern(text)
    if pattern is None:
        sheet.report("MP310", where, f"'{text}' is no code, prefix or range")
    return pattern


def overlaps(patterns: Iterable[tuple[CodePattern, T]]) -> Iterator[tuple[CodePattern, CodePattern, T]]:
    """The patterns that lie, wholly or in part, in another one: (that one, the pattern, what came with it)."""
    widest: CodePattern | None = None
    for pattern, extra in sorted(patterns, key=lambda pair: (pair[0].low, pair[0].high)):
        if widest is not None and pattern.low <= widest.high:
            yield widest, pattern, extra
        if widest is None or pattern.high > widest.high:
            widest = pattern


def patterns_of(sheet: Sheet, values: Iterable[tuple[str, Place]], fact: Fact | None = None) -> tuple[CodePattern, ...]:
    """The patterns of a list of codes, each code once; empty after a report where none is usable."""
    read = [(pattern_of(sheet, text, where, fact), where) for text, where in values]
    found = [(pattern, where) for pattern, where in read if pattern is not None]
    for one, other, where in overlaps(found):
        sheet.report("MP311", where, f"'{other}' is already in '{one}'" if one != other else f"'{one}' stands twice")
    return tuple(pattern for pattern, _ in found)


def codes_of(node: Node, sheet: Sheet, fact: Fact | None = None) -> tuple[CodePattern, ...]:
    """The patterns of a YAML list of codes."""
    items = items_of(node, sheet)
    if isinstance(node, yaml.SequenceNode) and not items:
        sheet.report("MP312", node, "the list of codes is empty")
    texts = [(text_of(item, sheet), sheet.place(item)) for item in items]
    return patterns_of(sheet, [(text, where) for text, where in texts if text is not None], fact)
