"""Criteria: groups and the leaves written as mappings. Leaves written as text are read in `expressions`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

import yaml

from medpol.loading.expressions import constant, read_leaf
from medpol.loading.nodes import Keys, Node, Sheet, items_of, parse, similar, text_of
from medpol.loading.scope import Scope, Text, codes_of
from medpol.model.codes import CodeList
from medpol.model.criteria import (
    All,
    AnyOf,
    AtLeast,
    Because,
    CannotDetermine,
    Claims,
    CompareBy,
    Criterion,
    Measure,
    Not,
    OneOf,
    Row,
    Unless,
    Within,
)
from medpol.model.facts import DataDictionary, FactType
from medpol.model.units import TIME_WORDS
from medpol.problems import PolicyRejected

_MEASURES = tuple(Measure)
_BECAUSE = tuple(Because)
_SPANS = {span.value: span for span in Within if span is not Within.LENGTH}
_LENGTH = re.compile(r"(\d{1,6})\s+(\w+)")
_COUNT = re.compile(r"(>=|<=|==|>|<|≥|≤|=)\s*(\d{1,9})")
_COUNT_RANGE = re.compile(r"(\d{1,9})\s*\.\.\s*(\d{1,9})")
_TABLE_HEAD = re.compile(r"([A-Za-z_]\w*)\s*(>=|<=|>|<|≥|≤)")
_ASCII = {"≥": ">=", "≤": "<=", "=": "=="}
_TABLE_TYPES = (FactType.NUMBER, FactType.DURATION, FactType.ORDINAL)
T = TypeVar("T")
SIDES = ("side", "level")


def parse_criterion(
    text: str, facts: DataDictionary, lists: Mapping[str, CodeList] | None = None, name: str = "criterion"
) -> Criterion:
    """A criterion from YAML text, or PolicyRejected with every problem."""
    sheet = Sheet(name)
    file = parse(text.encode("utf-8", "surrogatepass"), sheet)
    criterion = None if file is None else read_criterion(file.root, Scope(sheet, facts, lists or {}))
    if criterion is None or sheet.problems:
        raise PolicyRejected(sheet.problems)
    return criterion


def read_criterion(node: Node, scope: Scope) -> Criterion | None:
    """A criterion; None where it cannot be read, with the problems reported."""
    if isinstance(node, yaml.ScalarNode):
        return read_leaf(Text(scope, node, str(node.value).strip()))
    keys = Keys(node, scope.sheet)
    heads = [name for name in keys if name in _HEADS or _is_code_fact(name, scope)]
    if len(heads) != 1:
        _report_heads(keys, heads, scope)
        return None
    head = heads[0]
    read = _HEADS.get(head)
    criterion = read(keys, scope) if read else _one_of(head, keys, scope)
    waiver_node = keys.get("unless")
    waiver = None if waiver_node is None else read_criterion(waiver_node, scope)
    label, source = keys.text("label"), keys.text("source")
    if source:
        scope.source(source, keys.found["source"][1])
    keys.close()
    if criterion is None or (waiver_node is not None and waiver is None):
        return None
    place = scope.sheet.place(node)
    if waiver is not None:
        return Unless(of=criterion, waiver=waiver, label=label, source=source, place=place)
    if head == "that":
        label, source = label or criterion.label, source or criterion.source
    return replace(criterion, label=label, source=source, place=place)


def _is_code_fact(name: str, scope: Scope) -> bool:
    fact = scope.facts.get(name)
    return fact is not None and fact.type in (FactType.CODE, FactType.SET)


def _report_heads(keys: Keys, heads: list[str], scope: Scope) -> None:
    if heads:
        scope.sheet.report("MP314", keys.node, f"this says {len(heads)} things: {', '.join(heads)}")
        return
    for name in keys:
        fact = scope.facts.get(name)
        if fact is not None:
            scope.sheet.report("MP303", keys.key(name), f"'{name}' is a {fact.type}; only codes and sets take a list")
            return
    names = [name for name in keys if name not in _BESIDES]
    known = [*_HEADS, *(fact.name for fact in scope.facts)]
    hint = f"; '{names[0]}' is not known{similar(names[0], known)}" if names else ""
    if isinstance(keys.node, yaml.MappingNode):
        scope.sheet.report("MP314", keys.key(names[0]) if names else keys.node, f"this is no criterion{hint}")


# groups


def _members(node: Node | None, scope: Scope) -> tuple[Criterion, ...] | None:
    if node is None:
        return None
    items = items_of(node, scope.sheet)
    if not items:
        if isinstance(node, yaml.SequenceNode):
            scope.sheet.report("MP312", node, "the group is empty")
        return None
    members = [read_criterion(item, scope) for item in items]
    whole = tuple(member for member in members if member is not None)
    return whole if len(whole) == len(members) else None


def _all(keys: Keys, scope: Scope) -> Criterion | None:
    of = _members(keys.get("all"), scope)
    return All(of=of) if of else None


def _any(keys: Keys, scope: Scope) -> Criterion | None:
    of = _members(keys.get("any"), scope)
    return AnyOf(of=of) if of else None


def _at_least(keys: Keys, scope: Scope) -> Criterion | None:
    node = keys.get("at_least")
    of_node = keys.need("of")
    of = _members(of_node, scope)
    text = None if node is None else text_of(node, scope.sheet)
    if text is None:
        return None
    n = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
    size = len(of_node.value) if isinstance(of_node, yaml.SequenceNode) else 0
    if size and not 1 <= n <= size:
        scope.sheet.report("MP313", node, f"at_least is '{text}' in a group of {size}")
        return None
    return AtLeast(n=n, of=of) if of else None


def _not(keys: Keys, scope: Scope) -> Criterion | None:
    node = keys.get("not")
    of = None if node is None else read_criterion(node, scope)
    return None if of is None else Not(of=of)


def _that(keys: Keys, scope: Scope) -> Criterion | None:
    node = keys.get("that")
    return None if node is None else read_criterion(node, scope)


# leaves


def _code_list(node: Node, scope: Scope, fact_name: str = "") -> CodeList | None:
    """A list of codes, or `{list: name}`."""
    if isinstance(node, yaml.MappingNode):
        keys = Keys(node, scope.sheet)
        name = keys.text("list", required=True)
        keys.close()
        return scope.named_list(name, node) if name else None
    patterns = codes_of(node, scope.sheet, scope.facts.get(fact_name) if fact_name else None)
    return CodeList(patterns=patterns) if patterns else None


def _one_of(name: str, keys: Keys, scope: Scope) -> Criterion | None:
    scope.fact(name, keys.key(name))
    node = keys.get(name)
    codes = None if node is None else _code_list(node, scope, name)
    return None if codes is None else OneOf(fact=name, codes=codes)


def _cannot_determine(keys: Keys, scope: Scope) -> Criterion | None:  # noqa: ARG001
    because = keys.choice("cannot_determine", _BECAUSE)
    what = keys.text("what", required=True)
    return CannotDetermine(because=Because(because), what=what) if because and what else None


def _compare_by(keys: Keys, scope: Scope) -> Criterion | None:
    node = keys.get("compare")
    rows_node = keys.need("by")
    text = None if node is None else text_of(node, scope.sheet)
    if text is None or node is None or rows_node is None:
        return None
    match = _TABLE_HEAD.fullmatch(text)
    if match is None:
        scope.sheet.report("MP321", node, f"'{text}' is not a fact and a sign")
        return None
    leaf = Text(scope, node, text)
    fact = leaf.fact(match[1], 0)
    if fact is None:
        return None
    if fact.type not in _TABLE_TYPES:
        leaf.report("MP303", 0, f"'{fact.name}' is a {fact.type}; a table compares numbers, durations and levels")
        return None

    def threshold(value: Node) -> float | None:
        written = text_of(value, scope.sheet)
        return None if written is None else constant(Text(scope, value, written), fact, written, 0)

    table = read_table(rows_node, scope, threshold)
    if table is None:
        return None
    rows = tuple(Row(when=when, then=then) for when, then in table)
    if len(rows) < 2:
        scope.sheet.report("MP320", rows_node, "a table has a row with when and then, and one with otherwise")
        return None
    return CompareBy(fact=fact.name, op=_ASCII.get(match[2], match[2]), rows=rows)


def read_table(node: Node, scope: Scope, value: Callable[[Node], T | None]) -> list[tuple[Criterion | None, T]] | None:
    """Rows `{when: c, then: v}` and last `{otherwise: v}`; None where any part cannot be read."""
    items = items_of(node, scope.sheet)
    rows: list[tuple[Criterion | None, T]] = []
    for number, item in enumerate(items, 1):
        keys = Keys(item, scope.sheet)
        last = number == len(items)
        if ("otherwise" in keys) != last:
            message = "the last row gives otherwise" if last else "only the last row gives otherwise"
            scope.sheet.report("MP320", item, message)
        when_node = None if "otherwise" in keys else keys.need("when")
        then_node = keys.get("otherwise") if "otherwise" in keys else keys.need("then")
        when = None if when_node is None else read_criterion(when_node, scope)
        then = None if then_node is None else value(then_node)
        keys.close()
        if then is not None and (when is not None or last):
            rows.append((when, then))
    return rows if rows and len(rows) == len(items) else None


# claims


def _claims(keys: Keys, scope: Scope) -> Criterion | None:
    claims = keys.mapping("claims")
    if claims is None:
        return None
    codes_node = claims.need("codes")
    same_code = isinstance(codes_node, yaml.ScalarNode) and codes_node.value == "same"
    codes = None if codes_node is None or same_code else _code_list(codes_node, scope)
    span = _within(claims, scope)
    count = _count(claims, scope)
    before = _anchor(claims, scope)
    measure = claims.choice("measure", _MEASURES, "lines")
    diagnosis_node = claims.get("diagnosis")
    diagnosis = None if diagnosis_node is None else _code_list(diagnosis_node, scope, "diagnosis")
    same = claims.texts("same")
    for name in same:
        if name not in SIDES:
            scope.sheet.report("MP114", claims.found["same"][1], f"'same' takes side and level, not '{name}'")
    claims.close()
    failed = (codes is None and not same_code) or (diagnosis is None and diagnosis_node is not None)
    if failed or span is None or count is None or before is None:
        return None
    within, length, unit = span
    return Claims(
        codes=codes, within=within, length=length, unit=unit, before=before, measure=Measure(measure),
        diagnosis=diagnosis, same=tuple(name for name in SIDES if name in same), low=count[0], high=count[1],
    )  # fmt: skip


def _within(claims: Keys, scope: Scope) -> tuple[Within, int, str] | None:
    node = claims.need("within")
    text = None if node is None else text_of(node, scope.sheet)
    if text is None:
        return None
    if text in _SPANS:
        return _SPANS[text], 0, ""
    match = _LENGTH.fullmatch(text)
    unit = TIME_WORDS.get(match[2]) if match else None
    if match is None or unit is None or int(match[1]) < 1:
        scope.sheet.report("MP317", node, f"'{text}' is no span of earlier claims")
        return None
    return Within.LENGTH, int(match[1]), unit


def _anchor(claims: Keys, scope: Scope) -> str | None:
    node = claims.get("before")
    name = "service_date" if node is None else text_of(node, scope.sheet)
    if name is None or node is None:
        return name
    fact = scope.fact(name, node)
    if fact is not None and fact.type is not FactType.DATE:
        scope.sheet.report("MP303", node, f"'{name}' is a {fact.type}; claims are counted before a date")
        return None
    return None if fact is None else name


def _count(claims: Keys, scope: Scope) -> tuple[int | None, int | None] | None:
    """(low, high), both included."""
    node = claims.need("count")
    text = None if node is None else text_of(node, scope.sheet)
    if text is None:
        return None
    if match := _COUNT_RANGE.fullmatch(text):
        low: int | None = int(match[1])
        high: int | None = int(match[2])
    elif match := _COUNT.fullmatch(text):
        n = int(match[2])
        low, high = {">=": (n, None), ">": (n + 1, None), "<=": (None, n), "<": (None, n - 1), "==": (n, n)}[
            _ASCII.get(match[1], match[1])
        ]
    else:
        scope.sheet.report("MP318", node, f"'{text}' is no count")
        return None
    if (low == 0 and high is None) or (high is not None and high < (low or 0)):
        scope.sheet.report("MP319", node, f"a count is {'always' if low == 0 else 'never'} {text}")
        return None
    return low, high


_HEADS: Mapping[str, Callable[[Keys, Scope], Criterion | None]] = {
    "all": _all,
    "any": _any,
    "at_least": _at_least,
    "not": _not,
    "that": _that,
    "compare": _compare_by,
    "claims": _claims,
    "cannot_determine": _cannot_determine,
}
_BESIDES = ("unless", "label", "source", "of", "by", "what")
RESERVED = frozenset([*_HEADS, *_BESIDES, "list", "history", "is", "in", "includes", "within", "on", "before", "after"])
