"""What differs between two versions, and between two libraries, as data."""

from dataclasses import dataclass
from enum import StrEnum

from medpol.model.codes import CodePattern
from medpol.model.criteria import Criterion
from medpol.model.policy import Policy, ServiceCode, Statement, Version


class Aspect(StrEnum):
    """What of a statement is another."""

    POSITION = "position"
    CRITERION = "criterion"
    SERVICES = "services"
    POPULATION = "population"
    GRANTS = "grants"
    ORDER = "order"
    WORDING = "wording"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementChange:
    """A statement that is only in one version (the other None), or in both and not the same in `aspects`."""

    before: Statement | None
    after: Statement | None
    aspects: tuple[Aspect, ...] = ()

    @property
    def id(self) -> str:
        statement = self.after or self.before
        return statement.id if statement else ""

    @property
    def decides_otherwise(self) -> bool:
        """Whether more than words differ."""
        return set(self.aspects) != {Aspect.WORDING}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChange:
    """A code list of one name with other codes."""

    name: str
    added: tuple[CodePattern, ...]
    removed: tuple[CodePattern, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionChanges:
    """From `before` to `after`. `scope` and `applies_to` say only whether they differ; the versions have both texts.

    `codes_changed` pairs codes of the same system and pattern whose role or dates differ.
    """

    before: Version
    after: Version
    codes_added: tuple[ServiceCode, ...] = ()
    codes_removed: tuple[ServiceCode, ...] = ()
    codes_changed: tuple[tuple[ServiceCode, ServiceCode], ...] = ()
    lists: tuple[ListChange, ...] = ()
    statements: tuple[StatementChange, ...] = ()
    scope: tuple[Criterion | None, Criterion | None] | None = None
    applies_to: bool = False

    @property
    def none(self) -> bool:
        """Whether both versions decide and say the same."""
        codes = self.codes_added or self.codes_removed or self.codes_changed
        return not (codes or self.lists or self.statements or self.scope or self.applies_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChange:
    """A policy that is only in one library, or in both with other versions or another authority.

    `versions` are the changes of the approved versions that both have; `begun` and `ended` are those that only the
    later or only the earlier library has.
    """

    before: Policy | None
    after: Policy | None
    versions: tuple[VersionChanges, ...] = ()
    begun: tuple[Version, ...] = ()
    ended: tuple[Version, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryChanges:
    """From one library to another. `rules` says whether lines of business, precedence or assumptions differ."""

    policies: tuple[PolicyChange, ...] = ()
    rules: bool = False
