"""A policy version for its members: what it is, when the plan pays, what proof it needs, what to do after a no."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from medpol.evidence import Evidence
from medpol.model.criteria import Criterion, facts_of
from medpol.model.facts import BUILT_IN, DataDictionary, Fact, FactSource, FactType
from medpol.model.policy import Grant, Policy, Position, State, Statement, Version
from medpol.rendering.member_summary.dictionary import Plain, Words
from medpol.rendering.member_summary.evidence import found
from medpol.rendering.member_summary.sentences import Speaker, day_in_words
from medpol.rendering.publication import (
    Block,
    Document,
    Heading,
    Identity,
    Item,
    ListBlock,
    Paragraph,
    Run,
    Section,
    Terms,
)
from medpol.rendering.words import phrase, quantity

NOT_GRADED = ("lists", "glossary", "about")
"""Sections that are lists of codes, of medical words, of numbers and dates."""
_PERSON = State.PEND_REVIEW


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """All that goes into one summary; `evidence` is cut to what the version could know."""

    policy: Policy
    version: Version
    facts: DataDictionary
    plain: Plain
    words: Words
    plan: str
    notice: str = ""
    evidence: Evidence | None = None
    lines: Mapping[str, str] | None = None


def member_summary(subject: Subject) -> Document:
    """The summary as a document for any of the publication's writers."""
    return _Summary(subject).document()


