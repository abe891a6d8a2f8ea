"""What is told of a study asks for a limitation key that it does not have.

Many patients who crossed over, patients randomized but left out of the analysis, a registration that is not known: each
has a key. Whether it applies is the reviewers' judgement, so this is a question.

Source: the keys of the appraisal tables (evidence/appraisal.py): data completeness 3 to 6.

Bad:

    evidence/studies.yaml
        studies:
          ash:
            name: ASH
            design: rct
            population: adults
            randomized: 100
            references: [ash-2021, cedar-2024]
            arms:
              traction: {label: traction, treated: 50, withdrew_before: 0}
              care: {label: usual care, treated: 50, withdrew_before: 0, crossed_over: "the majority, after 1 year"}

Good:

    evidence/studies.yaml
        studies:
          ash:
            name: ASH
            design: rct
            population: adults
            randomized: 100
            references: [ash-2021, cedar-2024]
            arms:
              traction: {label: traction, treated: 50, withdrew_before: 0}
              care: {label: usual care, treated: 50, withdrew_before: 0}
"""

from collections.abc import Iterator

from medpol.checks.evidence_to_position.printed_keys import printed_cells
from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.evidence import Evidence, Study
from medpol.problems import Place

CODE = "EP107"
LEVEL: Level = "question"
MANY = 0.05
"""Share of the randomized who left before treatment from which on it is asked about; our choice."""


def check(subject: Subject) -> Iterator[Finding]:
    evidence = subject.evidence
    if evidence is None:
        return
    appraised = {item.study for item in evidence.appraisal.limitations}
    for study in evidence.studies:
        if study.key in appraised:
            for wanted, message, place in _asked(evidence, study):
                if not wanted & _completeness(evidence, study):
                    cells = printed_cells(subject, study, "data_completeness")
                    yield Finding(place, f"{study.name}: {message}", related=(*cells, study.place))


def _asked(evidence: Evidence, study: Study) -> Iterator[tuple[set[int], str, Place]]:
    for arm in study.arms:
        if arm.crossed_over:
            yield {3, 4}, f"'{arm.key}' crossed over ({arm.crossed_over}); data completeness key 3 or 4?", arm.place
    before = sum(arm.withdrew_before or 0 for arm in study.arms)
    treated = sum(arm.treated or 0 for arm in study.arms)
    analysed = {row.n for row in evidence.results if row.study == study.key and row.percent is not None}
    if study.design == "rct" and before > MANY * (before + treated) and analysed & {arm.treated for arm in study.arms}:
        message = f"{before} left before treatment and are in no analysis; data completeness key 5 or 6?"
        yield {5, 6}, message, study.place


def _completeness(evidence: Evidence, study: Study) -> set[int]:
    items = evidence.appraisal.limitations
    return {item.key for item in items if item.study == study.key and item.domain == "data_completeness"}
