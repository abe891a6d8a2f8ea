"""The whole library as a folder of pages that opens with no server."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from medpol.history import version_changes
from medpol.library.code_chains import codes_said
from medpol.library.policies import PolicyLibrary
from medpol.library.publishing import publication_of
from medpol.library.redlines import differences
from medpol.library.site_folder import replace_site
from medpol.model.policy import Policy, Version
from medpol.rendering.changes import Line
from medpol.rendering.publication import Document, Theme, load_theme
from medpol.rendering.redline import compare, section_units
from medpol.rendering.redline.html import context
from medpol.rendering.redline.units import plain_unit
from medpol.rendering.site import (
    Page,
    Place,
    Said,
    Writer,
    as_json,
    changes_data,
    code_data,
    code_path,
    codes_data,
    home_data,
    policy_data,
    policy_path,
    search_index,
    version_data,
    version_path,
)
from medpol.rendering.site.addresses import CODES, HOME, changes_path, json_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What was written; `size` in bytes."""

    policies: int
    versions: int
    codes: int
    pages: int
    files: int
    size: int


@dataclass(slots=True)
class _Site:
    """What is known of the site while its pages are made."""

    library: PolicyLibrary
    theme: Theme
    evidence: frozenset[str]
    files: dict[str, bytes] = field(default_factory=dict)
    listed: list[dict[str, str]] = field(default_factory=list)
    texts: list[Place] = field(default_factory=list)
    writer: Writer = field(init=False)

    def __post_init__(self) -> None:
        rules = self.library.content.rules
        self.writer = Writer(self.theme, rules.plan, rules.notice)

    def add(self, page: Page) -> None:
        self.files[page.path] = self.writer.html(page)
        self.files[json_path(page.path)] = as_json(page.data)
        self.listed.append(page.listed)


def build_site(
    library: PolicyLibrary,
    folder: Path,
    theme: Theme | None = None,
    on_stage: Callable[[str], None] = lambda _: None,
) -> Built:
    """Writes the site; the same library and theme give the same bytes.

    Raises PolicyRejected where the folder holds anything that is not of a site, or cannot be written, and for every
    fault of a text or an evidence. The folder changes only when everything is made.
    """
    policies = library.content.policies
    with_evidence = (n for n in policies if (library.folder / "policies" / n / "evidence").is_dir())
    site = _Site(library, theme or load_theme(), frozenset(with_evidence))
    for policy in policies.values():
        on_stage(policy.number)
        _add_policy(site, policy)
    on_stage("codes")
    said = list(codes_said(library.content))
    _add_codes(site, said)
    index = search_index(library.content, site.texts, [s.pattern for s in said], site.evidence, site.theme)
    site.files |= site.writer.assets(index)
    _add_home(site)
    on_stage("writing")
    replace_site(folder, site.files)
    return Built(
        policies=len(policies),
        versions=sum(len(policy.versions) for policy in policies.values()),
        codes=len(said),
        pages=len(site.listed),
        files=len(site.files),
        size=sum(map(len, site.files.values())),
    )


def _add_policy(site: _Site, policy: Policy) -> None:
    documents = {v.id: publication_of(site.library, policy, v, site.theme) for v in policy.versions}
    said: dict[str, tuple[Line, ...]] = {}
    counts: dict[str, int] = {}
    for before, after in pairwise(policy.versions):
        page = _changes(site, policy, (before, documents[before.id]), (after, documents[after.id]))
        said[after.id], counts[after.id] = page.also["differences"], page.data["changes"]
        site.add(page)
    for version in policy.versions:
        site.add(_version(site, policy, version, documents[version.id]))
    data = policy_data(
        policy, site.library.content, site.theme,
        evidence=policy.number in site.evidence, differences=said, counts=counts,
    )  # fmt: skip
    title = f"{policy.number} {policy.title}"
    site.add(Page(path=policy_path(policy.number), template="policy.html.j2", title=title, data=data))


def _version(site: _Site, policy: Policy, version: Version, document: Document) -> Page:
    for key, title, units in section_units(document):
        lines = (str(part) for unit in units[1:] for line in plain_unit(unit) for part in _said(line))
        if key:
            site.texts.append(Place(version=version, anchor=key, title=title, text=" ".join(lines)))
    return Page(
        path=version_path(version),
        template="version.html.j2",
        title=f"{policy.number} {policy.title}, {version.effective}",
        data=version_data(policy, version, document, site.library.content.facts, site.theme),
        also={"document": document},
    )


def _said(line: tuple[object, ...]) -> Iterator[object]:
    """The words of a plain line: a row's cells, or its text behind style and level."""
    yield from line[1:] if line[0] == "row" else line[2:]


def _changes(site: _Site, policy: Policy, before: tuple[Version, Document], after: tuple[Version, Document]) -> Page:
    redline = compare(before[1], after[1])
    said = differences(version_changes(before[0], after[0]), site.library)
    return Page(
        path=changes_path(after[0]),
        template="changes.html.j2",
        title=f"{policy.number}: changes of {after[0].effective}",
        data=changes_data(policy, before[0], after[0], redline, said),
        also={k: v for k, v in context(redline, site.theme, said).items() if k != "theme"},
    )


def _add_codes(site: _Site, said: list[Said]) -> None:
    for one in said:
        data = code_data(one, site.theme)
        site.add(Page(path=code_path(one.pattern), template="code.html.j2", title=f"Code {one.pattern}", data=data))
    site.add(Page(path=CODES, template="codes.html.j2", title="Codes", data=codes_data(said)))


def _add_home(site: _Site) -> None:
    content = site.library.content
    data = home_data(content, site.evidence, site.theme)
    page = Page(path=HOME, template="home.html.j2", title="Medical policies", data=data)
    site.listed.append(page.listed)
    whole = {**data, "pages": site.listed, "files": sorted([*site.files, HOME, json_path(HOME)])}
    site.files[HOME] = site.writer.html(page)
    site.files[json_path(HOME)] = as_json(whole)
