"""medpol check, medpol rule"""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medpol.interfaces.cli.options import JsonOption, print_json, read_date

if TYPE_CHECKING:
    from medpol.checks import Page
    from medpol.library import Fixed


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]…", help="Library folders, or policies' folders in one. Default: the bundled library."
        ),
    ] = None,
    format_: Annotated[Format, typer.Option("--format", "-f", help="How to print what is found.")] = Format.TEXT,
    select: Annotated[
        list[str] | None,
        typer.Option("--select", metavar="PREFIX", help="Only rules whose codes begin so; repeatable."),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="PREFIX", help="No rules whose codes begin so; repeatable.")
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Put right what is safe to put right, in the files.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Questions fail too.")] = False,
    today: Annotated[
        str | None, typer.Option("--today", metavar="DATE", help="Judge what is overdue as of this date.")
    ] = None,
) -> None:
    """Check policies as a compiler checks a program: dates, logic, codes, numbers, references, language.

    Exit status: 0 clean (questions do not fail without --strict), 1 findings, 2 something cannot be read.
    A rule is silenced for a policy, with a reason, in its checks.yaml.

    \b
    medpol check
    medpol check my-library --select LO --select CO
    medpol check my-library/policies/07.01.89 --format github
    medpol check my-library --fix
    """
    from medpol.checks import FORMATS
    from medpol.library import check_paths, fix_paths

    day = _today(today)
    chosen = {"select": _codes(select), "ignore": _codes(ignore)}
    if fix:
        fixed = fix_paths(paths or (), today=day, **chosen)
        checked = fixed.checked
        typer.echo(_done(fixed), err=True)
    else:
        checked = check_paths(paths or (), today=day, **chosen)
    text = FORMATS[format_.value](checked)
    if text:
        typer.echo(text)
    if checked.problems:
        raise typer.Exit(2)
    raise typer.Exit(1 if any(strict or report.level != "question" for report in checked.reports) else 0)


def _today(text: str | None) -> date:
    return read_date(text) or date.today()  # noqa: DTZ011 - the editor's own day


def _codes(prefixes: list[str] | None) -> tuple[str, ...]:
    """Prefixes of codes in capitals, also several with commas; one that begins no code is a usage error."""
    from medpol.checks import unknown_prefixes

    found = tuple(part.strip().upper() for text in prefixes or () for part in text.split(",") if part.strip())
    for prefix in unknown_prefixes(found):
        raise typer.BadParameter(f"no rule's code begins with '{prefix}'; medpol rule lists them")
    return found


def _done(fixed: "Fixed") -> str:
    """`fixed 3 findings in 2 files: ST115 (2), LA101 (1)`, with the files."""
    from collections import Counter

    if not fixed.reports:
        return "nothing to fix"
    counts = ", ".join(f"{code} ({count})" for code, count in sorted(Counter(r.code for r in fixed.reports).items()))
    files = "".join(f"\n    {file}" for file in fixed.files)
    one, many = len(fixed.reports) == 1, len(fixed.files) != 1
    where = f"{len(fixed.files)} file{'s' if many else ''}"
    return f"fixed {len(fixed.reports)} finding{'' if one else 's'} in {where}: {counts}{files}"


def rule(
    code: Annotated[str | None, typer.Argument(metavar="[CODE]", help="A rule's code. Default: all of them.")] = None,
    json: JsonOption = False,
) -> None:
    """What a rule of `medpol check` finds, why it matters, and an example; without a code, the whole catalogue.

    \b
    medpol rule
    medpol rule LO101
    medpol rule --json
    """
    from medpol.checks import PAGES

    if code is not None and code.upper() not in PAGES:
        raise typer.BadParameter(f"there is no rule '{code}'; medpol rule lists them", param_hint="CODE")
    pages = list(PAGES.values()) if code is None else [PAGES[code.upper()]]
    if json:
        listed = [_as_json(page) for page in pages]
        print_json(listed if code is None else listed[0])
    elif code is None:
        for page in pages:
            typer.echo(f"{page.code}  {page.level:<8}  {page.title}")
    else:
        typer.echo(_page(pages[0]))


def _as_json(page: "Page") -> dict[str, object]:
    return {
        "code": page.code,
        "name": page.name,
        "family": page.family,
        "level": page.level,
        "title": page.title,
        "why": page.why,
        "bad": dict(page.bad),
        "good": dict(page.good),
    }


def _page(page: "Page") -> str:
    from textwrap import indent

    lines = [f"{page.code} {page.name} ({page.level})", "", page.title, "", page.why, ""]
    for heading, files in (("Bad:", page.bad), ("Good:", page.good)):
        lines.append(heading)
        for name, content in files.items():
            lines += [f"  {name}", indent(content.rstrip("\n"), "    "), ""]
    return "\n".join(lines).rstrip("\n")
