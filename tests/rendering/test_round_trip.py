"""English says a criterion and is read back as the same one; whatever else is written is another one or a problem."""

import random
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medpol.loading import CATALOGUE, load_library
from medpol.model.codes import CodeList, CodePattern, normal
from medpol.model.criteria import (
    All,
    AnyOf,
    AtLeast,
    CannotDetermine,
    Compare,
    CompareBy,
    Criterion,
    Is,
    Not,
    OneOf,
    Row,
    Unless,
    members,
)
from medpol.model.facts import DataDictionary, Fact, FactType
from medpol.model.policy import Version
from medpol.problems import PolicyRejected, Problem
from medpol.rendering import criterion_lines, criterion_text
from medpol.rendering.layout import bulleted
from medpol.rendering.reading import read_criterion
from medpol.rendering.reading.layout import REMEDIES
from medpol.rendering.words import phrase
from strategies import FACTS, criteria, leaves

NOT_LOADED = {"not-loaded": CodeList(name="not-loaded", loaded=False)}
ROUGH = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


def layouts(criterion: Criterion, facts: DataDictionary) -> dict[str, str]:
    """Every layout in which a criterion may be written."""
    lines = criterion_lines(criterion, facts)
    return {
        "one line": criterion_text(criterion, facts),
        "bullets": "\n".join(f"{'  ' * depth}- {line}" for depth, line in lines),
        "numbers": "\n".join(f"{'    ' * depth}{at}. {line}" for at, (depth, line) in enumerate(lines, 1)),
        "indentation": "\n".join(f"{'   ' * depth}{line}" for depth, line in lines),
        "terminal": "\n".join(bulleted(lines)),
    }


def assert_read_back(criterion: Criterion, facts: DataDictionary, lists: dict[str, CodeList]) -> None:
    for layout, text in layouts(criterion, facts).items():
        assert read_criterion(text, facts, lists) == criterion, f"{layout}\n{text}"


# ── random trees ────────────────────────────────────────────────────────────────────────────────────────────


@given(st.one_of(leaves(), leaves().map(lambda leaf: Not(of=leaf))))
@ROUGH
def test_every_leaf_is_read_back(leaf: Criterion) -> None:
    assert_read_back(leaf, FACTS, NOT_LOADED)


WORDS = st.text(max_size=6) | st.sampled_from(
    ["age of majority", "x”, unless “y", "a: (b; c) [d]", "two  spaces ", "\n"]
)


@st.composite
def with_words(draw: st.DrawFn, criterion: Criterion) -> Criterion:
    """The tree with labels and source keys put on some of its nodes."""
    here = replace(criterion, label=draw(WORDS), source=draw(WORDS)) if draw(st.booleans()) else criterion
    match here:
        case All(of=of) | AnyOf(of=of) | AtLeast(of=of):
            return replace(here, of=tuple(draw(with_words(member)) for member in of))
        case Not(of=inner):
            return replace(here, of=draw(with_words(inner)))
        case Unless(of=inner, waiver=waiver):
            return replace(here, of=draw(with_words(inner)), waiver=draw(with_words(waiver)))
        case CompareBy(rows=rows):
            said = tuple(Row(when=None if r.when is None else draw(with_words(r.when)), then=r.then) for r in rows)
            return replace(here, rows=said)
        case CannotDetermine():
            return replace(here, what=draw(WORDS))
        case _:
            return here


@st.composite
def deep(draw: st.DrawFn, depth: int = 4) -> Criterion:
    """Trees with a branch that is at least `depth` groups deep."""
    tree = draw(criteria(max_leaves=4))
    for _ in range(depth):
        beside = draw(st.lists(leaves(), max_size=2))
        of = (*beside, tree)
        shape = draw(st.integers(0, 5))
        n = draw(st.integers(1, len(of)))
        tree = (
            All(of=of), AnyOf(of=of), AtLeast(n=n, of=of), Not(of=tree), Unless(of=tree, waiver=draw(leaves())),
            CompareBy(fact="bmi", op="<=", rows=(Row(when=tree, then=40), Row(when=None, then=35.5))),
        )[shape]  # fmt: skip
    return tree


