"""What the rules read out of prose, tables and reference lists, and the arithmetic they judge it by."""

import itertools
import statistics
from decimal import Decimal

import pytest

from medpol.checks.evidence_to_position.printed_keys import keys_in
from medpol.checks.numbers.granularity import deviation_possible, largest_deviation, possible_sums
from medpol.checks.numbers.interval_off_centre import centred
from medpol.checks.numbers.p_contradicts_interval import p_of
from medpol.checks.numbers.tables import typed_in
from medpol.checks.prose import figures, months_in, plain, sentences
from medpol.checks.references.printed import read_entry
from medpol.model.narrative import Passage
from medpol.problems import Place


def passage(text):
    return Passage(kind="paragraph", text=text, starts=((0, Place("x.md", 1, 1)),))


# granularity: against every possible set of scores


@pytest.mark.parametrize("n", [2, 3, 5])
def test_grim_and_grimmer_pass_every_set_of_whole_scores(n):
    for scores in itertools.combinations_with_replacement(range(5), n):
        mean = Decimal(f"{sum(scores) / n:.2f}")
        sd = Decimal(f"{statistics.stdev(scores):.2f}")
        assert sum(scores) in possible_sums(mean, n)
        assert deviation_possible(mean, sd, n)
        assert float(sd) <= largest_deviation(mean, n, 0, 4) * 1.01 + 0.01


def test_grim_refuses_what_no_set_of_scores_has():
    for hundredths in range(100, 200):
        mean = Decimal(f"{hundredths / 100:.2f}")
        reachable = any(abs(Decimal(total) / 7 - mean) <= Decimal("0.005") for total in range(29))
        assert bool(possible_sums(mean, 7)) == reachable


def test_grimmer_on_a_published_example():
    """The first example of the R package scrutiny's page on GRIMMER: mean 7.3, SD 2.51, n 12 cannot be."""
    assert possible_sums(Decimal("7.3"), 12)
    assert not deviation_possible(Decimal("7.3"), Decimal("2.51"), 12)


def test_grimmer_refuses_deviations_between_the_steps():
    """Of all deviations of three scores from 0 to 4 with mean 2.00, at two decimals."""
    reachable = {
        Decimal(f"{statistics.stdev(scores):.2f}")
        for scores in itertools.combinations_with_replacement(range(-20, 25), 3)
        if sum(scores) == 6
    }
    for hundredths in range(400):
        sd = Decimal(f"{hundredths / 100:.2f}")
        if not deviation_possible(Decimal("2.00"), sd, 3):
            assert sd not in reachable
    assert not deviation_possible(Decimal("2.00"), Decimal("1.20"), 3)


@pytest.mark.parametrize(
    ("estimate", "low", "high", "expected"),
    [
        ("3.6", "3.1", "4.2", True),
        ("22.7", "18.5", "26.9", True),
        ("0.8", "0.6", "0.9", True),
        ("2.0", "1.0", "2.2", False),
    ],
)
def test_an_interval_stands_around_its_estimate(estimate, low, high, expected):
    assert centred(Decimal(estimate), Decimal(low), Decimal(high)) is expected


def test_p_from_an_interval():
    """An interval that just touches zero is p = .05; of a ratio, one that touches 1."""
    assert p_of(1.0, 0.0, 2.0, ratio=False) == pytest.approx(0.05, abs=1e-6)
    assert p_of(2.0, 1.0, 4.0, ratio=True) == pytest.approx(0.05, abs=1e-6)
    assert p_of(1.0, 2.0, 2.0, ratio=False) is None


# prose


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The RCT (N=302) in 26 centers", [("size", "302"), ("whole", "26")]),
        ("responses were 58.0% and 27.1% (p<.001)", [("percent", "58.0"), ("percent", "27.1"), ("p", "0.001")]),
        ("at 6 months in 1,204 patients", [("time", "6"), ("people", "1204")]),
        ("the SF-36, the 36-Item Survey and Tables 2 and 3, randomized 1:1", []),
        ("published in 2016", [("year", "2016")]),
    ],
)
def test_figures_of_a_sentence(text, expected):
    assert [(figure.kind, str(figure.value)) for figure in figures(plain(text))] == [
        (kind, str(Decimal(value))) for kind, value in expected
    ]


