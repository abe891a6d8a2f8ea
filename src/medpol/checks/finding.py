"""What a rule reports, and what a rule is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from medpol.checks.subject import Subject
from medpol.problems import Place

Level = Literal["error", "warning", "question"]
"""error: it is wrong · warning: it should be put right · question: an editor has to judge."""


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the `length` characters that stand at `place` (on one line) by `text`."""

    place: Place
    length: int
    text: str


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One fault at one place; `fix` is there only where it cannot change what the policy means."""

    place: Place
    message: str
    fix: tuple[Edit, ...] = ()
    related: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Report:
    """A finding with the rule that made it, and the number of the policy it is about."""

    finding: Finding
    code: str
    level: Level
    policy: str = ""


class Rule(Protocol):
    """A module of one rule. Its docstring is its page: what, why, `Bad:` and `Good:` (see `page.py`)."""

    __doc__: str | None
    __name__: str
    CODE: str
    LEVEL: Level

    def check(self, subject: Subject, /) -> Iterator[Finding]: ...
