"""Every row of a table of thresholds has the same threshold.

The table says that the threshold depends on the patient, and it does not. One of the numbers is wrong, or the table
is one comparison.

Bad:

    version.yaml
        statements:
          - id: with-criteria
            position: medically_necessary
            population: adults
            conclusion: insufficient
            source: published
            when:
              compare: exercise_weeks >=
              by:
                - {when: age >= 65, then: 6}
                - {otherwise: 6}
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
              compare: exercise_weeks >=
              by:
                - {when: age >= 65, then: 4}
                - {otherwise: 6}
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.solver import criteria_of, walk
from medpol.checks.subject import Subject
from medpol.model.criteria import CompareBy

CODE = "LO114"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    for version in subject.live:
        for whole in criteria_of(version):
            for criterion in walk(whole):
                if isinstance(criterion, CompareBy) and len({row.then for row in criterion.rows}) == 1:
                    only = f"{criterion.fact} {criterion.op} {criterion.rows[0].then:g}"
                    yield Finding(criterion.place, f"every row has the same threshold: write {only}")
