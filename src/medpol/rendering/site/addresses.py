"""Where a page stands: paths on the disk, and permanent addresses from the root of the site."""

from urllib.parse import quote

from medpol.model.codes import CodePattern
from medpol.model.policy import Statement, Version
from medpol.rendering.publication.model import anchor_of

HOME = "index.html"
CODES = "codes/index.html"


def policy_path(number: str) -> str:
    """A policy's page."""
    return f"policies/{number}/index.html"


def version_path(version: Version) -> str:
    """A version's page."""
    return f"policies/{version.policy}/{version.effective.isoformat()}/index.html"


def changes_path(version: Version) -> str:
    """What a version changed."""
    return f"policies/{version.policy}/{version.effective.isoformat()}/changes.html"


def code_path(pattern: CodePattern) -> str:
    """A code's page; of a prefix, which no file can be named by, with `-and-on`."""
    return f"codes/{str(pattern).replace('*', '-and-on')}.html"


def json_path(path: str) -> str:
    """The same as data."""
    return path.removesuffix(".html") + ".json"


def address(path: str, anchor: str = "") -> str:
    """A path as an address from the root of the site, and a place on its page."""
    return quote(path) + (f"#{quote(anchor)}" if anchor else "")


def statement_address(version: Version, statement: Statement) -> str:
    """A statement's permanent address: its version's page and its id there."""
    return address(version_path(version), statement_anchor(statement))


def statement_anchor(statement: Statement) -> str:
    """The id that a publication gives a statement."""
    return f"statement-{anchor_of(statement.id)}"


def root_of(path: str) -> str:
    """The way from a page back to the root of the site."""
    return "../" * path.count("/")
