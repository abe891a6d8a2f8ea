"""Small libraries and requests made in code, for the tests of the rooms above the model."""

from collections.abc import Iterable, Mapping
from datetime import date

from medpol.model.codes import normal, parse_pattern
from medpol.model.criteria import Criterion
from medpol.model.facts import DataDictionary
from medpol.model.policy import Grant, Policy, Position, ServiceCode, Statement, Status, Version
from medpol.model.request import FactValue, HistoryLine, Request
from medpol.model.rules import Assumption, Layer, Library, LineOfBusiness, PlanRules
from medpol.model.units import Quantity
from strategies import FACTS, SERVICE

YES, NO, PERSON = Position.MEDICALLY_NECESSARY, Position.INVESTIGATIONAL, Position.INDIVIDUAL_CONSIDERATION
ALWAYS = date(2000, 1, 1)
CODE = "62330"


def statement(
    position: Position, when: Criterion | None = None, name: str = "", *, services: Iterable[str] = (),
    grants: tuple[Grant, ...] = (), lesser_of_requested: bool = False,
) -> Statement:  # fmt: skip
    return Statement(
        id=name or position.value, position=position, when=when, services=tuple(services), grants=grants,
        lesser_of_requested=lesser_of_requested,
    )  # fmt: skip


def version(
    number: str,
    *statements: Statement,
    default: Position | None = None,
    effective: date = ALWAYS,
    published: date | None = None,
    ends: date | None = None,
    status: Status = Status.APPROVED,
    codes: Iterable[ServiceCode | str] = (CODE,),
    applies_to: Mapping[str, tuple[str, ...]] | None = None,
    scope: Criterion | None = None,
    digest: str = "",
) -> Version:
    return Version(
        policy=number,
        effective=effective,
        published=published or effective,
        ends=ends,
        status=status,
        codes=tuple(service(code) if isinstance(code, str) else code for code in codes),
        statements=statements,
        default=Statement(id="default", position=default) if default else None,
        applies_to=tuple((applies_to or {}).items()),
        scope=scope,
        digest=digest or f"{number}@{effective}",
    )


def service(code: str, role: str = "", from_: date | None = None, until: date | None = None) -> ServiceCode:
    pattern = parse_pattern(code)
    assert pattern is not None
    return ServiceCode(system="cpt", pattern=pattern, role=role, from_=from_, until=until)


def policy(*versions: Version, authority: str = "medical_policy") -> Policy:
    return Policy(number=versions[0].policy, authority=authority, title=versions[0].policy, versions=versions)


def one_policy(
    *statements: Statement, default: Position | None = None, number: str = "P", authority: str = "medical_policy"
) -> Policy:
    """A policy of one version, always in force."""
    return policy(version(number, *statements, default=default), authority=authority)


def library(
    *policies: Policy,
    precedence: Iterable[str | Layer] = ("medical_policy",),
    assume: tuple[Assumption, ...] = (),
    facts: DataDictionary = FACTS,
    lines: Mapping[str, Iterable[str | Layer]] | None = None,
) -> Library:
    """`lines` gives each line of business its precedence; without it there is `commercial` with `precedence`."""
    named = {
        name: LineOfBusiness(
            name=name, precedence=tuple(Layer(authority=item) if isinstance(item, str) else item for item in order)
        )
        for name, order in (lines or {"commercial": precedence}).items()
    }
    rules = PlanRules(plan="Test", lines_of_business=named, assume=assume, digest="rules")
    return Library(folder="", rules=rules, facts=facts, policies={p.number: p for p in policies})


def request(
    *,
    code: str = CODE,
    line: str | None = "commercial",
    day: date = SERVICE,
    history: tuple[HistoryLine, ...] | None = None,
    since: date | None = None,
    claim: str = "",
    level: str = "",
    requested: Mapping[str, Quantity] | None = None,
    **facts: FactValue | None,
) -> Request:
    """A request; a fact that is None is left out."""
    known = {name: value for name, value in facts.items() if value is not None}
    return Request(
        id="r",
        system="cpt",
        code=normal(code),
        service_date=day,
        line_of_business=line,
        facts={"modifier": frozenset[str](), **known, "service_date": day, "procedure": normal(code)},
        history=history,
        history_since=since,
        claim=claim,
        level=level,
        requested=requested or {},
        digest="request",
    )
