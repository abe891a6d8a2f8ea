"""One part: opened, given what it owes to the others, decided, written and proven."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import orjson

from medpol.engine import Plan, decide_batch, prepare_batch
from medpol.library.answers import Part, Tally, answers_of, schema_of, write_parquet
from medpol.library.claims import METADATA, about_job, damage_of, in_order, open_table
from medpol.library.streaming.manifest import Entry, replaced, written
from medpol.library.streaming.survey import Piece, Run, Survey, engine_of
from medpol.loading import ClaimsMap
from medpol.model.lines import Lines

TALLIES = "_tallies"
_EXACT = Decimal("0.0001")
"""To which a part's amounts are rounded; they are then added up exactly, in whatever order the parts were decided."""


def part_name(number: int) -> str:
    return f"part-{number:05}.parquet"


class Decider:
    """Decides parts one after another, in one process, by one plan."""

    def __init__(self, run: Run, survey: Survey, plan: Plan, number: int) -> None:
        self._run, self._survey = run, survey
        self._engine = engine_of(run, str(number), run.workers)
        self._prepared = prepare_batch(self._engine, plan)
        self._map = _for_parts(run.claims_map, survey)

    def close(self) -> None:
        self._engine.connection.close()

    def decide(self, piece: Piece) -> Entry:
        """Raises PolicyRejected where the input cannot be read any more."""
        with damage_of(self._run.job.claims):
            return self._decide(piece)

    def _decide(self, piece: Piece) -> Entry:
        run, tally = self._run, Tally()
        lines = self._staged(piece) if not piece.parts else self._opened(piece)
        if "history" in self._survey.passed_on:
            lines = self._with_history(piece, lines)
        decide_batch(self._prepared, lines)
        own = () if run.job.answers_only else (*self._survey.given, "code", "service_date")
        part = Part(
            lines=lines,
            first=piece.first,
            last=piece.first + piece.count - 1,
            own=own,
            governed_only=run.job.governed_only,
        )
        path = run.folder / part_name(piece.number)
        about = {METADATA: orjson.dumps(about_job(run.library, run.job)).decode()}
        rows = answers_of(self._engine, run.library.content, part, tally)
        with replaced(path) as new, in_order(self._engine):
            count = write_parquet(new, rows, schema_of(self._engine, part), about)
        expected = tally.governed if run.job.governed_only else tally.lines
        if tally.lines + piece.rejected != piece.count or count != expected:
            path.unlink()
            message = f"{tally.lines} decided, {piece.rejected} rejected, {count} written"
            raise AssertionError(f"part {piece.number}: {piece.count} lines in, {message}")
        return Entry(
            number=piece.number,
            first=piece.first,
            count=piece.count,
            rejected=piece.rejected,
            written=count,
            output=written(path, run.folder),
            tally=written(_write_tally(run.folder, piece.number, tally), run.folder),
        )

    def _staged(self, piece: Piece) -> Lines:
        """The lines of a CSV file, as the survey left them."""
        self._view("stream_lines", f"SELECT * FROM {_file(self._run.work / 'lines' / f'{piece.number}.parquet')}")
        return replace(self._survey.lines, table="stream_lines")

    def _opened(self, piece: Piece) -> Lines:
        """The lines of the part, without those that the whole input has rejected, with the other codes of claims."""
        run, whole = self._run, self._survey.lines
        others = "others" in self._survey.passed_on
        lines = open_table(
            run.library,
            self._engine.connection,
            piece.parts,
            self._map,
            without=frozenset({"also_billed"}) if others else frozenset(),
        ).lines
        columns, joins = "", ""
        if others:
            names = [column.removeprefix("l.") for column in whole.codes["also_billed"]]
            codes = (f"NULLIF(o.codes[{i + 1}], l.code) AS {name}" for i, name in enumerate(names))
            columns = ", ".join(["", *codes, "COALESCE(o.n, 0) AS others"])
            self._view(
                "stream_others",
                self._passed_on("others", piece, "''::VARCHAR AS claim, ['']::VARCHAR[] AS codes, 0::BIGINT AS n"),
            )
            joins = "LEFT JOIN stream_others o ON o.claim = l.claim"
            lines = replace(
                lines,
                codes={**lines.codes, "also_billed": whole.codes["also_billed"]},
                known_sets={**lines.known_sets, "also_billed": whole.known_sets["also_billed"]},
            )
        if "refused" in self._survey.passed_on:
            joins += f" ANTI JOIN {_file(run.work / 'refused.parquet')} r ON r.line = l.line"
        if not joins:
            return lines
        self._view("stream_lines", f"SELECT l.*{columns} FROM {lines.table} l {joins}")
        return replace(lines, table="stream_lines")

    def _with_history(self, piece: Piece, lines: Lines) -> Lines:
        nothing = (
            "0::BIGINT AS row, 0::BIGINT AS line, ''::VARCHAR AS member, ''::VARCHAR AS claim, ''::VARCHAR AS code, "
            "DATE '2000-01-01' AS date, 1::DOUBLE AS units, 1 AS left_side, 1 AS right_side, ''::VARCHAR AS level, "
            "['']::VARCHAR[] AS diagnoses"
        )
        self._view("stream_history", self._passed_on("history", piece, nothing))
        self._view("stream_diagnoses", "SELECT row, unnest(diagnoses) AS code FROM stream_history")
        diagnoses = "stream_diagnoses" if lines.history_diagnoses else ""
        return replace(lines, history="stream_history", history_diagnoses=diagnoses)

    def _passed_on(self, what: str, piece: Piece, nothing: str) -> str:
        """What the survey left for a part; of `nothing`'s columns where that is nothing."""
        folder = self._run.work / what / f"piece={piece.number}"
        files = sorted(folder.glob("*.parquet")) if folder.is_dir() else []
        if not files:
            return f"SELECT {nothing} WHERE false"
        return f"SELECT * FROM {_file(*files)}"

    def _view(self, name: str, query: str) -> None:
        self._engine.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")