def depth_of(criterion: Criterion) -> int:
    return 1 + max((depth_of(member) for member in members(criterion)), default=0)


@given(criteria().flatmap(with_words))
@ROUGH
def test_random_trees_are_read_back(tree: Criterion) -> None:
    assert_read_back(tree, FACTS, NOT_LOADED)


@given(deep())
@ROUGH
def test_deep_trees_are_read_back(tree: Criterion) -> None:
    assert depth_of(tree) >= 5
    written = layouts(tree, FACTS)
    assert read_criterion(written["one line"], FACTS, NOT_LOADED) == tree
    assert read_criterion(written["terminal"], FACTS, NOT_LOADED) == tree


# ── the bundled library ─────────────────────────────────────────────────────────────────────────────────────

LIBRARY = load_library(Path(str(files("medpol"))) / "data" / "demonstration")


def criteria_of(version: Version) -> Iterator[Criterion]:
    """The criteria of statements, scope and grants."""
    for statement in (*version.statements, *([version.default] if version.default else [])):
        yield from [statement.when] if statement.when else []
        yield from (row.when for grant in statement.grants for row in grant.rows if row.when)
    yield from [version.scope] if version.scope else []


def bundled() -> Iterator[tuple[str, Criterion, dict[str, CodeList]]]:
    for policy in LIBRARY.policies.values():
        for version in policy.versions:
            lists = {named.name: named.codes for named in version.code_lists}
            yield from ((version.id, criterion, lists) for criterion in criteria_of(version))
        if policy.technology:
            yield from ((policy.number, flag.when, {}) for flag in policy.technology.label)


def test_the_whole_bundled_library_is_read_back() -> None:
    whole = list(bundled())
    assert len(whole) > 200
    for _, criterion, lists in whole:
        assert_read_back(criterion, LIBRARY.facts, lists)


LIBRARY_TREES = st.one_of(criteria(LIBRARY.facts), leaves(LIBRARY.facts))


@st.composite
def over_the_library(draw: st.DrawFn) -> Criterion:
    return draw(with_words(draw(LIBRARY_TREES)))


@given(over_the_library())
@ROUGH
def test_random_trees_over_the_bundled_facts_are_read_back(tree: Criterion) -> None:
    assert_read_back(tree, LIBRARY.facts, NOT_LOADED)


# ── one change in the English ───────────────────────────────────────────────────────────────────────────────

SWAPS = {
    "comparison": (
        ("at least", "at most"), ("more than", "below"), ("above", "below"), ("at most", "below"),
        ("at least", "more than"), ("no more than", "at least"), ("within", "at least"), ("on or after", "after"),
        ("on or before", "on or after"), ("before", "after"), ("exactly", "at least"),
    ),
    "unit": (
        ("years", "months"), ("months", "weeks"), ("weeks", "days"), ("year", "month"), ("month", "week"),
        ("kg/m2", "kg"), ("mmHg", "cmH2O"), ("%", ""), ("claims", "units"), ("service days", "claims"),
    ),
    "all or any": (
        ("all of", "any of"), ("at least", "fewer than"), ("any of", "none of"), ("any of", "all of"),
        ("one of", "all of"),
    ),
    "negation": (
        (" is ", " is not "), (": yes", ": no"), ("not all of", "all of"), ("includes", "does not include"),
        ("include", "do not include"), ("not the following", "the following"), ("no earlier", "any earlier"),
    ),
}  # fmt: skip
CODE = re.compile(r"\b(?:[A-Z]\d\d(?:\.\w+)?|\d{5}|[A-Z]\d{4}|[A-Z]{2})\b")
Mutant = tuple[str, str]


