"""What the search of the home page looks in: policies, codes with their statements, codes asked for, and text."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from medpol.model.codes import CodeList, CodePattern, normal
from medpol.model.criteria import Claims, Criterion, OneOf, members
from medpol.model.policy import Policy, ServiceCode, Statement, Version
from medpol.model.rules import Library
from medpol.rendering.publication import Theme
from medpol.rendering.site.addresses import address, code_path, policy_path, version_path
from medpol.rendering.site.parts import Data, lines_of_business, statement_data, statements_of

_PART_SAID_ALIKE = 0.5
"""Share of policies from which a text that all of them repeat says nothing about one: a plan's disclaimer."""
_FEW = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A section of a version's page and its text."""

    version: Version
    anchor: str
    title: str
    text: str


def search_index(
    library: Library, texts: Iterable[Place], codes: Iterable[CodePattern], evidence: frozenset[str], theme: Theme
) -> Data:
    """Short keys: the file is read by the page's own script alone and is no interface."""
    lists: dict[CodeList, int] = {}
    policies = list(library.policies.values())
    keys = {p.authority for p in policies} | {
        s.position.value for p in policies for v in p.versions for s in statements_of(v)
    }
    numbers = {version.id: (i, j) for i, policy in enumerate(policies) for j, version in enumerate(policy.versions)}
    return {
        "policies": [
            {
                "n": policy.number,
                "t": policy.title,
                "a": policy.authority,
                "topics": list(policy.topics),
                "ev": policy.number in evidence,
                "at": address(policy_path(policy.number)),
                "v": [_version(policy, version, library, lists, theme) for version in policy.versions],
            }
            for policy in policies
        ],
        "words": {key: theme.word(key) for key in sorted(keys)},
        "lists": [{"n": codes.name, "p": " ".join(map(str, codes.patterns))} for codes in lists],
        "codes": [[p.low, p.high, str(p), address(code_path(p))] for p in codes],
        "texts": list(_texts(texts, numbers, len(policies))),
    }


def _version(policy: Policy, version: Version, library: Library, lists: dict[CodeList, int], theme: Theme) -> Data:
    statements = statements_of(version)
    end = policy.end_of(version)
    return {
        "e": version.effective.isoformat(),
        "x": end.isoformat() if end else "",
        "s": version.status.value,
        "lob": lines_of_business(policy, version, library.rules),
        "at": address(version_path(version)),
        "st": [_statement(version, statement, lists, theme) for statement in statements],
        "c": [
            [code.pattern.low, code.pattern.high, str(code.pattern), *_dates(code), _about(code, statements)]
            for code in version.codes
        ],
    }


def _dates(code: ServiceCode) -> tuple[str, str]:
    return code.from_.isoformat() if code.from_ else "", code.until.isoformat() if code.until else ""


def _about(code: ServiceCode, statements: Iterable[Statement]) -> list[int]:
    """The statements that a code is under: those on its role, on it by name, or on every code."""
    return [
        i
        for i, statement in enumerate(statements)
        if not statement.services
        or any(name == code.role or code.pattern.matches(normal(name)) for name in statement.services)
    ]


def _statement(version: Version, statement: Statement, lists: dict[CodeList, int], theme: Theme) -> Data:
    data = statement_data(version, statement, theme)
    criteria = [statement.when, *(row.when for grant in statement.grants for row in grant.rows)]
    asked = dict.fromkeys(found for criterion in criteria if criterion for found in _asked(criterion))
    return {
        "t": data["title"],
        "p": data["position"],
        "w": statement.wording,
        "at": data["address"],
        "asks": [[fact, lists.setdefault(codes, len(lists))] for fact, codes in asked],
    }


def _asked(criterion: Criterion) -> Iterator[tuple[str, CodeList]]:
    """Every list of codes that a criterion asks for, with the fact that is looked at."""
    match criterion:
        case OneOf(fact=fact, codes=codes) if codes.patterns:
            yield fact, codes
        case Claims(codes=codes, diagnosis=diagnosis):
            yield from (("earlier claims", found) for found in (codes, diagnosis) if found and found.patterns)
    for member in members(criterion):
        yield from _asked(member)


def _texts(texts: Iterable[Place], numbers: Mapping[str, tuple[int, int]], policies: int) -> Iterator[Data]:
    """Every text once, with its places; without what most policies repeat."""
    places: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    for place in texts:
        said = re.sub(r"\s+", " ", place.text).strip()
        if said:
            places.setdefault((said, place.anchor, place.title), []).append(numbers[place.version.id])
    for (said, anchor, title), found in places.items():
        where = {number for number, _ in found}
        if policies <= _FEW or len(where) <= _PART_SAID_ALIKE * policies:
            yield {"s": said, "k": anchor, "t": title, "in": [list(place) for place in sorted(found)]}
