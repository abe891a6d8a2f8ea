"""Part after part the same answers come out as of the whole: what a line owes to lines in other parts reaches it."""

import csv
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, cast

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from medpol.library import Adjudication, PolicyLibrary, Summary, adjudicate_claims
from medpol.library.streaming import is_streamed, memory_of
from medpol.library.streaming.deciding import Decider
from medpol.library.streaming.sizing import FEWEST, MOST, OWN, PER_LINE, lines_at_once
from medpol.library.streaming.survey import Piece
from medpol.model.codes import CodeList, parse_pattern
from medpol.model.criteria import All, Claims, Criterion, Measure, Not, OneOf, Within
from medpol.model.facts import DataDictionary
from medpol.model.lines import Lines
from medpol.model.policy import Policy, Position, ServiceCode, Statement, Status, Version
from medpol.model.rules import Layer, Library, LineOfBusiness, PlanRules
from medpol.problems import PolicyRejected
from medpol.rendering.english import criterion_text

HEAD = ("claim", "member", "code", "service_date", "line_of_business", "modifier_1", "diagnosis_1", "units", "billed")
REJECTING = "quality: {reject: [duplicate-line, units-zero]}\n"


def codes(*texts: str) -> CodeList:
    return CodeList(patterns=tuple(pattern for text in texts if (pattern := parse_pattern(text)) is not None))


CRITERIA: dict[str, Criterion] = {
    "11111": Claims(codes=None, within=Within.LENGTH, length=12, unit="mo", high=1),
    "22222": Claims(codes=codes("1111*", "33333"), within=Within.LIFETIME, same=("side",), low=1),
    "33333": All(
        of=(
            Claims(
                codes=codes("44444"), within=Within.CALENDAR_YEAR, measure=Measure.UNITS, diagnosis=codes("M*"), high=3
            ),
            Not(of=OneOf(fact="also_billed", codes=codes("11111", "55555"))),
        )
    ),
    "44444": OneOf(fact="also_billed", codes=codes("22222", "44444")),
}


def library(criteria: dict[str, Criterion] | None = None) -> PolicyLibrary:
    policies = {code: _policy(code, when) for code, when in (CRITERIA if criteria is None else criteria).items()}
    lines = {"commercial": LineOfBusiness(name="commercial", precedence=(Layer(authority="medical_policy"),))}
    content = Library(
        folder="",
        rules=PlanRules(plan="T", lines_of_business=lines),
        facts=DataDictionary({}),
        policies=policies,
    )
    face = SimpleNamespace(
        content=content,
        folder=Path("no such folder"),
        leaf_in_words=lambda leaf: criterion_text(leaf, content.facts),
    )
    return cast(PolicyLibrary, face)


def _policy(code: str, when: Criterion) -> Policy:
    version = Version(
        policy=code,
        effective=date(2020, 1, 1),
        status=Status.APPROVED,
        published=date(2020, 1, 1),
        codes=tuple(ServiceCode(system="cpt", pattern=pattern) for pattern in codes(code).patterns),
        statements=(Statement(id="with", position=Position.MEDICALLY_NECESSARY, when=when),),
        default=Statement(id="without", position=Position.NOT_MEDICALLY_NECESSARY),
    )
    return Policy(number=code, authority="medical_policy", title=code, versions=(version,))


def rows_of(seed: int, many: int) -> Iterator[tuple[str, ...]]:
    """Claim lines of few members, claims, codes and days, some twice, some that are none."""
    rng, made = random.Random(seed), [("C0", "M0", "11111", "2024-01-01", "commercial", "", "M48", "1", "10.01")]
    for _ in range(many):
        if rng.random() < 0.1:
            yield rng.choice(made)
            continue
        day = (date(2023, 1, 1) + timedelta(rng.randrange(800))).isoformat() if rng.random() > 0.05 else "2024-13-01"
        row = (
            f"C{rng.randrange(8)}",
            rng.choice(("", "M0", "M1", "M2")),
            rng.choice(("11111", "22222", "33333", "44444", "55555", "66666", "")),
            day,
            "commercial" if rng.random() < 0.9 else "",
            rng.choice(("", "LT", "RT", "50")),
            rng.choice(("M48", "I10", "")),
            rng.choice(("0", "1", "1", "2", "0.1")),
            str(round(100 * rng.random(), 2)),
        )
        made.append(row)
        yield row