def mutants(text: str, facts: DataDictionary) -> Iterator[Mutant]:
    """(what was changed, the changed text): each with one change in one place outside quotes."""
    plain = re.sub(r"“(?:\\.|[^”\\])*”|\[[^]]*\]", lambda quote: "·" * len(quote[0]), text)
    for found in re.finditer(r"\d+(?:\.\d+)?", plain):
        yield "number", f"{text[: found.start()]}{float(found[0]) + 1:g}{text[found.end() :]}"
    for found in CODE.finditer(plain):
        last = "1" if found[0][-1] == "0" else "0"
        yield "code", f"{text[: found.end() - 1]}{last}{text[found.end() :]}"
    for kind, pairs in SWAPS.items():
        for pair in pairs:
            for old, new in (pair, pair[::-1]):
                for at in re.finditer(re.escape(old), plain) if old else ():
                    yield kind, text[: at.start()] + new + text[at.end() :]
    phrases = {phrase(fact.name, facts): fact for fact in facts}
    for name, fact in phrases.items():
        other = next((p for p, f in phrases.items() if p != name and f.type is fact.type), "age")
        for at in re.finditer(rf"(?<![\w]){re.escape(name)}(?![\w])", plain):
            yield "fact", text[: at.start()] + other + text[at.end() :]
    lines = text.split("\n")
    for at in range(1, len(lines)):
        yield "line left out", "\n".join(lines[:at] + lines[at + 1 :])
        yield "line moved out", "\n".join([*lines[:at], lines[at].removeprefix("  "), *lines[at + 1 :]])


def read_differently(criterion: Criterion, mutant: str, facts: DataDictionary, lists: dict[str, CodeList]) -> str:
    problems: tuple[Problem, ...] = ()
    try:
        assert read_criterion(mutant, facts, lists) != criterion, mutant
    except PolicyRejected as rejected:
        problems = rejected.problems
    assert all(p.place.line and p.place.column and p.remedy and p.code in REMEDIES for p in problems)
    return "problem" if problems else "another tree"


