"""Every rule there is, by family."""

from medpol.checks import codes, evidence_to_position, language, logic, numbers, references, structure
from medpol.checks.finding import Rule

FAMILIES = {
    "ST": ("structure", structure.RULES),
    "LO": ("logic", logic.RULES),
    "CO": ("codes", codes.RULES),
    "NU": ("numbers", numbers.RULES),
    "RE": ("references", references.RULES),
    "LA": ("language", language.RULES),
    "EP": ("evidence to position", evidence_to_position.RULES),
}

RULES: tuple[Rule, ...] = tuple(rule for _, rules in FAMILIES.values() for rule in rules)
BY_CODE = {rule.CODE: rule for rule in RULES}
