"""A streamed run that ended, however it ended, is taken up again: no line twice, none lost, the same bytes."""

import hashlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from medpol.interfaces.cli import app
from medpol.library import Adjudication, PolicyLibrary, adjudicate_claims
from medpol.library.streaming import manifest as store
from medpol.library.streaming.deciding import Decider
from medpol.library.streaming.manifest import Entry
from medpol.library.streaming.survey import Piece
from medpol.problems import PolicyRejected

SMALL = Path(__file__).parents[1] / "interfaces" / "small"
MEDPOL = (sys.executable, "-c", "from medpol.interfaces.cli import main; main()")
MANY = 400


@pytest.fixture
def claims(tmp_path: Path) -> Path:
    """Lines of a hundred members, of codes that the small library governs and of others; some that are none."""
    path = tmp_path / "claims.parquet"
    duckdb.execute(
        f"""COPY (SELECT 'C' || i // 3 AS claim, 'M' || hash(i) % 100 AS member,
              CASE WHEN i % 50 = 7 THEN '2025-02-30' ELSE (DATE '2025-01-01' + (hash(i, 1) % 300)::INT)::VARCHAR END
                AS service_date,
              ['62330', '62330', '99213', 'G0276'][1 + (hash(i, 2) % 4)::INT] AS code, DATE '1950-03-02' AS birth_date,
              ['commercial', 'medicare'][1 + (hash(i, 3) % 2)::INT] AS line_of_business, 'M48.061' AS diagnosis_1,
              i % 9 AS pain, 1 AS units, i % 100 + 0.25 AS billed FROM range({MANY}) r(i))
            TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)"""
    )
    return path


def job(claims: Path, out: str = "verdicts", **options: Any) -> Adjudication:
    return Adjudication(
        claims=claims, out=claims.parent / out, **{"threads": 1, "part_rows": 100, "quality": False, **options}
    )


def run(claims: Path, out: str = "verdicts", **options: Any) -> Any:
    return adjudicate_claims(PolicyLibrary(SMALL), job(claims, out, **options))


def contents(out: Path) -> dict[str, str]:
    """Every file that a run leaves, by its name and digest, the output's own name taken out of both."""
    found = {}
    for path in out.parent.rglob("*"):
        name = path.relative_to(out.parent).as_posix()
        if path.is_file() and name.startswith((f"{out.stem}.", f"{out.stem}/")):
            text = path.read_bytes().replace(out.stem.encode(), b"OUT")
            found[name.replace(out.stem, "OUT")] = hashlib.sha256(text).hexdigest()
    return found


def decided(monkeypatch: pytest.MonkeyPatch, ends_after: int = 10**6) -> list[int]:
    """The numbers of the parts that are decided from now on; after so many the run ends."""
    numbers: list[int] = []
    decide: Callable[[Decider, Piece], Entry] = Decider.decide

    def noted(self: Decider, piece: Piece) -> Entry:
        if len(numbers) == ends_after:
            raise KeyboardInterrupt
        numbers.append(piece.number)
        return decide(self, piece)

    monkeypatch.setattr(Decider, "decide", noted)
    return numbers


