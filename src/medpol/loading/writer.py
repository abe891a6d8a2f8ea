"""Model → the files that say it. What is written reads back as an equal model; comments and layout are not kept."""

from collections.abc import Collection
from pathlib import Path

from medpol.loading.emit import Content, Flow, compact, number, to_yaml
from medpol.loading.write_criteria import criterion_content, dotted, quantity_text, written_code
from medpol.model.criteria import Criterion
from medpol.model.facts import DataDictionary, Fact, FactSource, FactType
from medpol.model.policy import Grant, LabelFlag, NamedList, Policy, ServiceCode, Source, Statement, Technology, Version
from medpol.model.request import FactValue
from medpol.model.rules import Layer, Library, PlanRules


def write_criterion(criterion: Criterion, facts: DataDictionary) -> str:
    """A criterion as YAML text."""
    return to_yaml(criterion_content(criterion, facts))


def write_version(version: Version, facts: DataDictionary, shared: Collection[str] = ()) -> str:
    """A version file; code lists named in `shared` stand in code_lists/ and are not repeated."""
    own = [listed for listed in version.code_lists if listed.name not in shared]
    published = version.published if version.published != version.effective else None
    return to_yaml(
        compact(
            effective=version.effective, status=str(version.status), published=published, ends=version.ends,
            reviewed=version.reviewed, literature_through=version.literature_through,
            applies_to={name: Flow(values) for name, values in version.applies_to},
            scope=_criterion(version.scope, facts), codes=[_code(code) for code in version.codes],
            code_lists={listed.name: _named_list(listed) for listed in own},
            statements=[_statement(statement, facts) for statement in version.statements],
            default=_statement(version.default, facts) if version.default else None, notes=version.notes,
        )
    )  # fmt: skip


def write_policy(policy: Policy, facts: DataDictionary) -> str:
    """policy.yaml; the versions are files of their own."""
    return to_yaml(
        compact(
            number=policy.number, authority=policy.authority, title=policy.title, owner=policy.owner, kind=policy.kind,
            notice=policy.notice, original_effective=policy.original_effective, topics=Flow(policy.topics),
            related=Flow(policy.related), related_elsewhere=list(policy.related_elsewhere),
            supersedes=list(policy.supersedes), sources={key: _source(one) for key, one in policy.sources.items()},
            technology=_technology(policy.technology, facts) if policy.technology else None,
            history=[compact(date=one.date, action=one.action, note=one.note) for one in policy.history],
        )
    )  # fmt: skip


def write_facts(facts: DataDictionary) -> str:
    """facts.yaml."""
    return to_yaml({"facts": {name: _fact(fact) for name, fact in facts.declared.items()}})


def write_rules(rules: PlanRules, facts: DataDictionary) -> str:
    """library.yaml."""
    lines: dict[str, Content] = {
        line.name: {"precedence": Flow(_layer(layer) for layer in line.precedence), **compact(note=line.note)}
        for line in rules.lines_of_business.values()
    }
    assume: dict[str, Content] = {
        one.fact: {"value": _value(one.value, facts[one.fact]), "because": one.because} for one in rules.assume
    }
    signers = compact(roles=Flow(rules.signer_roles), licences=Flow(rules.signer_licences))
    head = compact(plan=rules.plan, notice=rules.notice)
    return to_yaml({**head, "lines_of_business": lines, **compact(assume=assume, signers=signers)})


def write_library(library: Library, folder: Path) -> None:
    """All files of a library. A code list with a source of its own stands in code_lists/, any other in its versions."""
    (folder / "policies").mkdir(parents=True, exist_ok=True)
    _write(folder / "library.yaml", write_rules(library.rules, library.facts))
    _write(folder / "facts.yaml", write_facts(library.facts))
    for policy in library.policies.values():
        inside = folder / "policies" / policy.number
        inside.mkdir(exist_ok=True)
        _write(inside / "policy.yaml", write_policy(policy, library.facts))
        for version in policy.versions:
            shared = [listed for listed in version.code_lists if _is_shared(listed, policy)]
            names = {listed.name for listed in shared}
            _write(inside / f"{version.effective}.yaml", write_version(version, library.facts, names))
            for listed in shared:
                (folder / "code_lists").mkdir(exist_ok=True)
                _write(folder / "code_lists" / f"{listed.name}.yaml", to_yaml(_named_list(listed)))


