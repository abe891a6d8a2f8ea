"""The objective is narrower than what the policy covers.

The objective names one region or service, and the policy decides about more. A reader whose case is outside the
objective puts the policy aside although it governs the request.

Bad:

    text/objective.md
        To review the evidence on lumbar traction.
    version.yaml
        codes:
          - {system: cpt, code: "97012", role: lumbar}
          - {system: cpt, code: "97140", role: cervical}
        statements:
          - {id: lumbar, services: [lumbar], position: investigational, population: adults, conclusion: insufficient, source: published}
          - {id: cervical, services: [cervical], position: investigational, population: adults, conclusion: insufficient, source: published}

Good:

    text/objective.md
        To review the evidence on lumbar and cervical traction.
    version.yaml
        codes:
          - {system: cpt, code: "97012", role: lumbar}
          - {system: cpt, code: "97140", role: cervical}
        statements:
          - {id: lumbar, services: [lumbar], position: investigational, population: adults, conclusion: insufficient, source: published}
          - {id: cervical, services: [cervical], position: investigational, population: adults, conclusion: insufficient, source: published}
"""  # noqa: E501

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject

CODE = "ST124"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    """Words of the code table's roles: the objective has those of one role, and none of another."""
    section, version = subject.narrative.section("objective"), subject.newest
    if section is None or version is None:
        return
    text = " ".join(passage.text for passage in section.passages).lower()
    roles = sorted({code.role for code in version.codes if code.role})
    named = {role for role in roles if any(re.search(rf"\b{re.escape(word)}", text) for word in _words(role))}
    left_out = [role for role in roles if role not in named]
    if named and left_out:
        place = next(section.passages, None)
        message = f"the objective names {_list(sorted(named))}, but the policy also covers {_list(left_out)}"
        yield Finding(place.place if place else section.place, message)


def _words(role: str) -> list[str]:
    return [word for word in re.split(r"[-_ ]", role.lower()) if len(word) > 3]


def _list(roles: list[str]) -> str:
    return ", ".join(f"'{role}'" for role in roles)
