"""A case as a letter: the document that every writer prints."""

from collections.abc import Callable, Iterator
from enum import StrEnum

from medpol.model.policy import State
from medpol.problems import Place, PolicyRejected, Problem
from medpol.rendering.letters.account import Account
from medpol.rendering.letters.case import Case, Kind
from medpol.rendering.letters.ends import help_section, record, rights, rule, signed
from medpol.rendering.letters.english import fact_name, or_blank, shortfalls
from medpol.rendering.letters.reasons import change, changed, cited, missing, reason, unclear
from medpol.rendering.letters.signature import Outcome
from medpol.rendering.letters.studies import studies
from medpol.rendering.member_summary import Speaker
from medpol.rendering.member_summary.sentences import day_in_words
from medpol.rendering.publication import Block, Document, Identity, Item, ListBlock, Paragraph, Run, Section, Terms
from medpol.rendering.publication.model import run
from medpol.rendering.words import listing

UNFIT, UNSIGNED = "MP937", "MP938"
NOT_GRADED = ("lists", "rule", "record", "read", "help")
"""Sections of addresses, citations, codes and the rule's exact form."""


class Decision(StrEnum):
    """What a letter says of the request."""

    APPROVED = "approval"
    DENIED = "adverse"
    OPEN = "information"
    UPHELD = "appeal_upheld"
    OVERTURNED = "appeal_overturned"


_PARTS: dict[Decision, tuple[str, ...]] = {
    Decision.APPROVED: (
        *("decision", "approved", "reason", "signed", "rights", "help", "read", "lists", "rule", "record"),
    ),
    Decision.DENIED: (
        *("decision", "reason", "unclear", "change", "studies", "signed", "rights", "help", "read", "lists"),
        *("rule", "record"),
    ),
    Decision.OPEN: ("decision", "missing", "unclear", "help", "read", "lists", "rule", "record"),
    Decision.UPHELD: (
        *("decision", "before", "changed", "reason", "unclear", "change", "studies", "signed", "rights", "help"),
        *("read", "lists", "rule", "record"),
    ),
    Decision.OVERTURNED: (
        *("decision", "before", "changed", "approved", "reason", "signed", "help", "read", "lists", "rule", "record"),
    ),
}  # fmt: skip


def compose(case: Case) -> tuple[Decision, Document]:
    """The letter. Raises PolicyRejected where the answer does not fit the letter (MP937) or nobody signed (MP938)."""
    decision = _decision(case)
    speaker = Speaker(case.facts, case.plain, case.words)
    account = Account(speaker, case.requested.facts, case.determination.assumed)
    sections = []
    for key in _PARTS[decision]:
        blocks = tuple(_MAKERS[key](case, decision, account))
        if blocks:
            title = case.words.say(f"section_{key}")
            sections.append(Section(key=key, title=title, anchor=key, blocks=blocks))
    return decision, Document(identity=_identity(case, decision), sections=tuple(sections))


# ── what the letter may say ─────────────────────────────────────────────────────────────────────────────────


def _decision(case: Case) -> Decision:
    state, said = case.determination.state, case.signature.decision if case.signature else None
    match case.kind:
        case Kind.APPROVAL:
            _fit(case, state is State.APPROVE or (said is Outcome.APPROVE and _judged(state)))
            if _shortfalls(case):
                _signed(case)
            return Decision.APPROVED
        case Kind.ADVERSE:
            _fit(case, _judged(state))
            _signed(case)
            return Decision.DENIED
        case Kind.INFORMATION:
            _fit(case, state is State.PEND_INFORMATION)
            return Decision.OPEN
        case Kind.APPEAL:
            _fit(case, _judged(state) or state is State.APPROVE)
            _signed(case)
            overturned = said is Outcome.OVERTURNED or (said is None and state is State.APPROVE)
            _fit(case, overturned or state is not State.APPROVE)
            return Decision.OVERTURNED if overturned else Decision.UPHELD


def _judged(state: State) -> bool:
    """A state on which a person may decide either way."""
    return state in (State.NOT_COVERED, State.PEND_REVIEW)


def _fit(case: Case, fits: bool) -> None:
    if not fits:
        state = case.determination.state
        message = f"the answer is '{state}'; that is no {case.kind} letter"
        place = Place(f"--kind {case.kind}")
        raise PolicyRejected([Problem(place, UNFIT, message, _REMEDIES.get(state, "choose another --kind"))])


_REMEDIES = {
    State.APPROVE: "an approval needs no one's no: use --kind approval",
    State.PEND_INFORMATION: "a missing fact never denies: use --kind information",
    State.NOT_COVERED: "use --kind adverse with a signature, or approve it with one that says `decision: approve`",
    State.PEND_REVIEW: "a person decides: give --signature with --kind approval or adverse",
    State.NO_POLICY: "no policy speaks of this request; the plan writes to the member by its own rule",
}


def _signed(case: Case) -> None:
    if case.signature is None and not case.draft:
        message = "a decision against a member needs a named, qualified person's signature; nothing was written"
        remedy = "give --signature FILE, or --draft for an unsigned draft"
        raise PolicyRejected([Problem(Place(f"--kind {case.kind}"), UNSIGNED, message, remedy)])


