"""An outcome that the question asks about is reported by no study.

The question (PICO) promises health status; no row of the results has it. Either no study measured it, which is a
limitation (relevance, outcomes, key 1), or its numbers were not taken down.

Source: Cochrane Handbook 3.2.4 (Higgins et al. 2023): outcomes of the question are reported even where no study has
them.

Bad:

    evidence/studies.yaml
        populations:
          adults:
            label: adults with low back pain
            intervention: traction
            comparators: [usual care]
            outcomes: [function, health status]

Good:

    evidence/studies.yaml
        populations:
          adults:
            label: adults with low back pain
            intervention: traction
            comparators: [usual care]
            outcomes: [function]
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.prose import content_words
from medpol.checks.subject import Subject

CODE = "EP112"
LEVEL: Level = "question"


def check(subject: Subject) -> Iterator[Finding]:
    evidence = subject.evidence
    if evidence is None:
        return
    for population in evidence.populations:
        own = evidence.for_population(population.key)
        rows = {row.outcome for row in own.results}
        if not rows or any((item.domain, item.key) == ("outcomes", 1) for item in own.appraisal.limitations):
            continue
        measured = [outcome for outcome in evidence.outcomes if outcome.key in rows]
        found = content_words(" ".join(f"{o.label} {o.domain.replace('_', ' ')} {o.key}" for o in measured))
        for outcome in population.outcomes:
            if not content_words(outcome) & found:
                yield Finding(population.place, f"'{outcome}' is an outcome of the question, and no study reports it")
