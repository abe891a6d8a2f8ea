"""A value falls between two tiers that are meant to adjoin.

`30 to 34.9` and `35 or more` leave out 34.95, and two open ends leave out the value itself. The patient with that
value meets neither tier and falls through to whatever comes last. (Ladders of body-mass index in published bariatric
policies skip values so.)

Bad:

    version.yaml
        statements:
          - id: with-criteria
            position: medically_necessary
            population: adults
            conclusion: insufficient
            source: published
            when:
              any:
                - all: [30 <= bmi <= 34.9, exercise_weeks >= 12]
                - bmi >= 35
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}

Good:

    version.yaml
        statements:
          - id: with-criteria
            position: medically_necessary
            population: adults
            conclusion: insufficient
            source: published
            when:
              any:
                - all: [30 <= bmi < 35, exercise_weeks >= 12]
                - bmi >= 35
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.solver.tiers import left_out, neighbours
from medpol.checks.subject import Subject
from medpol.rendering import criterion_text
from medpol.rendering.words import phrase, quantity

CODE = "LO106"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """The value in the middle of what is left out."""
    facts = subject.library.facts
    for version in subject.live:
        for pair in neighbours(version):
            value = left_out(pair, facts)
            if value is not None:
                name = pair.lower.leaf.fact
                lower, upper = criterion_text(pair.lower.leaf, facts), criterion_text(pair.upper.leaf, facts)
                shown = f"{phrase(name, facts)} {quantity(value, facts[name].unit)}"
                message = f"{shown} is in neither tier: “{lower}” and “{upper}” do not meet"
                yield Finding(pair.lower.place, message, related=(pair.upper.place,))
