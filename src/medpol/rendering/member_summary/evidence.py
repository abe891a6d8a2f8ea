"""Where the evidence stands, in plain words and with its counts."""

from collections.abc import Iterator

from medpol.evidence import Evidence
from medpol.rendering.member_summary.dictionary import Words

_FINDING = {None: "evidence_insufficient", True: "evidence_helps", False: "evidence_does_not_help"}


def found(evidence: Evidence, words: Words) -> Iterator[str]:
    """How many studies, how many people drew lots, and what is concluded, for each population."""
    for population in evidence.populations:
        part = evidence.for_population(population.key)
        label = "{|" + population.label + "}"
        trials = [study for study in part.studies if study.design == "rct"]
        patients = sum(study.randomized or 0 for study in trials)
        if part.studies:
            yield words.say(
                "evidence_count", population=label, n=len(part.studies), trials=len(trials), patients=patients
            )
        else:
            yield words.say("evidence_count_zero", population=label)
        for conclusion in evidence.appraisal.conclusions:
            if conclusion.population == population.key and not conclusion.draft:
                yield words.say(_FINDING[conclusion.improves if conclusion.sufficient else None])
                if conclusion.certainty is not None:
                    yield words.say("evidence_certainty", level=conclusion.certainty.level)
