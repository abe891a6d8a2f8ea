"""Rules about the way from studies to a position."""

from medpol.checks.finding import Rule

RULES: tuple[Rule, ...] = ()
