"""One sentence → one leaf, or a leaf turned by `not`. Every sentence is taken apart by the phrases that say it."""

import re

from medpol.model.codes import CodeList
from medpol.model.criteria import (
    CannotDetermine,
    Claims,
    Compare,
    Criterion,
    Is,
    Leaf,
    Not,
    OneOf,
    Window,
    Within,
)
from medpol.model.facts import Fact, FactType
from medpol.rendering import phrasings
from medpol.rendering.phrasings import Bounds
from medpol.rendering.reading.layout import Words
from medpol.rendering.reading.values import Scope, amount_of, codes_of, fact_of, limit_of
from medpol.rendering.words import is_plural, unquoted

_VERB = re.compile(r"(?P<fact>.+?) (?P<verb>is(?: not)?|includes?|do not include|does not include) (?P<rest>.+)")
_ORDERED = (FactType.NUMBER, FactType.DURATION, FactType.ORDINAL, FactType.DATE)
_CODES = r"\S+(?:, \S+)*"
_LISTED = "the list “·*”"
_ANSWER_SHAPES = {
    "answer": f"{phrasings.YES}|{phrasings.NO}",
    "vouched": "|".join(re.escape(said) for said in phrasings.VOUCHED.values()),
}
_CLAIMS_SHAPES = {
    "counted": "|".join(noun for nouns in phrasings.COUNTED.values() for noun in nouns),
    "what": f"{phrasings.SAME_CODE}|code {_CODES}|any of the codes {_CODES}|any code on {_LISTED}",
    "span": "(?:in the|at any time|on the same) [^,]+(?:, counted for [^,]+)?",
    "diagnosis": f"(?:, with any diagnosis (?:of {_CODES}|on {_LISTED}))?",
    "same": "(?:, same [^,]+)?",
}
_REASONS = {said: because for because, said in phrasings.REASONS.items()}
_MEASURES = {noun: measure for measure, nouns in phrasings.COUNTED.items() for noun in nouns}


def read_leaf(words: Words, scope: Scope) -> Criterion | None:
    """A leaf or its opposite; None after a report."""
    said = words.after(phrasings.NOT)
    sentence = said or words
    if match := phrasings.UNDECIDED.read(sentence.plain, because="|".join(_REASONS), what="“·*”"):
        what = unquoted(sentence.group(match, "what").text)
        leaf: Leaf | None = CannotDetermine(because=_REASONS[match["because"]], what=what)
    elif match := phrasings.CLAIMS.read(sentence.plain, **_CLAIMS_SHAPES):
        leaf = _claims(sentence, match, scope)
    elif match := phrasings.ANSWER.read(words.plain, **_ANSWER_SHAPES):
        fact = fact_of(words.group(match, "fact"), scope, FactType.BOOLEAN)
        return _turned(None if fact is None else Is(fact=fact.name), match["answer"] == phrasings.NO)
    elif match := _VERB.fullmatch(words.plain):
        return _about(words, match, scope)
    else:
        scope.notes.report("MP971", words, f"“{words.text}” is no sentence about a fact", _example(words))
        return None
    return _turned(leaf, said is not None)


def _example(words: Words) -> str:
    if ":" in words.plain:
        return "write `<fact>: yes` or `<fact>: no`, and behind it who vouches for it where the dictionary names one"
    return "write `<fact> is …`, `<fact> includes …`, `<fact>: yes`, or a line such as `all of the following:`"


def _turned(leaf: Leaf | None, turned: bool) -> Criterion | None:
    return Not(of=leaf) if leaf is not None and turned else leaf


