"""Publishing a version: what the library folder holds of it, put together and written in one of the formats."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from medpol.library.policies import PolicyLibrary
from medpol.loading import read_narrative
from medpol.model.policy import Policy, Version
from medpol.problems import Place, PolicyRejected, Problem
from medpol.rendering.publication import Document, Material, Theme, assemble, load_theme

FORMATS = ("html", "pdf", "docx", "md")


def publication(library: PolicyLibrary, number: str, on: date | None = None, theme: Theme | None = None) -> Document:
    """The document of the version in force on a date (default: the latest one).

    Raises PolicyRejected for an unknown policy or date and for every fault of text or evidence.
    """
    policy = library.policy(number)
    return publication_of(library, policy, _version(library, policy, on), theme)


def publication_of(library: PolicyLibrary, policy: Policy, version: Version, theme: Theme | None = None) -> Document:
    """The document of one version of a policy; also of a draft."""
    from medpol.evidence import load_evidence

    folder = library.folder / "policies" / policy.number
    evidence = load_evidence(folder / "evidence") if (folder / "evidence").is_dir() else None
    dated = (folder / "text" / version.effective.isoformat()).is_dir()
    of = version.effective if dated or version is not policy.versions[-1] else None
    narrative = read_narrative(folder, of, [p.key for p in evidence.populations] if evidence else ())
    return assemble(
        Material(
            policy=policy,
            version=version,
            facts=library.content.facts,
            theme=theme or load_theme(),
            evidence=evidence,
            narrative=narrative,
            titles={name: other.title for name, other in library.content.policies.items()},
            plan=library.content.rules.plan,
        )
    )


def _version(library: PolicyLibrary, policy: Policy, on: date | None) -> Version:
    version = policy.version_on(on) if on else policy.versions[-1]
    if version is not None:
        return version
    begins = ", ".join(v.effective.isoformat() for v in policy.versions)
    message = f"no version of {policy.number} is in force on {on}"
    raise PolicyRejected([Problem(Place(str(library.folder)), "MP902", message, f"its versions begin {begins}")])


def write_publication(document: Document, theme: Theme, to: str) -> bytes:
    """The document in a format of FORMATS. PolicyRejected where the format's library is not installed."""
    return _writers()[to](document, theme)


def _writers() -> dict[str, Callable[[Document, Theme], bytes]]:
    from medpol.rendering.publication.docx import to_docx
    from medpol.rendering.publication.html import to_html
    from medpol.rendering.publication.markdown import to_markdown
    from medpol.rendering.publication.pdf import to_pdf

    return {
        "html": lambda document, theme: to_html(document, theme).encode(),
        "pdf": to_pdf,
        "docx": to_docx,
        "md": lambda document, theme: to_markdown(document, theme).encode(),
    }


def theme_of(folder: Path | None) -> Theme:
    """The theme of a folder, or the neutral one."""
    return load_theme(folder)
