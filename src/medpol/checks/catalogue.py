"""Every rule there is, by family."""

from collections.abc import Sequence

from medpol.checks import codes, evidence_to_position, language, logic, numbers, references, silence, structure
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


def takes(code: str, select: Sequence[str] = (), ignore: Sequence[str] = ()) -> bool:
    """Whether a code begins with one of `select` (none: any) and with none of `ignore`."""
    return code.startswith(tuple(select) or "") and not code.startswith(tuple(ignore))


def chosen(select: Sequence[str] = (), ignore: Sequence[str] = ()) -> tuple[Rule, ...]:
    """The rules that are selected and not ignored."""
    return tuple(rule for rule in RULES if takes(rule.CODE, select, ignore))


def unknown_prefixes(prefixes: Sequence[str]) -> list[str]:
    """Those with which no code begins."""
    codes = (*BY_CODE, silence.CODE)
    return [prefix for prefix in prefixes if not any(code.startswith(prefix) for code in codes)]
