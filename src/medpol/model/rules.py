"""The plan's own rules: which authority speaks first for which line of business, and what is assumed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from medpol.model.facts import DataDictionary
from medpol.model.policy import Policy
from medpol.model.request import FactValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One step of the precedence. An adopted layer speaks only where no medical policy of the plan governs the code."""

    authority: str
    adopted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOfBusiness:
    name: str
    precedence: tuple[Layer, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """A value the plan's rules give a fact that nobody sent; the answer says where one was used."""

    fact: str
    value: FactValue
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRules:
    plan: str
    notice: str = ""
    lines_of_business: Mapping[str, LineOfBusiness] = field(default_factory=dict)
    assume: tuple[Assumption, ...] = ()
    signer_roles: tuple[str, ...] = ()
    signer_licences: tuple[str, ...] = ()
    digest: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Everything a library folder says, loaded and checked."""

    folder: str
    rules: PlanRules
    facts: DataDictionary
    policies: Mapping[str, Policy]
