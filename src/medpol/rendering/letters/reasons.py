"""Why, what was not clear, what would change the answer, what is missing, what has changed since the first decision."""

from collections.abc import Iterator

from medpol.model.determination import Finding, Missing, StatementFinding
from medpol.model.facts import FactType
from medpol.model.policy import Position, State
from medpol.model.truth import Truth
from medpol.rendering.letters.account import Account
from medpol.rendering.letters.case import Case
from medpol.rendering.letters.english import blank
from medpol.rendering.member_summary.sentences import day_in_words
from medpol.rendering.publication import Block, Item, ListBlock, Paragraph, Run
from medpol.rendering.publication.model import run


def _asked(case: Case) -> list[StatementFinding]:
    """The statements of the policy that decided, in order."""
    return [s for s in case.determination.statements if s.policy == case.determination.policy]


def _paying(case: Case) -> list[Finding]:
    """The findings of the statements under which the plan would have paid."""
    return [
        s.finding for s in _asked(case)
        if s.finding is not None and s.position is not None and s.position.state is State.APPROVE
    ]  # fmt: skip


def _deciding(case: Case) -> Finding | None:
    """The finding of the statement that decided; None where it holds always."""
    own = [s for s in _asked(case) if s.statement == case.determination.statement]
    return own[-1].finding if own else None


def _is_default(case: Case) -> bool:
    """Whether the version's default decided; its finding, if any, is only that the policy is about this member."""
    return case.version is not None and case.statement is not None and case.statement is case.version.default


def _holding(case: Case) -> Finding | None:
    """The finding of a statement that decided because its own criterion holds."""
    finding = None if _is_default(case) else _deciding(case)
    settled = case.determination.state in (State.APPROVE, State.NOT_COVERED)
    return finding if finding is not None and settled and finding.truth is Truth.YES else None


# ── why ─────────────────────────────────────────────────────────────────────────────────────────────────────


def cited(case: Case) -> Iterator[Block]:
    """Policy, title, version and statement."""
    words, d = case.words, case.determination
    if case.policy and case.version:
        day = day_in_words(case.version.effective, words)
        said = words.say("reason_policy", number=case.policy.number, title=case.policy.title, day=day)
        yield Paragraph(text=run(said), role="quote")
    if d.statement:
        yield Paragraph(text=run(words.say("reason_statement", statement=d.statement)))


def reason(case: Case, account: Account, against: bool) -> Iterator[Block]:
    """The policy, version and statement, then the points met or not met with the values seen."""
    words, d = case.words, case.determination
    yield from cited(case)
    if d.wording:
        yield Paragraph(text=run(words.say("reason_quote", wording=f"“{d.wording}”")), role="quote")
    if case.policy is None:
        return
    if d.state is State.PEND_REVIEW or against == (d.state is State.APPROVE):
        yield Paragraph(text=run(words.say("reason_person" if d.state is State.PEND_REVIEW else "reason_otherwise")))
    elif d.position and (why := words.get(f"why_{Position(d.position).value}")):
        yield Paragraph(text=run(why))
    yield from _points(case, account, against)


def _points(case: Case, account: Account, against: bool) -> Iterator[Block]:
    words, deciding = case.words, _holding(case)
    if deciding is not None and against == (case.determination.state is State.NOT_COVERED):
        if items := account.held(deciding):
            yield Paragraph(text=run(words.say("reason_holds" if against else "reason_met")))
            yield ListBlock(items=items)
    elif against and (rules := tuple(_rules(case, account))):
        yield Paragraph(text=run(words.say("reason_default")))
        yield ListBlock(items=rules)
    elif against and case.determination.state is State.NOT_COVERED:
        yield Paragraph(text=run(words.say("reason_always")))


def _rules(case: Case, account: Account) -> Iterator[Item]:
    """Each rule under which the plan would have paid, with the points that were not met."""
    for at, finding in enumerate(_paying(case), 1):
        under = account.unmet(finding)
        if under:
            yield Item(text=run(case.words.say("reason_rule", n=at)), under=under)


def unclear(case: Case, account: Account, is_open: bool) -> Iterator[Block]:
    """What nobody knew, and what a person has to judge."""
    if not is_open:
        findings = [f for f in (_deciding(case), *_paying(case)) if f is not None]
        items = account.unknown(findings)
        if items:
            yield Paragraph(text=run(case.words.say("unclear_intro")))
            yield ListBlock(items=items)
    if case.determination.review:
        yield Paragraph(text=run(case.words.say("judge_intro")))
        points = (text.partition(": ")[2] or text for text in case.determination.review)
        yield ListBlock(items=tuple(Item(text=run(f"{point[:1].upper()}{point[1:]}.")) for point in points))


# ── what would change it ────────────────────────────────────────────────────────────────────────────────────


