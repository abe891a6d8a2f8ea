"""A version file: codes, code lists, statements and the default."""

import re
from dataclasses import dataclass, field
from datetime import date

from medpol.loading.criteria import read_criterion, read_table
from medpol.loading.nodes import Keys, Node, similar, text_of, yes_or_no
from medpol.loading.policies import Surroundings, month, source_of
from medpol.loading.scope import Scope, codes_of, overlaps, pattern_of
from medpol.model.codes import CodeList, CodePattern, normal
from medpol.model.criteria import Criterion
from medpol.model.policy import Grant, GrantRow, NamedList, Position, ServiceCode, Statement, Status, Version
from medpol.model.units import Quantity, named
from medpol.problems import Place

SYSTEMS = (
    "cpt", "hcpcs", "icd-10-cm", "icd-10-pcs", "cdt", "ndc", "revenue", "ms-drg", "loinc", "snomed-ct", "rxnorm",
)  # fmt: skip
# A code list may also hold what facts of a request are coded in.
LIST_SYSTEMS = (*SYSTEMS, "clinicaltrials.gov", "modifier", "place-of-service", "provider-taxonomy", "other")
LIMITS = ("line_of_business", "state", "plan", "place_of_service", "provider_specialty")
_POSITIONS = tuple(Position)
_STATUSES = tuple(Status)
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(?:\s+(\S.*))?")


@dataclass(slots=True)
class _Reading:
    """The parts of a version that its statements refer to."""

    scope: Scope
    codes: tuple[ServiceCode, ...]
    ids: set[str] = field(default_factory=set)


def read_version(keys: Keys, policy: str, scope: Scope, around: Surroundings) -> Version | None:
    """A version; `scope` is that of the policy, and afterwards knows what the version used."""
    own = _code_lists(keys, scope, around)
    scope.lists = around.codes() | {name: listed.codes for name, listed in own.items()}
    effective = keys.day("effective", required=True)
    codes = _codes(keys, scope)
    reading = _Reading(scope, codes)
    scope_node, default_node = keys.get("scope"), keys.get("default")
    limits = _applies_to(keys, around)
    criterion = None if scope_node is None else read_criterion(scope_node, scope)
    read = [_statement(item, reading) for item in keys.items("statements")]
    default = None if default_node is None else _statement(default_node, reading, default=True)
    if not read and default_node is None:
        scope.sheet.report("MP411", keys.node, "there are no statements and no default")
    status = keys.choice("status", _STATUSES)
    published, ends = keys.day("published"), keys.day("ends")
    if ends is not None and effective is not None and ends <= effective:
        scope.sheet.report("MP404", keys.found["ends"][1], "the version ends before it takes effect")
    reviewed, literature, notes = month(keys, "reviewed"), month(keys, "literature_through"), keys.text("notes")
    keys.close()
    if effective is None or not status:
        return None
    shared = {name: around.lists[name] for name in sorted(scope.used_lists) if name not in own}
    return Version(
        policy=policy, effective=effective, status=Status(status), published=published or effective, ends=ends,
        reviewed=reviewed, literature_through=literature, applies_to=limits, scope=criterion, codes=codes,
        code_lists=(*own.values(), *shared.values()), statements=tuple(s for s in read if s is not None),
        default=default, notes=notes, place=scope.sheet.place(keys.node),
    )  # fmt: skip


def _applies_to(version: Keys, around: Surroundings) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Which requests the version is about: by line of business, as library.yaml names it, and by codes."""
    keys = version.mapping("applies_to")
    if keys is None:
        return ()
    limits = []
    for name in (name for name in keys if name in LIMITS):
        values = keys.texts(name)
        if not values:
            version.sheet.report("MP312", keys.found[name][1], f"'{name}' lists nothing")
        if name == "line_of_business" and around.lines_of_business is not None:
            for value in (value for value in values if value not in around.lines_of_business):
                hint = similar(value, around.lines_of_business)
                version.sheet.report("MP409", keys.found[name][1], f"no line of business is called '{value}'{hint}")
        limits.append((name, values))
    keys.close()
    return tuple(limits)


# codes


def _codes(version: Keys, scope: Scope) -> tuple[ServiceCode, ...]:
    node = version.need("codes")
    if node is None:
        return ()
    if not version.items("codes"):
        scope.sheet.report("MP312", node, "the version lists no codes")
    codes = tuple(code for item in version.items("codes") for code in _entry(item, scope))
    by_role: dict[str, list[ServiceCode]] = {}
    for code in codes:
        by_role.setdefault(code.role, []).append(code)
    for role, group in by_role.items():
        _report_twice(group, role, scope)
    return codes


def _report_twice(group: list[ServiceCode], role: str, scope: Scope) -> None:
    """A pattern of one role overlaps another at the same time."""
    doubtful = {extra.place for _, _, extra in overlaps((code.pattern, code) for code in group)}
    for index, code in enumerate(group):
        for other in group[:index] if doubtful else ():
            if code.pattern.low <= other.pattern.high and other.pattern.low <= code.pattern.high and _meet(code, other):
                message = f"'{code.pattern}' is listed twice" + (f" as {role}" if role else "")
                scope.sheet.report("MP405", code.place, message)
                break


def _meet(one: ServiceCode, other: ServiceCode) -> bool:
    """Whether both are listed on some day."""
    begins = max(one.from_ or date.min, other.from_ or date.min)
    return begins < min(one.until or date.max, other.until or date.max)


def _entry(item: Node, scope: Scope) -> list[ServiceCode]:
    keys = Keys(item, scope.sheet)
    system = keys.choice("system", SYSTEMS)
    node = keys.get("code")
    nodes = [*([] if node is None else [node]), *keys.items("codes")]
    if ("code" in keys) == ("codes" in keys) or not nodes:
        scope.sheet.report("MP413", item, "an entry has either code or codes")
    role, label = keys.text("role"), keys.text("label")
    begin, until = keys.day("from"), keys.day("until")
    if begin is not None and until is not None and until <= begin:
        scope.sheet.report("MP404", keys.found["until"][1], "the code is listed until before its first day")
    source = source_of(keys, scope)
    keys.close()
    return [
        ServiceCode(
            system=system, pattern=pattern, role=role, label=label, from_=begin, until=until, source=source, place=where
        )
        for pattern, where in _patterns(nodes, scope)
    ]


def _patterns(nodes: list[Node], scope: Scope) -> list[tuple[CodePattern, Place]]:
    found = []
    for node in nodes:
        text = text_of(node, scope.sheet)
        pattern = None if text is None else pattern_of(scope.sheet, text, node)
        if pattern is not None:
            found.append((pattern, scope.sheet.place(node)))
    return found


def _code_lists(version: Keys, scope: Scope, around: Surroundings) -> dict[str, NamedList]:
    """The version's own lists; a loaded list of code_lists/ fills a slot of the same name."""
    keys = version.mapping("code_lists")
    own: dict[str, NamedList] = {}
    for name, (_, node) in keys.found.items() if keys else ():
        one = Keys(node, scope.sheet)
        listed = named_list(name, one)
        source_of(one, scope)
        one.close()
        shared = around.lists.get(name)
        fill = not listed.codes.loaded and shared is not None and shared.codes.loaded
        own[name] = shared if fill and shared is not None else listed
    return own


