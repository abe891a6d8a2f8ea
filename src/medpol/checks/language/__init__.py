"""Rules about words: abbreviations, spelling, residue, reading grade."""

from medpol.checks.finding import Rule

RULES: tuple[Rule, ...] = ()
