"""Every criterion has one text, and every text one criterion."""

from collections import defaultdict
from collections.abc import Iterator
from importlib.resources import files
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medpol.loading import load_library
from medpol.model.codes import CodeList, parse_pattern
from medpol.model.criteria import (
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
    Measure,
    Not,
    OneOf,
    Row,
    Unless,
    Window,
    Within,
    members,
)
from medpol.model.facts import DataDictionary, Fact, FactSource, FactType
from medpol.rendering import criterion_lines, criterion_text
from strategies import FACTS as STRATEGY_FACTS
from strategies import criteria

FACTS = DataDictionary(
    {
        fact.name: fact
        for fact in (
            Fact(name="bmi", type=FactType.NUMBER, unit="kg/m2"),
            Fact(name="odi", type=FactType.NUMBER, unit="%"),
            Fact(name="systolic_pressure", type=FactType.NUMBER, unit="mm[Hg]"),
            Fact(name="conservative_care", type=FactType.DURATION, unit="wk"),
            Fact(name="ceap", type=FactType.ORDINAL, levels=("C0", "C1", "C2", "C3")),
            Fact(name="evaluation_date", type=FactType.DATE),
            Fact(name="discharge_date", type=FactType.DATE),
            Fact(name="urgent", type=FactType.BOOLEAN),
            Fact(name="nicotine_report", type=FactType.BOOLEAN, source=FactSource.DOCUMENT),
            Fact(name="asian", type=FactType.BOOLEAN, source=FactSource.ATTESTATION),
            Fact(name="comorbidity", type=FactType.SET, values=("heart_failure", "osa", "Not_Listed")),
            Fact(name="answer", type=FactType.CODE),
        )
    }
)


def codes(*texts: str, name: str = "", loaded: bool = True) -> CodeList:
    patterns = [parse_pattern(text) for text in texts]
    return CodeList(patterns=tuple(p for p in patterns if p), name=name, loaded=loaded)


URGENT = Is(fact="urgent")
ADULT = Compare(fact="age", low=18)

