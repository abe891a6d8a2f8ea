"""Rules about criteria, statements and precedence."""

from medpol.checks.finding import Rule

RULES: tuple[Rule, ...] = ()
