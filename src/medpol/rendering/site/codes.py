"""A code's page and the list of codes, as data: which statements are asked about it, by line of business and date."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from medpol.model.codes import CodePattern
from medpol.model.policy import Policy, ServiceCode, Statement, Version
from medpol.rendering.publication import Theme
from medpol.rendering.publication.cells import capital
from medpol.rendering.site.addresses import CODES, address, code_path, policy_path
from medpol.rendering.site.parts import Data, dates, statement_data


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One statement as it is asked about a code."""

    policy: Policy
    version: Version
    statement: Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What is asked, in order, from `begins` until before `ends` (None: open); `settles`: the last always decides."""

    begins: date
    ends: date | None
    asked: tuple[Asked, ...]
    settles: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One code and all that the library says of it. `governed` are the versions that list it."""

    pattern: CodePattern
    governed: tuple[tuple[Policy, Version, ServiceCode], ...]
    lines: Mapping[str, tuple[Period, ...]]
    notes: Mapping[str, str]

    @property
    def labels(self) -> list[str]:
        """What its policies call it, the newest first."""
        entries = sorted(self.governed, key=lambda g: g[1].effective, reverse=True)
        return list(dict.fromkeys(code.label for _, _, code in entries if code.label))

    @property
    def systems(self) -> list[str]:
        return sorted({code.system for _, _, code in self.governed})


def code_data(said: Said, theme: Theme) -> Data:
    """The page of a code. Lines of business that ask the same are told together."""
    alike: dict[tuple[object, ...], list[str]] = {}
    for name, periods in said.lines.items():
        key = (said.notes.get(name, ""), *map(_same, periods))
        alike.setdefault(key, []).append(name)
    return {
        "kind": "code",
        "code": str(said.pattern),
        "systems": said.systems,
        "labels": said.labels,
        "address": address(code_path(said.pattern)),
        "lines_of_business": [
            {
                "names": names,
                "note": said.notes.get(names[0], "") or None,
                "periods": [_period(period, theme) for period in reversed(said.lines[names[0]])],
            }
            for names in alike.values()
        ],
        "listed": [
            {
                "number": policy.number,
                "title": policy.title,
                "address": address(policy_path(policy.number)),
                "as": str(code.pattern),
                "role": code.role or None,
                **dates(policy, version),
            }
            for policy, version, code in said.governed
        ],
    }


def _same(period: Period) -> tuple[object, ...]:
    asked = ((a.version.id, a.statement.id) for a in period.asked)
    return period.begins, period.ends, period.settles, *asked


def _period(period: Period, theme: Theme) -> Data:
    return {
        "from": period.begins.isoformat(),
        "until": period.ends.isoformat() if period.ends else None,
        "settles": period.settles,
        "asked": [
            {
                "number": asked.policy.number,
                "policy": asked.policy.title,
                "authority": asked.policy.authority,
                "authority_name": capital(theme.word(asked.policy.authority)),
                "version": asked.version.effective.isoformat(),
                "always": asked.statement.when is None,
                **statement_data(asked.version, asked.statement, theme),
            }
            for asked in period.asked
        ],
    }


def codes_data(found: Iterable[Said]) -> Data:
    """The list of every code that a version of the library governs."""
    return {"kind": "codes", "address": address(CODES), "codes": [_entry(said) for said in _ordered(list(found))]}


def _ordered(found: Sequence[Said]) -> list[Said]:
    return sorted(found, key=lambda said: (said.systems, said.pattern.low, said.pattern.high))


def _entry(said: Said) -> Data:
    numbers = dict.fromkeys(policy.number for policy, _, _ in said.governed)
    return {
        "code": str(said.pattern),
        "systems": said.systems,
        "labels": said.labels[:1],
        "policies": list(numbers),
        "address": address(code_path(said.pattern)),
    }