def test_no_change_in_the_english_of_the_library_goes_unseen(capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(7)
    whole = [
        (c, lists, m) for _, c, lists in bundled() for m in mutants(layouts(c, LIBRARY.facts)["bullets"], LIBRARY.facts)
    ]
    by_kind: dict[str, list[tuple[Criterion, dict[str, CodeList], Mutant]]] = {}
    for entry in whole:
        by_kind.setdefault(entry[2][0], []).append(entry)
    for kind, entries in by_kind.items():
        seen = [
            read_differently(criterion, mutant, LIBRARY.facts, lists)
            for criterion, lists, (_, mutant) in chance.sample(entries, min(150, len(entries)))
        ]
        with capsys.disabled():
            print(f"\n  {kind}: {len(seen)} changes, {seen.count('another tree')} another tree, "
                  f"{seen.count('problem')} a problem", end="")  # fmt: skip
        assert len(seen) >= 40
    assert set(by_kind) == {"number", "code", "fact", "line left out", "line moved out", *SWAPS}


@given(st.one_of(criteria(), deep()).flatmap(with_words), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_change_in_the_english_of_a_random_tree_goes_unseen(tree: Criterion, chance: random.Random) -> None:
    changed = list(mutants(layouts(tree, FACTS)["bullets"], FACTS))
    for _, mutant in chance.sample(changed, min(6, len(changed))):
        read_differently(tree, mutant, FACTS, NOT_LOADED)


# ── what cannot be read ─────────────────────────────────────────────────────────────────────────────────────

REFUSED = {
    "BMI is at least 35": "1:19 MP973 the unit “kg/m2” is expected after 35",
    "BMI is at least 35.0 kg/m2": "1:19 MP976 this is said as: BMI is at least 35 kg/m2",
    "BNI is at least 35 kg/m2": "1:1 MP972 no fact is called “BNI” (did you mean “BMI”?)",
    "all of the following:\n  - age is over 65 years\n  - claudication: maybe":
        "2:12 MP971 after “is” stands one of: at least, more than, at most, below, exactly\n"
        "3:5 MP971 “claudication: maybe” is no sentence about a fact",
    "all of the following:": "1:22 MP975 nothing stands under this line, which ends in a colon",
    "all of the following": "1:1 MP975 nothing stands under this line",
    "claudication: yes\nconsent: yes (document on file)": "2:1 MP975 a second criterion stands beside the first",
    "claudication: yes\n  - consent: yes": "1:18 MP975 lines stand under this one, which has no colon",
    "at least 3 of the following (claudication: yes; claudication: no)": "1:1 MP973 3 of a list of 2",
    "consent: yes": "1:13 MP976 this is said as: consent: yes (document on file)",
    "CEAP is at least C9": "1:18 MP973 “C9” is no level of “ceap”: C0, C1, C2, C3, C4a, C4b",
    "CEAP is at least C1 and\n    below C9": "2:11 MP973 “C9” is no level of “ceap”: C0, C1, C2, C3, C4a, C4b",
    "evaluation date is on or after 2025-02-30": "1:32 MP973 “2025-02-30” is no date",
    "diagnoses include any of M48.06?, M51.26": "1:26 MP973 “M48.06?” is no code, a prefix or a range",
    "approach is closed": "1:13 MP973 “closed” is no value of “approach”, one of open, percutaneous",
    "requested code is on the list “spine”": "1:31 MP974 no code list is called “spine”",
    "": "1:1 MP975 there is no criterion here",
}  # fmt: skip


@pytest.mark.parametrize(("text", "told"), REFUSED.items(), ids=REFUSED)
def test_problems_name_the_place_and_what_was_expected(text: str, told: str) -> None:
    # a wrapped line has no bullet of its own, so the root needs one for the second line to belong to it
    written = f"- {text}" if "\n    below" in text else text
    with pytest.raises(PolicyRejected) as rejected:
        read_criterion(written, FACTS)
    found = [f"{p.place.line}:{p.place.column} {p.code} {p.message}" for p in rejected.value.problems]
    assert "\n".join(found) == told
    assert all(problem.remedy for problem in rejected.value.problems)


def test_remedies_are_those_of_the_catalogue() -> None:
    assert {code: CATALOGUE[code].remedy for code in REMEDIES} == REMEDIES


PIECES = (
    "- ", "  ", "\n", "(", ")", "“", "”", ";", ": ", "all of the following", "age", " is ", "at least ", "3", " years",
    ", unless ", "waived", " if ", "otherwise ", " [", "]", "not: ", "yes",
)  # fmt: skip


@given(st.text(max_size=80) | st.lists(st.sampled_from(PIECES)).map("".join))
@settings(max_examples=500)
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(PolicyRejected):
        assert_read_back(read_criterion(text, FACTS), FACTS, {})


@pytest.mark.parametrize("text", ["not the following:\n" * 5000, "(" * 5000, "a (" * 2000 + ")" * 2000, "x" * 2_000_000,
    "".join(" " * n + "not the following:\n" for n in range(500))])  # fmt: skip
def test_sizes_and_depths_are_refused(text: str) -> None:
    with pytest.raises(PolicyRejected):
        read_criterion(text, FACTS)


def test_levels_values_and_keys_that_look_like_grammar() -> None:
    odd = ("mild and above II", "if, unless", "on the same day", "none", "known", "a_b", "at least II")
    facts = DataDictionary({
        "stage": Fact(name="stage", type=FactType.ORDINAL, levels=odd),
        "kind": Fact(name="kind", type=FactType.CODE, values=(*odd, "not listed", "one of x", "not_listed")),
        "listed_includes": Fact(name="listed_includes", type=FactType.SET, values=odd),
        "a__b": Fact(name="a__b", type=FactType.BOOLEAN),
        "bmi": Fact(name="bmi", type=FactType.NUMBER, unit="[ppm]"),
    })  # fmt: skip
    for low in range(len(odd)):
        assert_read_back(Compare(fact="stage", low=low, high=6, high_open=True), facts, {})
        table = CompareBy(fact="stage", op=">", rows=(Row(when=Is(fact="a__b"), then=low), Row(when=None, then=low)))
        assert_read_back(table, facts, {})
    for name in ("kind", "listed_includes"):
        for value in facts[name].values:
            leaf = OneOf(fact=name, codes=CodeList(patterns=(CodePattern(normal(value), normal(value)),)))
            assert_read_back(leaf, facts, {})
            assert_read_back(Not(of=leaf), facts, {})
    assert_read_back(Compare(fact="bmi", low=3, source="ppm]"), facts, {})