def _for_parts(claims_map: ClaimsMap, survey: Survey) -> ClaimsMap:
    """The map without what was done for the whole: rejecting by rules of quality, and the history's first day."""
    return replace(
        claims_map,
        quality=replace(claims_map.quality, reject=frozenset()),
        history_since=survey.since or claims_map.history_since,
    )


def _file(*paths: Path) -> str:
    listed = ", ".join("'{}'".format(str(path).replace("'", "''")) for path in paths)
    return f"read_parquet([{listed}], hive_partitioning = false)"


def _write_tally(folder: Path, number: int, tally: Tally) -> Path:
    """The part's lines and exact amounts by what was said."""
    path = folder / TALLIES / f"{number:05}.json"
    path.parent.mkdir(exist_ok=True)
    totals = [
        (*key, lines, str(Decimal(billed).quantize(_EXACT)))
        for key, (lines, billed) in sorted(tally.totals.items(), key=_by_words)
    ]
    content = {"lines": tally.lines, "governed": tally.governed, "totals": totals}
    with replaced(path) as new:
        new.write_bytes(orjson.dumps(content))
    return path


def _by_words(item: tuple[tuple[str | None, ...], object]) -> tuple[str, ...]:
    return tuple(word or "" for word in item[0])


def read_tallies(paths: list[Path]) -> Tally:
    """The sum over parts; amounts are added up as decimals."""
    tally = Tally()
    sums: dict[tuple[str, str, str, str], tuple[int, Decimal]] = {}
    for path in paths:
        content = orjson.loads(path.read_bytes())
        tally.lines += content["lines"]
        tally.governed += content["governed"]
        for state, policy, layer, missing, lines, billed in content["totals"]:
            old = sums.get((state, policy, layer, missing), (0, Decimal(0)))
            sums[state, policy, layer, missing] = (old[0] + lines, old[1] + Decimal(billed))
    tally.totals = {key: (lines, float(billed)) for key, (lines, billed) in sums.items()}
    return tally
