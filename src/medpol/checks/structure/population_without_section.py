"""A population that a statement is about has no evidence section.

The statement names a population and a conclusion; the reader looks for the evidence about these patients in
`text/evidence-POPULATION.md` and finds none.

Bad:

    text/evidence-adults.md
        # Traction
    evidence/studies.yaml
        populations:
          adults:
            label: adults with low back pain
            intervention: traction
            comparators: [usual care]
            outcomes: [function]
          children:
            label: children
            intervention: traction
            comparators: [usual care]
            outcomes: [function]
    version.yaml
        statements:
          - {id: adults, position: medically_necessary, population: adults, conclusion: insufficient, source: published, when: age >= 18}
          - {id: children, position: investigational, population: children, conclusion: insufficient, source: published}

Good:

    version.yaml
        statements:
          - {id: adults, position: medically_necessary, population: adults, conclusion: insufficient, source: published, when: age >= 18}
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}
"""  # noqa: E501

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject

CODE = "ST112"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """Only where the text has evidence sections by population."""
    sections = {section.key for section in subject.narrative.sections}
    version = subject.newest
    if version is None or not any(key.startswith("evidence-") for key in sections):
        return
    seen = set()
    for index, statement in enumerate(version.statements):
        population = statement.population
        if population and population not in seen and f"evidence-{population}" not in sections:
            seen.add(population)
            place = subject.version_place(version, "statements", index, "population")
            yield Finding(place, f"there is no text/evidence-{population}.md about the population of '{statement.id}'")