def written(folder: Path, seed: int, kind: str, many: int = 60) -> Path:
    """The lines in two files of one kind, below folders that are partitions."""
    rows = list(rows_of(seed, many))
    cut = random.Random(seed).randrange(1, many)
    for number, some in enumerate((rows[:cut], rows[cut:])):
        path = folder / "claims" / f"batch={number}" / f"lines.{kind}"
        path.parent.mkdir(parents=True)
        if kind == "csv":
            with path.open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream).writerows([HEAD, *some])
            continue
        table = pa.table(dict(zip(HEAD, map(list, zip(*some, strict=True)), strict=True)))
        if kind == "parquet":
            pq.write_table(table, path, row_group_size=7)
        else:
            with pa.ipc.new_file(path, table.schema) as sink:
                sink.write_table(table)
    return folder / "claims"


def job(claims: Path, out: str, *, rejecting: bool = False, **options: Any) -> Adjudication:
    claims_map = claims.parent / "map.yaml"
    claims_map.write_text(REJECTING if rejecting else "note: none\n", encoding="utf-8")
    options = {"threads": 1, "as_of": None, **options}
    return Adjudication(claims=claims, out=claims.parent / out, claims_map=claims_map, **options)


def answers(out: Path) -> list[tuple[Any, ...]]:
    source = f"{out}/part-*.parquet" if out.is_dir() else str(out)
    return duckdb.execute(f"SELECT * FROM '{source}' ORDER BY line").fetchall()


def beside(out: Path) -> list[str]:
    files = [out.with_name(f"{out.stem}.{name}.csv") for name in ("rejects", "quality")]
    return [path.read_text(encoding="utf-8") if path.exists() else "" for path in files]


def told(summary: Summary) -> tuple[Any, ...]:
    def cents(rows: Any) -> list[tuple[Any, ...]]:
        return [(*row[:-1], None if row[-1] is None else round(row[-1], 6)) for row in rows]

    counts = (summary.total, summary.decided, summary.rejected, summary.missing, summary.notes, summary.quality)
    return (*counts, cents(summary.by_state), cents(summary.by_policy), round(summary.billed or 0, 6))


@pytest.mark.parametrize("kind", ["parquet", "csv", "arrow"])
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6), part_rows=st.integers(7, 40), rejecting=st.booleans())
@example(seed=1, part_rows=3, rejecting=True)
@example(seed=2, part_rows=9, rejecting=False)
def test_parts_say_what_the_whole_says(kind: str, seed: int, part_rows: int, rejecting: bool) -> None:
    with TemporaryDirectory() as folder:
        claims = written(Path(folder), seed, kind, 20 if part_rows < 4 else 60)
        whole = job(claims, "whole.parquet", rejecting=rejecting)
        parts = job(claims, "parts", rejecting=rejecting, part_rows=part_rows, memory=1 << 30)
        assert told(adjudicate_claims(library(), parts)) == told(adjudicate_claims(library(), whole))
        assert answers(parts.out) == answers(whole.out)
        assert beside(parts.out) == beside(whole.out)