GOLDEN: dict[str, Criterion] = {
    "age is at least 65 years": Compare(fact="age", low=65),
    "age in months is below 1 month": Compare(fact="age_months", high=1, high_open=True),
    "BMI is at least 30 and below 35 kg/m2": Compare(fact="bmi", low=30, high=35, high_open=True),
    "BMI is not both more than 34.95 and at most 40 kg/m2": Not(
        of=Compare(fact="bmi", low=34.95, low_open=True, high=40)
    ),
    "ODI is more than 21%": Compare(fact="odi", low=21, low_open=True),
    "systolic pressure is more than 140 mmHg": Compare(fact="systolic_pressure", low=140, low_open=True),
    "conservative care is at least 1 week": Compare(fact="conservative_care", low=1),
    "CEAP is at least C2": Compare(fact="ceap", low=2),
    "CEAP is above C0 and below C3": Compare(fact="ceap", low=0, low_open=True, high=3, high_open=True),
    "service date is on or after 2020-01-01": Compare(fact="service_date", low=18262),
    "urgent: yes": URGENT,
    "urgent: no": Not(of=URGENT),
    "nicotine report: yes (document on file)": Is(fact="nicotine_report"),
    "asian: yes (provider's attestation)": Is(fact="asian"),
    "sex is F": OneOf(fact="sex", codes=codes("F")),
    "state is not one of IA, SD": Not(of=OneOf(fact="state", codes=codes("IA", "SD"))),
    "line of business is medicare advantage": OneOf(fact="line_of_business", codes=codes("medicare_advantage")),
    "diagnoses include any of G47.33, M48.0*, I83.001-I83.899": OneOf(
        fact="diagnosis", codes=codes("G47.33", "M48.0*", "I83.001-I83.899")
    ),
    "diagnoses do not include G47.33": Not(of=OneOf(fact="diagnosis", codes=codes("G47.33"))),
    "diagnoses include any on the list “ncd-190.23-covered”": OneOf(
        fact="diagnosis", codes=codes(name="ncd-190.23-covered", loaded=False)
    ),
    "comorbidity includes any of heart failure, osa": OneOf(
        fact="comorbidity", codes=codes("heart_failure", "osa")
    ),
    "codes also billed include 64590": OneOf(fact="also_billed", codes=codes("64590")),
    "evaluation date is within 12 months before the service date": Window(
        event="evaluation_date", anchor="service_date", unit="mo", low=0, high=12
    ),
    "evaluation date is not at least 6 weeks before the discharge date": Not(
        of=Window(event="evaluation_date", anchor="discharge_date", unit="wk", low=6)
    ),
    "evaluation date is on or after the discharge date": Window(
        event="evaluation_date", anchor="discharge_date", unit="d", high=0
    ),
    "evaluation date is between 3 and 6 months before the service date": Window(
        event="evaluation_date", anchor="service_date", unit="mo", low=3, high=6
    ),
    "no more than 2 earlier claims for the same code in the 12 months up to the service date, same side": Claims(
        codes=None, within=Within.LENGTH, length=12, unit="mo", high=2, same=("side",)
    ),
    "at least 12 earlier service days for any of the codes 97110, 97112 in the 2 years up to the discharge date":
        Claims(
        codes=codes("97110", "97112"),
        within=Within.LENGTH,
        length=2,
        unit="a",
        before="discharge_date",
        measure=Measure.DAYS,
        low=12,
    ),
    "no earlier claims for the same code at any time up to the service date, same side and level": Claims(
        codes=None, within=Within.LIFETIME, low=0, high=0, same=("side", "level")
    ),
    "exactly 1 earlier unit for code 64999 in the calendar year up to the service date, with any diagnosis of M48.0*":
        Claims(
            codes=codes("64999"),
            within=Within.CALENDAR_YEAR,
            measure=Measure.UNITS,
            low=1,
            high=1,
            diagnosis=codes("M48.0*"),
        ),
    "cannot be determined from facts (judgement): “improvement is expected”": CannotDetermine(
        because=Because.JUDGEMENT, what="improvement is expected"
    ),
    "conservative care is at least (24 weeks if BMI is more than 40 kg/m2; 24 weeks if age is below 50 years; "
    "otherwise 12 weeks)": CompareBy(
        fact="conservative_care",
        op=">=",
        rows=(
            Row(when=Compare(fact="bmi", low=40, low_open=True), then=24),
            Row(when=Compare(fact="age", high=50, high_open=True), then=24),
            Row(when=None, then=12),
        ),
    ),
    "age is at least 18 years, unless urgent: yes": Unless(of=ADULT, waiver=URGENT),
    "at least 2 of the following (age is at least 18 years; urgent: yes; CEAP is at least C2)": AtLeast(
        n=2, of=(ADULT, URGENT, Compare(fact="ceap", low=2))
    ),
    "none of the following (age is at least 18 years; urgent: yes)": Not(of=AnyOf(of=(ADULT, URGENT))),
    "“age of majority”: age is at least 18 years [seed]": Compare(
        fact="age", low=18, label="age of majority", source="seed"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "criterion"), GOLDEN.items(), ids=GOLDEN)
def test_sentences(text: str, criterion: Criterion) -> None:
    assert criterion_text(criterion, FACTS) == text


def test_a_tree_is_a_list_with_depths() -> None:
    care = CompareBy(
        fact="conservative_care",
        op=">=",
        rows=(Row(when=All(of=(ADULT, Not(of=URGENT))), then=24), Row(when=None, then=12)),
        label="conservative care",
    )
    tree = All(
        of=(ADULT, care, Unless(of=AnyOf(of=(URGENT, Is(fact="asian"))), waiver=Not(of=All(of=(URGENT, ADULT)))))
    )
    assert criterion_lines(tree, FACTS) == [
        (0, "all of the following:"),
        (1, "age is at least 18 years"),
        (1, "“conservative care”: conservative care is at least:"),
        (2, "24 weeks if all of the following:"),
        (3, "age is at least 18 years"),
        (3, "urgent: no"),
        (2, "otherwise 12 weeks"),
        (1, "any of the following, unless waived:"),
        (2, "urgent: yes"),
        (2, "asian: yes (provider's attestation)"),
        (2, "waived if not all of the following:"),
        (3, "urgent: yes"),
        (3, "age is at least 18 years"),
    ]


