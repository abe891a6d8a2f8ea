"""The parts of a publication that the package itself gives: identity, statements, codes, technology, history."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from medpol.model.codes import CodeList
from medpol.model.criteria import Criterion
from medpol.model.facts import DataDictionary
from medpol.model.policy import Grant, NamedList, Policy, ServiceCode, Source, Statement, Status, Technology, Version
from medpol.rendering.english import criterion_lines
from medpol.rendering.publication.cells import capital, spaced
from medpol.rendering.publication.model import (
    Block,
    Group,
    Heading,
    Item,
    ListBlock,
    Paragraph,
    Run,
    TableBlock,
    Terms,
    Text,
    anchor_of,
    cell,
    run,
)
from medpol.rendering.publication.numbers import conclusion_anchor
from medpol.rendering.publication.theme import Theme
from medpol.rendering.words import codes_text, diagnoses_text, phrase, quantity

_SOURCE = re.compile(r" \[(?P<key>[^\]\s]+)\](?P<after>[.:]?)$")  # rendering/english puts it behind the sentence
_SHOWN = 40  # codes of a named list that are printed before "and so on"


def identity_rows(policy: Policy, version: Version, theme: Theme, plan: str) -> Iterator[tuple[str, str]]:
    """What stands at the head of the document, by the theme's words; values may be empty."""
    end = policy.end_of(version)

    def shown(text: str) -> str:
        return day_text(text, theme)

    yield theme.word("plan"), plan
    yield theme.word("authority"), theme.word(policy.authority)
    yield theme.word("owner"), policy.owner
    yield theme.word("original_effective"), shown(policy.original_effective)
    yield theme.word("effective"), shown(version.effective.isoformat())
    yield theme.word("ends"), shown(end.isoformat()) if end else ""
    yield theme.word("published"), shown(version.published.isoformat())
    yield theme.word("reviewed"), shown(version.reviewed)
    yield theme.word("literature_through"), shown(version.literature_through)
    yield theme.word("applies_to"), "; ".join(f"{spaced(k)}: {', '.join(v)}" for k, v in version.applies_to)
    yield theme.word("topics"), ", ".join(policy.topics)
    yield theme.word("supersedes"), ", ".join(policy.supersedes)
    yield theme.word("status"), version.status.value if version.status is not Status.APPROVED else ""


def related(policy: Policy, titles: Mapping[str, str]) -> tuple[Block, ...]:
    """The related policies, by number and title."""
    items = [Item(text=run(f"{number} {titles.get(number, '')}".strip())) for number in policy.related]
    items += [Item(text=run(text)) for text in policy.related_elsewhere]
    return (ListBlock(items=tuple(items)),) if items else ()


# ── the position ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the evidence calls the populations and conclusions that statements name, and the policy's sources."""

    sources: Mapping[str, Source] = field(default_factory=dict)
    populations: Mapping[str, str] = field(default_factory=dict)
    conclusions: Mapping[str, str] = field(default_factory=dict)


def statements(version: Version, facts: DataDictionary, theme: Theme, names: Names) -> Iterator[Block]:
    """Scope, then every statement with its position, services and criterion, in the order in which they are tried."""
    if version.scope is not None:
        yield Group(
            anchor="scope",
            role="part",
            blocks=(Heading(text=run("Scope")), *_criterion("This policy speaks where", version.scope, facts, names)),
        )
    everything = [*version.statements, *((version.default,) if version.default else ())]
    if len(everything) > 1:
        yield Paragraph(text=run("The statements are tried in this order; the first that holds decides."), role="note")
    for statement in everything:
        yield _statement(statement, version, facts, theme, names)
    if version.default is None and any(s.when is not None for s in version.statements):
        text = "Where no statement holds, this policy takes no position and the next authority in order is asked."
        yield Paragraph(text=run(text), role="note")


def _statement(statement: Statement, version: Version, facts: DataDictionary, theme: Theme, names: Names) -> Group:
    position = theme.word(statement.position.value)
    title = _title(statement)
    is_default = statement is version.default
    name = "Otherwise" if is_default else title
    head: Text = (*run(f"{name}: "), Run(text=position, strong=True))
    if title.lower() == position.lower():
        head = (Run(text=position, strong=True),)
    blocks: list[Block] = [Heading(text=head)]
    if statement.wording:
        blocks.append(Paragraph(text=run(f"{capital(statement.wording).rstrip('.')}.")))
    rows = []
    services = _services(statement, version)
    if services:
        rows.append(("Services", run(services)))
    if statement.population:
        rows.append(("Population", run(names.populations.get(statement.population, spaced(statement.population)))))
    if statement.delegate:
        rows.append(("Decided by", run(statement.delegate)))
    said = names.conclusions.get(statement.conclusion, "the conclusion drawn from the evidence")
    if statement.conclusion:
        rows.append(("Rests on", run(said, link=f"#{conclusion_anchor(statement.conclusion)}")))
    if statement.source in names.sources:
        source = names.sources[statement.source]
        rows.append(("Source", run(source.title, link=f"#{source_anchor(source.key)}")))
    if rows:
        blocks.append(Terms(rows=tuple(rows)))
    if statement.when is not None:
        blocks.extend(_criterion("Holds where", statement.when, facts, names))
    for grant in statement.grants:
        blocks.extend(_grant(grant, facts, names, lesser=statement.lesser_of_requested))
    anchor = f"statement-{anchor_of(statement.id)}"
    return Group(anchor=anchor, role="statement", blocks=tuple(blocks))


