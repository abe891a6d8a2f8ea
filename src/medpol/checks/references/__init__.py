"""Rules about the reference list and its citations."""

from medpol.checks.finding import Rule

RULES: tuple[Rule, ...] = ()
