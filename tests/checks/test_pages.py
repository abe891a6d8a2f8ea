"""Every rule's page is its test: Bad is reported, Good is not, and the small package has no fault at all."""

import re

import pytest

from checks.packages import BASE, base_with, read_subject
from medpol.checks import FAMILIES, RULES, check_subject, page_of

BY_CODE = {rule.CODE: rule for rule in RULES}


def test_codes_are_unique_and_belong_to_their_family():
    assert len(BY_CODE) == len(RULES)
    for prefix, (_, rules) in FAMILIES.items():
        assert all(re.fullmatch(rf"{prefix}\d{{3}}", rule.CODE) for rule in rules)


def test_the_small_package_has_no_fault():
    reports = list(check_subject(read_subject(BASE)))
    assert [(r.code, str(r.finding.place), r.finding.message) for r in reports] == []


@pytest.mark.parametrize("code", sorted(BY_CODE))
def test_the_bad_example_is_reported_in_its_own_files(code, tmp_path):
    page = page_of(BY_CODE[code])
    found = list(BY_CODE[code].check(base_with(tmp_path, page.bad)))
    assert found, f"{code} says nothing of its own bad example"
    for finding in found:
        assert finding.place.line > 0, "a finding has a line"


@pytest.mark.parametrize("code", sorted(BY_CODE))
def test_the_good_example_passes(code, tmp_path):
    page = page_of(BY_CODE[code])
    assert [f.message for f in BY_CODE[code].check(base_with(tmp_path, page.good))] == []


@pytest.mark.parametrize("code", sorted(BY_CODE))
def test_a_page_says_what_and_why(code):
    page = page_of(BY_CODE[code])
    assert page.title.endswith(".")
    assert len(page.title) < 100
    assert len(page.why) > 80