def _title(statement: Statement) -> str:
    """A statement's id as a heading; the name of a role stays as it is written."""
    name = statement.id if statement.id in statement.services else statement.id.replace("-", " ")
    return capital(spaced(name))


def _services(statement: Statement, version: Version) -> str:
    """The roles or codes a statement is about, with the codes of each role."""
    by_role = {
        role: ", ".join(str(c.pattern) for c in version.codes if c.role == role)
        for role in {c.role for c in version.codes}
    }
    return "; ".join(f"{spaced(s)} ({by_role[s]})" if by_role.get(s) else spaced(s) for s in statement.services)


def _criterion(lead: str, criterion: Criterion, facts: DataDictionary, names: Names) -> Iterator[Block]:
    """A criterion in English, made from the logic: one sentence, or a lead with a nested list."""
    lines = criterion_lines(criterion, facts)
    head = lines[0][1]
    if len(lines) == 1:
        yield Paragraph(text=(*run(f"{lead} ", strong=True), *_line(f"{head}.", names)))
        return
    yield Paragraph(text=(*run(f"{lead} ", strong=True), *_line(head, names)))
    yield ListBlock(items=_nested(lines[1:], lines[1][0], names))


def _nested(lines: Sequence[tuple[int, str]], depth: int, names: Names) -> tuple[Item, ...]:
    """(depth, line) pairs as items within items."""
    items: list[Item] = []
    position = 0
    while position < len(lines):
        end = position + 1
        while end < len(lines) and lines[end][0] > depth:
            end += 1
        under = _nested(lines[position + 1 : end], depth + 1, names)
        items.append(Item(text=_line(lines[position][1], names), under=under))
        position = end
    return tuple(items)


def _line(text: str, names: Names) -> Text:
    """A line of a criterion; the key of its source, behind it in brackets, becomes a link to the source."""
    found = _SOURCE.search(text)
    if found is None or found["key"] not in names.sources:
        return run(text)
    link = run(found["key"], link=f"#{source_anchor(found['key'])}")
    return (*run(f"{text[: found.start()]} ["), *link, *run(f"]{found['after']}"))


def _grant(grant: Grant, facts: DataDictionary, names: Names, *, lesser: bool) -> Iterator[Block]:
    name = f"Grants {phrase(grant.name, facts)}" + (", or what was asked if that is less" if lesser else "")
    rows = [(row, quantity(row.value.value, row.value.unit)) for row in grant.rows]
    if len(rows) == 1 and rows[0][0].when is None:
        yield Paragraph(text=(*run(f"{name}: ", strong=True), *run(f"{rows[0][1]}.")))
        return
    items = []
    for row, value in rows:
        if row.when is None:
            items.append(Item(text=run(f"otherwise {value}")))
            continue
        lines = criterion_lines(row.when, facts)
        items.append(Item(text=run(f"{value} if {lines[0][1]}"), under=_nested(lines[1:], 1, names)))
    yield Paragraph(text=run(f"{name}:", strong=True))
    yield ListBlock(items=tuple(items))


# ── codes ───────────────────────────────────────────────────────────────────────────────────────────────────


def codes(version: Version) -> Iterator[Block]:
    """The codes the version governs with their dates, and the lists of codes its criteria name."""
    if version.codes:
        dated = any(code.from_ or code.until for code in version.codes)
        header = ("Code", "System", "Description", "Group", *(("From", "Until before") if dated else ()))
        rows = tuple(
            (
                cell(
                    str(code.pattern), heads=True, anchor=f"code-{anchor_of(code.system, str(code.pattern), code.role)}"
                ),
                cell(code.system.upper()),
                cell(capital(code.label)),
                cell(spaced(code.role)),
                *((cell(_day(code.from_)), cell(_day(code.until))) if dated else ()),
            )
            for code in version.codes
        )
        yield TableBlock(anchor="table-codes", caption=run("Codes governed"), header=tuple(map(run, header)), rows=rows)
    if version.code_lists:
        yield TableBlock(
            anchor="table-code-lists",
            caption=run("Lists of codes named in the criteria"),
            header=tuple(map(run, ("List", "System", "Codes"))),
            rows=tuple(
                (
                    cell(named.name, heads=True, anchor=f"list-{anchor_of(named.name)}"),
                    cell(" ".join(part for part in (named.system.upper(), named.edition) if part)),
                    cell(_members(named)),
                )
                for named in version.code_lists
            ),
        )


