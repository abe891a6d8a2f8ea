"""A code was split into others while the version is in force, and the others are not listed.

From that day claims carry the more detailed codes, and the version knows only the old one. (That the old code stays
in the list is right: earlier claims have it.) ICD-10-CM changes every October and April.

Bad:

    version.yaml
        effective: 2021-01-01
        ends: 2024-01-01
        code_lists:
          pain: {system: icd-10-cm, codes: [M54.5]}
        statements:
          - {id: pain, position: investigational, conclusion: insufficient, source: published, when: {diagnosis: {list: pain}}}

Good:

    version.yaml
        effective: 2021-01-01
        ends: 2024-01-01
        code_lists:
          pain: {system: icd-10-cm, codes: [M54.2]}
        statements:
          - {id: pain, position: investigational, conclusion: insufficient, source: published, when: {diagnosis: {list: pain}}}
"""  # noqa: E501

from bisect import bisect_right
from collections.abc import Iterator

from medpol.checks.codes.listed import Listed, last_day, listed, some
from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.model.code_systems import Kind
from medpol.model.policy import Version
from medpol.problems import Place

CODE = "CO103"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """Codes billable on the version's first day and retired on its last (today, while it is open)."""
    for version in subject.policy.versions:
        found: dict[tuple[Place, str], list[str]] = {}
        for entry in listed(subject, version):
            new = _successors(subject, version, entry) if entry.single else []
            if new:
                found.setdefault((entry.place, entry.where), []).append(f"{entry.single} (now {some(new, 2)})")
        for (place, where), codes in found.items():
            yield Finding(place, f"{where} lacks what codes were split into: {some(codes)}")


def _successors(subject: Subject, version: Version, entry: Listed) -> list[str]:
    """The codes under a retired one on the last day, if none of them is listed in the same place."""
    last, systems = last_day(subject, version), subject.code_systems
    if systems.standing(entry.system, entry.single, last).kind is not Kind.RETIRED:
        return []
    if systems.standing(entry.system, entry.single, version.effective).kind is Kind.RETIRED:
        return []
    codes = subject.once(("codes in order", entry.system), lambda: sorted(systems.dated[entry.system].periods))
    under = codes[bisect_right(codes, entry.single) : bisect_right(codes, f"{entry.single}~")]
    valid = [code for code in under if systems.standing(entry.system, code, last).kind is Kind.VALID]
    beside = [other.pattern for other in listed(subject, version) if other.where == entry.where]
    return [] if any(pattern.matches(code) for code in valid for pattern in beside) else sorted(valid)
