"""What a person reads of an answer: findings line by line, whole answers and versions as golden texts."""

import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given

from medpol.engine import Determiner
from medpol.engine.one import decide
from medpol.loading import Case, load_cases, load_library, parse_criterion, request_from
from medpol.model.criteria import Criterion
from medpol.model.facts import DataDictionary, Fact, FactType
from medpol.model.request import FactValue, HistoryLine, Request
from medpol.rendering import determination_text, finding_lines, version_text
from strategies import FACTS as STRATEGY_FACTS
from strategies import criteria, facts_for, histories

HERE = Path(__file__).parent
STORIES = HERE.parent / "stories" / "library"
FACTS = DataDictionary(
    {
        fact.name: fact
        for fact in (
            Fact(name="bmi", type=FactType.NUMBER, unit="kg/m2"),
            Fact(name="care", type=FactType.DURATION, unit="wk"),
            Fact(name="ceap", type=FactType.ORDINAL, levels=("C0", "C1", "C2")),
            Fact(name="evaluation_date", type=FactType.DATE),
            Fact(name="discharge_date", type=FactType.DATE),
            Fact(name="urgent", type=FactType.BOOLEAN),
            Fact(name="comorbidity", type=FactType.SET, values=("heart_failure", "osa")),
        )
    }
)
SERVICE = date(2025, 9, 1)
TABLE = """
compare: care >=
by:
  - {when: bmi > 40, then: 24}
  - {when: age < 50, then: 18}
  - {otherwise: 12}
"""


def request(history: tuple[HistoryLine, ...] | None = None, **known: FactValue) -> Request:
    facts = {"service_date": SERVICE, **known}
    return Request(
        id="R",
        system="cpt",
        code="62323",
        service_date=SERVICE,
        line_of_business="commercial",
        facts=facts,
        history=history,
    )


def lines(text: str, asked: Request) -> list[str]:
    finding = decide(parse_criterion(text, FACTS), asked)
    return ["  " * depth + line for depth, line in finding_lines(finding, FACTS)]


@pytest.mark.parametrize(
    ("criterion", "asked", "expected"),
    [
        ("age >= 65", request(age=71.0), "met: age 71 is at least 65 years"),
        ("age >= 65", request(age=61.0), "not met: age 61 is not at least 65 years"),
        ("age >= 65", request(), "unknown: age is not known (age is at least 65 years)"),
        ("30 <= bmi < 35", request(bmi=36.2), "not met: BMI 36.2 is not both at least 30 and below 35 kg/m2"),
        ("not: bmi >= 35", request(bmi=36.2), "not met: BMI 36.2 is at least 35 kg/m2"),
        ("not: bmi >= 35", request(bmi=30.0), "met: BMI 30 is not at least 35 kg/m2"),
        ("not: bmi >= 35", request(), "unknown: BMI is not known (BMI is not at least 35 kg/m2)"),
        ("ceap >= C1", request(ceap=2), "met: CEAP C2 is at least C1"),
        ("urgent", request(urgent=True), "met: urgent: yes"),
        ("not: urgent", request(urgent=False), "met: urgent: no"),
        ("not: urgent", request(), "unknown: urgent is not known (no is required)"),
        ("state in [IA, SD]", request(state="NE"), "not met: state NE is not one of IA, SD"),
        ("state is IA", request(state="IA"), "met: state is IA"),
        (
            "diagnosis: [M48.0*]",
            request(diagnosis=frozenset({"M48062", "E119"})),
            "met: diagnoses E11.9, M48.062 include any of M48.0*",
        ),
        (
            "comorbidity includes [heart_failure]",
            request(comorbidity=frozenset()),
            "not met: comorbidity (none) does not include heart failure",
        ),
        (
            "evaluation_date within 12 months before service_date",
            request(evaluation_date=date(2024, 8, 20)),
            "not met: evaluation date (12 months and some days before) is not within 12 months before the service date",
        ),
        (
            "evaluation_date before discharge_date",
            request(evaluation_date=date(2025, 8, 20)),
            "unknown: evaluation date or discharge date is not known (evaluation date is before the discharge date)",
        ),
        (
            "evaluation_date within 30 days after discharge_date",
            request(evaluation_date=date(2025, 8, 20), discharge_date=date(2025, 8, 19)),
            "met: evaluation date (1 day after) is within 30 days after the discharge date",
        ),
        (
            "claims: {codes: same, within: 12 months, count: '<= 1'}",
            request(history=()),
            "met: 0 found (no more than 1 earlier claim for the same code in the 12 months up to the service date)",
        ),
        (
            "{cannot_determine: judgement, what: it helps}",
            request(),
            "unknown: cannot be determined from facts (judgement): “it helps”",
        ),
    ],
)
def test_a_leaf(criterion: str, asked: Request, expected: str) -> None:
    assert lines(criterion, asked) == [expected]