def _about(words: Words, match: re.Match[str], scope: Scope) -> Criterion | None:
    """`<fact> is …` or `<fact> includes …`."""
    fact, rest, verb = fact_of(words.group(match, "fact"), scope), words.group(match, "rest"), match["verb"]
    if fact is None:
        return None
    if fact.type is FactType.SET:
        return _includes(fact, verb, rest, scope)
    if not verb.startswith("is") or fact.type is FactType.BOOLEAN:
        shape = f"`{match['fact']}: yes` or `no`" if fact.type is FactType.BOOLEAN else f"`{match['fact']} is …`"
        scope.notes.report("MP971", words.group(match, "verb"), f"“{fact.name}” is a {fact.type}", f"write {shape}")
        return None
    turned = verb == "is not"
    if fact.type is FactType.CODE:
        codes = codes_of(rest.after(phrasings.ONE_OF) or rest.after(phrasings.ON) or rest, scope, fact)
        return _turned(None if codes is None else OneOf(fact=fact.name, codes=codes), turned)
    if fact.type is FactType.DATE and (window := _window(fact, rest, scope)):
        return _turned(window, turned)
    before = len(scope.notes.problems)
    compare = _compare(fact, rest, scope)
    if compare is None and len(scope.notes.problems) == before:
        signs = ", ".join(phrasings.comparing(fact.type).values())
        scope.notes.report("MP971", rest, f"after “is” stands one of: {signs}", "write `is at least …` and the like")
    return _turned(compare, turned)


def _compare(fact: Fact, rest: Words, scope: Scope) -> Compare | None:
    if rest.text == phrasings.KNOWN:
        return Compare(fact=fact.name)
    signs = {said: sign for sign, said in phrasings.comparing(fact.type).items()}
    sign = "|".join(sorted(signs, key=len, reverse=True))
    pattern = rf"(?:{phrasings.BOTH})?(?:(?P<one>{sign}) (?P<from>.+?){phrasings.AND})?(?P<two>{sign}) (?P<to>.+)"
    match = re.fullmatch(pattern, rest.plain)
    if match is None:
        return None
    ends: dict[str, tuple[float, bool]] = {}
    for which, value, unit in (("one", "from", False), ("two", "to", True)):
        if match[which] is None:
            continue
        limit = limit_of(rest.group(match, value), fact, scope, unit=unit)
        if limit is None:
            return None
        op = signs[match[which]]
        ends |= dict.fromkeys(_ENDS[op[0]], (limit, op in "<>"))
    low, high = ends.get("low", (None, False)), ends.get("high", (None, False))
    return Compare(fact=fact.name, low=low[0], high=high[0], low_open=low[1], high_open=high[1])


_ENDS = {">": ("low",), "<": ("high",), "=": ("low", "high")}


def _includes(fact: Fact, verb: str, rest: Words, scope: Scope) -> Criterion | None:
    for which, turned in (("any", False), ("none", True)):
        listed = rest.after(f"{which} of ") or rest.after(f"{which} on ")
        if listed is not None and verb.startswith("include"):
            codes = codes_of(listed, scope, fact)
            return _turned(None if codes is None else OneOf(fact=fact.name, codes=codes), turned)
    codes = codes_of(rest, scope, fact)
    if verb.startswith("is"):
        word = "include" if is_plural(fact.name) else "includes"
        scope.notes.report("MP971", rest, f"“{fact.name}” is a set", f"write `{word} any of …` or `{word} …`")
        return None
    return _turned(None if codes is None else OneOf(fact=fact.name, codes=codes), verb.startswith("do"))


# ── time ────────────────────────────────────────────────────────────────────────────────────────────────────


def _window(fact: Fact, rest: Words, scope: Scope) -> Window | None:
    """`within 12 months before the service date`; None, without a report, where it is no window."""
    for day, table in ((True, phrasings.DAY_GAPS), (False, phrasings.GAPS)):
        for gap in table:
            form = phrasings.Form(f"{gap.words}{phrasings.THE_ANCHOR}")
            match = form.read(rest.plain, **_GAP_SHAPES)
            if match is None:
                continue
            anchor = fact_of(rest.group(match, "anchor"), scope, FactType.DATE)
            found = _amounts(match)
            if anchor is None or found is None:
                return None
            (low, high), units = gap.ends(found[0]), found[1]
            unit = "d" if day else units
            return Window(event=fact.name, anchor=anchor.name, unit=unit, low=low, high=high)
    return None