def test_no_two_criteria_of_the_bundled_library_read_alike() -> None:
    library = load_library(Path(str(files("medpol"))) / "data" / "demonstration")
    by_text = defaultdict(set)
    for policy in library.policies.values():
        for statement in (s for version in policy.versions for s in version.statements if s.when):
            for criterion in whole(statement.when):
                by_text[criterion_text(criterion, library.facts)].add(criterion)
    assert len(by_text) > 100
    assert [same for same in by_text.values() if len(same) > 1] == []


def whole(criterion: Criterion) -> Iterator[Criterion]:
    yield criterion
    for member in members(criterion):
        yield from whole(member)


# ── different trees, different English ──────────────────────────────────────────────────────────────────────


def comparisons() -> list[Criterion]:
    facts = ("age", "age_months", "bmi", "odi", "ceap", "service_date", "units")
    ends = (None, 0, 1, 2)
    return [
        Compare(fact=fact, low=low, high=high, low_open=low is not None and lo, high_open=high is not None and ho)
        for fact, low, high, lo, ho in product(facts, ends, ends, (False, True), (False, True))
        if (low, high) != (None, None)
    ]


def windows() -> list[Criterion]:
    ends = (None, -2, -1, 0, 1, 2)
    return [
        Window(event=event, anchor=anchor, unit=unit, low=low, high=high)
        for event, anchor, unit, low, high in product(
            ("evaluation_date", "birth_date"), ("service_date", "discharge_date"), ("d", "wk", "mo", "a"), ends, ends
        )
        if (low, high) != (None, None)
    ]


def counts() -> list[Criterion]:
    lists = (None, codes("62322"), codes("62322", "62323"), codes("6232*"), codes(name="spine"))
    spans = [(Within.LENGTH, 1, "mo"), (Within.LENGTH, 2, "a"), *((w, 0, "") for w in Within if w is not Within.LENGTH)]
    return [
        Claims(
            codes=listed,
            within=within,
            length=length,
            unit=unit,
            before=before,
            measure=measure,
            diagnosis=diagnosis,
            same=same,
            low=low,
            high=high,
        )
        for listed, (within, length, unit), before, measure, diagnosis, same, (low, high) in product(
            lists,
            spans,
            ("service_date", "discharge_date"),
            Measure,
            (None, codes("M48.0*"), codes(name="spine")),
            ((), ("side",), ("side", "level")),
            ((None, 0), (0, 0), (1, None), (None, 1), (1, 1), (1, 3)),
        )
    ]


def memberships() -> list[Criterion]:
    facts = ("diagnosis", "primary_diagnosis", "comorbidity", "answer", "state", "modifier")
    lists = (
        codes("A01"), codes("A01*"), codes("A01-A02"), codes("A01", "A02"), codes("A01.9"), codes("heart_failure"),
        codes("NOT_LISTED"), codes("LISTED"), codes("ONE_OF_X"), codes("OSA"), codes(name="A01"), codes(name="listed"),
    )  # fmt: skip
    return [OneOf(fact=fact, codes=listed) for fact, listed in product(facts, lists)]


def others() -> list[Criterion]:
    words = ("x", "x; y", "x”, unless “y", "x\ny", "x\\ny")
    return [
        *(Is(fact=fact) for fact in ("urgent", "asian", "nicotine_report")),
        *(CannotDetermine(because=because, what=what) for because, what in product(Because, words)),
    ]


LEAVES = [*comparisons(), *windows(), *counts(), *memberships(), *others()]
FEW: list[Criterion] = [
    URGENT,
    Compare(fact="bmi", low=1, high=2),
    OneOf(fact="answer", codes=codes("A", "B")),
    counts()[0],
    CannotDetermine(because=Because.JUDGEMENT, what="x", label="y", source="z"),
    CompareBy(fact="bmi", op=">=", rows=(Row(when=URGENT, then=2), Row(when=None, then=1))),
]