@pytest.mark.parametrize("withheld", ["_with_history", "others", "refused"])
def test_the_lines_above_can_tell(withheld: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were a part to see its own lines only, the answers would be others."""
    claims = written(tmp_path, 2, "parquet")
    adjudicate_claims(library(), job(claims, "whole.parquet", rejecting=True))
    if withheld == "_with_history":
        monkeypatch.setattr(Decider, "_with_history", lambda _self, _piece, lines: lines)
    else:
        passed_on = Decider._opened

        def without(self: Decider, piece: Piece) -> Lines:
            object.__setattr__(self._survey, "passed_on", self._survey.passed_on - {withheld})
            return passed_on(self, piece)

        monkeypatch.setattr(Decider, "_opened", without)
    parts = job(claims, "parts", rejecting=True, part_rows=9)
    if withheld == "refused":
        with pytest.raises(AssertionError, match="lines in"):
            adjudicate_claims(library(), parts)
        return
    adjudicate_claims(library(), parts)
    assert answers(parts.out) != answers(tmp_path / "whole.parquet")


@pytest.mark.parametrize("out", ["parts.parquet", "parts.csv"])
@pytest.mark.parametrize("how", [{}, {"governed_only": True}, {"answers_only": True, "with_criteria": False}])
def test_parts_become_one_file(out: str, how: dict[str, bool], tmp_path: Path) -> None:
    claims = written(tmp_path, 3, "parquet")
    whole = job(claims, f"whole{Path(out).suffix}", **how)
    parts = job(claims, out, part_rows=9, **how)
    assert told(adjudicate_claims(library(), parts)) == told(adjudicate_claims(library(), whole))
    if out.endswith(".csv"):
        assert parts.out.read_bytes() == whole.out.read_bytes()
    else:
        assert pq.read_table(parts.out).equals(pq.read_table(whole.out))
        assert pq.read_metadata(parts.out).metadata == pq.read_metadata(whole.out).metadata
    assert list((tmp_path / f"{out}.parts").glob("**/part-*")) == []


def test_nothing_is_passed_on_that_nobody_asks_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    claims = written(tmp_path, 4, "parquet")
    seen: list[frozenset[str]] = []
    passed_on = Decider._opened

    def look(self: Decider, piece: Piece) -> Lines:
        seen.append(self._survey.passed_on)
        return passed_on(self, piece)

    monkeypatch.setattr(Decider, "_opened", look)
    plain = library({"11111": OneOf(fact="diagnosis", codes=codes("M*"))})
    adjudicate_claims(plain, job(claims, "parts", part_rows=30))
    assert set(seen) == {frozenset()}


@pytest.mark.parametrize(
    ("text", "found"),
    [("2GB", 2 << 30), ("1.5 GiB", 3 << 29), ("800m", 800 << 20), ("1T", 1 << 40), (str(1 << 30), 1 << 30)],
)
def test_amounts_of_memory(text: str, found: int) -> None:
    assert memory_of(text) == found


@pytest.mark.parametrize("text", ["", "much", "-2GB", "100MB", "2 PB", "1,5GB"])
def test_amounts_that_are_none(text: str) -> None:
    with pytest.raises(PolicyRejected, match="MP981"):
        memory_of(text)


@given(memory=st.integers(256 << 20, 1 << 40), workers=st.integers(1, 64))
def test_parts_stay_within_the_memory(memory: int, workers: int) -> None:
    rows = lines_at_once(memory, workers)
    assert FEWEST <= rows <= MOST
    assert rows == FEWEST or workers * (OWN + rows * PER_LINE) <= memory


def test_what_is_streamed(tmp_path: Path) -> None:
    claims = written(tmp_path, 5, "parquet")
    assert not is_streamed(job(claims, "out.parquet", memory=1 << 30))
    assert is_streamed(job(claims, "out.parquet", part_rows=1000))
    assert is_streamed(job(claims, "out"))
    pq.write_table(pa.table({"code": pa.nulls(2_000_000, pa.string())}), tmp_path / "big.parquet")
    assert is_streamed(job(tmp_path / "big.parquet", "out.parquet", memory=1 << 30))
    assert not is_streamed(job(tmp_path / "big.parquet", "out.parquet", memory=4 << 30))
    assert not is_streamed(job(tmp_path / "big.parquet", "out.parquet"))
