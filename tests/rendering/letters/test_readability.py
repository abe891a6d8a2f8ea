"""The grade: published formulas on published counts, and the counts themselves on a hand list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpol.rendering.readability import Reading, reading, syllables

# Counted by hand; a dictionary's count where speakers differ.
BY_HAND = """
one 1, the 1, plan 1, pays 1, care 1, health 1, test 1, blood 1, heart 1, sleep 1, asked 1, needed 2, letter
2, doctor 2, appeal 2, decide 2, member 2, number 2, study 2, studies 2, cover 2, covered 2, benefit 3, policy
3, hospital 3, medical 3, medicine 3, surgery 3, surgeon 2, disease 2, diseases 3, cancer 2, oxygen 3,
breathing 2, device 2, devices 3, people 2, because 2, reason 2, reasons 2, evidence 3, approve 2, approved 2,
denied 2, decision 3, request 2, requested 3, signature 3, signed 1, language 2, languages 3, federal 3,
review 2, reviewer 3, outside 2, insurance 3, employer 3, physician 3, diagnosis 4, therapy 3, treatment 2,
treated 2, twelve 1, eighteen 2, weeks 1, between 2, measured 2, patient 2, patients 2, symptoms 2, condition
3, conditions 3, necessary 4, experimental 5, investigational 6, determination 5, criteria 4, certificate 4,
individual 5, medicare 3, medicaid 3, claim 1, claims 1, table 2, tables 2, little 2, people's 2, used 1,
using 2, useful 2, changed 1, changes 2, judges 2, pressure 2, scan 1, screened 1, family 3, every 2, area 3,
idea 3, science 2, quiet 2, create 2, created 3
"""
WORDS = [(word, int(count)) for word, count in (entry.split() for entry in BY_HAND.replace("\n", " ").split(","))]


@pytest.mark.parametrize(("word", "count"), WORDS)
def test_syllables_of_the_hand_list(word: str, count: int) -> None:
    assert syllables(word) == count


@pytest.mark.parametrize(
    ("figure", "count"),
    [("0", 2), ("7", 2), ("12", 1), ("65", 3), ("77", 5), ("100", 3), ("2016", 5), ("1.5", 3), ("1,045", 6)],
)
def test_figures_count_as_read_aloud(figure: str, count: int) -> None:
    assert syllables(figure) == count


def test_abbreviations_are_spelled_letter_by_letter() -> None:
    assert (syllables("BMI"), syllables("MRI"), syllables("WHO")) == (3, 3, 5)
    assert syllables("CPAP") == 1 + 0  # said as a word, by the table of exceptions


def test_flesch_kincaid_of_a_published_example() -> None:
    """13 words, 24 syllables, one sentence: 11.3 (Wikipedia, Flesch-Kincaid readability tests, the platypus).

    The sentence has 26 syllables read aloud, as the counter says; the formula is tested on the published count.
    """
    assert Reading(sentences=1, words=13, syllables=24, polysyllables=4).flesch_kincaid == pytest.approx(11.3, abs=0.05)
    counted = reading(["The Australian platypus is seemingly a hybrid of a mammal and reptilian creature."])
    assert (counted.words, counted.syllables) == (13, 26)


def test_the_lowest_grade_there_is() -> None:
    """Every sentence one word of one syllable: −3.40 (the published theoretical minimum)."""
    assert reading(["Go. Go. Go."]).flesch_kincaid == pytest.approx(-3.40, abs=0.005)


@pytest.mark.parametrize("root", range(2, 12))
def test_smog_is_near_mclaughlin_s_quick_form(root: int) -> None:
    """McLaughlin 1969: 3 and the root of the polysyllables in 30 sentences; his line is within a grade of it."""
    graded = Reading(sentences=30, words=600, syllables=900, polysyllables=root * root).smog
    assert graded == pytest.approx(1.0430 * root + 3.1291)
    assert graded is not None
    assert abs(graded - (3 + root)) < 1


def test_a_block_ends_a_sentence() -> None:
    assert reading(["All of these must be true:", "You are 50 or more.", "You smoke"]).sentences == 3


def test_abbreviated_words_do_not_end_a_sentence() -> None:
    assert reading(["Ask Dr. Example. She helps you."]).sentences == 2


def test_nothing_has_no_grade() -> None:
    assert reading([]).flesch_kincaid is None
    assert str(reading(["…"])) == "no text to grade"


@given(st.lists(st.text(max_size=80), max_size=5))
def test_any_text_has_counts(blocks: list[str]) -> None:
    found = reading(blocks)
    assert found.words <= found.syllables
    assert found.polysyllables <= found.words
    assert found.sentences <= max(found.words, 0)
