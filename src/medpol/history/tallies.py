"""What a replay's lines add up to."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from medpol.loading import ClaimsTable
from medpol.model.impact import Asked, Basis, Group, Impact, Kind, Provider, Tally, Transition
from medpol.model.policy import State

_STATES = tuple(State)
_CENT = Decimal("0.01")
_TOP = 10
_MOVED = "kind = 'state'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A table of lines with both answers, and which of member, provider and billed the file gives."""

    connection: duckdb.DuckDBPyConnection
    table: str
    given: frozenset[str]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()

    def tally_columns(self, where: str = "true") -> str:
        """The four columns that `tally` reads."""
        members, providers = (self._distinct(name, where) for name in ("member", "provider"))
        known, lines = f"count(billed) FILTER ({where})", f"count(*) FILTER ({where})"
        amount = f"CASE WHEN {known} > 0 OR {lines} = 0 THEN coalesce(sum(billed) FILTER ({where}), 0) END"
        return f"{lines}, {members}, {providers}, {amount if 'billed' in self.given else 'NULL'}"

    def _distinct(self, name: str, where: str) -> str:
        return f"count(DISTINCT {name}) FILTER ({where})" if name in self.given else "NULL"


def impact_of(
    found: Compared, *, basis: Basis, title: tuple[str, str], names: tuple[str, str], claims: ClaimsTable
) -> Impact:
    """Everything that is said of a replay."""
    considered, changed = (_tally(found.rows(f"SELECT {found.tally_columns(where)} FROM {found.table}")[0])
                           for where in ("true", _MOVED))  # fmt: skip
    since, until = found.rows(f"SELECT min(service_date)::VARCHAR, max(service_date)::VARCHAR FROM {found.table}")[0]
    decided_by = "coalesce(nullif(after_policy, ''), nullif(before_policy, ''), 'none')"
    return Impact(
        basis=basis,
        policy=title[0],
        title=title[1],
        before=names[0],
        after=names[1],
        total=claims.total,
        rejected=claims.rejected,
        considered=considered,
        changed=changed,
        kinds=_kinds(found),
        transitions=_transitions(found),
        by_code=_groups(found, "code"),
        by_line_of_business=_groups(found, "coalesce(line_of_business, 'not known')"),
        by_month=tuple(sorted(_groups(found, "strftime(service_date, '%Y-%m')"), key=lambda group: group.name)),
        by_policy=_groups(found, decided_by),
        asked=_asked(found),
        providers=_providers(found),
        billed_unknown=_billed_unknown(found),
        since=since or "",
        until=until or "",
        notes=claims.notes,
    )


def _tally(row: Sequence[Any]) -> Tally:
    lines, members, providers, billed = row
    return Tally(lines=lines, members=members, providers=providers, billed=_money(billed))


def _money(amount: Decimal | None) -> Decimal | None:
    """With two decimals where the amounts have no more."""
    if amount is None:
        return None
    amount = Decimal(amount)
    cents = amount.quantize(_CENT)
    return cents if cents == amount else amount


def _kinds(found: Compared) -> tuple[tuple[Kind, Tally], ...]:
    rows = found.rows(f"SELECT kind, {found.tally_columns()} FROM {found.table} GROUP BY kind")
    tallies = {Kind(kind): _tally(row) for kind, *row in rows}
    return tuple((kind, tallies[kind]) for kind in Kind if kind in tallies)


def _transitions(found: Compared) -> tuple[Transition, ...]:
    rows = found.rows(f"SELECT before_state, after_state, {found.tally_columns()} FROM {found.table} GROUP BY ALL")
    transitions = (Transition(before=State(b), after=State(a), tally=_tally(row)) for b, a, *row in rows)
    return tuple(sorted(transitions, key=lambda t: (-t.tally.lines, _STATES.index(t.before), _STATES.index(t.after))))


def _groups(found: Compared, by: str) -> tuple[Group, ...]:
    """Most lines in another state first, then by name."""
    states = ", ".join(f"count(*) FILTER ({_MOVED} AND after_state = '{state}')" for state in _STATES)
    rows = found.rows(
        f"SELECT {by} AS name, count(*), {found.tally_columns(_MOVED)}, {states} FROM {found.table} GROUP BY 1"
    )
    groups = (
        Group(
            name=name,
            lines=lines,
            changed=_tally(rest[:4]),
            becomes=tuple((state, n) for state, n in zip(_STATES, rest[4:], strict=True) if n),
        )
        for name, lines, *rest in rows
    )
    return tuple(sorted(groups, key=lambda group: (-group.changed.lines, -group.lines, group.name)))


def _asked(found: Compared) -> tuple[Asked, ...]:
    """The facts that lines wait for; most newly asked first."""
    rows = found.rows(
        f"SELECT before_missing, after_missing, count(*) FROM {found.table} "
        "WHERE before_missing <> '' OR after_missing <> '' GROUP BY ALL"
    )
    counts: dict[str, list[int]] = {}
    for before, after, lines in rows:
        old, new = ({*filter(None, text.split("; "))} for text in (before, after))
        for fact in old | new:
            total = counts.setdefault(fact, [0, 0, 0, 0])
            for i, holds in enumerate((fact in old, fact in new, fact in new - old, fact in old - new)):
                total[i] += lines * holds
    asked = (Asked(fact=fact, before=b, after=a, newly=n, no_longer=o) for fact, (b, a, n, o) in counts.items())
    return tuple(sorted(asked, key=lambda one: (-one.newly, -one.no_longer, -one.after, one.fact)))


def _providers(found: Compared) -> tuple[Provider, ...] | None:
    if "provider" not in found.given:
        return None
    billed = "sum(billed)" if "billed" in found.given else "NULL"
    rows = found.rows(
        f"""SELECT provider, count(*) AS n, {billed} FROM {found.table} WHERE {_MOVED} AND provider IS NOT NULL
            GROUP BY provider ORDER BY n DESC, provider LIMIT {_TOP}"""
    )
    return tuple(Provider(name=name, lines=lines, billed=_money(amount)) for name, lines, amount in rows)


def _billed_unknown(found: Compared) -> int | None:
    """Lines whose amount is not known, which the sums leave out."""
    if "billed" not in found.given:
        return None
    count: int = found.rows(f"SELECT count(*) FROM {found.table} WHERE billed IS NULL")[0][0]
    return count
