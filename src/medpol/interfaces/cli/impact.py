"""medpol impact"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medpol.interfaces.cli.adjudicate import stages
from medpol.interfaces.cli.options import JsonOption, LibraryOption, open_library, print_json, read_date

if TYPE_CHECKING:
    from medpol.library import Findings
    from medpol.model.impact import Group, Impact, Tally

_LONGEST = 40
"""Lines of differences in the text that the terminal shows."""


def impact(
    claims: Annotated[Path, typer.Option("--claims", "-c", metavar="FILE", help="Past claim lines: Parquet or CSV.")],
    policy: Annotated[str | None, typer.Argument(metavar="[POLICY]", help="A policy's number.")] = None,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="The version before, by its effective date.")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="DATE", help="The version after.")] = None,
    draft: Annotated[
        Path | None,
        typer.Option("--draft", metavar="FILE", help="A version file that is not in the library."),
    ] = None,
    library_to: Annotated[
        Path | None, typer.Option("--library-to", metavar="DIR", help="A whole other library instead of one policy.")
    ] = None,
    as_published: Annotated[
        bool, typer.Option("--as-published", help="Let the version after begin on its own date, not on all dates.")
    ] = False,
    mapping: Annotated[
        Path | None, typer.Option("--map", metavar="FILE", help="Which column is what (docs/claims.md).")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="The changed lines: .parquet or .csv.")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="The report, one HTML page.")] = None,
    library: LibraryOption = None,
    threads: Annotated[int | None, typer.Option(help="Processor threads to use. Default: all.")] = None,
    json: JsonOption = False,
) -> None:
    """Replay past claims under another version: which lines would have another answer.

    \b
    medpol impact 240.4 --from 2005-04-04 --to 2008-03-13 --claims claims.parquet --html impact.html
    medpol impact 240.4 --draft new.yaml --claims claims.parquet --out changed.parquet
    medpol impact --library old --library-to new --claims claims.parquet

    As if the one text, then the other, had been in force on every service date in the file; with --as-published the
    later one begins on its own date. Answers are recommendations (docs/impact.md).
    """
    from medpol.library import Replay, replay_claims

    _check_sides(policy, to, draft, library_to, single=bool(from_ or as_published))
    policies = open_library(library)
    with stages(show=not json) as on_stage:
        job = Replay(
            claims=claims, claims_map=mapping, policy=policy or "", before=read_date(from_), after=read_date(to),
            draft=draft, library_to=library_to, as_published=as_published, out=out, page=html, threads=threads,
            on_stage=on_stage,
        )  # fmt: skip
        found = replay_claims(policies, job)
    if json:
        print_json({**impact_json(found), "out": str(out) if out else None, "html": str(html) if html else None})
        return
    print_impact(found)
    for name, path in (("changed lines", out), ("report", html)):
        if path:
            typer.echo(f"{name}: {path}")


def _check_sides(policy: str | None, to: str | None, draft: Path | None, library_to: Path | None, single: bool) -> None:
    """One policy with exactly one other side, or two libraries: else a usage error."""
    if library_to and (policy or to or draft or single):
        raise typer.BadParameter("--library-to compares whole libraries; it takes no policy and no version")
    if not library_to and not policy:
        raise typer.BadParameter("name a policy, or another library with --library-to")
    if not library_to and bool(to) == bool(draft):
        raise typer.BadParameter("give the side after: either --to or --draft")


def impact_json(found: "Findings") -> dict[str, object]:
    """The findings in the shape that --json prints. Amounts have the file's currency; null is not known."""
    from medpol.rendering.changes import changes_lines
    from medpol.rendering.impact import headline

    seen = found.impact
    return {
        "policy": seen.policy or None,
        "before": seen.before,
        "after": seen.after,
        "basis": seen.basis.value,
        "headline": headline(seen),
        "lines": seen.total,
        "rejected": seen.rejected,
        "considered": _tally(seen.considered),
        "changed_state": _tally(seen.changed),
        "kinds": {kind.value: _tally(tally) for kind, tally in seen.kinds},
        "transitions": [
            {"before": t.before.value, "after": t.after.value, **_tally(t.tally)} for t in seen.transitions
        ],
        "by_code": [_group(group) for group in seen.by_code],
        "by_line_of_business": [_group(group) for group in seen.by_line_of_business],
        "by_month": [_group(group) for group in seen.by_month],
        "by_policy": [_group(group) for group in seen.by_policy],
        "asked": [
            {"fact": a.fact, "before": a.before, "after": a.after, "newly": a.newly, "no_longer": a.no_longer}
            for a in seen.asked
        ],
        "top_providers": None
        if seen.providers is None
        else [{"provider": p.name, "lines": p.lines, "billed": _number(p.billed)} for p in seen.providers],
        "text_changes": [
            {"depth": line.depth, "mark": line.mark or None, "text": line.text}
            for line in changes_lines(found.changes, found.facts)
        ],
        "notes": list(seen.notes),
    }


