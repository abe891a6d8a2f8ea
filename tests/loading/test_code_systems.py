"""Which codes were billable on which day, by the bundled editions and by shape."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpol.loading.code_systems import code_systems, icd10cm_covered
from medpol.model.code_systems import CodeSystems, DatedCodes, Kind
from medpol.model.truth import Truth

YES, UNKNOWN, NO = Truth.YES, Truth.UNKNOWN, Truth.NO


@pytest.mark.parametrize(
    ("code", "day", "words"),
    [
        # FY 2018 addenda: M48.06 deleted, M48.061 added
        ("M48.06", "2017-09-30", "valid"),
        ("M48.06", "2017-10-01", "retired since 2017-10-01"),
        ("M48.061", "2017-09-30", "not yet valid until 2017-10-01"),
        ("M48.061", "2017-10-01", "valid"),
        # COVID-19: in force out of turn on 2020-04-01 (conversion table FY 2021)
        ("U07.1", "2020-03-31", "not yet valid until 2020-04-01"),
        ("U07.1", "2020-04-01", "valid"),
        # update of January 2021: M35.8 parted into M35.81 and M35.89
        ("M35.8", "2020-12-31", "valid"),
        ("M35.8", "2021-01-01", "retired since 2021-01-01"),
        ("M35.81", "2021-01-01", "valid"),
        # H81.4 was a category in FY 2016 and became a code
        ("H81.4", "2016-05-01", "category, not billable"),
        ("H81.4", "2020-05-01", "valid"),
        ("M48", "2020-05-01", "category, not billable"),
        ("A00.5", "2020-05-01", "not listed"),
        ("M4", "2020-05-01", "malformed"),
        ("M48.061", "2014-05-01", "unknown: no edition of before 2015-10-01 is here"),
        ("M48.061", "2026-10-01", "unknown: no edition of after 2026-09-30 is here"),
        ("M48.06", "2026-10-01", "retired since 2017-10-01"),
        ("M48", "2026-10-01", "unknown: no edition of after 2026-09-30 is here"),
    ],
)
def test_icd10cm_by_edition(code: str, day: str, words: str) -> None:
    assert str(code_systems().standing("icd-10-cm", code, date.fromisoformat(day))) == words


@pytest.mark.parametrize(
    ("day", "billable"),  # the counts that CMS and CDC print in their addenda
    [("2022-03-31", 72748), ("2022-04-01", 72750), ("2023-03-31", 73639), ("2023-04-01", 73674), ("2024-05-01", 74044)],
)
def test_as_many_codes_as_the_addenda_say(day: str, billable: int) -> None:
    on = date.fromisoformat(day)
    codes = code_systems()
    assert sum(codes.valid_on("icd-10-cm", code, on) is YES for code in codes.dated["icd-10-cm"].periods) == billable


@pytest.mark.parametrize(
    ("system", "code", "truth"),
    [
        ("cpt", "62330", UNKNOWN),
        ("CPT", "0275T", UNKNOWN),
        ("cpt", "6233", NO),
        ("cpt", "G0276", NO),
        ("hcpcs", "G0276", UNKNOWN),
        ("hcpcs", "Z0276", NO),
        ("revenue", "0360", UNKNOWN),
        ("revenue", "360", NO),
        ("ndc", "0002-8215-01", UNKNOWN),
        ("ndc", "00002-8215-01", UNKNOWN),
        ("ndc", "2-8215-01", NO),
        ("loinc", "4548-4", UNKNOWN),
        ("clinicaltrials.gov", "NCT00495105", UNKNOWN),
        ("icd-10-pcs", "0SB20ZZ", UNKNOWN),
        ("icd-10-pcs", "OSB20ZZ", NO),
        ("pos", "11", YES),
        ("place_of_service", "98", NO),
        ("place of service", "1", NO),
        ("snomed-ct", "7200002", UNKNOWN),
        ("snomed", "72", NO),
        ("provider-taxonomy", "207R00000X", UNKNOWN),
        ("rxnorm", "161", UNKNOWN),
    ],
)
def test_shapes_and_systems(system: str, code: str, truth: Truth) -> None:
    assert code_systems().valid_on(system, code, date(2024, 5, 1)) is truth


def test_places_of_service_by_day() -> None:
    codes = code_systems()
    assert str(codes.standing("pos", "10", date(2021, 12, 31))) == "not yet valid until 2022-01-01"
    assert codes.valid_on("pos", "10", date(2022, 1, 1)) is YES
    assert codes.valid_on("pos", "11", date(2015, 12, 31)) is UNKNOWN
    assert codes.names["place-of-service"]["11"] == "Office"
    assert len(codes.names["place-of-service"]) == 52


@given(st.data())
def test_a_code_is_valid_exactly_in_its_period(data: st.DataObject) -> None:
    codes = code_systems()
    periods = codes.dated["icd-10-cm"].periods
    code = data.draw(st.sampled_from(sorted(periods)))
    first, last = icd10cm_covered()
    day = data.draw(st.dates(first, last))
    begin, end = periods[code]
    assert begin is not None
    expected = YES if begin <= day <= (end or last) else NO
    assert codes.valid_on("ICD-10-CM", f"{code[:3]}.{code[3:]}", day) is expected


def test_a_system_may_have_no_list() -> None:
    empty = CodeSystems()
    assert empty.standing("icd-10-cm", "M48.061", date(2020, 1, 1)).kind is Kind.UNKNOWN
    begun = date(2020, 1, 1)
    own = CodeSystems(
        dated={"hcpcs": DatedCodes(periods={"G0001": (begun, None)}, covered_from=begun, covered_until=None)}
    )
    assert own.valid_on("hcpcs", "g0001", begun) is YES
    assert own.valid_on("hcpcs", "g0001", begun - timedelta(days=1)) is UNKNOWN
