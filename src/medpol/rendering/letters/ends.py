"""The ends of a letter: who signed, the rights, the help, the rule in full, and the record to make the answer again."""

from collections.abc import Iterator

from medpol.rendering.english import Block as English
from medpol.rendering.findings import finding_block
from medpol.rendering.letters.case import Case
from medpol.rendering.letters.english import blank, or_blank
from medpol.rendering.letters.rights import Law, Level
from medpol.rendering.member_summary.sentences import day_in_words
from medpol.rendering.publication import Block, Heading, Item, ListBlock, Paragraph, Run, Terms
from medpol.rendering.publication.model import run


def signed(case: Case, favourable: bool) -> Iterator[Block]:
    """The reviewer's name, credentials, licence and words."""
    words, who = case.words, case.signature
    if who is None:
        key = "signed_none" if case.draft or not favourable else "approved_computer"
        yield Paragraph(text=run(words.say(key)))
        return
    yield Paragraph(text=run(words.say("signed_by", name=who.name, credentials=who.credentials)))
    day = day_in_words(who.day, words)
    licence = words.say(
        "signed_licence",
        licence=who.licence,
        number=who.licence_number,
        state=who.licence_state,
        specialty=who.specialty,
        day=day,
    )
    yield Paragraph(text=run(f"{words.say('signed_role', role=who.role)} {licence}"), role="quote")
    if who.same_specialty:
        yield Paragraph(text=run(words.say("signed_same")))
    yield Paragraph(text=run(words.say("signed_rationale")))
    yield Paragraph(text=run(f"“{who.rationale}”"), role="quote")
    yield Paragraph(text=run(words.say("signed_computer")))


# ── rights ──────────────────────────────────────────────────────────────────────────────────────────────────


def rights(case: Case, done: int) -> Iterator[Block]:
    """The steps that are left after `done`, each with its times; what is not known is a marked blank."""
    if case.rights is None:
        return
    words, levels = case.words, case.rights.levels
    intro = words.say("rights_intro_upheld", done=done) if done else words.say("rights_intro")
    yield Paragraph(text=run(intro))
    laws = {law.key: law for law in case.rights.laws}
    for at, level in enumerate(levels[done:], done + 1):
        yield Heading(text=run(words.say("rights_level", n=at, name=level.name)))
        yield ListBlock(items=tuple(Item(text=run(text)) for text in _level(case, level)))
        if law := laws.get(level.source):
            yield Paragraph(text=(Run(text=words.say("rights_law", law=law.law)),), role="quote")
    yield Paragraph(text=run(case.rights.fast, strong=True))
    if case.rights.more:
        yield ListBlock(items=tuple(Item(text=run(text)) for text in case.rights.more))


def _level(case: Case, level: Level) -> Iterator[str]:
    words = case.words
    days = blank("the time", words)
    yield words.say("rights_who", who=level.who)
    if level.automatic:
        yield words.say("rights_automatic")
    else:
        counted = or_blank(level.counted_from, "from which day", words)
        yield words.say("rights_ask", within=level.ask_within or days, counted_from=counted)
        yield words.say("rights_how", how=or_blank(level.how, "how to ask", words))
        yield words.say("rights_where", address=or_blank(level.address, "the address", words))
    yield words.say("rights_answer", within=level.answer_within or days)
    yield words.say("rights_fast", within=level.fast_within or days)


def help_section(case: Case) -> Iterator[Block]:
    """How to reach the plan, free copies, and a slot for each language's tagline."""
    words = case.words
    contacts = case.rights.contacts if case.rights else None
    parts = {
        name: or_blank(getattr(contacts, name) if contacts else "", what, words)
        for name, what in (("phone", "phone"), ("tty", "TTY"), ("address", "address"), ("web", "web page"))
    }
    yield Paragraph(text=run(words.say("help_call", **parts)))
    yield ListBlock(items=tuple(Item(text=run(words.say(k))) for k in ("help_copies", "help_codes", "help_format")))
    if contacts and contacts.taglines:
        rows = tuple(
            (language, run(text or blank(f"free language help in {language}", words)))
            for language, text in contacts.taglines
        )
        yield Terms(rows=rows)


# ── the rule and the record ─────────────────────────────────────────────────────────────────────────────────


def rule(case: Case) -> Iterator[Block]:
    """Every statement of the deciding policy with its findings, in the exact English of the criteria."""
    d = case.determination
    asked = [s for s in d.statements if s.policy == d.policy and s.finding is not None]
    if not asked:
        return
    yield Paragraph(text=run(case.words.say("rule_intro")))
    for statement in asked:
        if statement.finding is not None:
            position = f" ({statement.position.replace('_', ' ')})" if statement.position else ""
            head = Run(text=f"{statement.statement}{position}", strong=True)
            block = finding_block(statement.finding, case.facts)
            yield ListBlock(items=(Item(text=(head,), under=(_item(block),)),))


def _item(block: English) -> Item:
    head, under = block
    return Item(text=run(f"{head}:" if under else head), under=tuple(_item(member) for member in under))


def record(case: Case) -> Iterator[Block]:
    """Citations, the receipt's hashes, the laws with how far each was confirmed, and that this is a demonstration."""
    words, d = case.words, case.determination
    rows: list[tuple[str, str]] = []
    if d.receipt is not None:
        rows += [
            (words.say("record_answer"), case.answer),
            (words.say("record_request"), d.receipt.request),
            (words.say("record_library"), d.receipt.library),
            (words.say("record_engine"), d.receipt.engine),
        ]
    cited = dict.fromkeys(
        ", ".join(part for part in (c.title, c.section, c.date, c.address) if part) for c in d.citations
    )
    rows += [(words.say("section_sources"), text) for text in cited]
    rows += [(words.say("record_law"), _law(law)) for law in (case.rights.laws if case.rights else ())]
    notices = [n for n in (case.rules.notice, case.policy.notice if case.policy else "") if n]
    rows += [(words.say("record_demo"), notice) for notice in dict.fromkeys(notices)]
    yield Paragraph(text=run(words.say("record_intro")))
    yield Terms(rows=tuple((name, run(text)) for name, text in rows))


def _law(law: Law) -> str:
    return f"{law.law} (as far as confirmed: {law.read.replace('_', ' ')}{'; ' + law.note if law.note else ''})"