def _is_shared(listed: NamedList, policy: Policy) -> bool:
    """Whether a list can only have come from code_lists/: a version's own cites a source of the policy, or none."""
    return bool(listed.source) and listed.source not in policy.sources


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _criterion(criterion: Criterion | None, facts: DataDictionary) -> Content:
    return None if criterion is None else criterion_content(criterion, facts)


def _code(code: ServiceCode) -> Content:
    return compact(
        system=code.system, code=str(code.pattern), role=code.role, label=code.label, from_=code.from_,
        until=code.until, source=code.source,
    )  # fmt: skip


def _named_list(listed: NamedList) -> Content:
    spelled = dotted if listed.system == "icd-10-cm" else str
    codes = Flow(spelled(str(pattern)) for pattern in listed.codes.patterns) if listed.codes.loaded else None
    return compact(
        system=listed.system, edition=listed.edition, source=listed.source, not_loaded=listed.not_loaded, codes=codes
    )  # fmt: skip


def _statement(statement: Statement, facts: DataDictionary) -> Content:
    grants: dict[str, Content] = {grant.name: _grant(grant, facts) for grant in statement.grants}
    if statement.lesser_of_requested:
        grants["lesser_of_requested"] = True
    return compact(
        id=statement.id, position=str(statement.position), wording=statement.wording,
        services=Flow(statement.services), population=statement.population, when=_criterion(statement.when, facts),
        grants=grants, conclusion=statement.conclusion, delegate=statement.delegate, source=statement.source,
    )  # fmt: skip


def _grant(grant: Grant, facts: DataDictionary) -> Content:
    rows = [(row.when, quantity_text(row.value)) for row in grant.rows]
    if len(rows) == 1 and rows[0][0] is None:
        return rows[0][1]
    return [
        {"otherwise": value} if when is None else {"when": criterion_content(when, facts), "then": value}
        for when, value in rows
    ]


def _source(source: Source) -> Content:
    return compact(
        title=source.title, section=source.section, address=source.address, date=source.date,
        confidence=source.confidence, note=source.note,
    )  # fmt: skip


def _technology(technology: Technology, facts: DataDictionary) -> Content:
    superseded: list[Content] = [dict(pairs) for pairs in technology.superseded_codes]
    return compact(
        name=technology.name, procedure=technology.procedure, approach=Flow(technology.approach),
        instruments=Flow(technology.instruments), regions=Flow(technology.regions), levels=technology.levels,
        regulatory=dict(technology.regulatory), intended_use=technology.intended_use,
        contraindications=list(technology.contraindications),
        codes=compact(related=Flow(technology.related_codes), superseded=superseded),
        label=[_flag(flag, facts) for flag in technology.label],
    )  # fmt: skip


def _flag(flag: LabelFlag, facts: DataDictionary) -> Content:
    when = criterion_content(flag.when, facts)
    return {"id": flag.id, "kind": flag.kind, "when": when, "says": flag.says, **compact(source=flag.source)}


def _fact(fact: Fact) -> Content:
    ends = ["" if end is None else number(end) for end in (fact.low, fact.high)]
    return compact(
        type=str(fact.type), unit=fact.unit, range="..".join(ends) if any(ends) else None, levels=Flow(fact.levels),
        values=Flow(fact.values), question=fact.question,
        source=None if fact.source is FactSource.RECORD else str(fact.source), found_in=dict(fact.found_in),
    )  # fmt: skip


def _layer(layer: Layer) -> Content:
    return {"authority": layer.authority, "adopted": True} if layer.adopted else layer.authority


def _value(value: FactValue, fact: Fact) -> Content:
    if isinstance(value, frozenset):
        return Flow(sorted(written_code(code, fact) for code in value))
    if fact.type is FactType.ORDINAL and isinstance(value, (int, float)):
        return fact.levels[int(value)]
    return written_code(value, fact) if isinstance(value, str) else value