_LENGTH = r"\d{1,9} (?:days?|weeks?|months?|years?)"
_GAP_SHAPES = {
    "low": _LENGTH, "high": _LENGTH, "low_bare": r"\d{1,9}", "high_bare": r"\d{1,9}",
    "unit": "days|weeks|months|years", "anchor": ".+",
}  # fmt: skip


def _amounts(match: re.Match[str]) -> tuple[dict[str, int], str] | None:
    """The numbers of a gap by name, and their unit."""
    parts = match.groupdict()
    named = amount_of(f"2 {parts['unit']}") if "unit" in parts else None
    read = {name: amount_of(text) for name, text in parts.items() if name not in ("anchor", "unit")}
    amounts = {name: amount for name, amount in read.items() if amount is not None}
    units = [unit for _, unit in (*amounts.values(), *([named] if named else [])) if unit]
    if len(amounts) < len(read) or len(set(units)) > 1:
        return None
    return {name: number for name, (number, _) in amounts.items()}, units[0] if units else ""


# ── claims ──────────────────────────────────────────────────────────────────────────────────────────────────


def _claims(words: Words, match: re.Match[str], scope: Scope) -> Claims | None:
    ends = _count(match["count"])
    if ends is None:
        many = ", ".join(f"`{bounds.words.format(low='n', high='m')}`" for bounds in phrasings.COUNTS)
        scope.notes.report("MP971", words.group(match, "count"), f"“{match['count']}” is no count; one of: {many}")
        return None
    what, diagnosis = words.group(match, "what"), words.group(match, "diagnosis")
    codes, same_code = None, what.text == phrasings.SAME_CODE
    if not same_code:
        codes = _listed(what, (phrasings.ONE_CODE, phrasings.MANY_CODES, phrasings.ANY_ON), scope, None)
    diagnoses = None
    if diagnosis.text:
        forms = (phrasings.DIAGNOSES, phrasings.DIAGNOSES_ON)
        diagnoses = _listed(diagnosis, forms, scope, scope.facts["diagnosis"])
    span = _span(words.group(match, "span"), scope)
    if span is None or (codes is None and not same_code) or (diagnoses is None and diagnosis.text):
        return None
    within, length, unit, before = span
    same, measure = phrasings.SAME.read(match["same"]), _MEASURES[match["counted"]]
    return Claims(
        codes=codes, within=within, length=length, unit=unit, before=before, measure=measure,
        diagnosis=diagnoses, same=tuple(same["same"].split(phrasings.AND)) if same else (), low=ends[0], high=ends[1],
    )  # fmt: skip


def _count(text: str) -> tuple[int | None, int | None] | None:
    found: list[tuple[Bounds, re.Match[str]]] = [
        (bounds, match)
        for bounds in phrasings.COUNTS
        if (match := phrasings.Form(bounds.words).read(text, low=r"\d{1,9}", high=r"\d{1,9}"))
    ]
    return found[0][0].ends({name: int(n) for name, n in found[0][1].groupdict().items()}) if found else None


def _listed(words: Words, forms: tuple[phrasings.Form, ...], scope: Scope, fact: Fact | None) -> CodeList | None:
    for form in forms:
        if match := form.read(words.plain, codes=f"{_LISTED}|{_CODES}"):
            return codes_of(words.group(match, "codes"), scope, fact)
    return None


def _span(words: Words, scope: Scope) -> tuple[Within, int, str, str] | None:
    """(which earlier lines, length, unit, anchor)."""
    if words.text == phrasings.SAME_CLAIM:
        return Within.SAME_CLAIM, 0, "", "service_date"
    for within, form in phrasings.SPANS.items():
        match = form.read(words.plain, length=_LENGTH, anchor=".+")
        if match is None:
            continue
        anchor = fact_of(words.group(match, "anchor"), scope, FactType.DATE)
        length, unit = (amount_of(match["length"]) or (0, "")) if within is Within.LENGTH else (0, "")
        return None if anchor is None else (within, length, unit, anchor.name)
    scope.notes.report("MP971", words, f"“{words.text}” is no span of earlier claims", _SPAN_REMEDY)
    return None


_SPAN_REMEDY = "write one of: " + ", ".join(f"`{form.words}`" for form in phrasings.SPANS.values())
