"""medpol demo"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from medpol.library import PolicyLibrary

REAL_LINES = Path("..") / "shared" / "claims" / "nh_apcd_2016" / "claim_lines.parquet"


@dataclass(frozen=True, slots=True)
class _Claims:
    title: str
    path: Path
    mapping: Path | None
    out: Path


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Where the files go.")] = Path("medpol-demo"),
    claims: Annotated[
        Path, typer.Option("--real", metavar="FILE", help="The real claim lines to decide too, where this file exists.")
    ] = REAL_LINES,
) -> None:
    """Decide a handful of requests and a file of claims by the bundled library, and show what comes of it.

    \b
    medpol demo
    medpol demo --out some-folder
    """
    from medpol.library import PolicyLibrary

    library = PolicyLibrary()
    rules = library.content.rules
    versions = sum(len(policy.versions) for policy in library.content.policies.values())
    typer.echo(f"{rules.plan}: {len(library.content.policies)} policies in {versions} versions")
    typer.echo(rules.notice)
    out.mkdir(parents=True, exist_ok=True)
    _decide_requests(library, out)
    for job in _claims(library.folder.parent, claims, out):
        _decide_claims(library, job)
    typer.echo("")
    typer.echo("Go on from here:")
    medpol = _program()
    typer.echo(f"  {medpol} show 07.01.89      the policy the project began with, in English")
    typer.echo(f"  {medpol} search 62330       which policies govern a code")
    typer.echo(f"  {medpol} check              what is wrong in the library, with its place and a remedy")
    typer.echo(f"  {medpol} publish 07.01.89 --to pdf    the whole document; also html, docx, md")
    typer.echo(f"  {medpol} site public        the library as pages that open with no server")
    typer.echo(f"  {medpol} decide {_shown(library.folder.parent / 'requests' / '7-cpap-half-documented.json')}")
    typer.echo(f"  {medpol} explain {out / 'invented-claims.parquet'} --line 9")


def _decide_requests(library: "PolicyLibrary", out: Path) -> None:
    import orjson

    folder = library.folder.parent / "requests"
    titles = orjson.loads((folder / "about.json").read_bytes())
    _heading("Requests: one procedure, many right answers")
    for number, (name, title) in enumerate(titles.items(), 1):
        determination = library.determine(library.read_request((folder / f"{name}.json").read_bytes(), name))
        (out / f"{name}.answer.json").write_bytes(
            orjson.dumps(library.writer.as_json(determination), option=orjson.OPT_INDENT_2)
        )
        typer.echo(f"\n{number}. {title}")
        for line in library.in_short(determination):
            typer.echo(f"   {line}")
    typer.echo(
        f"\nThe requests: {_shown(folder)}\nThe whole answers, with every finding and receipt: {out}/*.answer.json"
    )


def _claims(data: Path, real: Path, out: Path) -> Iterator[_Claims]:
    folder = data / "claims"
    yield _Claims(
        "Claims: invented lines with what real ones have: repeats, misfits, a few spoilt rows",
        folder / "demonstration" / "claims.csv",
        folder / "maps" / "demonstration.yaml",
        out / "invented-claims.parquet",
    )
    yield _Claims(
        "Claims: synthetic Medicare lines (CMS, CC0); mostly office visits, which no policy here governs",
        folder / "cms_bfd" / "claims.csv",
        None,
        out / "synthetic-claims.parquet",
    )
    if real.exists():
        yield _Claims(
            "Claims: 100,000 real, anonymised commercial lines (New Hampshire)",
            real,
            folder / "maps" / "nh_apcd_2016.yaml",
            out / "real-claims.parquet",
        )


def _decide_claims(library: "PolicyLibrary", job: _Claims) -> None:
    from medpol.interfaces.cli.adjudicate import print_summary, stages
    from medpol.library import Adjudication, adjudicate_claims

    _heading(job.title)
    with stages(show=True) as on_stage:
        summary = adjudicate_claims(
            library, Adjudication(claims=job.path, out=job.out, claims_map=job.mapping, on_stage=on_stage)
        )
    print_summary(summary, most=10)


def _heading(text: str) -> None:
    typer.echo(f"\n{text}\n{'─' * len(text)}")


def _program() -> str:
    """The program as one would type it from here."""
    program = Path(sys.argv[0])
    return str(_shown(program.absolute())) if program.name == "medpol" else "medpol"


def _shown(path: Path) -> Path:
    """The path as one would type it from here."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
