"""Appeal rights as data: one file per line of business, one per state that says more, one with the plan's contacts.

A combination that no file speaks of is a problem, never a letter without rights. What a file leaves empty is printed as
a marked blank for the plan to fill in, never guessed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from medpol.evidence.files import Section, read_yaml
from medpol.problems import Place, PolicyRejected, Problem
from medpol.rendering.member_summary.dictionary import own_folder

BAD_FILE, NO_RIGHTS = "MP935", "MP936"
READ = ("full_text", "excerpt", "secondary", "not_confirmed")
"""How far a source was confirmed, in the words of policies' sources."""
_SPAN = re.compile(r"\d+ (hours?|days?|calendar days|business days|months?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """Where a right comes from, and how far that was confirmed."""

    key: str
    law: str
    read: str
    at: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One step of an appeal. Times are in words (`180 days`); '' is a blank for the plan."""

    id: str
    name: str
    who: str
    how: str
    ask_within: str
    counted_from: str
    answer_within: str
    fast_within: str
    address: str
    source: str
    automatic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """How the plan is reached, and its language taglines; '' is a blank."""

    phone: str = ""
    tty: str = ""
    address: str = ""
    web: str = ""
    information_to: str = ""
    policies_at: str = ""
    taglines: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """The rights of one line of business in one state."""

    line: str
    title: str
    state: str
    levels: tuple[Level, ...]
    fast: str
    more: tuple[str, ...]
    laws: tuple[Law, ...]
    same_specialty: bool
    contacts: Contacts


def load_rights(line: str, state: str, folder: Path | None = None) -> Rights:
    """The rights of a line of business in a state, from the package's files and over them a plan's.

    Raises PolicyRejected: MP935 for files that cannot be used, MP936 where no file speaks of the combination.
    """
    folders = (*((folder,) if folder else ()), own_folder() / "rights")
    if folder is not None and not folder.is_dir():
        raise PolicyRejected([Problem(Place(str(folder)), BAD_FILE, "there is no such folder", "name a folder")])
    path = _first(folders, f"{line}.yaml")
    if not line or path is None:
        known = sorted({p.stem for f in folders for p in f.glob("*.yaml")} - {"contacts"})
        remedy = f"add {line or 'LINE'}.yaml; there are {', '.join(known)}"
        message = f"no appeal rights are written for line of business '{line}'"
        raise PolicyRejected([Problem(Place(str(folders[0])), NO_RIGHTS, message, remedy)])
    problems: list[Problem] = []
    rights, needs_state = _base(path, line, state, problems)
    rights = replace(rights, contacts=_contacts(folders, problems))
    own = _first(folders, f"states/{state}.yaml") if state else None
    found = None if own is None else _state(own, line, rights, problems)
    if problems:
        raise PolicyRejected(Problem(p.place, BAD_FILE, p.message, p.remedy or "see docs/letters.md") for p in problems)
    if found is None and needs_state:
        message = f"no appeal rights are written for '{line}' in state '{state}'"
        remedy = f"add `{line}:` to states/{state or 'XX'}.yaml: the step outside the plan is the state's"
        raise PolicyRejected([Problem(Place(str(folders[0])), NO_RIGHTS, message, remedy)])
    return found or rights


def contacts_only(line: str, state: str, folder: Path | None = None) -> Rights:
    """For a letter that turns nothing down: the plan's contacts, and no steps."""
    problems: list[Problem] = []
    contacts = _contacts((*((folder,) if folder else ()), own_folder() / "rights"), problems)
    if problems:
        raise PolicyRejected(Problem(p.place, BAD_FILE, p.message, p.remedy) for p in problems)
    title = line.replace("_", " ")
    return Rights(
        line=line, title=title, state=state, levels=(), fast="", more=(), laws=(), same_specialty=False,
        contacts=contacts,
    )  # fmt: skip


def check_rights(folder: Path | None = None) -> tuple[tuple[str, str], ...]:
    """Every combination the files speak of, each loaded; raises PolicyRejected with the problems of all."""
    folders = (*((folder,) if folder else ()), own_folder() / "rights")
    lines = sorted({p.stem for f in folders for p in f.glob("*.yaml")} - {"contacts"})
    states = sorted({p.stem for f in folders for p in (f / "states").glob("*.yaml")})
    good: list[tuple[str, str]] = []
    problems: set[Problem] = set()
    for line in lines:
        for state in ("", *states):
            try:
                load_rights(line, state, folder)
                good.append((line, state))
            except PolicyRejected as rejected:
                problems.update(p for p in rejected.problems if p.code != NO_RIGHTS)
    if problems:
        raise PolicyRejected(problems)
    return tuple(good)


def _first(folders: tuple[Path, ...], name: str) -> Path | None:
    return next((f / name for f in folders if (f / name).is_file()), None)


def _base(path: Path, line: str, state: str, problems: list[Problem]) -> tuple[Rights, bool]:
    top = read_yaml(path, problems)
    laws = tuple(_laws(top))
    levels = tuple(_levels(top, laws))
    if not levels:
        top.problem("", "it names no level", "write the steps of an appeal under `levels:`")
    rights = Rights(
        line=line,
        title=top.text("title", required=True),
        state=state,
        levels=levels,
        fast=top.text("fast", required=True),
        more=top.texts("more"),
        laws=laws,
        same_specialty=bool(top.flag("same_or_similar_specialty")),
        contacts=Contacts(),
    )
    needs_state = bool(top.flag("state_needed"))
    top.finish()
    return rights, needs_state


def _laws(top: Section) -> Iterator[Law]:
    for key, entry in top.named("sources", required=True):
        yield Law(
            key=key,
            law=entry.text("law", required=True),
            read=entry.choice("read", READ),
            at=entry.text("at"),
            note=entry.text("note"),
        )


def _levels(top: Section, laws: tuple[Law, ...]) -> Iterator[Level]:
    for name, entry in top.named("levels"):
        level = Level(
            id=name,
            name=entry.text("name", required=True),
            who=entry.text("who", required=True),
            how=entry.text("how"),
            ask_within=_span(entry, "ask_within"),
            counted_from=entry.text("counted_from"),
            answer_within=_span(entry, "answer_within"),
            fast_within=_span(entry, "fast_within"),
            address=entry.text("address"),
            source=entry.text("source", required=True),
            automatic=bool(entry.flag("automatic")),
        )
        if level.source and level.source not in {law.key for law in laws}:
            remedy = "name a key of `sources`"
            entry.problem("", f"source '{level.source}' is not written here", remedy, entry.place_of("source"))
        yield level


def _span(entry: Section, key: str) -> str:
    text = entry.text(key)
    if text and not _SPAN.fullmatch(text):
        entry.problem("", f"'{key}' is '{text}'", "write `180 days`, `72 hours`, `4 months`", entry.place_of(key))
    return text


def _state(path: Path, line: str, rights: Rights, problems: list[Problem]) -> Rights | None:
    """The rights with what a state's file says of the line; None where it does not speak of it."""
    top = read_yaml(path, problems)
    name = top.text("name", required=True)
    found: Rights | None = None
    for key in top.keys():  # noqa: SIM118
        for part in top.section(key) if key != "name" else ():
            laws = tuple(_laws(part))
            levels = tuple(_levels(part, (*rights.laws, *laws)))
            more = part.texts("more")
            same = part.flag("same_or_similar_specialty")
            if key == line:
                new = {level.id: level for level in levels}
                kept = tuple(new.pop(level.id, level) for level in rights.levels)
                found = replace(
                    rights,
                    title=f"{rights.title}, {name}",
                    levels=(*kept, *new.values()),
                    more=(*rights.more, *more),
                    laws=(*rights.laws, *laws),
                    same_specialty=rights.same_specialty if same is None else same,
                )
    top.finish()
    return found


def _contacts(folders: tuple[Path, ...], problems: list[Problem]) -> Contacts:
    path = _first(folders, "contacts.yaml")
    if path is None:
        return Contacts()
    top = read_yaml(path, problems)
    taglines = tuple(
        (name, part.text(name))
        for part in top.section("taglines")
        for name in part.keys()  # noqa: SIM118
    )
    contacts = Contacts(
        phone=top.text("phone"),
        tty=top.text("tty"),
        address=top.text("address"),
        web=top.text("web"),
        information_to=top.text("information_to"),
        policies_at=top.text("policies_at"),
        taglines=taglines,
    )
    top.finish()
    return contacts
