"""Run the rules over a library, or over some of its policies."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from medpol.checks.catalogue import RULES
from medpol.checks.finding import Finding, Level, Rule
from medpol.checks.subject import Subject
from medpol.evidence import load_evidence
from medpol.loading import read_narrative
from medpol.model.narrative import Narrative
from medpol.model.policy import Policy
from medpol.model.rules import Library
from medpol.problems import PolicyRejected, Problem


@dataclass(frozen=True, slots=True, order=True)
class Report:
    """A finding with the rule that made it."""

    finding: Finding
    code: str
    level: Level


def check_library(
    library: Library, policies: Iterable[str], today: date, rules: Iterable[Rule] = RULES
) -> tuple[list[Report], list[Problem]]:
    """What the rules find in these policies (by number), and what could not be read of their evidence and text."""
    reports: list[Report] = []
    problems: list[Problem] = []
    chosen = tuple(rules)
    for number in policies:
        subject = subject_of(library, library.policies[number], today, problems)
        reports += check_subject(subject, chosen)
    return sorted(reports), sorted(problems)


def check_subject(subject: Subject, rules: Iterable[Rule] = RULES) -> Iterator[Report]:
    """What each rule finds in one policy."""
    for rule in rules:
        for finding in rule.check(subject):
            yield Report(finding, rule.CODE, rule.LEVEL)


def subject_of(library: Library, policy: Policy, today: date, problems: list[Problem]) -> Subject:
    """A policy with its evidence and text; what cannot be read of them goes to `problems` and counts as not there."""
    folder = Path(library.folder) / "policies" / policy.number
    evidence, narrative = None, Narrative()
    try:
        if (folder / "evidence").is_dir():
            evidence = load_evidence(folder / "evidence")
    except PolicyRejected as rejected:
        problems += rejected.problems
    try:
        narrative = read_narrative(folder)
    except PolicyRejected as rejected:
        problems += rejected.problems
    return Subject(folder=folder, library=library, policy=policy, evidence=evidence, narrative=narrative, today=today)
