"""The home page and a policy's page, as data."""

from collections.abc import Mapping, Sequence

from medpol.model.policy import Policy, Version
from medpol.model.rules import Library
from medpol.rendering.changes import Line
from medpol.rendering.publication import Theme
from medpol.rendering.publication.cells import capital
from medpol.rendering.site.addresses import CODES, HOME, address, changes_path, json_path, policy_path, version_path
from medpol.rendering.site.parts import Data, dates, lines_of_business, statement_data, statements_of

SCHEMA = "medpol-site/1"


def home_data(library: Library, evidence: frozenset[str], theme: Theme) -> Data:
    """The home page without its lists of pages and files. `evidence` are the policies that come with evidence."""
    return {
        "kind": "home",
        "schema": SCHEMA,
        "plan": theme.plan or library.rules.plan,
        "notice": library.rules.notice,
        "address": HOME,
        "codes": address(CODES),
        "policies": [_listed(policy, library, evidence, theme) for policy in library.policies.values()],
    }


def _listed(policy: Policy, library: Library, evidence: frozenset[str], theme: Theme) -> Data:
    newest = policy.versions[-1]
    positions = dict.fromkeys(statement.position for statement in statements_of(newest))
    return {
        "number": policy.number,
        "title": policy.title,
        "authority": policy.authority,
        "authority_name": capital(theme.word(policy.authority)),
        "topics": list(policy.topics),
        "evidence": policy.number in evidence,
        "address": address(policy_path(policy.number)),
        "json": address(json_path(policy_path(policy.number))),
        "newest": {
            **dates(policy, newest),
            "address": address(version_path(newest)),
            "positions": [{"key": p.value, "name": theme.word(p.value)} for p in positions],
            "lines_of_business": lines_of_business(policy, newest, library.rules),
        },
        "versions": len(policy.versions),
    }


def policy_data(
    policy: Policy,
    library: Library,
    theme: Theme,
    *,
    evidence: bool,
    differences: Mapping[str, Sequence[Line]],
    counts: Mapping[str, int],
) -> Data:
    """A policy with all its versions, newest first. `differences` and `counts` are of the changes, by version id."""
    titles = {number: other.title for number, other in library.policies.items()}
    return {
        "kind": "policy",
        "number": policy.number,
        "title": policy.title,
        "authority": policy.authority,
        "authority_name": capital(theme.word(policy.authority)),
        "owner": policy.owner,
        "notice": policy.notice,
        "topics": list(policy.topics),
        "evidence": evidence,
        "address": address(policy_path(policy.number)),
        "related": [
            {"number": number, "title": titles.get(number, ""), "address": address(policy_path(number))}
            for number in policy.related
        ],
        "related_elsewhere": list(policy.related_elsewhere),
        "supersedes": list(policy.supersedes),
        "versions": [
            {
                **_version(policy, version, library, theme),
                "changes": _changes(version, differences[version.id], counts[version.id])
                if version.id in differences
                else None,
            }
            for version in reversed(policy.versions)
        ],
        "history": [{"date": e.date, "action": e.action, "note": e.note} for e in reversed(policy.history)],
    }


def _version(policy: Policy, version: Version, library: Library, theme: Theme) -> Data:
    return {
        **dates(policy, version),
        "address": address(version_path(version)),
        "json": address(json_path(version_path(version))),
        "lines_of_business": lines_of_business(policy, version, library.rules),
        "statements": [statement_data(version, statement, theme) for statement in statements_of(version)],
    }


def _changes(version: Version, differences: Sequence[Line], count: int) -> Data:
    return {
        "address": address(changes_path(version)),
        "count": count,
        "decides_otherwise": [f"{line.mark} {line.text}".strip() for line in differences if line.depth == 0],
    }