def _tally(tally: "Tally") -> dict[str, object]:
    return {
        "lines": tally.lines,
        "members": tally.members,
        "providers": tally.providers,
        "billed": _number(tally.billed),
    }


def _number(amount: object) -> float | None:
    return None if amount is None else float(str(amount))


def _group(group: "Group") -> dict[str, object]:
    return {
        "name": group.name,
        "lines": group.lines,
        "changed_state": _tally(group.changed),
        "becomes": {state.value: n for state, n in group.becomes},
    }


def print_impact(found: "Findings", most: int = 12) -> None:
    """The headline, the tables and the caveats, for a person."""
    from rich.console import Console

    from medpol.rendering.changes import changes_lines
    from medpol.rendering.impact import caveats, headline, summary

    seen, console = found.impact, Console(highlight=False)
    for sentence in (headline(seen), *summary(seen)):
        console.print(sentence, markup=False)
    console.print()
    _print_transitions(console, seen)
    for title, groups in (
        ("by policy", seen.by_policy if not seen.policy else ()),
        ("by code", seen.by_code),
        ("by line of business", seen.by_line_of_business),
    ):
        _print_groups(console, title, [group for group in groups if group.changed.lines], most)
    asked = ", ".join(f"{a.fact} ({a.newly:,})" for a in seen.asked[:8] if a.newly)
    if asked:
        console.print(f"newly asked: {asked}")
    console.print("what differs in the text:")
    differences = changes_lines(found.changes, found.facts)
    for line in differences[:_LONGEST]:
        console.print(f"{'  ' * line.depth}{line.mark or ' '} {line.text}", markup=False)
    if len(differences) > _LONGEST:
        console.print(f"… {len(differences) - _LONGEST} more lines; --html and --json have all of them")
    for caveat in caveats(seen):
        console.print(f"note: {caveat}", markup=False)


def _print_transitions(console: object, seen: "Impact") -> None:
    from rich.table import Table

    from medpol.rendering.impact import KINDS, amount, count

    table = Table("before", "after", "lines", "members", "providers", "billed", title="answers", title_justify="left")
    for column in table.columns[2:]:
        column.justify = "right"

    def add(before: str, after: str, tally: "Tally") -> None:
        cells = f"{tally.lines:,}", count(tally.members), count(tally.providers), amount(tally.billed)
        table.add_row(before, after, *cells)

    for move in seen.moves:
        add(move.before.value, move.after.value, move.tally)
    for kind, tally in seen.kinds:
        if kind.value != "state":
            add("", KINDS[kind], tally)
    console.print(table)  # type: ignore[attr-defined]


def _print_groups(console: object, title: str, groups: "list[Group]", most: int) -> None:
    from rich.table import Table

    from medpol.rendering.impact import amount

    if not groups:
        return
    table = Table(title, "lines", "decided otherwise", "becomes", "billed", title_justify="left")
    for column in (1, 2, 4):
        table.columns[column].justify = "right"
    for group in groups[:most]:
        becomes = ", ".join(f"{state.value} {n:,}" for state, n in group.becomes)
        changed = group.changed
        table.add_row(group.name, f"{group.lines:,}", f"{changed.lines:,}", becomes, amount(changed.billed))
    if len(groups) > most:
        table.add_row("…", "", f"{len(groups) - most} more rows", "", "")
    console.print(table)  # type: ignore[attr-defined]
