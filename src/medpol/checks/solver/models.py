"""A model of z3 as a patient."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import z3

from medpol.checks.solver.exact import Question
from medpol.checks.solver.patient import Patient
from medpol.checks.solver.solve import typed, with_values
from medpol.checks.solver.space import AGES
from medpol.model.calendar import completed
from medpol.model.criteria import Claims
from medpol.model.request import FactValue


def patient_of(question: Question, model: z3.ModelRef, used: list[int]) -> Patient:
    """The patient a model describes. Where it leaves a variable open, any value does."""

    def value(term: Any) -> int:
        return int(model.eval(term, model_completion=True).as_signed_long())

    space = question.space
    choice = {index: value(question.values[index]) if index in question.values else -1 for index in used}
    for index, taken in choice.items():
        if taken < 0:
            possible = space.possible[index]
            choice[index] = (possible & -possible).bit_length() - 1
    patient = with_values(space, choice)
    facts = dict(patient.facts)
    facts |= {name: float(value(term)) for name, term in question.ages.items()}
    facts |= {name: typed(space.facts, name, value(term)) for name, term in question.dates.items()}
    _complete(facts, patient.counts)
    return replace(patient, facts=facts)


def _complete(facts: dict[str, FactValue], counts: Iterable[Claims]) -> None:
    """The dates that counts look back from, and the ages that follow from the dates."""
    for leaf in counts:
        facts.setdefault(leaf.before, facts.get("service_date", date(2025, 9, 1)))
    if counts:
        facts.setdefault("service_date", date(2025, 9, 1))
    birth, service = facts.get("birth_date"), facts.get("service_date")
    if isinstance(birth, date) and isinstance(service, date):
        for name in AGES.keys() & facts.keys():
            facts[name] = float(completed(birth, service, AGES[name]))