# ── head ────────────────────────────────────────────────────────────────────────────────────────────────────


def _identity(case: Case, decision: Decision) -> Identity:
    words, asked = case.words, case.requested
    who = or_blank("", "the member's name and address", words)
    rows = [
        ("to", f"{who}, {words.say('to_member', number=asked.member)}"),
        ("copy_to", words.say("copy_provider")),
        ("date", day_in_words(case.day, words)),
        ("request", asked.id),
        ("service", f"{asked.label} ({asked.system.upper()} {asked.code})" if asked.label else asked.code),
        ("service_date", day_in_words(asked.service_date, words)),
        ("diagnoses", ", ".join(asked.diagnoses)),
        ("plan_kind", case.rights.title if case.rights else asked.line.replace("_", " ")),
    ]
    note = (Paragraph(text=(Run(text=words.say("draft_note"), strong=True),), role="note"),) if case.draft else ()
    return Identity(
        number=f"{words.say('request')} {asked.id}:",
        title=words.say(f"letter_{decision.value}"),
        plan=case.rules.plan,
        version=case.answer[:12],
        effective=case.day.isoformat(),
        status="draft" if case.draft else "approved",
        digest=case.answer,
        rows=Terms(rows=tuple((words.say(key), run(text)) for key, text in rows if text)),
        notes=note,
    )


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────


def _opening(case: Case, decision: Decision, _: Account) -> Iterator[Block]:
    key = decision.value.removeprefix("appeal_")
    service = case.requested.label or case.requested.code
    yield Paragraph(text=run(case.words.say(f"decision_{key}", service=service), strong=True))
    if decision is Decision.OPEN:
        yield from cited(case)
    else:
        yield Paragraph(text=run(case.words.say("not_advice")))


def _approved(case: Case, _: Decision, account: Account) -> Iterator[Block]:
    words, grants = case.words, case.determination.grants
    items = []
    for name, value in grants.items():
        named = fact_name(name, account.speaker)
        key = f"approved_{name}" if f"approved_{name}" in words.texts else "approved_other"
        said = "approved_unknown" if value is None else key
        items.append(Item(text=run(words.say(said, value=value, name=named))))
    if items:
        yield ListBlock(items=tuple(items))
    else:
        yield Paragraph(text=run(words.say("approved_no_limit")))
    if case.determination.position and "evidence_development" in case.determination.position:
        yield Paragraph(text=run(words.say("approved_study")))
    for name, (asked, given) in _shortfalls(case).items():
        said = words.say("approved_less", asked=asked, given=given, name=fact_name(name, account.speaker))
        yield Paragraph(text=run(said, strong=True))
    yield Paragraph(text=run(words.say("approved_pay")))


def _shortfalls(case: Case) -> dict[str, tuple[str, str]]:
    """An approval of less than was asked is a no to the rest: it needs a signature and rights."""
    return shortfalls(case.determination.grants, case.requested.asked)


def _read(case: Case, _: Decision, __: Account) -> Iterator[Block]:
    if case.policy is None:
        return
    own = case.rights.contacts.policies_at if case.rights else ""
    addresses = list(dict.fromkeys(c.address for c in case.determination.citations if c.address.startswith("http")))
    address = f"{own.rstrip('/')}/{case.policy.number}" if own else listing(addresses) if addresses else ""
    said = or_blank(address, "the policy's address", case.words)
    yield Paragraph(text=run(case.words.say("read_where", address=said)))
    yield Paragraph(text=run(case.words.say("read_free")))


def _rights(case: Case, decision: Decision) -> Iterator[Block]:
    if decision is not Decision.APPROVED or _shortfalls(case):
        yield from rights(case, done=1 if decision is Decision.UPHELD else 0)


def _lists(case: Case, _: Decision, account: Account) -> Iterator[Block]:
    lists = account.speaker.lists
    if lists:
        rows = tuple((case.words.say("about_list", letter=letter), run(codes)) for codes, letter in lists.items())
        yield Paragraph(text=run(case.words.say("about_lists")))
        yield Terms(rows=rows)


_MAKERS: dict[str, Callable[[Case, Decision, Account], Iterator[Block]]] = {
    "decision": _opening,
    "approved": _approved,
    "reason": lambda case, decision, account: reason(case, account, decision in (Decision.DENIED, Decision.UPHELD)),
    "unclear": lambda case, decision, account: unclear(case, account, decision is Decision.OPEN),
    "change": lambda case, _, account: change(case, account),
    "missing": lambda case, _, account: missing(case, account),
    "studies": lambda case, _, __: studies(case),
    "signed": lambda case, decision, __: signed(case, decision in (Decision.APPROVED, Decision.OVERTURNED)),
    "rights": lambda case, decision, _: _rights(case, decision),
    "help": lambda case, _, __: help_section(case),
    "before": lambda case, _, account: changed(case, account, first=True),
    "changed": lambda case, _, account: changed(case, account, first=False),
    "read": _read,
    "lists": _lists,
    "rule": lambda case, _, __: rule(case),
    "record": lambda case, _, __: record(case),
}