def test_a_group_counts_its_members() -> None:
    found = lines("at_least: 2\nof: [urgent, bmi >= 30, age >= 65]", request(urgent=True, bmi=20.0))
    assert found == [
        "unknown: at least 2 of the following (1 met, 1 not met, 1 unknown):",
        "  met: urgent: yes",
        "  not met: BMI 20 is not at least 30 kg/m2",
        "  unknown: age is not known (age is at least 65 years)",
    ]


def test_a_waiver_that_applies() -> None:
    assert lines("{that: bmi >= 30, unless: urgent}", request(urgent=True, bmi=20.0)) == [
        "met: waived:",
        "  not met: BMI 20 is not at least 30 kg/m2",
        "  waiver met: urgent: yes",
    ]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (
            request(care=20.0, bmi=41.0),
            [
                "not met: care 20 weeks is not at least 24 weeks:",
                "  threshold 24 weeks, met: BMI 41 is more than 40 kg/m2",
            ],
        ),
        (
            request(care=20.0, bmi=30.0, age=45.0),
            ["met: care 20 weeks is at least 18 weeks:", "  threshold 18 weeks, met: age 45 is below 50 years"],
        ),
        (
            request(care=14.0, bmi=30.0, age=60.0),
            ["met: care 14 weeks is at least 12 weeks:", "  threshold 12 weeks, otherwise"],
        ),
        (
            request(care=14.0, bmi=30.0),
            [
                "unknown: care is at least:",
                "  threshold 24 weeks, not met: BMI 30 is not more than 40 kg/m2",
                "  threshold 18 weeks, unknown: age is not known (age is below 50 years)",
                "  threshold 12 weeks, otherwise",
            ],
        ),
        (
            request(care=8.0, bmi=30.0),
            [
                "not met: care 8 weeks is not at least 12 weeks:",
                "  threshold 24 weeks, not met: BMI 30 is not more than 40 kg/m2",
                "  threshold 18 weeks, unknown: age is not known (age is below 50 years)",
                "  threshold 12 weeks, otherwise",
            ],
        ),
    ],
)
def test_a_table_shows_the_threshold_that_applied(asked: Request, expected: list[str]) -> None:
    assert lines(TABLE, asked) == expected


@given(criteria(), facts_for(), histories())
def test_every_finding_can_be_read(
    criterion: Criterion, known: dict[str, FactValue], history: tuple[HistoryLine, ...] | None
) -> None:
    finding = decide(criterion, request(history, **known))
    (depth, first), *_ = finding_lines(finding, STRATEGY_FACTS)
    assert depth == 0
    assert first.startswith(("met: ", "not met: ", "unknown: "))


CASES = {f"{case.policy} {case.name}": case for case in load_cases(STORIES)}


@pytest.mark.parametrize(
    ("name", "golden"),
    [
        ("15-veins spider veins", "not_covered.txt"),
        ("15-veins size not measured", "pend_information.txt"),
        ("33-physical-therapy attested, so a person judges", "pend_review.txt"),
        ("39-glucose-monitor renewal, assessed six months ago", "approve.txt"),
        ("48-infertility thirty-five tomorrow", "table.txt"),
        ("15-veins before the version", "no_policy.txt"),
    ],
)
def test_whole_answers(name: str, golden: str) -> None:
    library = load_library(STORIES)
    case: Case = CASES[name]
    determination = Determiner(library).determine(request_from(case.request, library, name))
    text = determination_text(determination, library.facts)
    before_receipt = text.split("\nReceipt\n")[0]
    assert_golden(before_receipt, golden)


def test_a_whole_version() -> None:
    library = load_library(STORIES)
    policy = library.policies["08-inpatient-days"]
    assert_golden(version_text(policy, policy.versions[0], library.facts), "version.txt")


def assert_golden(text: str, name: str) -> None:
    """Equal to golden/NAME; with UPDATE_GOLDEN set, written there for the diff to be read."""
    path = HERE / "golden" / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