@pytest.mark.parametrize("out", ["verdicts", "verdicts.parquet"])
def test_what_is_left_of_a_run_is_decided(claims: Path, out: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run(claims, f"undisturbed{Path(out).suffix}", quality=True)
    with monkeypatch.context() as patch:
        assert decided(patch, ends_after=2) == []
        with pytest.raises(KeyboardInterrupt):
            run(claims, out, quality=True)
    numbers = decided(monkeypatch)
    run(claims, out, quality=True)
    assert numbers == [2, 3]
    expected = contents(claims.parent / f"undisturbed{Path(out).suffix}")
    assert contents(claims.parent / out) == expected
    assert not any("_work" in name or "_lock" in name for name in expected)


@pytest.mark.parametrize("fault", ["changed", "shorter", "gone", "tally"])
def test_a_part_that_is_not_as_it_was_left_is_decided_again(
    claims: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(claims)
    before = contents(claims.parent / "verdicts")
    part = claims.parent / "verdicts" / ("_tallies/00003.json" if fault == "tally" else "part-00003.parquet")
    content = part.read_bytes()
    part.write_bytes({"changed": content[:40] + b"!" + content[41:], "shorter": content[:-1]}.get(fault, b""))
    if fault in ("gone", "tally"):
        part.unlink()
        (claims.parent / "verdicts" / "part-00000.parquet").unlink()  # without it the run is not taken for finished
    numbers = decided(monkeypatch)
    run(claims)
    assert numbers == ([0, 3] if fault in ("gone", "tally") else [3])
    assert contents(claims.parent / "verdicts") == before


@pytest.mark.parametrize("out", ["verdicts", "verdicts.parquet", "verdicts.csv"])
def test_a_run_that_is_done_is_not_done_again(claims: Path, out: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run(claims, out)
    before, numbers = contents(claims.parent / out), decided(monkeypatch)
    again = run(claims, out)
    assert numbers == []
    assert again.notes[-1].startswith("All parts had been decided before")
    assert (again.by_state, again.by_policy, again.missing, again.billed, again.quality, again.rejects) == (
        first.by_state, first.by_policy, first.missing, first.billed, first.quality, first.rejects,
    )  # fmt: skip
    assert contents(claims.parent / out) == before


def test_an_output_that_was_taken_away_is_made_again(claims: Path) -> None:
    run(claims, "verdicts.parquet")
    before = contents(claims.parent / "verdicts.parquet")
    (claims.parent / "verdicts.parquet").unlink()
    run(claims, "verdicts.parquet")
    assert contents(claims.parent / "verdicts.parquet") == before


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"governed_only": True}, "options"),
        ({"part_rows": 50}, "part-rows"),
        ({"as_of": date(2024, 5, 1)}, "options"),
    ],
)
def test_a_run_of_another_identity_is_refused(claims: Path, options: dict[str, Any], named: str) -> None:
    run(claims)
    before = contents(claims.parent / "verdicts")
    with pytest.raises(PolicyRejected, match=f"MP982 a run with another .*{named}"):
        run(claims, **options)
    assert contents(claims.parent / "verdicts") == before
    run(claims, fresh=True, **options)
    assert contents(claims.parent / "verdicts") != before


def test_other_claims_are_another_run(claims: Path) -> None:
    run(claims)
    os.utime(claims, ns=(0, 1))
    with pytest.raises(PolicyRejected, match="MP982 a run with another inputs"):
        run(claims)


