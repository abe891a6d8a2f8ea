"""A library folder and what one can ask of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from medpol.engine import Determiner
from medpol.loading import Case, load_cases, load_library, read_request, request_from
from medpol.model.codes import normal
from medpol.model.criteria import Is, Leaf
from medpol.model.determination import Determination
from medpol.model.policy import Policy, Version
from medpol.model.request import Request
from medpol.model.rules import Library
from medpol.problems import Place, PolicyRejected, Problem
from medpol.rendering.answer import AnswerWriter, canonical
from medpol.rendering.determination import determination_summary, determination_text
from medpol.rendering.english import criterion_text
from medpol.rendering.version import version_text
from medpol.rendering.words import phrase


def bundled() -> Path:
    """The folder of the demonstration library that comes with the package."""
    return Path(str(files("medpol"))) / "data" / "demonstration"


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of a search: where the words or the code were found."""

    policy: str
    version: str
    where: str
    text: str


class PolicyLibrary:
    """A loaded library. Raises PolicyRejected, with every problem, where the folder cannot be used."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or bundled()
        self.content: Library = load_library(self.folder)
        self._determiners: dict[date | None, Determiner] = {}

    @cached_property
    def writer(self) -> AnswerWriter:
        return AnswerWriter(self.content.facts)

    def read_request(self, data: bytes, name: str = "request") -> Request:
        """A request from JSON; PolicyRejected carries every problem with its JSON path."""
        return read_request(data, self.content, name)

    def determine(self, request: Request, *, as_of: date | None = None, known_on: date | None = None) -> Determination:
        """Decide one request, by the versions in force on its service date (or `as_of`), published by `known_on`."""
        if known_on not in self._determiners:
            self._determiners[known_on] = Determiner(self.content, known_on)
        return self._determiners[known_on].determine(request, as_of)

    def answer(
        self, data: bytes, name: str = "request", *, as_of: date | None = None, known_on: date | None = None
    ) -> dict[str, object]:
        """From the JSON of a request to the JSON of its answer."""
        return self.writer.as_json(self.determine(self.read_request(data, name), as_of=as_of, known_on=known_on))

    def in_words(self, determination: Determination) -> str:
        """The determination for a person to read."""
        return determination_text(determination, self.content.facts)

    def in_short(self, determination: Determination) -> list[str]:
        """The determination in a few lines."""
        return determination_summary(determination, self.content.facts)

    def leaf_in_words(self, leaf: Leaf) -> str:
        """What a leaf asks, before ` = yes` or ` = no`: a boolean fact by its name alone."""
        return (
            phrase(leaf.fact, self.content.facts) if isinstance(leaf, Is) else criterion_text(leaf, self.content.facts)
        )

    def policy(self, number: str) -> Policy:
        """A policy by its number; PolicyRejected names the near ones where there is none."""
        if number in self.content.policies:
            return self.content.policies[number]
        known = ", ".join(get_close_matches(number, self.content.policies) or sorted(self.content.policies)[:8])
        raise PolicyRejected(
            [
                Problem(
                    Place(str(self.folder)),
                    "MP901",
                    f"there is no policy '{number}'",
                    f"such as {known}; medpol search finds them by code and by words",
                )
            ]
        )

    def show(self, number: str, as_of: date | None = None) -> str:
        """A policy's version in force on a date (default: the latest one), readable in a terminal."""
        policy = self.policy(number)
        return version_text(policy, self._version(policy, as_of), self.content.facts)

    def _version(self, policy: Policy, as_of: date | None) -> Version:
        version = policy.version_on(as_of) if as_of else policy.versions[-1]
        if version is not None:
            return version
        begins = ", ".join(v.effective.isoformat() for v in policy.versions)
        message = f"no version of {policy.number} is in force on {as_of}"
        raise PolicyRejected([Problem(Place(str(self.folder)), "MP902", message, f"its versions begin {begins}")])

    def as_json(self, number: str, as_of: date | None = None) -> dict[str, object]:
        """A policy's version as data: what `show` prints, for a program."""
        policy = self.policy(number)
        version = self._version(policy, as_of)
        statements = [*version.statements, *([version.default] if version.default else [])]
        return {
            "number": policy.number,
            "title": policy.title,
            "authority": policy.authority,
            "notice": policy.notice or None,
            "effective": version.effective.isoformat(),
            "ends": end.isoformat() if (end := policy.end_of(version)) else None,
            "status": version.status.value,
            "versions": [v.effective.isoformat() for v in policy.versions],
            "codes": [
                {"system": c.system, "code": str(c.pattern), "role": c.role or None, "label": c.label or None}
                for c in version.codes
            ],
            "statements": [
                {
                    "id": s.id,
                    "position": s.position.value,
                    "services": list(s.services),
                    "criterion": criterion_text(s.when, self.content.facts) if s.when else None,
                }
                for s in statements
            ],
            "digest": version.digest,
        }

    def search(self, words: str) -> Iterator[Hit]:
        """Where a code or words occur: code tables first, then titles, topics, statements and notes."""
        code, wanted = normal(words), words.lower()
        for policy in self.content.policies.values():
            for version in policy.versions:
                yield from _code_hits(policy, version, code)
        for policy in self.content.policies.values():
            for where, text in _texts(policy):
                if wanted in text.lower():
                    yield Hit(policy.number, "", where, text)

    def cases(self) -> tuple[Case, ...]:
        """The example requests of the library's policies."""
        return load_cases(self.folder)

    def case_request(self, case: Case) -> Request:
        return request_from(case.request, self.content, f"{case.policy}: {case.name}")


def _code_hits(policy: Policy, version: Version, code: str) -> Iterator[Hit]:
    for entry in version.codes:
        if entry.pattern.matches(code):
            about = " · ".join(part for part in (entry.system.upper(), entry.role, entry.label) if part)
            yield Hit(policy.number, version.effective.isoformat(), f"code {entry.pattern}", about)


def _texts(policy: Policy) -> Iterator[tuple[str, str]]:
    yield "title", policy.title
    yield from (("topic", topic) for topic in policy.topics)
    if policy.technology:
        yield "technology", f"{policy.technology.name}. {policy.technology.procedure}".strip()
    for version in policy.versions:
        for statement in (*version.statements, *((version.default,) if version.default else ())):
            yield f"{version.effective} statement {statement.id}", statement.wording
        yield f"{version.effective} notes", version.notes


def same_answer(old: Mapping[str, object], new: Mapping[str, object]) -> bool:
    """Whether two answers are equal byte for byte."""
    return canonical(old) == canonical(new)