def named_list(name: str, keys: Keys) -> NamedList:
    """A code list with its codes, or the slot for one."""
    not_loaded = keys.text("not_loaded")
    node = keys.get("codes")
    if (node is None) == (not not_loaded):
        keys.sheet.report("MP412", keys.node, "a code list has either codes or not_loaded")
    patterns = () if node is None else codes_of(node, keys.sheet)
    codes = CodeList(patterns=patterns, name=name, loaded=node is not None)
    system, edition = keys.choice("system", LIST_SYSTEMS), keys.text("edition")
    return NamedList(
        name=name, system=system, edition=edition, source=keys.text("source"), not_loaded=not_loaded, codes=codes
    )  # fmt: skip


# statements


def _statement(item: Node, reading: _Reading, *, default: bool = False) -> Statement | None:
    scope = reading.scope
    keys = Keys(item, scope.sheet)
    statement_id = keys.text("id", required=True)
    if statement_id in reading.ids:
        scope.sheet.report("MP406", keys.found["id"][1], f"'{statement_id}' stands twice")
    reading.ids.add(statement_id)
    position = keys.choice("position", _POSITIONS)
    when_node = None if default else keys.get("when")
    when = None if when_node is None else read_criterion(when_node, scope)
    grants, lesser = _grants(keys, scope)
    statement = Statement(
        id=statement_id, position=Position(position or Position.INDIVIDUAL_CONSIDERATION),
        wording=keys.text("wording"), services=_services(keys, reading), population=keys.text("population"),
        when=when, grants=grants, lesser_of_requested=lesser, conclusion=keys.text("conclusion"),
        delegate=keys.text("delegate"), source=source_of(keys, scope), place=scope.sheet.place(item),
    )  # fmt: skip
    keys.close()
    return statement if position and (when is not None or when_node is None) else None


def _services(keys: Keys, reading: _Reading) -> tuple[str, ...]:
    """Roles as written, codes in normal form."""
    roles = {code.role for code in reading.codes if code.role}
    services = []
    for name in keys.texts("services"):
        is_code = any(code.pattern.matches(normal(name)) for code in reading.codes)
        if name not in roles and not is_code:
            keys.sheet.report(
                "MP407", keys.found["services"][1], f"no code has the role '{name}'{similar(name, roles)}"
            )
        services.append(name if name in roles else normal(name))
    return tuple(services)


def _grants(statement: Keys, scope: Scope) -> tuple[tuple[Grant, ...], bool]:
    keys = statement.mapping("grants")
    if keys is None:
        return (), False
    lesser, grants = False, []
    for name in keys:
        node = keys.get(name)
        if node is None:
            continue
        if name == "lesser_of_requested":
            lesser = bool(yes_or_no(text_of(node, scope.sheet) or ""))
            continue
        rows = _grant_rows(node, scope)
        if rows:
            grants.append(Grant(name=name, rows=rows))
    return tuple(grants), lesser


def _grant_rows(node: Node, scope: Scope) -> tuple[GrantRow, ...]:
    def amount(value: Node) -> Quantity | None:
        text = text_of(value, scope.sheet)
        match = None if text is None else _QUANTITY.fullmatch(text)
        if text is not None and match is None:
            scope.sheet.report("MP414", value, f"'{text}' is no quantity")
        return Quantity(float(match[1]), named(match[2] or "")) if match else None

    rows: list[tuple[Criterion | None, Quantity]] | None
    if isinstance(node.value, list):
        rows = read_table(node, scope, amount)
    else:
        single = amount(node)
        rows = None if single is None else [(None, single)]
    return tuple(GrantRow(when=when, value=value) for when, value in rows or ())
