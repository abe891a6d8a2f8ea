"""Limitation keys of a study exclude each other.

A power calculation that was not reported cannot be known to rest on no important difference; what was not randomly
allocated has no concealment to be unclear about. The keys were ticked one by one, or the first means something milder.

Source: the wording of the keys (evidence/appraisal.py).

Bad:

    evidence/appraisal.yaml
        design_and_conduct:
          ash: {blinding: [{key: 1}, {key: 2}], power: [{key: 1}, {key: 2}]}

Good:

    evidence/appraisal.yaml
        design_and_conduct:
          ash: {blinding: [{key: 1}, {key: 2}], power: [{key: 1}]}
"""

from collections.abc import Iterator

from medpol.checks.evidence_to_position.printed_keys import printed_cells
from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject

CODE = "EP108"
LEVEL: Level = "question"
EXCLUDING = (
    ("design_and_conduct", "power", 1, (2, 3), "not reported, yet known to be wanting"),
    ("design_and_conduct", "allocation", 1, (2, 3), "not random, yet its concealment is judged"),
    ("design_and_conduct", "allocation", 2, (3,), "not concealed, and unclear whether concealed"),
    ("relevance", "intervention", 1, (3,), "not clearly defined, yet its intensity is judged"),
    ("relevance", "comparator", 1, (2, 3), "not clearly defined, yet judged"),
)
"""Table, domain, a key, those that cannot stand beside it, and why."""


def check(subject: Subject) -> Iterator[Finding]:
    evidence = subject.evidence
    for study in evidence.studies if evidence else ():
        own = [item for item in evidence.appraisal.limitations if item.study == study.key] if evidence else []
        for table, domain, key, others, why in EXCLUDING:
            items = [item for item in own if (item.table, item.domain) == (table, domain)]
            keys = {item.key for item in items}
            clash = sorted(keys & set(others))
            if key in keys and clash:
                message = f"{study.name}, {domain}: key {key} beside {', '.join(map(str, clash))}: {why}"
                yield Finding(
                    next(i.place for i in items if i.key == key), message, related=printed_cells(subject, study, domain)
                )
