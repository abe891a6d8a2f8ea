"""A determination as a person reads it in a terminal. Plain text; colour is the command's business."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from medpol.model.determination import Citation, Determination, Missing, StatementFinding
from medpol.model.facts import DataDictionary
from medpol.model.policy import State
from medpol.model.truth import Truth
from medpol.rendering.findings import finding_lines
from medpol.rendering.layout import bulleted, joined, pairs, section
from medpol.rendering.words import phrase, quoted

HEADLINES = {
    State.APPROVE: "APPROVED",
    State.NOT_COVERED: "NOT COVERED: a recommendation until a named, qualified person signs",
    State.PEND_INFORMATION: "INFORMATION NEEDED: what is missing could change the answer",
    State.PEND_REVIEW: "FOR A REVIEWER: no further fact from the provider can settle it",
    State.NO_POLICY: "NO POLICY: nothing in this library governs this code on this date",
    State.ERROR: "ERROR: no answer could be made",
}
_OPEN = (State.PEND_INFORMATION, State.PEND_REVIEW)
_OPEN_REASONS = ("information_needed", "review_needed")  # the headline says as much
_STATEMENT = {Truth.YES: "holds", Truth.NO: "does not hold", Truth.UNKNOWN: "may hold"}
_DIGEST = 12  # characters of a digest that a person compares


def determination_text(determination: Determination, facts: DataDictionary) -> str:
    """The whole answer: what, by which policy, why, what is missing, and what it rests on."""
    d = determination
    headline = "NOT COVERED" if d.state is State.NOT_COVERED and not d.needs_signature else HEADLINES[d.state]
    lines = [
        headline,
        *pairs(_identity(d)),
        *section("Granted", pairs((_spaced(name), _granted(value)) for name, value in d.grants.items())),
        *section("Why", _why(d, facts)),
        *section("What is missing", _missing(d, facts)),
        *section("For a reviewer to judge", bulleted((0, text) for text in d.review)),
        *section("Flags (they inform, they never decide)", bulleted(_flags(d))),
        *section("Conflicts", bulleted(_conflicts(d))),
        *section("Sources", bulleted((0, text) for text in _sources(d.citations))),
        *section("Assumed by rule of the plan", bulleted(_assumed(d, facts))),
        *section("Receipt", pairs(_receipt(d))),
    ]
    return "\n".join(lines) + "\n"


def determination_summary(determination: Determination, facts: DataDictionary) -> list[str]:
    """The answer in a few lines: what, by which policy, what to send, what to mind."""
    d = determination
    lines = [HEADLINES[d.state], joined([quoted(d.wording) if d.wording else "", _where(d), d.note])]
    if d.shortest:
        asked = {m.fact: m for m in d.missing}
        lines.append("the fewest answers that could approve it:")
        lines += [f"  - {_question(asked[name], facts)}" for name in d.shortest if name in asked]
    lines += [f"grants {_spaced(name)}: {_granted(value)}" for name, value in d.grants.items()]
    lines += [f"flag, {_spaced(flag.kind)}: {flag.says}" for flag in d.flags]
    return [line for line in lines if line]


def _identity(d: Determination) -> Iterator[tuple[str, str]]:
    yield "request", d.request
    yield "position", joined([_spaced(d.position or ""), quoted(d.wording) if d.wording else ""])
    yield "open in" if d.state in _OPEN and d.position is None else "decided by", _where(d)
    yield "delegated to", d.delegate
    yield "reason", _spaced(d.reason) if d.reason not in (d.position, d.state, *_OPEN_REASONS) else ""
    yield "note", d.note


def _where(d: Determination) -> str:
    return joined(
        [
            f"policy {d.policy}" if d.policy else "",
            f"version {d.version}" if d.version else "",
            f"statement {d.statement}" if d.statement else "",
            f"layer {_spaced(d.layer)}" if d.layer else "",
        ]
    )


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _granted(value: object) -> str:
    return "not known" if value is None else str(value)


def _why(d: Determination, facts: DataDictionary) -> Iterator[str]:
    for statement in d.statements:
        yield from bulleted([(0, _statement(statement))])
        if statement.finding is not None:
            yield from bulleted(finding_lines(statement.finding, facts), indent=4)


def _statement(s: StatementFinding) -> str:
    name = joined([s.policy, f"statement {s.statement}" if s.statement != "conflict" else "conflict"])
    position = f" ({_spaced(s.position)})" if s.position else ""
    status = "holds always" if s.finding is None else _STATEMENT[s.truth]
    return f"{name}{position}: {status}"


def _missing(d: Determination, facts: DataDictionary) -> Iterator[str]:
    by_name = {missing.fact: missing for missing in d.missing}
    first = [by_name[name] for name in d.shortest if name in by_name]
    others = [missing for missing in d.missing if missing.fact not in d.shortest]
    if first:
        yield "  The fewest answers that could approve it:"
        yield from bulleted(((0, _question(missing, facts)) for missing in first), indent=4)
    if others:
        yield "  Also open:" if first else "  Open:"
        yield from bulleted(((0, _question(missing, facts)) for missing in others), indent=4)


_WHERE = {
    "record": "from the record",
    "attestation": "the provider states it",
    "document": "a document on file",
    "reviewer": "a reviewer judges it",
    "plan": "from the plan's own records",
}


def _question(missing: Missing, facts: DataDictionary) -> str:
    kind = joined([missing.type, missing.unit if missing.unit != "1" else ""], " in ")
    asked = missing.question or "What is it?"
    return f"{phrase(missing.fact, facts)}: {asked} ({joined([kind, _WHERE.get(missing.source, missing.source)])})"


def _flags(d: Determination) -> Iterator[tuple[int, str]]:
    for flag in d.flags:
        source = f" [{flag.source}]" if flag.source else ""
        yield 0, f"{_spaced(flag.kind)}: {flag.says}{source} (policy {flag.policy})"


def _conflicts(d: Determination) -> Iterator[tuple[int, str]]:
    for conflict in d.conflicts:
        yield 0, f"{' and '.join(conflict.policies)} give different answers (layer {_spaced(conflict.layer)})"


def _sources(citations: Iterable[Citation]) -> Iterator[str]:
    """Each source once, with the statements that rest on it."""
    statements: dict[Citation, list[str]] = {}
    for citation in citations:
        statements.setdefault(replace(citation, statement=""), []).append(citation.statement)
    for c, names in statements.items():
        confidence = f"confidence: {_spaced(c.confidence)}" if c.confidence else ""
        said = joined([c.title, c.section, c.date, c.address, confidence])
        yield f"{c.policy} version {c.version}, {joined(names)}: {said}"


def _assumed(d: Determination, facts: DataDictionary) -> Iterator[tuple[int, str]]:
    for name, because in d.assumed.items():
        yield 0, f"{phrase(name, facts)}: {because}"


def _receipt(d: Determination) -> Iterator[tuple[str, str]]:
    if d.receipt is not None:
        yield "request", d.receipt.request[:_DIGEST]
        yield "library", d.receipt.library[:_DIGEST]
        yield "engine", d.receipt.engine
        yield "as of", d.receipt.as_of.isoformat() if d.receipt.as_of else ""
        yield "as known on", d.receipt.known_on.isoformat() if d.receipt.known_on else ""
