"""How abbreviations find their words, and how a slip of the pen finds its word."""

import pytest

from medpol.checks.language.misspelling import intended
from medpol.checks.language.words import long_form


@pytest.mark.parametrize(
    ("short", "before", "long"),
    [
        ("ODI", "measured by the Oswestry Disability Index ", "Oswestry Disability Index"),
        ("RCT", "the evidence is a randomized, controlled trial ", "randomized, controlled trial"),
        ("MLT", "or powered mechanical lumbar traction ", "mechanical lumbar traction"),
        ("SF-36", "the 36-Item Short-Form Health Survey ", "Short-Form Health Survey"),
        ("CONSORT", "the Consolidated Standards of Reporting Trials ", "Consolidated Standards of Reporting Trials"),
        ("ODI", "patients with a mean score ", ""),
        ("FEP", "", ""),
    ],
)
def test_an_abbreviation_finds_the_words_before_it(short, before, long):
    assert long_form(short, before) == long


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("sculpter", "sculptor"),
        ("adminstration", "administration"),
        ("procedue", "procedure"),
        ("relfux", "reflux"),
        ("surgical", ""),
        ("pediatric", ""),
        ("ischemic", ""),
        ("foraminotomy", ""),
        ("perilaminar", ""),
        ("equina", ""),
        ("resecting", ""),
    ],
)
def test_a_slip_finds_its_word_and_a_term_of_the_field_does_not(word, meant):
    assert intended(word) == meant
