"""A version's page and the page of what it changed, as data."""

from collections.abc import Sequence

from medpol.model.facts import DataDictionary
from medpol.model.policy import Policy, Statement, Version
from medpol.rendering.changes import Line
from medpol.rendering.english import criterion_lines
from medpol.rendering.publication import Document, Theme
from medpol.rendering.redline import Redline, section_units
from medpol.rendering.redline.html import count_changes
from medpol.rendering.redline.units import plain_unit
from medpol.rendering.site.addresses import address, changes_path, policy_path, version_path
from medpol.rendering.site.parts import Data, code_ranges, dates, statement_data, statements_of


def version_data(policy: Policy, version: Version, document: Document, facts: DataDictionary, theme: Theme) -> Data:
    """A version: dates, statements with their criteria, codes, and the text of every section of its publication."""
    place = policy.versions.index(version)
    return {
        "kind": "version",
        "number": policy.number,
        "title": policy.title,
        "authority": policy.authority,
        **dates(policy, version),
        "published": version.published.isoformat(),
        "reviewed": version.reviewed or None,
        "literature_through": version.literature_through or None,
        "applies_to": {fact: list(values) for fact, values in version.applies_to},
        "digest": version.digest,
        "address": address(version_path(version)),
        "policy": address(policy_path(policy.number)),
        "earlier": address(version_path(policy.versions[place - 1])) if place else None,
        "later": address(version_path(policy.versions[place + 1])) if version is not policy.versions[-1] else None,
        "changes": address(changes_path(version)) if place else None,
        "statements": [_statement(version, statement, facts, theme) for statement in statements_of(version)],
        "codes": list(code_ranges(version.codes)),
        "sections": [
            {
                "key": key,
                "title": title,
                "address": address(version_path(version), key),
                "text": [" | ".join(map(str, line[1:])) if line[0] == "row" else line[2] for line in lines],
            }
            for key, title, units in section_units(document)
            if key
            for lines in [[line for unit in units[1:] for line in plain_unit(unit)]]
        ],
    }


def _statement(version: Version, statement: Statement, facts: DataDictionary, theme: Theme) -> Data:
    lines = criterion_lines(statement.when, facts) if statement.when else []
    return {
        **statement_data(version, statement, theme),
        "wording": statement.wording or None,
        "services": list(statement.services),
        "population": statement.population or None,
        "always": statement.when is None,
        "criterion": [{"depth": depth, "text": text} for depth, text in lines],
        "delegate": statement.delegate or None,
        "conclusion": statement.conclusion or None,
    }


def changes_data(
    policy: Policy, before: Version, after: Version, redline: Redline, differences: Sequence[Line]
) -> Data:
    """What a version changed: in English what decides otherwise, and per section how many changes."""
    return {
        "kind": "changes",
        "number": policy.number,
        "title": policy.title,
        "address": address(changes_path(after)),
        "policy": address(policy_path(policy.number)),
        "before": {"effective": before.effective.isoformat(), "address": address(version_path(before))},
        "after": {"effective": after.effective.isoformat(), "address": address(version_path(after))},
        "changes": count_changes(redline),
        "decides_otherwise": [
            {"depth": line.depth, "mark": line.mark or None, "text": line.text} for line in differences
        ],
        "sections": [
            {"key": section.key, "title": section.title, "change": section.mark.value}
            for section in redline.sections
            if section.changed
        ],
    }
