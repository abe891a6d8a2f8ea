"""`medpol letter`: the letter on a decision. `medpol summary`: a policy in plain words for members."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from medpol.interfaces.cli.options import LibraryOption, open_library, read_date


class LetterKind(StrEnum):
    """The letters there are."""

    approval = "approval"
    adverse = "adverse"
    information = "information"
    appeal = "appeal"


class PageFormat(StrEnum):
    """The formats of letters and summaries."""

    html = "html"
    pdf = "pdf"
    docx = "docx"
    md = "md"


ThemeOption = Annotated[
    Path | None, typer.Option("--theme", metavar="DIR", help="The plan's theme, as for medpol publish.")
]
TextsOption = Annotated[
    Path | None,
    typer.Option("--texts", metavar="DIR", help="The plan's own words.yaml and plain.yaml (docs/letters.md)."),
]
ToOption = Annotated[PageFormat, typer.Option("--to", help="The format.")]


def letter(
    source: Annotated[
        Path,
        typer.Argument(metavar="REQUEST.json|ANSWER.json", help="A request, or an answer of medpol decide --json."),
    ],
    kind: Annotated[LetterKind, typer.Option("--kind", help="Which letter.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Default: KIND-REQUEST.html here; - prints it.")
    ] = None,
    to: ToOption = PageFormat.html,
    request: Annotated[
        Path | None, typer.Option("--request", metavar="FILE", help="The request of the answer given.")
    ] = None,
    signature: Annotated[
        Path | None, typer.Option("--signature", metavar="FILE", help="Who decided (docs/letters.md).")
    ] = None,
    first: Annotated[
        Path | None, typer.Option("--first", metavar="REQUEST.json", help="For an appeal: the request decided first.")
    ] = None,
    first_signature: Annotated[
        Path | None, typer.Option("--first-signature", metavar="FILE", help="For an appeal: who decided first.")
    ] = None,
    appeal_rights: Annotated[
        Path | None, typer.Option("--appeal-rights", metavar="DIR", help="The plan's own appeal rights and contacts.")
    ] = None,
    theme: ThemeOption = None,
    texts: TextsOption = None,
    draft: Annotated[bool, typer.Option("--draft", help="Write a draft, marked as no decision.")] = False,
    day: Annotated[
        str | None,
        typer.Option("--date", metavar="DATE", help="The letter's date. Default: the signature's, or today."),
    ] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="DATE", help="By when missing facts are wanted.")] = None,
    library: LibraryOption = None,
) -> None:
    """Write the letter on a decision: why, what would change it, the studies behind it, how to appeal.

    \b
    medpol letter request.json --kind information --by 2026-03-01
    medpol letter request.json --kind adverse --signature signed.yaml --to pdf
    medpol letter request.json --kind adverse --draft

    A decision against a member is written only over a valid signature.
    """
    from medpol.library.letters import LetterJob, write_case
    from medpol.library.publishing import theme_of
    from medpol.rendering.letters import Kind

    job = LetterJob(
        kind=Kind(kind.value),
        source=source,
        request=request,
        signature=signature,
        first=first,
        first_signature=first_signature,
        rights=appeal_rights,
        texts=texts,
        day=read_date(day),
        due=read_date(by),
        draft=draft,
    )
    policies = open_library(library)
    written = write_case(policies, job, theme_of(theme), to.value)
    target = out or Path(f"{kind.value}-{source.stem}.{to.value}")
    _deliver(target, written.content)
    report = f"{target}: {written.decision}, {len(written.content):,} bytes\nreading {written.grade}"
    blanks = f"{written.blanks} marked blanks for the plan to fill in" if written.blanks else ""
    typer.echo("\n".join(filter(None, (report, blanks))), err=str(target) == "-")


def summary(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="A policy's number, such as 07.01.89.")],
    version: Annotated[
        str | None,
        typer.Option("--version", metavar="DATE", help="The version in force on this date. Default: the latest one."),
    ] = None,
    to: ToOption = PageFormat.html,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Default: summary-POLICY-DATE.html here; - prints it."),
    ] = None,
    theme: ThemeOption = None,
    texts: TextsOption = None,
    library: LibraryOption = None,
) -> None:
    """Write a policy for members, in plain words, with its reading grade.

    \b
    medpol summary 240.4
    medpol summary 07.01.89 --to pdf
    """
    from medpol.library.letters import write_summary
    from medpol.library.publishing import theme_of

    policies = open_library(library)
    written = write_summary(policies, policy, theme_of(theme), to.value, on=read_date(version), texts=texts)
    identity = written.document.identity
    target = out or Path(f"summary-{identity.number}-{identity.effective}.{to.value}")
    _deliver(target, written.content)
    typer.echo(f"{target}: {len(written.content):,} bytes\nreading {written.grade}", err=str(target) == "-")


def _deliver(target: Path, content: bytes) -> None:
    from medpol.problems import Place, PolicyRejected, Problem

    if str(target) == "-":
        typer.get_binary_stream("stdout").write(content)
        return
    try:
        target.write_bytes(content)
    except OSError as error:
        message = f"cannot be written: {error.strerror}"
        raise PolicyRejected([Problem(Place(str(target)), "MP903", message, "give another --out")]) from None
