"""Plain words for facts and policies, and the fixed sentences of letters and summaries: both are data, not code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from medpol.evidence.files import Section, read_yaml
from medpol.problems import Place, PolicyRejected, Problem

CODE = "MP931"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainFact:
    """A fact in plain words. `yes` and `no` are sentences, `name` begins one; '' where nobody wrote it."""

    yes: str = ""
    no: str = ""
    name: str = ""
    unit: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """Plain words by fact, by policy number and by a criterion's label. `{plain|medical}` marks a medical name."""

    facts: Mapping[str, PlainFact]
    policies: Mapping[str, str]
    labels: Mapping[str, str]

    def fact(self, name: str) -> PlainFact:
        return self.facts.get(name, _NOTHING)


_NOTHING = PlainFact()


@dataclass(frozen=True, slots=True)
class Words:
    """Fixed sentences by key, with {places} to fill."""

    texts: Mapping[str, str]

    def say(self, key: str, **parts: object) -> str:
        """The sentence of a key, its places filled."""
        return self.texts[key].format(**parts)

    def get(self, key: str) -> str:
        """The sentence of a key, or ''."""
        return self.texts.get(key, "")


def own_folder() -> Path:
    """The folder of letters' data that comes with the package."""
    return Path(str(files("medpol"))) / "data" / "letters"


def load_words(folder: Path | None = None) -> Words:
    """The package's sentences, and over them those of a folder's words.yaml. Raises PolicyRejected."""
    own = _flat(own_folder() / "words.yaml")
    path = folder / "words.yaml" if folder else None
    theirs = _flat(path) if path and path.is_file() else {}
    unknown = [
        Problem(Place(str(path)), CODE, f"there is no sentence '{key}'", "give a key of the package's words.yaml")
        for key in theirs.keys() - own.keys()
    ]
    if unknown:
        raise PolicyRejected(unknown)
    return Words({**own, **theirs})


def _flat(path: Path) -> dict[str, str]:
    problems: list[Problem] = []
    top = read_yaml(path, problems)
    texts = {key: top.text(key, required=True) for key in top.keys()}  # noqa: SIM118
    refuse(problems)
    return texts


def load_plain(*folders: Path) -> Plain:
    """The package's plain words, and over them those of each folder's plain.yaml. Raises PolicyRejected."""
    facts: dict[str, PlainFact] = {}
    policies: dict[str, str] = {}
    labels: dict[str, str] = {}
    problems: list[Problem] = []
    for path in (folder / "plain.yaml" for folder in (own_folder(), *folders)):
        if path.is_file():
            top = read_yaml(path, problems)
            for part in top.section("facts"):
                facts.update((name, _fact(entry)) for name in part.keys() for entry in part.section(name))  # noqa: SIM118
            for part in top.section("policies"):
                policies.update((name, part.text(name)) for name in part.keys())  # noqa: SIM118
            for part in top.section("labels"):
                labels.update((name, part.text(name)) for name in part.keys())  # noqa: SIM118
            top.finish()
    refuse(problems)
    return Plain(facts=facts, policies=policies, labels=labels)


def _fact(entry: Section) -> PlainFact:
    values = {name: part.text(name) for part in entry.section("values") for name in part.keys()}  # noqa: SIM118
    return PlainFact(
        yes=entry.text("yes"),
        no=entry.text("no"),
        name=entry.text("name"),
        unit=entry.text("unit") if entry.has("unit") else None,
        values=values,
    )


def refuse(problems: list[Problem], code: str = CODE) -> None:
    """Raise what was found in a data file, under one code."""
    if problems:
        raise PolicyRejected(Problem(p.place, code, p.message, p.remedy or "see docs/letters.md") for p in problems)
