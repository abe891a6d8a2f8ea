"""policy.yaml: what a policy is, whom it cites, and the technology it is about. Versions are read in `versions`."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from medpol.loading.criteria import read_criterion
from medpol.loading.nodes import File, Keys, Node, similar, text_of
from medpol.loading.scope import Scope
from medpol.model.codes import CodeList
from medpol.model.facts import DataDictionary
from medpol.model.policy import AUTHORITIES, HistoryEntry, LabelFlag, NamedList, Policy, Source, Technology

CONFIDENCES = ("full_text", "excerpt", "secondary", "not_confirmed")
KINDS = ("own", "transcription")
FLAGS = ("contraindication", "outside_intended_use")
_MONTH = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a policy may refer to beyond its own folder."""

    facts: DataDictionary
    lists: Mapping[str, NamedList]
    lines_of_business: Collection[str] | None = None  # None: library.yaml could not be read
    numbers: Collection[str] = ()  # of the policies

    def codes(self) -> dict[str, CodeList]:
        return {name: listed.codes for name, listed in self.lists.items()}


def month(keys: Keys, name: str) -> str:
    """A year, a month or a day, as text."""
    node = keys.get(name)
    text = None if node is None else text_of(node, keys.sheet)
    if text is not None and not _MONTH.fullmatch(text):
        keys.sheet.report("MP415", node, f"'{name}' is no month or day")
        return ""
    return text or ""


def source_of(keys: Keys, scope: Scope, name: str = "source") -> str:
    """A source key that policy.yaml has."""
    text = keys.text(name)
    if text:
        scope.source(text, keys.found[name][1])
    return text


def read_policy(file: File, around: Surroundings) -> tuple[Policy, Scope]:
    """The policy without its versions, and the scope its label flags were read in."""
    keys = Keys(file.root, file.sheet)
    sources = _sources(keys)
    scope = Scope(file.sheet, around.facts, around.codes(), sources)
    policy = Policy(
        number=keys.text("number", required=True),
        authority=keys.choice("authority", AUTHORITIES),
        title=keys.text("title", required=True),
        owner=keys.text("owner"),
        kind=keys.choice("kind", KINDS, "own"),
        notice=keys.text("notice"),
        original_effective=month(keys, "original_effective"),
        topics=keys.texts("topics"),
        related=_related(keys, around),
        related_elsewhere=keys.texts("related_elsewhere"),
        supersedes=keys.texts("supersedes"),
        sources=sources,
        technology=_technology(keys, scope),
        history=tuple(_entry(Keys(item, file.sheet)) for item in keys.items("history")),
        place=file.sheet.place(file.root),
    )
    keys.close()
    return policy, scope


def _related(keys: Keys, around: Surroundings) -> tuple[str, ...]:
    numbers = keys.texts("related")
    for number in (number for number in numbers if number not in around.numbers):
        where, hint = keys.found["related"][1], similar(number, around.numbers)
        keys.sheet.report("MP408", where, f"no policy has the number '{number}'{hint}")
    return numbers


def _sources(keys: Keys) -> dict[str, Source]:
    sources: dict[str, Source] = {}
    found = keys.mapping("sources")
    for name, (_, node) in found.found.items() if found else ():
        one = Keys(node, keys.sheet)
        sources[name] = Source(
            key=name,
            title=one.text("title", required=True),
            section=one.text("section"),
            address=one.text("address"),
            date=month(one, "date"),
            confidence=one.choice("confidence", CONFIDENCES, "not_confirmed"),
            note=one.text("note"),
        )
        one.close()
    return sources


def _entry(keys: Keys) -> HistoryEntry:
    entry = HistoryEntry(date=month(keys, "date"), action=keys.text("action", required=True), note=keys.text("note"))
    keys.need("date")
    keys.close()
    return entry


def _technology(policy: Keys, scope: Scope) -> Technology | None:
    keys = policy.mapping("technology")
    if keys is None:
        return None
    codes = keys.mapping("codes")
    related, superseded = (codes.texts("related"), codes.items("superseded")) if codes else ((), ())
    if codes:
        codes.close()
    regulatory = keys.mapping("regulatory")
    technology = Technology(
        name=keys.text("name", required=True),
        procedure=keys.text("procedure"),
        approach=keys.texts("approach"),
        instruments=keys.texts("instruments"),
        regions=keys.texts("regions"),
        levels=keys.text("levels"),
        regulatory=_pairs(regulatory, scope) if regulatory else (),
        intended_use=keys.text("intended_use"),
        contraindications=keys.texts("contraindications"),
        related_codes=related,
        superseded_codes=tuple(_pairs(Keys(item, scope.sheet), scope) for item in superseded),
        label=_label(keys, scope),
    )
    keys.close()
    return technology


def _pairs(keys: Keys, scope: Scope) -> tuple[tuple[str, str], ...]:
    """Free keys with text; `source` is a source key."""
    pairs = tuple((name, keys.text(name)) for name in keys)
    if "source" in keys:
        source_of(keys, scope)
    return pairs


def _label(technology: Keys, scope: Scope) -> tuple[LabelFlag, ...]:
    flags: dict[str, LabelFlag] = {}
    for item in technology.items("label"):
        flag = _flag(item, scope)
        if flag is not None and flag.id in flags:
            scope.sheet.report("MP406", item, f"'{flag.id}' stands twice")
        elif flag is not None:
            flags[flag.id] = flag
    return tuple(flags.values())


def _flag(item: Node, scope: Scope) -> LabelFlag | None:
    keys = Keys(item, scope.sheet)
    node = keys.need("when")
    when = None if node is None else read_criterion(node, scope)
    flag_id, kind = keys.text("id", required=True), keys.choice("kind", FLAGS)
    says, source = keys.text("says", required=True), source_of(keys, scope)
    keys.close()
    return None if when is None else LabelFlag(id=flag_id, kind=kind, when=when, says=says, source=source)
