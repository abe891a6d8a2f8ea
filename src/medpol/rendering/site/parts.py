"""What several pages say in the same words: statements, codes, dates, lines of business."""

from collections.abc import Iterable, Iterator
from typing import Any

from medpol.model.policy import Policy, ServiceCode, Statement, Status, Version
from medpol.model.rules import PlanRules
from medpol.rendering.publication import Theme
from medpol.rendering.publication.cells import capital, spaced
from medpol.rendering.site.addresses import statement_address

Data = dict[str, Any]


def statements_of(version: Version) -> tuple[Statement, ...]:
    """Every statement in the order in which they are tried, the default last."""
    return (*version.statements, *((version.default,) if version.default else ()))


def statement_data(version: Version, statement: Statement, theme: Theme) -> Data:
    """A statement in a list: what it is called, its position, where it stands."""
    return {
        "id": statement.id,
        "title": statement_title(version, statement),
        "position": statement.position.value,
        "position_name": theme.word(statement.position.value),
        "address": statement_address(version, statement),
    }


def statement_title(version: Version, statement: Statement) -> str:
    """Its id as words; a role keeps its own writing, the default is what holds otherwise."""
    if statement is version.default:
        return "Otherwise"
    return capital(spaced(statement.id if statement.id in statement.services else statement.id.replace("-", " ")))


def dates(policy: Policy, version: Version) -> Data:
    """A version's dates (ISO); `ends` is the first day on which it no longer applies, null while open."""
    end = policy.end_of(version)
    return {
        "effective": version.effective.isoformat(),
        "ends": end.isoformat() if end else None,
        "status": version.status.value,
        "in_force": in_force(policy, version),
    }


def in_force(policy: Policy, version: Version) -> str:
    """When the version decides, in words."""
    if version.status is not Status.APPROVED:
        return f"{version.status.value}: decides nothing"
    end = policy.end_of(version)
    return f"from {version.effective.isoformat()}" + (f" until before {end.isoformat()}" if end else "")


def lines_of_business(policy: Policy, version: Version, rules: PlanRules) -> list[str]:
    """The lines of business in whose precedence the version's authority stands and to which it applies."""
    named = [set(values) for fact, values in version.applies_to if fact == "line_of_business"]
    return [
        name
        for name, line in rules.lines_of_business.items()
        for layer in line.precedence
        if layer.authority == policy.authority and (layer.adopted or all(name in values for values in named))
    ]


def code_ranges(codes: Iterable[ServiceCode]) -> Iterator[Data]:
    """The codes a version governs, each with its dates."""
    for code in codes:
        yield {
            "system": code.system,
            "code": str(code.pattern),
            "role": code.role or None,
            "label": code.label or None,
            "from": code.from_.isoformat() if code.from_ else None,
            "until": code.until.isoformat() if code.until else None,
        }
