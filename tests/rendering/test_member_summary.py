"""Member summaries of the whole bundled library: at grade 8 or below, and with no condition lost."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings

from medpol.library import PolicyLibrary
from medpol.library.letters import subject_of, write_summary
from medpol.model.criteria import (
    LEAVES,
    All,
    AnyOf,
    AtLeast,
    CannotDetermine,
    Claims,
    Compare,
    CompareBy,
    Criterion,
    Is,
    Not,
    OneOf,
    Window,
    members,
)
from medpol.model.policy import Version
from medpol.rendering.letters import FORMATS
from medpol.rendering.member_summary import Speaker, graded, load_plain, load_words, member_summary
from medpol.rendering.member_summary.dictionary import Plain
from medpol.rendering.member_summary.summary import NOT_GRADED
from medpol.rendering.publication import Item, Terms, load_theme, plain, texts
from medpol.rendering.words import number, phrase
from strategies import FACTS, criteria

LIBRARY = PolicyLibrary()
VERSIONS = [(policy.number, version) for policy in LIBRARY.content.policies.values() for version in policy.versions]
HIGHEST = 8.0


def leaves(criterion: Criterion, negated: bool = False) -> Iterator[tuple[Criterion, bool]]:
    """Every leaf, with whether it is said turned round: by a `not` of its own, not by "none of these may be true"."""
    if isinstance(criterion, (*LEAVES, CompareBy)):
        yield criterion, negated
    alone = isinstance(criterion, Not) or (isinstance(criterion, All | AnyOf | AtLeast) and len(criterion.of) == 1)
    for member in members(criterion):
        yield from leaves(member, alone and negated != isinstance(criterion, Not))


def of_version(version: Version) -> Iterator[Criterion]:
    statements = [*version.statements, *([version.default] if version.default else [])]
    yield from (s.when for s in statements if s.when is not None)
    yield from (row.when for s in statements for g in s.grants for row in g.rows if row.when is not None)
    if version.scope is not None:
        yield version.scope


def document_of(number_: str, version: Version):  # type: ignore[no-untyped-def]
    return member_summary(subject_of(LIBRARY, LIBRARY.policy(number_), version))


def text_of(number_: str, version: Version) -> str:
    document = document_of(number_, version)
    return "\n".join(plain(text) for text in texts(document))


IDS = [version.id for _, version in VERSIONS]


def test_the_library_is_all_there() -> None:
    assert len({number_ for number_, _ in VERSIONS}) == 56


@pytest.mark.parametrize(("number_", "version"), VERSIONS, ids=IDS)
def test_every_summary_reads_at_grade_eight_or_below(number_: str, version: Version) -> None:
    grade = graded(document_of(number_, version), NOT_GRADED)
    for reading in (grade.plain, grade.whole):
        assert reading.flesch_kincaid is not None
        assert reading.flesch_kincaid <= HIGHEST
    assert grade.plain.smog is not None
    assert grade.plain.smog <= HIGHEST


@pytest.mark.parametrize(("number_", "version"), VERSIONS, ids=IDS)
def test_no_condition_is_lost(number_: str, version: Version) -> None:
    """What every leaf asks is in the text, found without the code that wrote it: facts' words, limits, codes."""
    text, known = text_of(number_, version), load_plain()
    lowered = text.casefold()
    lost = [
        (leaf, word)
        for criterion in of_version(version)
        for leaf, negated in leaves(criterion)
        for word in words_of(leaf, negated, known)
        if word.casefold() not in lowered
    ]
    assert lost == []


def bare(marked: str) -> str:
    """The first plain words of a marked text: up to its first medical name."""
    return marked.partition("{")[0].rstrip(" (")