def test_a_bound_is_no_value():
    assert [figure.bound for figure in figures("over 80% of 90%, above 3 and 4.5")] == [True, False, True, False]


def test_expressions_and_citations_are_blank_and_offsets_stay():
    text = "A {{ percent('x', 12) }} of 30%.[@key-2024]"
    assert len(plain(text)) == len(text)
    assert [figure.text for figure in figures(plain(text))] == ["30%"]


def test_sentences_end_where_they_end():
    text = "One (e.g., this vs. that) of Smith et al. (2020) ends. Two of U.S. origin. “Three” ends!"
    assert [sentence.text.strip() for sentence in sentences(passage(text))] == [
        "One (e.g., this vs. that) of Smith et al. (2020) ends.",
        "Two of U.S. origin.",
        "“Three” ends!",
    ]


def test_times_are_months():
    found = [
        round(float(months), 2) for months, _ in months_in("baseline, 4 to 6 weeks, six months, 1 year and 2-year")
    ]
    assert found == [0.0, 1.15, 6.0, 12.0, 24.0]


# tables and lists


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("55.9**", [("lone", ["55.9"])]),
        ("7.7 (1.4)", [("spread", ["7.7", "1.4"])]),
        ("N=143 (IG-MLD)N=129 (ESI)", [("n", ["143"]), ("n", ["129"])]),
        ("71.73.6 (3.1 to 4.2)", [("percent", ["71.7"]), ("interval", ["3.6", "3.1", "4.2"])]),
        ("12/45 (27%)", [("count", ["12", "45", "27"])]),
        ("NR", []),
        ("1. Power calculation not reported.", []),
    ],
)
def test_numbers_of_a_cell(cell, expected):
    found = [(typed.what, [str(value) for value in typed.values]) for typed in typed_in(passage(cell))]
    assert found == expected


@pytest.mark.parametrize(
    ("cell", "keys"),
    [
        ("1-2. No comparator data at 2 years.", (1, 2)),
        ("2, 3. Varied (by design).", (2, 3)),
        ("1. One. 3. Three.", (1, 3)),
        ("", ()),
    ],
)
def test_keys_of_a_cell(cell, keys):
    assert keys_in(cell) == keys


def test_an_entry_in_the_usual_style():
    entry = read_entry(
        passage("Ash A, Birch B, Elm E, et al. A trial. *Spine J*. Mar 05 2021; 21(3): 100-9. PMID 33000001"), 1
    )
    assert (entry.authors, entry.title, entry.journal) == ("Ash A, Birch B, Elm E, et al.", "A trial", "Spine J")
    assert (entry.year, entry.month, entry.day, entry.pmid) == (2021, 3, 5, "33000001")
    assert (entry.volume, entry.issue, entry.pages, entry.surname) == ("21", "3", "100-9", "Ash")


def test_an_entry_in_another_style():
    text = "Ash A, Birch B et al The trial. *Spine j* 2021 Mar;21(3):100-9. doi: 10.1000/x.1. PMID: 33000001"
    entry = read_entry(passage(text), 1)
    assert (entry.authors, entry.title) == ("Ash A, Birch B et al", "The trial")
    assert (entry.year, entry.month, entry.doi, entry.pmid) == (2021, 3, "10.1000/x.1", "33000001")


def test_an_entry_that_is_no_article():
    entry = read_entry(passage("Tech Watch Inc. Traction for back pain. May 13, 2025. <https://example.org/x>"), 1)
    assert (entry.authors, entry.title, entry.year, entry.url) == (
        "Tech Watch Inc.", "Traction for back pain", 2025, "https://example.org/x",
    )  # fmt: skip
