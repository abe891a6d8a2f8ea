"""Redlines: two versions of a policy, or a version and a draft, published and compared."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from medpol.history import version_changes
from medpol.library.policies import PolicyLibrary
from medpol.library.publishing import publication_of
from medpol.loading import load_draft
from medpol.model.changes import VersionChanges
from medpol.model.policy import Policy, Version
from medpol.problems import Place, PolicyRejected, Problem
from medpol.rendering.changes import Line, changes_lines
from medpol.rendering.publication import Theme
from medpol.rendering.redline import Redline, compare
from medpol.rendering.redline.docx import Author, to_docx
from medpol.rendering.redline.html import count_changes, to_html

FORMATS = ("html", "docx")


@dataclass(frozen=True, slots=True, kw_only=True)
class Redlined:
    """A redline, and what decides otherwise as data and in English."""

    redline: Redline
    changes: VersionChanges
    differences: tuple[Line, ...]

    @property
    def count(self) -> int:
        return count_changes(self.redline)


def redlined(
    library: PolicyLibrary,
    number: str,
    theme: Theme,
    *,
    before: date | None = None,
    after: date | None = None,
    draft: Path | None = None,
) -> Redlined:
    """From the version `before` (default: the one ahead of the later) to `after` (default: the newest) or a draft.

    Raises PolicyRejected for an unknown policy or version and for every fault of a draft, a text or an evidence.
    """
    policy = library.policy(number)
    if draft is not None:
        later = load_draft(draft, library.content, policy.number)
    else:
        later = _version(policy, after) if after else policy.versions[-1]
    earlier = _version(policy, before) if before else _ahead(policy, later)
    changes = version_changes(earlier, later)
    drafted = replace(policy, versions=(*policy.versions, later)) if draft else policy  # a draft has the newest text
    documents = publication_of(library, policy, earlier, theme), publication_of(library, drafted, later, theme)
    return Redlined(redline=compare(*documents), changes=changes, differences=differences(changes, library))


def differences(changes: VersionChanges, library: PolicyLibrary) -> tuple[Line, ...]:
    """What decides otherwise, in English; nothing where both decide the same."""
    return () if changes.none else tuple(changes_lines(changes, library.content.facts))


def write_redline(found: Redlined, theme: Theme, to: str, author: Author) -> bytes:
    """The redline in a format of FORMATS. PolicyRejected where the format's library is not installed."""
    writers: dict[str, Callable[[], bytes]] = {
        "html": lambda: to_html(found.redline, theme, found.differences).encode(),
        "docx": lambda: to_docx(found.redline, theme, author),
    }
    return writers[to]()


def _version(policy: Policy, day: date) -> Version:
    found = next((version for version in policy.versions if version.effective == day), None)
    if found is None:
        known = ", ".join(version.effective.isoformat() for version in policy.versions)
        raise _no_version(policy, f"{policy.number} has no version {day}; its versions are {known}")
    return found


def _ahead(policy: Policy, later: Version) -> Version:
    earlier = [version for version in policy.versions if version.effective < later.effective]
    if not earlier:
        raise _no_version(policy, f"no version of {policy.number} goes ahead of {later.effective}")
    return earlier[-1]


def _no_version(policy: Policy, message: str) -> PolicyRejected:
    remedy = "give the effective date of one that is there"
    return PolicyRejected([Problem(Place(policy.place.file), "MP961", message, remedy)])
