"""Rules about identity, dates, versions, sections and tables."""

from medpol.checks.finding import Rule
from medpol.checks.structure import dates_out_of_order

RULES: tuple[Rule, ...] = (dates_out_of_order,)
