"""Age bands leave some days of life out.

Ages count completed years, months or days. `under 18` and `over 18` leave out the year between two birthdays, and
bands in different units meet only where the calendar lets them: a child of 29 or 30 days is neither "up to 28 days"
nor always "one month or more".

Bad:

    version.yaml
        statements:
          - {id: young, position: medically_necessary, population: adults, conclusion: insufficient, source: published, when: age <= 17}
          - {id: old, position: investigational, population: adults, conclusion: insufficient, source: published, when: age > 18}

Good:

    version.yaml
        statements:
          - {id: young, position: medically_necessary, population: adults, conclusion: insufficient, source: published, when: age <= 17}
          - {id: old, position: investigational, population: adults, conclusion: insufficient, source: published, when: age >= 18}
"""  # noqa: E501

from collections.abc import Iterator
from itertools import permutations

from medpol.checks.finding import Finding, Level
from medpol.checks.solver import Solver
from medpol.checks.solver.space import AGES
from medpol.checks.solver.tiers import Neighbours, Step, neighbours, steps_of
from medpol.checks.subject import Subject
from medpol.model.criteria import Compare
from medpol.model.policy import Version
from medpol.rendering import criterion_text

CODE = "LO108"
LEVEL: Level = "warning"
_DAYS = {"age": 365.25, "age_months": 365.25 / 12, "age_days": 1.0}


def check(subject: Subject) -> Iterator[Finding]:
    """One completed unit between bands of one unit; between bands of two units, a patient found by the solver."""
    facts = subject.library.facts
    for version in subject.live:
        for lower, upper, who in (*_same_unit(version), *_two_units(version, subject)):
            bands = f"“{criterion_text(lower.leaf, facts)}” and “{criterion_text(upper.leaf, facts)}”"
            yield Finding(lower.place, f"{who} is in neither band: {bands} do not meet", related=(upper.place,))


def _same_unit(version: Version) -> Iterator[tuple[Step, Step, str]]:
    words = {"age": "years", "age_months": "months", "age_days": "days"}
    for pair in neighbours(version):
        name = pair.lower.leaf.fact
        if name in AGES and (missing := _missing(pair)) is not None:
            yield pair.lower, pair.upper, f"a patient of {missing} completed {words[name]}"


def _missing(pair: Neighbours) -> int | None:
    """The one whole number between two bands; None where there is none, or more, which will be meant."""
    high, low = pair.lower.leaf.high, pair.upper.leaf.low
    if high is None or low is None:
        return None
    last = int(high) - pair.lower.leaf.high_open
    first = int(low) + pair.upper.leaf.low_open
    return last + 1 if first - last == 2 else None


def _two_units(version: Version, subject: Subject) -> Iterator[tuple[Step, Step, str]]:
    for ladder in steps_of(version):
        ages = [step for step in ladder if step.leaf.fact in AGES]
        for lower, upper in permutations(ages, 2):
            if lower.leaf.fact == upper.leaf.fact or not _adjoin(lower.leaf, upper.leaf):
                continue
            past = Compare(fact=lower.leaf.fact, low=lower.leaf.high, low_open=not lower.leaf.high_open)
            short = Compare(fact=upper.leaf.fact, high=upper.leaf.low, high_open=not upper.leaf.low_open)
            patient = Solver([past, short], subject.library.facts).patient(yes=[past, short])
            if patient is not None:
                yield lower, upper, f"a patient with {patient.words(subject.library.facts)}"


def _adjoin(lower: Compare, upper: Compare) -> bool:
    """Whether the end of one and the beginning of the other lie within one of the coarser units."""
    if lower.high is None or upper.low is None:
        return False
    apart = upper.low * _DAYS[upper.fact] - lower.high * _DAYS[lower.fact]
    return abs(apart) <= max(_DAYS[upper.fact], _DAYS[lower.fact])
