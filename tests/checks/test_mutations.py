"""A sample of the mutants: faults are caught, what is no fault is left alone. All: `python -m checks.mutations`."""

import random

import pytest

from checks.mutants import KINDS, draw
from checks.mutations import SEED, entry_lines, run

FAMILIES = ("NU", "RE", "EP")
SAMPLE = 120
LEAST = 0.95


@pytest.fixture(scope="module")
def score():
    rng = random.Random(SEED)
    mutants = draw(rng, 24, FAMILIES)
    faults = [mutant for mutant in mutants if mutant.families]
    controls = [mutant for mutant in mutants if not mutant.families]
    assert len(faults) >= 400
    assert len(controls) >= 150
    return run([*rng.sample(faults, SAMPLE * 2 // 3), *rng.sample(controls, SAMPLE // 3)], FAMILIES)[0]


def test_faults_are_caught(score):
    missed = [outcome.mutant.what for outcome in score.part(faults=True) if not outcome.fired]
    assert score.recall >= LEAST, missed


def test_what_is_no_fault_is_left_alone(score):
    disturbed = [
        (o.mutant.kind, o.mutant.what, [r.code for r in o.reports]) for o in score.part(faults=False) if o.fired
    ]
    assert score.silence >= LEAST, disturbed
    assert score.precision >= LEAST, disturbed


def test_every_kind_has_a_site():
    names = {
        mutant.kind for mutant in draw(random.Random(SEED), 1, sorted({f for kind in KINDS for f in kind.families}))
    }
    assert names == {kind.name for kind in KINDS}


@pytest.mark.parametrize(
    ("name", "text", "line", "expected"),
    [
        ("a.csv", "h\n1\n2\n", 2, range(2, 3)),
        ("a.md", "one\n\n| a |\n|---|\n| b |\n\ntwo\n", 5, range(3, 6)),
        ("a.yaml", "top:\n  one:\n    x: 1\n    y: 2\n  two: {}\n", 3, range(2, 5)),
    ],
)
def test_an_entry_is_what_belongs_together(name, text, line, expected):
    assert entry_lines(name, text, line) == expected