def change(case: Case, account: Account) -> Iterator[Block]:
    """The fewest points that would turn the answer, from the findings."""
    words, deciding = case.words, _holding(case)
    by_name = {m.fact: m for m in case.determination.missing}
    shortest = [by_name[name] for name in case.determination.shortest if name in by_name]
    if shortest:
        yield Paragraph(text=run(words.say("change_shortest")))
        yield ListBlock(items=tuple(Item(text=account.speaker.text(_point(m, account))) for m in shortest))
    elif deciding is not None:
        yield Paragraph(text=run(words.say("change_points")))
        yield ListBlock(items=account.held(deciding))
    elif ways := account.ways(_paying(case)):
        yield Paragraph(text=run(words.say("change_meet" if len(ways) == 1 else "change_ways")))
        heads = (run(words.say("change_way", n=at)) for at in range(1, len(ways) + 1))
        many = tuple(Item(text=head, under=way) for head, way in zip(heads, ways, strict=True))
        yield ListBlock(items=ways[0] if len(ways) == 1 else many)
    else:
        judged = case.determination.state is State.PEND_REVIEW
        yield Paragraph(text=run(words.say("change_person" if judged else "change_none")))


def _point(missing: Missing, account: Account) -> str:
    known = account.speaker.plain.fact(missing.fact)
    return known.yes or missing.question or account.named(missing.fact)


# ── what is missing ─────────────────────────────────────────────────────────────────────────────────────────


def missing(case: Case, account: Account) -> Iterator[Block]:
    """The shortest set of missing facts, where each is usually found, and by when."""
    words, d = case.words, case.determination
    by_name = {m.fact: m for m in d.missing}
    first = [by_name[name] for name in d.shortest if name in by_name]
    yield Paragraph(text=run(words.say("missing_intro" if first else "missing_intro_other")))
    yield ListBlock(items=tuple(_ask(case, m, account) for m in first or d.missing), numbered=True)
    if case.due:
        yield Paragraph(text=run(words.say("missing_by", day=day_in_words(case.due, words)), strong=True))
    else:
        yield Paragraph(text=run(words.say("missing_by_blank", blank=blank("the day", words)), strong=True))
    contacts = case.rights.contacts if case.rights else None
    to = contacts.information_to if contacts else ""
    yield Paragraph(text=run(words.say("missing_to", address=to or blank("where to send facts", words))))
    yield Paragraph(text=run(words.say("missing_else")))


def _ask(case: Case, missing: Missing, account: Account) -> Item:
    words = case.words
    fact = case.facts.get(missing.fact)
    known = account.speaker.plain.fact(missing.fact)
    if fact is not None and fact.type is FactType.BOOLEAN:
        said = known.yes and words.say("missing_expect", sentence=known.yes)
    else:
        said = known.name and words.say("missing_tell", name=known.name)
    asked = Run(text=missing.question or account.named(missing.fact), emphasis=True)
    where = words.say("missing_where", source=words.say(f"where_{missing.source}"))
    plain = (*account.speaker.text(said), Run(text=" ")) if said else ()
    return Item(text=(*plain, asked, Run(text=f" {where}")))


# ── what has changed ────────────────────────────────────────────────────────────────────────────────────────


def changed(case: Case, account: Account, *, first: bool) -> Iterator[Block]:
    """Who decided first; then what is another now: policy, answer, facts."""
    words, before = case.words, case.first
    if before is None:
        return
    if first:
        if before.signature is not None:
            who = before.signature
            day = day_in_words(who.day, words)
            yield Paragraph(text=run(words.say("signed_first", name=who.name, credentials=who.credentials, day=day)))
        return
    items = list(_differences(case, account))
    if items:
        yield ListBlock(items=tuple(Item(text=run(text)) for text in items))
    else:
        yield Paragraph(text=run(words.say("changed_same")))
    yield Paragraph(text=run(words.say("changed_rationale")))


def _differences(case: Case, account: Account) -> Iterator[str]:
    words, before = case.words, case.first
    if before is None or before.determination is None:
        return
    old, new = before.determination, case.determination
    if (old.policy, old.version) != (new.policy, new.version):
        was, now = (f"{d.policy} {d.version}".strip() or words.say("state_no_policy") for d in (old, new))
        yield words.say("changed_policy", before=was, after=now)
    if old.state is not new.state:
        states = (words.say(f"state_{state.value}") for state in (old.state, new.state))
        yield words.say("changed_answer", before=next(states), after=next(states))
    for name in dict.fromkeys((*before.facts, *case.requested.facts)):
        old_value, new_value = before.facts.get(name), case.requested.facts.get(name)
        if old_value == new_value:
            continue
        known = "_new" if old_value is None else "_gone" if new_value is None else ""
        shown = account.named(name)
        was, now = account.shown(name, old_value), account.shown(name, new_value)
        yield words.say(f"changed_fact{known}", name=shown, before=was, after=now)