def over(trees: list[Criterion]) -> list[Criterion]:
    """Every group, negation, waiver and table over these trees, with and without words of their own."""
    pairs = list(product(trees, trees))
    return [
        *(All(of=(tree,)) for tree in trees),
        *(Not(of=tree, label=label, source=source) for tree in trees for label in ("", "y") for source in ("", "z")),
        *(All(of=pair) for pair in pairs),
        *(AnyOf(of=pair) for pair in pairs),
        *(AtLeast(n=n, of=pair) for pair in pairs for n in (1, 2)),
        *(AtLeast(n=1, of=pair, label="y", source="z") for pair in pairs),
        *(Unless(of=a, waiver=b) for a, b in pairs),
        *(Unless(of=a, waiver=b, label="y") for a, b in pairs),
        *(Unless(of=a, waiver=b, source="z") for a, b in pairs),
        *(CompareBy(fact="bmi", op=op, rows=(Row(when=a, then=2), Row(when=b, then=2), Row(when=None, then=1)))
          for a, b in pairs for op in (">=", "<")),
    ]  # fmt: skip


def assert_one_text_each(trees: list[Criterion]) -> None:
    for render in (criterion_text, lambda tree, facts: tuple(criterion_lines(tree, facts))):
        by_text = defaultdict(set)
        for tree in trees:
            by_text[render(tree, FACTS)].add(tree)
        assert [same for same in by_text.values() if len(same) > 1] == []


def test_no_two_leaves_share_a_text_nor_do_their_opposites() -> None:
    assert_one_text_each([*LEAVES, *(Not(of=leaf) for leaf in LEAVES)])


def test_no_two_small_trees_share_a_text() -> None:
    shallow = [*FEW, *over(FEW)]
    step = 37  # a sample of the trees of depth one, so that depth two stays at some 20,000
    assert_one_text_each([*shallow, *over(shallow[::step])])


leaves = st.sampled_from(LEAVES)
trees = st.recursive(leaves, lambda below: st.one_of(
    st.lists(below, min_size=1, max_size=3).map(lambda of: All(of=tuple(of))),
    st.lists(below, min_size=1, max_size=3).map(lambda of: AnyOf(of=tuple(of))),
    st.lists(below, min_size=2, max_size=3).map(lambda of: AtLeast(n=2, of=tuple(of))),
    st.builds(lambda of, label, source: Not(of=of, label=label, source=source), below, st.text(max_size=3),
              st.sampled_from(["", "seed"])),
    st.builds(lambda of, waiver: Unless(of=of, waiver=waiver), below, below),
    st.builds(lambda when, then: CompareBy(fact="bmi", op="<", rows=(Row(when=when, then=then), Row(when=None, then=1))
    ), below, st.floats(allow_nan=False, allow_infinity=False)),
), max_leaves=12)  # fmt: skip


@given(st.lists(trees, min_size=2, max_size=8))
@settings(max_examples=200)
def test_random_trees_differ_in_text_exactly_when_they_differ(several: list[Criterion]) -> None:
    texts = {criterion_text(tree, FACTS) for tree in several}
    assert len(texts) == len(set(several))


@given(st.text(), st.floats(), st.floats(), st.booleans())
def test_nothing_raises_on_a_fact_or_number_it_does_not_know(name: str, low: float, high: float, is_open: bool) -> None:
    for fact in (name, "ceap", "service_date", "age"):
        assert criterion_text(Compare(fact=fact, low=low, high=high, low_open=is_open), FACTS)


@given(st.lists(criteria(), min_size=2, max_size=8))
def test_the_shared_trees_differ_in_text_exactly_when_they_differ(several: list[Criterion]) -> None:
    assert len({criterion_text(tree, STRATEGY_FACTS) for tree in several}) == len(set(several))
    assert len({tuple(criterion_lines(tree, STRATEGY_FACTS)) for tree in several}) == len(set(several))
