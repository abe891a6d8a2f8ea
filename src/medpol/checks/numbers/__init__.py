"""Rules about reported figures: what cannot be, and what does not agree."""

from medpol.checks.finding import Rule

RULES: tuple[Rule, ...] = ()
