"""Find a patient for whom criteria hold or fail, or show that there is none."""

from medpol.checks.solver.patient import Patient
from medpol.checks.solver.solve import Solver
from medpol.checks.solver.statements import (
    about,
    before,
    criteria_of,
    holds,
    in_force,
    in_force_together,
    solver_for,
    solver_for_both,
    statements_of,
    walk,
)

__all__ = [
    "Patient",
    "Solver",
    "about",
    "before",
    "criteria_of",
    "holds",
    "in_force",
    "in_force_together",
    "solver_for",
    "solver_for_both",
    "statements_of",
    "walk",
]
