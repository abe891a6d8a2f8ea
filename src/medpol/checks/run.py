"""Run the rules over a library, or over some of its policies."""

import gc
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from medpol.checks import silence
from medpol.checks.catalogue import BY_CODE, RULES
from medpol.checks.finding import Report, Rule
from medpol.checks.silence import read_silences, silenced
from medpol.checks.subject import Subject
from medpol.evidence import load_evidence
from medpol.loading import read_narrative
from medpol.model.narrative import Narrative
from medpol.model.policy import Policy
from medpol.model.rules import Library
from medpol.problems import PolicyRejected, Problem

_WORTH_A_PROCESS = 25  # policies; a process costs some 50 ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the rules found in `policies` policies, what checks.yaml silenced, and what could not be read."""

    reports: tuple[Report, ...] = ()
    silenced: tuple[Report, ...] = ()
    problems: tuple[Problem, ...] = ()
    policies: int = 0


def check_library(
    library: Library, policies: Iterable[str], today: date, rules: Iterable[Rule] = RULES, *, idle_silences: bool = True
) -> Checked:
    """What the rules find in these policies (by number), and the silences that silence nothing.

    Evidence and text that cannot be read are problems. Many policies are shared among the processors.
    """
    numbers, chosen = tuple(policies), tuple(rules)
    workers = min(os.cpu_count() or 1, len(numbers) // _WORTH_A_PROCESS) if sys.platform == "linux" else 1
    with _no_collection():
        if workers < 2:
            return _check(library, numbers, today, chosen, idle_silences)
        shares = [
            _started(lambda share: _check(library, share, today, chosen, idle_silences), numbers[turn::workers])
            for turn in range(1, workers)
        ]
        return _joined(
            [_check(library, numbers[::workers], today, chosen, idle_silences), *(wait() for wait in shares)]
        )


def _started(check: Callable[[tuple[str, ...]], Checked], share: tuple[str, ...]) -> Callable[[], Checked]:
    """Start checking in a copy of this process (the library is not sent, it is there); the answer is waited for."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=lambda: sender.send(check(share)))
    process.start()
    sender.close()

    def wait() -> Checked:
        found: Checked = receiver.recv()
        process.join()
        return found

    return wait


def _joined(shares: list[Checked]) -> Checked:
    return Checked(
        reports=tuple(sorted(report for share in shares for report in share.reports)),
        silenced=tuple(sorted(report for share in shares for report in share.silenced)),
        problems=tuple(sorted(problem for share in shares for problem in share.problems)),
        policies=sum(share.policies for share in shares),
    )


@contextmanager
def _no_collection() -> Iterator[None]:
    """A library is millions of objects that stay: looking for garbage among them took a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _check(
    library: Library, numbers: tuple[str, ...], today: date, rules: tuple[Rule, ...], idle_silences: bool
) -> Checked:
    kept: list[Report] = []
    quiet: list[Report] = []
    problems: list[Problem] = []
    shared: dict[object, Any] = {}
    codes = {rule.CODE for rule in rules}
    for number in numbers:
        subject = subject_of(library, library.policies[number], today, problems, shared)
        reports = sorted(set(check_subject(subject, rules)))
        left, hidden = silenced(reports, read_silences(subject.folder, BY_CODE, problems), codes)
        kept += [replace(r, policy=number) for r in left if idle_silences or r.code != silence.CODE]
        quiet += [replace(report, policy=number) for report in hidden]
    return Checked(
        reports=tuple(sorted(kept)), silenced=tuple(sorted(quiet)), problems=tuple(sorted(problems)),
        policies=len(numbers),
    )  # fmt: skip


def check_subject(subject: Subject, rules: Iterable[Rule] = RULES) -> Iterator[Report]:
    """What each rule finds in one policy."""
    for rule in rules:
        for finding in rule.check(subject):
            yield Report(finding, rule.CODE, rule.LEVEL)


def subject_of(
    library: Library, policy: Policy, today: date, problems: list[Problem], shared: dict[object, Any] | None = None
) -> Subject:
    """A policy with its evidence and text; what cannot be read of them goes to `problems` and counts as not there."""
    folder = Path(library.folder) / "policies" / policy.number
    evidence, narrative = None, Narrative()
    try:
        if (folder / "evidence").is_dir():
            evidence = load_evidence(folder / "evidence")
    except PolicyRejected as rejected:
        problems += rejected.problems
    try:
        populations = [population.key for population in evidence.populations] if evidence else []
        narrative = read_narrative(folder, populations=populations)
    except PolicyRejected as rejected:
        problems += rejected.problems
    return Subject(
        folder=folder, library=library, policy=policy, evidence=evidence, narrative=narrative, today=today,
        shared={} if shared is None else shared,
    )  # fmt: skip