def test_the_size_of_parts_is_kept(claims: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run taken up again with another amount of memory, and no --part-rows, goes on with its parts."""
    run(claims)
    (claims.parent / "verdicts" / "part-00001.parquet").unlink()
    numbers = decided(monkeypatch)
    run(claims, part_rows=None, memory=1 << 40)
    assert numbers == [1]


def test_a_folder_with_something_else_in_it_is_left_alone(claims: Path) -> None:
    (claims.parent / "verdicts").mkdir()
    (claims.parent / "verdicts" / "thesis.txt").write_text("mine", encoding="utf-8")
    for fresh in (False, True):
        with pytest.raises(PolicyRejected, match="MP982 the folder is not empty"):
            run(claims, fresh=fresh)
    assert [path.name for path in (claims.parent / "verdicts").iterdir()] == ["thesis.txt"]


def test_claims_that_cannot_be_used_leave_nothing(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(PolicyRejected, match="MP8"):
        run(path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", [b"", b"{}", b"no JSON", b'{"format": 99}'])
def test_a_manifest_that_cannot_be_read(claims: Path, content: bytes) -> None:
    run(claims)
    (claims.parent / "verdicts" / store.MANIFEST).write_bytes(content)
    with pytest.raises(PolicyRejected, match="MP982 the manifest cannot be read"):
        run(claims)
    run(claims, fresh=True)


def test_a_second_process_is_refused(claims: Path) -> None:
    (claims.parent / "verdicts").mkdir()
    with (
        store.locked(claims.parent / "verdicts"),
        pytest.raises(PolicyRejected, match=f"MP983 the process {os.getpid()}"),
    ):
        run(claims)


def test_a_lock_whose_process_has_ended_holds_nobody(claims: Path) -> None:
    (claims.parent / "verdicts").mkdir()
    (claims.parent / "verdicts" / store.LOCK).write_text("999999999\n", encoding="utf-8")
    run(claims)
    assert not (claims.parent / "verdicts" / store.LOCK).exists()


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("before", encoding="utf-8")

    def fails_half_way() -> None:
        with store.replaced(path) as new:
            new.write_text("half", encoding="utf-8")
            raise KeyError

    with pytest.raises(KeyError):
        fails_half_way()
    assert [(p.name, p.read_text(encoding="utf-8")) for p in tmp_path.iterdir()] == [("file", "before")]


def test_the_manifest_names_no_time(claims: Path) -> None:
    run(claims)
    about = json.loads((claims.parent / "verdicts" / store.MANIFEST).read_bytes())
    assert [part["first"] for part in about["parts"]] == [1, 101, 201, 301]
    assert sum(part["written"] + part["rejected"] for part in about["parts"]) == MANY
    assert set(about) == {"format", "identity", "part_rows", "day", "parts", "finished"}


def start(claims: Path, out: Path, *options: str, workers: int = 2) -> subprocess.Popen[bytes]:
    words = ["adjudicate", str(claims), "--library", str(SMALL), "--out", str(out), "--part-rows", "27"]
    words += ["--workers", str(workers), *options]
    return subprocess.Popen([*MEDPOL, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def test_the_number_of_processes_changes_no_byte(claims: Path) -> None:
    for number in (1, 3):
        assert start(claims, claims.parent / f"by{number}", workers=number).wait() == 0
    run(claims, "by0", part_rows=27, quality=True, threads=None)
    found = [contents(claims.parent / f"by{number}") for number in (0, 1, 3)]
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 2 * 15 + 2  # with the manifest and the rejects


def test_killed_at_any_moment_and_taken_up_again(claims: Path) -> None:
    rng = random.Random(4)
    begun = time.perf_counter()
    assert start(claims, claims.parent / "undisturbed").wait() == 0
    took = time.perf_counter() - begun
    expected = contents(claims.parent / "undisturbed")
    for number in range(2):
        out = claims.parent / f"killed{number}"
        process = start(claims, out)
        time.sleep(took * (0.4 + (number + rng.random()) * 0.3))
        process.kill()
        process.wait()
        assert start(claims, out).wait() == 0
        assert contents(out) == expected


def test_a_problem_in_a_process_is_told_as_ever(claims: Path) -> None:
    claims.write_bytes(claims.read_bytes()[:-3] + b"???")
    process = start(claims, claims.parent / "verdicts")
    _, errors = process.communicate()
    assert process.returncode == 2
    assert b"MP80" in errors
    assert b"Traceback" not in errors


def test_a_process_that_ends_by_itself_is_a_problem() -> None:
    program = """
import os
from medpol.library.streaming.processes import done_in_processes
from medpol.problems import PolicyRejected
try:
    print(list(done_in_processes(lambda n: lambda task: task if task < 3 else os._exit(9), range(9), 2, [])))
except PolicyRejected as rejected:
    print(rejected)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "MP984 a process that decided lines was ended (status 9)" in done.stdout


def test_answers_only_and_the_memory_on_the_command_line(claims: Path) -> None:
    out = claims.parent / "verdicts.parquet"
    words = ["adjudicate", str(claims), "--library", str(SMALL), "--out", str(out), "--answers-only"]
    assert CliRunner().invoke(app, words).exit_code == 0
    columns = [name for name, *_ in duckdb.execute(f"DESCRIBE SELECT * FROM '{out}'").fetchall()]
    assert columns[:2] == ["line", "state"]
    wrong = CliRunner().invoke(app, [*words, "--memory", "lots"])
    assert (wrong.exit_code, "MP981" in wrong.stderr) == (2, True)
