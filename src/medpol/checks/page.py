"""A rule's docstring as its page: what it finds, why it matters, and examples that are also its test.

    One sentence: what is wrong.

    A paragraph or two: why it matters, and the source of the test where it has one.

    Bad:

        text/background.md
            The files of a package that the rule must report, each under its name.

    Good:

        text/background.md
            The same, put right.

An example's YAML files lie over those of a faultless small package (`tests/checks/base`), key by key at the top
level; `version.yaml` stands for the newest version's file. Any other file stands as written.
"""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import dedent
from typing import Protocol

from medpol.checks.finding import Level


class Paged(Protocol):
    """A module with a page."""

    __doc__: str | None
    __name__: str
    CODE: str
    LEVEL: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What there is to say of a rule. `bad` and `good` are files by name."""

    code: str
    name: str  # as in `dates-out-of-order`
    family: str
    level: Level
    title: str
    why: str
    bad: Mapping[str, str]
    good: Mapping[str, str]


def page_of(rule: Paged) -> Page:
    """The page of a rule. Raises ValueError where the docstring has no `Bad:` or no `Good:`."""
    *_, family, module = rule.__name__.split(".")
    text = inspect.cleandoc(rule.__doc__ or "")
    about, bad, rest = text.partition("\nBad:\n")
    bad_text, good, good_text = rest.partition("\nGood:\n")
    if not bad or not good:
        raise ValueError(f"{rule.__name__}: its docstring has no Bad: and Good:")
    title, _, why = about.strip().partition("\n")
    return Page(
        code=rule.CODE,
        name=module.replace("_", "-"),
        family=family,
        level=rule.LEVEL,
        title=title.strip(),
        why=why.strip(),
        bad=_files(bad_text),
        good=_files(good_text),
    )


def _files(example: str) -> dict[str, str]:
    """`name` at the left, its content indented under it."""
    files: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in dedent(example).strip("\n").splitlines():
        if line and not line[0].isspace():
            lines = files.setdefault(line.strip(), [])
        else:
            lines.append(line)
    return {name: dedent("\n".join(content)).strip("\n") + "\n" for name, content in files.items()}
