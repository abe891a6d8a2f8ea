"""A value belongs to two tiers that say different things.

`35 or less` and `35 or more` both have 35. Where the statements they lead to differ, the order of the statements
decides the patient at the threshold, and whoever reads the other tier is told the opposite.

Bad:

    version.yaml
        statements:
          - {id: light, position: medically_necessary, population: adults, conclusion: insufficient, source: published, when: bmi <= 35}
          - {id: heavy, position: investigational, population: adults, conclusion: insufficient, source: published, when: bmi >= 35}

Good:

    version.yaml
        statements:
          - {id: light, position: medically_necessary, population: adults, conclusion: insufficient, source: published, when: bmi < 35}
          - {id: heavy, position: investigational, population: adults, conclusion: insufficient, source: published, when: bmi >= 35}
"""  # noqa: E501

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.solver.tiers import neighbours
from medpol.checks.subject import Subject
from medpol.rendering.english import limit_text
from medpol.rendering.words import phrase

CODE = "LO107"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """Closed ends at one value, in statements of different states."""
    facts = subject.library.facts
    for version in subject.live:
        for pair in neighbours(version):
            low, high = pair.upper.leaf, pair.lower.leaf
            meet = high.high == low.low and not high.high_open and not low.low_open
            if meet and high.high is not None and pair.lower.state is not pair.upper.state:
                value = f"{phrase(low.fact, facts)} {limit_text(low.fact, high.high, facts)}"
                message = f"{value} is in both tiers; leave the end out of one of them"
                yield Finding(pair.lower.place, message, related=(pair.upper.place,))