def words_of(leaf: Criterion, negated: bool, known: Plain) -> Iterator[str]:
    match leaf:
        case Is(fact=fact):
            said = known.fact(fact).no if negated else known.fact(fact).yes
            yield bare(said) or phrase(fact, LIBRARY.content.facts)
        case Compare(fact=fact, low=low, high=high):
            yield bare(known.fact(fact).name)
            kind = LIBRARY.content.facts[fact].type
            if kind.numeric:
                yield from (number(end) for end in (low, high) if end is not None)
        case Window(event=event, anchor=anchor, low=low, high=high):
            yield bare(known.fact(event).name)
            yield bare(known.fact(anchor).name)
            yield from (str(abs(end)) for end in (low, high) if end)
        case OneOf(fact=fact, codes=codes):
            values = known.fact(fact).values
            if values and fact not in ("sex", "diagnosis"):
                folded = {value.replace("_", "").upper(): words for value, words in values.items()}
                for pattern in codes.patterns:
                    yield bare(folded[pattern.low.replace("_", "")])
            elif fact != "sex":
                yield from (str(p) if "-" not in str(p) else p.low for p in codes.patterns if len(p.low) < 4)
        case Claims(codes=codes, length=length):
            yield "you have"
            yield str(length) if length else "before"
            for pattern in codes.patterns if codes else ():
                yield str(pattern)
        case CannotDetermine(what=what):
            yield what


@pytest.mark.parametrize(("number_", "version"), VERSIONS, ids=IDS)
def test_every_code_is_listed(number_: str, version: Version) -> None:
    """Every code that a leaf names stands in the text or in the lists at the end."""
    document = document_of(number_, version)
    rows = [plain(text) for s in document.sections for b in s.blocks if isinstance(b, Terms) for _, text in b.rows]
    said = " ".join([*(plain(text) for text in texts(document)), *rows]).replace(".", "")
    found = {
        str(pattern)
        for criterion in of_version(version)
        for leaf, _ in leaves(criterion)
        if isinstance(leaf, OneOf) and leaf.fact in ("diagnosis", "procedure", "modifier", "also_billed")
        for pattern in leaf.codes.patterns
    }
    assert {code for code in found if code not in said} == set()


@pytest.mark.parametrize("number_", ["07.01.89", "240.4", "COC-1"])
@pytest.mark.parametrize("to", FORMATS)
def test_every_format_is_written(number_: str, to: str) -> None:
    written = write_summary(LIBRARY, number_, load_theme(), to)
    assert len(written.content) > 1000
    if to in ("md", "html"):
        assert "Reading grade" in written.content.decode()


def test_medical_names_are_said_once_in_brackets() -> None:
    text = text_of("240.4", LIBRARY.policy("240.4").versions[-1])
    body = text.partition("Medical words")[0]
    assert body.count("(hypertension)") == 1
    assert body.count("high blood pressure") >= 2


def test_a_library_without_plain_words_keeps_its_facts_names() -> None:
    """The names of facts stand in for what nobody wrote; the bound of the grade is then not promised."""
    speaker = Speaker(LIBRARY.content.facts, Plain(facts={}, policies={}, labels={}), load_words())
    said = speaker.sentence(Is(fact="osa_clinical_evaluation"))
    assert said == "This is true: OSA clinical evaluation."
    assert speaker.sentence(Compare(fact="bmi", low=35)) == "BMI is 35 kg/m2 or more."


def flat(items: tuple[Item, ...]) -> Iterator[str]:
    for item in items:
        yield plain(item.text)
        yield from flat(item.under)


@settings(deadline=None)
@given(criteria(FACTS))
def test_any_criterion_is_said_leaf_by_leaf(criterion: Criterion) -> None:
    """Whatever the tree, every leaf has its sentence among the items, turned where it counts turned."""
    speaker = Speaker(FACTS, Plain(facts={}, policies={}, labels={}), load_words())
    said = list(flat(speaker.items(criterion)))
    shown = {text for text in said if text}
    assert all(text for text in said)
    for leaf, negated in leaves(criterion):
        if isinstance(leaf, CompareBy):
            assert any(phrase(leaf.fact, FACTS).casefold() in text.casefold() for text in shown)
        else:
            assert speaker.sentence(leaf, negated=negated) in shown  # type: ignore[arg-type]