class _Summary:
    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.words = subject.words
        self.speaker = Speaker(subject.facts, subject.plain, subject.words)
        version = subject.version
        default = (version.default,) if version.default else ()
        self.statements = (*version.statements, *default)

    def document(self) -> Document:
        sections: dict[str, list[Block]] = {
            "what": self._what(),
            "how": self._how(),
            "covered": self._cases(State.APPROVE, "none_covered"),
            "not_covered": self._cases(State.NOT_COVERED, "none_not_covered"),
            "person": self._cases(_PERSON, ""),
            "proof": self._proof(),
            "denied": [self._list(f"denied_{n}" for n in range(1, 7))],
            "evidence": self._evidence(),
        }
        sections["glossary"] = self._glossary()
        sections["lists"] = self._lists()
        sections["about"] = self._about()
        made = (
            Section(key=key, title=self.words.say(f"section_{key}"), anchor=key.replace("_", "-"), blocks=tuple(blocks))
            for key, blocks in sections.items()
            if blocks
        )
        return Document(identity=self._identity(), sections=tuple(made))

    def _identity(self) -> Identity:
        policy, version = self.subject.policy, self.subject.version
        rows = (
            (self.words.say("policy"), (Run(text=f"{policy.number}, {policy.title}"),)),
            (self.words.say("date"), (Run(text=day_in_words(version.effective, self.words)),)),
        )
        return Identity(
            number=policy.number,
            title=f"{self.words.say('summary_of')}: {policy.title}",
            plan=self.subject.plan,
            version=version.id,
            effective=version.effective.isoformat(),
            status=version.status.value,
            digest=version.digest,
            rows=Terms(rows=rows),
        )

    # ── what and how ────────────────────────────────────────────────────────────────────────────────────

    def _say(self, key: str, **parts: object) -> Paragraph:
        return Paragraph(text=self.speaker.text(self.words.say(key, **parts)))

    def _list(self, keys: Iterator[str]) -> ListBlock:
        return ListBlock(items=tuple(Item(text=self.speaker.text(self.words.say(key))) for key in keys))

    def _what(self) -> list[Block]:
        policy = self.subject.policy
        own = self.subject.plain.policies.get(policy.number, "")
        return [Paragraph(text=self.speaker.text(own))] if own else [self._say("what_unknown", title=policy.title)]

    def _how(self) -> list[Block]:
        version = self.subject.version
        kinds = {"ncd": "how_national", "contract": "how_contract"}
        blocks: list[Block] = [self._say(kinds.get(self.subject.policy.authority, "how_own"))]
        for fact, values in version.applies_to:
            if fact == "line_of_business":
                blocks.append(self._say("how_line", lines=", ".join(v.replace("_", " ") for v in values)))
        count = len(self.statements)
        blocks.append(self._say("how_one") if count == 1 else self._say("how_many", n=count))
        if version.scope is not None:
            blocks += [self._say("how_scope"), self._criterion(version.scope)]
        if version.default is None:
            blocks.append(self._say("how_nothing"))
        return blocks

    def _criterion(self, criterion: Criterion) -> ListBlock:
        return ListBlock(items=self.speaker.items(criterion))

    # ── rules ───────────────────────────────────────────────────────────────────────────────────────────

    def _cases(self, state: State, nothing: str) -> list[Block]:
        blocks: list[Block] = []
        for at, statement in enumerate(self.statements, 1):
            if statement.position.state is state:
                blocks += self._case(at, statement)
        return blocks or ([self._say(nothing)] if nothing else [])

    def _case(self, at: int, statement: Statement) -> Iterator[Block]:
        if len(self.statements) > 1:
            yield Heading(text=(Run(text=self.words.say("case", n=at)),))
        services = self._services(statement)
        if services:
            about = Run(text=f"{self.words.say('about')} ")
            yield Paragraph(text=(about, Run(text="; ".join(services), emphasis=True)), role="note")
        yield self._say(self._lead(statement))
        if statement.when is not None:
            yield self._criterion(statement.when)
        for grant in statement.grants:
            yield from self._grant(grant)
        if statement.delegate:
            yield self._say("delegated_to", delegate=statement.delegate)
        if why := self.words.get(f"why_{statement.position.value}"):
            yield Paragraph(text=self.speaker.text(why))

    def _lead(self, statement: Statement) -> str:
        end = {State.APPROVE: "covered", State.NOT_COVERED: "not", _PERSON: "person"}[statement.position.state]
        if statement is self.subject.version.default and len(self.statements) > 1:
            return f"otherwise_{end}"
        if statement.when is None:
            return f"always_{end}"
        if statement.position is Position.COVERED_WITH_EVIDENCE_DEVELOPMENT:
            return "if_true_study"
        return {"covered": "if_true", "not": "if_true_not", "person": "if_true_person"}[end]

    def _services(self, statement: Statement) -> tuple[str, ...]:
        """What a rule is about, where it is not about all of the policy's services."""
        codes = self.subject.version.codes
        wanted = [c for c in codes if c.role in statement.services or str(c.pattern) in statement.services]
        if not statement.services:
            return ()
        return tuple(dict.fromkeys(c.label or str(c.pattern) for c in wanted)) or statement.services

    def _grant(self, grant: Grant) -> Iterator[Block]:
        name = phrase(grant.name, self.subject.facts)
        for row in grant.rows:
            value = quantity(row.value.value, row.value.unit)
            if row.when is None:
                key = f"grant_{grant.name}" if f"grant_{grant.name}" in self.words.texts else "grant_other"
                yield self._say(key, value=value, name=name)
            else:
                yield self._say("grant_if", value=value)
                yield self._criterion(row.when)

    # ── proof, evidence, ends ───────────────────────────────────────────────────────────────────────────

    def _proof(self) -> list[Block]:
        criteria = [s.when for s in self.statements if s.when is not None]
        criteria += [row.when for s in self.statements for g in s.grants for row in g.rows if row.when is not None]
        criteria += [self.subject.version.scope] if self.subject.version.scope else []
        asked = sorted({name for criterion in criteria for name in facts_of(criterion)} - BUILT_IN.keys())
        facts = [fact for name in asked if (fact := self.subject.facts.get(name)) is not None]
        if not facts:
            return [self._say("proof_none")]
        blocks: list[Block] = []
        for source in FactSource:
            items = tuple(Item(text=self.speaker.text(self._point(f))) for f in facts if f.source is source)
            if items:
                blocks += [self._say(f"proof_{source.value}"), ListBlock(items=items)]
        return [*blocks, self._say("proof_bill")]

    def _point(self, fact: Fact) -> str:
        known = self.subject.plain.fact(fact.name)
        if fact.type is FactType.BOOLEAN:
            return known.yes or f"{phrase(fact.name, self.subject.facts)}."
        name = known.name or phrase(fact.name, self.subject.facts)
        return f"{name[:1].upper()}{name[1:]}."

    def _evidence(self) -> list[Block]:
        if self.subject.evidence is None:
            return [self._say("evidence_contract" if self.subject.policy.authority == "contract" else "evidence_none")]
        return [Paragraph(text=self.speaker.text(text)) for text in found(self.subject.evidence, self.words)]

    def _glossary(self) -> list[Block]:
        words = sorted(self.speaker.glossary.items(), key=lambda entry: entry[0].casefold())
        return [Terms(rows=tuple((medical, (Run(text=plain),)) for medical, plain in words))] if words else []

    def _lists(self) -> list[Block]:
        if not self.speaker.lists:
            return []
        rows = tuple(
            (self.words.say("about_list", letter=letter), (Run(text=codes),))
            for codes, letter in self.speaker.lists.items()
        )
        return [self._say("about_lists"), Terms(rows=rows)]

    def _about(self) -> list[Block]:
        day = day_in_words(self.subject.version.effective, self.words)
        blocks: list[Block] = [
            self._say("about_binding"),
            self._say("about_full", number=self.subject.policy.number, day=day),
        ]
        notices = dict.fromkeys(n for n in (self.subject.notice, self.subject.policy.notice) if n)
        return [
            *blocks,
            *(Paragraph(text=(Run(text=self.words.say("about_demo", notice=n)),), role="note") for n in notices),
        ]
