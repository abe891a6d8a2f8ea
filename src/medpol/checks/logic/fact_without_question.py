"""A criterion reads a fact that nobody can be asked for.

A fact without a question in facts.yaml can be missing from a request, but the answer cannot say what to send: the
provider sees a bare name, and the questionnaire an empty line. (Facts the plan itself knows need none.)

Bad:

    ../../facts.yaml
        facts:
          bmi: {type: number, unit: "kg/m2", range: 10..120, question: "What is the body-mass index?"}
          pain_score: {type: number, range: 0..10, question: "What is the pain score?"}
          exercise_weeks: {type: number, unit: wk, range: 0..520}

Good:

    ../../facts.yaml
        facts:
          bmi: {type: number, unit: "kg/m2", range: 10..120, question: "What is the body-mass index?"}
          pain_score: {type: number, range: 0..10, question: "What is the pain score?"}
          exercise_weeks: {type: number, unit: wk, range: 0..520, question: "For how many weeks has the member exercised?"}
"""  # noqa: E501

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.solver import criteria_of, walk
from medpol.checks.subject import Subject
from medpol.model.criteria import LEAVES, CompareBy, facts_of
from medpol.model.facts import FactSource

CODE = "LO112"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """The first leaf that reads each such fact."""
    mute = {
        fact.name
        for fact in subject.library.facts
        if not fact.question and fact.source is not FactSource.PLAN
    }  # fmt: skip
    for version in subject.live if mute else ():
        for whole in criteria_of(version):
            for criterion in walk(whole):
                if isinstance(criterion, (*LEAVES, CompareBy)):
                    for name in sorted(facts_of(criterion) & mute):
                        mute.discard(name)
                        yield Finding(
                            criterion.place, f"'{name}' has no question in facts.yaml: nobody can be asked for it"
                        )
