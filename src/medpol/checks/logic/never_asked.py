"""A policy is never asked.

The precedence of a line of business names the authorities that speak for it. A policy whose authority none of its
lines of business names is in the library, and may look in force, but decides nothing.

Bad:

    ../../library.yaml
        lines_of_business:
          commercial: {precedence: [contract]}
          medicare_advantage: {precedence: [ncd, medical_policy]}

Good:

    ../../library.yaml
        lines_of_business:
          commercial: {precedence: [contract, medical_policy]}
          medicare_advantage: {precedence: [ncd, medical_policy]}
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject

CODE = "LO115"
LEVEL: Level = "error"


def check(subject: Subject) -> Iterator[Finding]:
    """The newest version, by the lines of business it applies to (all, where it says nothing)."""
    version = subject.newest
    lines = subject.library.rules.lines_of_business
    authority = subject.policy.authority
    if version is None:
        return
    adopting = any(
        layer.adopted and layer.authority == authority for line in lines.values() for layer in line.precedence
    )
    served = dict(version.applies_to).get("line_of_business", tuple(lines))
    asked = [name for name in served if any(layer.authority == authority for layer in lines[name].precedence)]
    if served and not asked and not adopting:
        place = subject.place("policy.yaml", "authority")
        message = f"no precedence of {', '.join(served)} names '{authority}', so this policy is never asked"
        yield Finding(place, message)
