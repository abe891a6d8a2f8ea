"""Rules about code lists and coding systems."""

from medpol.checks.finding import Rule

RULES: tuple[Rule, ...] = ()