def _code_anchor(code: ServiceCode) -> str:
    return f"code-{anchor_of(code.system, str(code.pattern), code.role)}"


def _members(named: NamedList) -> str:
    if named.not_loaded:
        return f"Not printed here: {named.not_loaded}"
    patterns = named.codes.patterns
    first = CodeList(patterns=patterns[:_SHOWN])
    shown = diagnoses_text(first) if named.system == "icd-10-cm" else codes_text(first, None)
    return f"{shown} and {len(patterns) - _SHOWN} more" if len(patterns) > _SHOWN else shown


# ── technology, history, sources ────────────────────────────────────────────────────────────────────────────


def technology(found: Technology) -> Terms:
    """What the procedure is, as far as the package says."""
    rows = [
        ("Technology", found.name),
        ("Procedure", found.procedure),
        ("Approach", ", ".join(map(spaced, found.approach))),
        ("Instruments", ", ".join(found.instruments)),
        ("Regions", ", ".join(found.regions)),
        ("Levels", found.levels),
    ]
    return Terms(rows=tuple((name, run(value)) for name, value in rows if value))


def label(found: Technology, facts: DataDictionary, sources: Mapping[str, Source]) -> Iterator[Block]:
    """Clearance, intended use and contraindications, and the uses the label warns of with the logic that finds them."""
    rows = [(capital(spaced(key)), value) for key, value in found.regulatory if key != "source"]
    rows += [("Intended use", found.intended_use), ("Contraindications", "; ".join(found.contraindications))]
    if any(value for _, value in rows):
        yield Terms(rows=tuple((name, run(value)) for name, value in rows if value))
    for flag in found.label:
        head: Text = (*run(f"{capital(spaced(flag.kind))}: ", strong=True), *run(flag.says))
        blocks = (Paragraph(text=head), *_criterion("Pointed out where", flag.when, facts, Names(sources=sources)))
        yield Group(anchor=f"label-{anchor_of(flag.id)}", role="part", blocks=blocks)


def history(policy: Policy, version: Version, theme: Theme) -> tuple[Block, ...]:
    """The reviews up to this version and what each did, newest first; the effective dates where none are written."""
    rows = [(e.date, e.action, e.note) for e in sorted(policy.history, key=lambda e: e.date, reverse=True)]
    rows = rows or [(v.effective.isoformat(), "effective", "") for v in reversed(policy.versions)]
    if version is not policy.versions[-1]:
        last = max(version.effective.isoformat(), version.reviewed)
        rows = [row for row in rows if row[0] <= last]
    return (
        TableBlock(
            anchor="table-history",
            caption=run("Reviews and revisions"),
            header=tuple(map(run, ("Date", "Action", "Outcome"))),
            rows=tuple((cell(day_text(d, theme), heads=True), cell(capital(a)), cell(capital(n))) for d, a, n in rows),
        ),
    )


def sources(found: Iterable[Source]) -> tuple[Block, ...]:
    """Where the package's own facts come from, and how far each was confirmed."""
    items = tuple(Item(text=_source(source), anchor=source_anchor(source.key)) for source in found)
    return (Heading(text=run("Sources of this policy"), anchor="sources"), ListBlock(items=items)) if items else ()


def _source(source: Source) -> Text:
    said = ", ".join(part for part in (source.title, source.section, source.date) if part)
    confirmed = f" ({spaced(source.confidence)}{f': {source.note}' if source.note else ''})"
    return (*run(said), *address(source.address), *run(confirmed))


def address(url: str) -> Text:
    """A web address as a link; anything else as it stands."""
    if not url:
        return ()
    return (Run(text=" "), Run(text=url, link=url if url.startswith(("https://", "http://")) else ""))


def source_anchor(key: str) -> str:
    """The permanent id of a source of the package."""
    return f"source-{anchor_of(key)}"


def day_text(text: str, theme: Theme) -> str:
    """`2025-07-01` as `July 1, 2025`, `2025-07` as `July 2025`, by the theme's months; anything else as it stands."""
    year, _, rest = text.partition("-")
    month, _, day = rest.partition("-")
    if not (year.isdigit() and month.isdigit() and 1 <= int(month) <= 12 and (day.isdigit() or not day)):
        return text
    name = theme.word("months").split()[int(month) - 1]
    return theme.word("day_format" if day else "month_format").format(month=name, year=year, day=day and int(day))


def _day(day: object) -> str:
    return str(day) if day else ""
