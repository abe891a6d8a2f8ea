"""What each form of leaf means: units, windows, codes, scalars as typed."""

from datetime import date

import pytest

from medpol.loading import parse_criterion
from medpol.model.calendar import day_code
from medpol.model.codes import CodeList, parse_pattern
from medpol.model.criteria import (
    All,
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
)
from medpol.problems import Place
from strategies import FACTS

DAY = day_code(date(2020, 1, 1))


def codes(*texts: str) -> CodeList:
    return CodeList(patterns=tuple(pattern for text in texts if (pattern := parse_pattern(text))))


def window(low: int | None, high: int | None, unit: str) -> Window:
    return Window(event="evaluation_date", anchor="service_date", low=low, high=high, unit=unit)


COMPARISONS = {
    "age >= 65": Compare(fact="age", low=65),
    "age ≥ 65": Compare(fact="age", low=65),
    "65 <= age": Compare(fact="age", low=65),
    "age>=18 years": Compare(fact="age", low=18),
    "age_months < 2 years": Compare(fact="age_months", high=24, high_open=True),
    "odi > 21 %": Compare(fact="odi", low=21, low_open=True),
    "30 <= bmi < 35": Compare(fact="bmi", low=30, high=35, high_open=True),
    "35 kg/m2 > bmi ≥ 30 kg/m2": Compare(fact="bmi", low=30, high=35, high_open=True),
    "bmi == 30": Compare(fact="bmi", low=30, high=30),
    "bmi = 30": Compare(fact="bmi", low=30, high=30),
    "bmi != 30": Not(of=Compare(fact="bmi", low=30, high=30)),
    "bmi ≠ 30": Not(of=Compare(fact="bmi", low=30, high=30)),
    "pain_duration >= 1 year": Compare(fact="pain_duration", low=12),
    "therapy >= 42 days": Compare(fact="therapy", low=6),
    "ceap >= C2": Compare(fact="ceap", low=2),
    "ceap is C4a": Compare(fact="ceap", low=4, high=4),
    "service_date >= 2020-01-01": Compare(fact="service_date", low=DAY),
    "units <= 2": Compare(fact="units", high=2),
    "claudication": Is(fact="claudication"),
}
MEMBERSHIPS = {
    "sex is F": OneOf(fact="sex", codes=codes("F")),
    "sex is not F": Not(of=OneOf(fact="sex", codes=codes("F"))),
    "state in [IA, SD]": OneOf(fact="state", codes=codes("IA", "SD")),
    "state not in [IA]": Not(of=OneOf(fact="state", codes=codes("IA"))),
    "comorbidity includes [diabetes, OSA]": OneOf(fact="comorbidity", codes=codes("diabetes", "osa")),
    "diagnosis: [G47.33, M48.0*, I83.001-I83.899]": OneOf(
        fact="diagnosis", codes=codes("G4733", "M480*", "I83001-I83899")
    ),
    "place_of_service: [11, 02]": OneOf(fact="place_of_service", codes=codes("11", "02")),
    "provider_specialty: [no]": OneOf(fact="provider_specialty", codes=codes("NO")),
    "drug_class: [no, 012, 1.10]": OneOf(fact="drug_class", codes=codes("no", "012", "110")),
}
WINDOWS = {
    "evaluation_date within 12 months before service_date": window(0, 12, "mo"),
    "evaluation_date within 2 years before service_date": window(0, 2, "a"),
    "evaluation_date at least 6 weeks before service_date": window(6, None, "wk"),
    "evaluation_date between 3 and 7 days before service_date": window(3, 7, "d"),
    "evaluation_date before service_date": window(1, None, "d"),
    "evaluation_date on or before service_date": window(0, None, "d"),
    "evaluation_date on service_date": window(0, 0, "d"),
    "evaluation_date within 90 days after service_date": window(-90, 0, "d"),
    "evaluation_date at least 3 months after service_date": window(None, -3, "mo"),
    "evaluation_date between 1 and 2 months after service_date": window(-2, -1, "mo"),
    "evaluation_date after service_date": window(None, -1, "d"),
    "evaluation_date on or after service_date": window(None, 0, "d"),
}


@pytest.mark.parametrize(
    ("text", "meaning"),
    [item for table in (COMPARISONS, MEMBERSHIPS, WINDOWS) for item in table.items()],
)
def test_leaf(text: str, meaning: Criterion) -> None:
    assert parse_criterion(text, FACTS) == meaning


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [
        (">= 1", 1, None),
        ("> 1", 2, None),
        ("<= 2", None, 2),
        ("< 2", None, 1),
        ("== 0", 0, 0),
        ("1..3", 1, 3),
        ("≥1", 1, None),
    ],
)
def test_counts(count: str, low: int | None, high: int | None) -> None:
    read = parse_criterion(f"claims: {{codes: same, within: lifetime, count: '{count}'}}", FACTS)
    assert read == Claims(codes=None, within=Within.LIFETIME, low=low, high=high)


def test_claims_with_everything() -> None:
    text = """
        claims: {codes: [6232*], within: 12 months, before: surgery_date, count: ">= 2", measure: days,
                 diagnosis: [M48.0*], same: [level, side]}
    """
    read = parse_criterion(text, FACTS)
    assert read == Claims(
        codes=codes("6232*"),
        within=Within.LENGTH,
        length=12,
        unit="mo",
        before="surgery_date",
        measure=Measure.DAYS,
        diagnosis=codes("M48.0*"),
        same=("side", "level"),
        low=2,
    )


def test_table_converts_its_thresholds() -> None:
    read = parse_criterion("{compare: therapy >=, by: [{when: age < 50, then: 84 days}, {otherwise: 6}]}", FACTS)
    rows = (Row(when=Compare(fact="age", high=50, high_open=True), then=12), Row(when=None, then=6))
    assert read == CompareBy(fact="therapy", op=">=", rows=rows)


def test_waiver_label_and_source_stand_outside() -> None:
    read = parse_criterion("{that: bmi < 40, unless: exceptional, label: weight, source: seed}", FACTS)
    inner = Compare(fact="bmi", high=40, high_open=True)
    assert read == Unless(of=inner, waiver=Is(fact="exceptional"), label="weight", source="seed")


def test_named_list_that_is_not_loaded_stays_a_slot() -> None:
    slot = CodeList(name="covered", loaded=False)
    assert parse_criterion("diagnosis: {list: covered}", FACTS, {"covered": slot}) == OneOf(
        fact="diagnosis", codes=slot
    )


def test_places_are_exact_in_quotes_and_lists() -> None:
    read = parse_criterion('all:\n  - age >= 65\n  - "sex is F"\n', FACTS)
    assert isinstance(read, All)
    assert [member.place for member in read.of] == [Place("criterion", 2, 5), Place("criterion", 3, 5)]
