"""A policy version as a person reads it in a terminal."""

from collections.abc import Iterable, Iterator

from medpol.model.codes import CodeList
from medpol.model.facts import DataDictionary
from medpol.model.policy import Grant, NamedList, Policy, ServiceCode, Source, Statement, Status, Technology, Version
from medpol.rendering.english import Block, criterion_block
from medpol.rendering.layout import bulleted, joined, pairs, section
from medpol.rendering.words import codes_text, diagnoses_text, phrase, quantity, quoted

_LISTED = 12  # codes of a named list that are shown before "and so on"


def version_text(policy: Policy, version: Version, facts: DataDictionary) -> str:
    """Identity, dates, codes, statements with their criteria in English, sources, technology and history."""
    statements = [*version.statements, *([version.default] if version.default else [])]
    blocks = [_statement(s, facts, is_default=s is version.default) for s in statements]
    lines = [
        f"{policy.number}  {policy.title}",
        *pairs(_identity(policy, version)),
        *section("Codes", _codes(version.codes)),
        *section("Code lists", bulleted(_lists(version.code_lists))),
        *section("Scope", bulleted(criterion_block(version.scope, facts).lines()) if version.scope else ()),
        *section("Statements, the first that holds decides", (line for b in blocks for line in bulleted(b.lines()))),
        *([] if version.default else ["", "No default: where no statement holds, the next layer is asked."]),
        *section("Notes", bulleted([(0, version.notes)] if version.notes else [])),
        *section("Technology", _technology(policy.technology, facts)),
        *section("Sources", bulleted((0, _source(source)) for source in policy.sources.values())),
        *section("History", bulleted((0, _entry(e.date, e.action, e.note)) for e in policy.history)),
    ]
    return "\n".join(lines) + "\n"


def _identity(policy: Policy, version: Version) -> Iterator[tuple[str, str]]:
    yield "authority", _spaced(policy.authority)
    yield "owner", policy.owner
    yield "kind", policy.kind
    yield "notice", policy.notice
    yield "version", f"{version.effective.isoformat()}, {version.status}"
    yield "in force", _in_force(policy, version)
    yield "published", version.published.isoformat()
    yield "original effective", policy.original_effective
    yield "reviewed", version.reviewed
    yield "literature through", version.literature_through
    yield "applies to", "; ".join(f"{_spaced(fact)}: {', '.join(values)}" for fact, values in version.applies_to)
    yield "topics", ", ".join(policy.topics)
    yield "related", ", ".join([*policy.related, *policy.related_elsewhere])
    yield "supersedes", ", ".join(policy.supersedes)


def _in_force(policy: Policy, version: Version) -> str:
    if version.status is not Status.APPROVED:
        return f"never as {version.status}; it decides nothing"
    end = policy.end_of(version)
    return f"from {version.effective.isoformat()}" + (f" until before {end.isoformat()}" if end else "")


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _codes(codes: tuple[ServiceCode, ...]) -> Iterator[str]:
    for role in dict.fromkeys(code.role for code in codes):
        yield from bulleted([(0, role or "no role")])
        for code in (code for code in codes if code.role == role):
            yield from bulleted([(1, _code(code))])


def _code(code: ServiceCode) -> str:
    from_ = f"from {code.from_.isoformat()}" if code.from_ else ""
    until = f"until before {code.until.isoformat()}" if code.until else ""
    source = f"[{code.source}]" if code.source else ""
    return joined([joined([code.system, str(code.pattern)], " "), code.label, joined([from_, until], " "), source])


def _lists(lists: Iterable[NamedList]) -> Iterator[tuple[int, str]]:
    for named in lists:
        patterns = named.codes.patterns
        first = CodeList(patterns=patterns[:_LISTED])
        shown = diagnoses_text(first) if named.system == "icd-10-cm" else codes_text(first, None)
        more = f" and {len(patterns) - _LISTED} more" if len(patterns) > _LISTED else ""
        text = f"not loaded: {named.not_loaded}" if named.not_loaded else f"{shown}{more}"
        yield 0, f"{named.name} ({joined([named.system, named.edition])}): {text}"


def _statement(statement: Statement, facts: DataDictionary, *, is_default: bool) -> Block:
    wording = f" {quoted(statement.wording)}" if statement.wording else ""
    source = f" [{statement.source}]" if statement.source else ""
    name = f"{statement.id} (default)" if is_default else statement.id
    return Block(f"{name}, {_spaced(statement.position)}{wording}{source}", tuple(_parts(statement, facts)))


def _parts(statement: Statement, facts: DataDictionary) -> Iterator[Block]:
    if statement.services:
        yield Block(f"services {', '.join(statement.services)}")
    if statement.population:
        yield Block(f"population {statement.population}")
    if statement.delegate:
        yield Block(f"delegated to {statement.delegate}")
    if statement.when is None:
        yield Block("always")
    else:
        when = criterion_block(statement.when, facts)
        yield Block(f"when {when.head}", when.under)
    for grant in statement.grants:
        yield _grant(grant, facts, lesser=statement.lesser_of_requested)
    if statement.conclusion:
        yield Block(f"rests on the conclusion {statement.conclusion}")


def _grant(grant: Grant, facts: DataDictionary, *, lesser: bool) -> Block:
    name = f"grants {phrase(grant.name, facts)}" + (", or what was asked if that is less" if lesser else "")
    rows: list[Block] = []
    for row in grant.rows:
        value = quantity(row.value.value, row.value.unit)
        if row.when is None:
            rows.append(Block(f"otherwise {value}" if rows else value))
        else:
            when = criterion_block(row.when, facts)
            rows.append(Block(f"{value} if {when.head}", when.under))
    return Block(f"{name}: {rows[0].head}") if len(rows) == 1 and not rows[0].under else Block(name, tuple(rows))


def _technology(technology: Technology | None, facts: DataDictionary) -> Iterator[str]:
    if technology is None:
        return
    yield from pairs(
        [
            ("name", technology.name),
            ("procedure", technology.procedure),
            ("approach", _spaced(", ".join(technology.approach))),
            ("instruments", ", ".join(technology.instruments)),
            ("regions", ", ".join(technology.regions)),
            ("levels", technology.levels),
            ("regulatory", "; ".join(f"{_spaced(key)} {value}" for key, value in technology.regulatory)),
            ("intended use", technology.intended_use),
            ("contraindications", "; ".join(technology.contraindications)),
            ("related codes", ", ".join(technology.related_codes)),
            ("superseded codes", "; ".join(_superseded(dict(entry)) for entry in technology.superseded_codes)),
        ]
    )
    for flag in technology.label:
        source = f" [{flag.source}]" if flag.source else ""
        when = criterion_block(flag.when, facts)
        block = Block(f"flag {flag.id}, {_spaced(flag.kind)}: {flag.says}{source}; shown if {when.head}", when.under)
        yield from bulleted(block.lines())


def _superseded(entry: dict[str, str]) -> str:
    by = f"by {entry['by']}" if "by" in entry else ""
    from_ = f"from {entry['from']}" if "from" in entry else ""
    return joined([joined([entry.get("code", ""), by, from_], " "), entry.get("note", "")])


def _source(source: Source) -> str:
    said = joined([source.title, source.section, source.date, source.address])
    return f"[{source.key}] {said}; confidence: {_spaced(source.confidence)}" + (
        f" ({source.note})" if source.note else ""
    )


def _entry(date: str, action: str, note: str) -> str:
    return f"{date}  {joined([action, note], ': ')}"
