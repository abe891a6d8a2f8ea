"""A streamed run from its beginning, or from where another of the same identity ended, to its end.

1. The folder is locked, and what stands in it is compared with what is asked: finished parts are verified and kept.
2. The survey passes over the whole input once (`survey`).
3. The other parts are decided (`deciding`), in as many processes as are asked for; each is entered in the manifest.
4. The parts' tallies are added up; the parts become one file if that is asked for; rejects and findings are named.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from medpol.engine import ENGINE, Plan
from medpol.library.answers import write_csv, write_parquet
from medpol.library.claims import METADATA, Adjudication, Summary, about_job, quality_path, rejects_path, summed_up
from medpol.library.policies import PolicyLibrary
from medpol.library.streaming.deciding import TALLIES, Decider, read_tallies
from medpol.library.streaming.manifest import (
    LOCK,
    MANIFEST,
    Entry,
    Manifest,
    Written,
    folder_digest,
    input_identity,
    is_unchanged,
    locked,
    read_manifest,
    replaced,
    written,
)
from medpol.library.streaming.processes import done_in_processes
from medpol.library.streaming.sizing import lines_at_once, rows_about
from medpol.library.streaming.survey import Piece, Run, Survey, make_survey
from medpol.loading import CATALOGUE, ClaimsMap, parts, read_claims_map
from medpol.problems import Place, PolicyRejected, Problem

DEFAULT_MEMORY = 2 << 30
_WORK = "_work"
_WHOLE_FILES = 1 << 62


def is_streamed(job: Adjudication) -> bool:
    """Whether a job is done part after part: into a folder, or where it is told to be, or where its lines would not go
    into the memory that is given."""
    if job.part_rows is not None or not job.out.suffix:
        return True
    if job.memory is None:
        return False
    try:
        return rows_about(job.claims) > lines_at_once(job.memory, 1)
    except PolicyRejected:
        return False  # whoever opens the input says what is wrong with it


def stream_claims(library: PolicyLibrary, job: Adjudication) -> Summary:
    """Decide every line, part after part. Raises PolicyRejected where the input cannot be used, the output cannot be
    written, or what stands at its place is of another run.

    With `job.workers` lines are decided in so many child processes, which are forked: call it from a process without
    threads of its own. Without it everything is done here.
    """
    folder = job.out if not job.out.suffix else job.out.with_name(f"{job.out.name}.parts")
    claims_map = read_claims_map(job.claims_map, library.content.facts) if job.claims_map else ClaimsMap()
    identity = _identity(library, job, claims_map)
    with _writable(folder), locked(folder) as lock:
        manifest = _begun(folder, job, identity)
        if manifest.finished is not None and _is_complete(folder, manifest):
            _tidy(folder, manifest)
            shutil.rmtree(folder / _WORK, ignore_errors=True)
            return _told_again(manifest.finished)
        manifest = _verified(folder, manifest)
        run = Run(
            library=library,
            job=job,
            claims_map=claims_map,
            day=date.fromisoformat(manifest.day),
            part_rows=manifest.part_rows,
            memory=job.memory or DEFAULT_MEMORY,
            workers=job.workers or 1,
            folder=folder,
            work=folder / _WORK,
        )
        shutil.rmtree(run.work, ignore_errors=True)
        run.work.mkdir()
        try:
            return _completed(run, manifest, lock)
        finally:
            shutil.rmtree(run.work, ignore_errors=True)
            if not manifest.entries:
                _clear(folder)


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    """The folder, made if it is not there; gone again if nothing came into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            yield
        finally:
            with suppress(OSError):
                folder.rmdir()
    except OSError as error:
        problem = Problem(Place(str(folder)), "MP903", f"cannot be written: {error}", CATALOGUE["MP903"].remedy)
        raise PolicyRejected([problem]) from None


def _identity(library: PolicyLibrary, job: Adjudication, claims_map: ClaimsMap) -> dict[str, Any]:
    """All that answers depend on, but the size of parts and the day of the run, which a run taken up again keeps."""
    files = [part.path for part in parts(job.claims, _WHOLE_FILES)]
    tables = [table.path for table in claims_map.tables if table.path.is_file()]
    return {
        "library": folder_digest(library.folder),
        "engine": ENGINE,
        "map": claims_map.digest or None,
        "options": {
            "as_of": job.as_of.isoformat() if job.as_of else None,
            "known_on": job.known_on.isoformat() if job.known_on else None,
            "criteria": job.with_criteria,
            "governed_only": job.governed_only,
            "answers_only": job.answers_only,
            "quality": job.quality,
        },
        "inputs": [input_identity(path) for path in dict.fromkeys([*files, *tables])],
    }


def _begun(folder: Path, job: Adjudication, identity: dict[str, Any]) -> Manifest:
    """The manifest of the run that was begun here; else a new one."""
    found = None if job.fresh else read_manifest(folder)
    if job.fresh:
        _clear(folder)
    if found is None:
        _refuse_strangers(folder)
        rows = job.part_rows or lines_at_once(job.memory or DEFAULT_MEMORY, job.workers or 1)
        day = job.as_of or datetime.now(tz=UTC).date()
        manifest = Manifest(identity=identity, part_rows=rows, day=day.isoformat())
        manifest.write(folder)
        return manifest
    differs = [name for name in identity if found.identity.get(name) != identity[name]]
    if job.part_rows not in (None, found.part_rows):
        differs.append("part-rows")
    if differs:
        message = f"a run with another {', another '.join(differs)} was begun here"
        raise PolicyRejected([Problem(Place(str(folder)), "MP982", message, CATALOGUE["MP982"].remedy)])
    return found


def _verified(folder: Path, manifest: Manifest) -> Manifest:
    """With those parts that are as they were left."""
    entries = manifest.entries.items()
    kept = {n: e for n, e in entries if is_unchanged(e.output, folder) and is_unchanged(e.tally, folder)}
    return replace(manifest, entries=kept, finished=None)


def _refuse_strangers(folder: Path) -> None:
    """A folder that has something else in it is not written to."""
    if any(path.name not in (LOCK, _WORK, f".{MANIFEST}.new") for path in folder.iterdir()):
        message = "the folder is not empty, and no run was begun there"
        raise PolicyRejected([Problem(Place(str(folder)), "MP982", message, "give another --out")])


def _clear(folder: Path) -> None:
    """Take away what a run leaves, and nothing else."""
    for path in (*folder.glob("part-*.parquet"), *folder.glob(".*.new"), folder / MANIFEST):
        path.unlink(missing_ok=True)
    for name in (TALLIES, _WORK):
        shutil.rmtree(folder / name, ignore_errors=True)


def _completed(run: Run, manifest: Manifest, lock: int) -> Summary:
    run.job.on_stage("reading claims")
    survey = _surveyed(run, lock)
    _forget_others(run, manifest, survey)
    manifest.write(run.folder)
    todo = [piece for piece in survey.pieces if piece.number not in manifest.entries]
    for entry in _decided(run, survey, todo, lock):
        manifest.entries[entry.number] = entry
        manifest.write(run.folder)
        run.job.on_stage(f"deciding: {len(manifest.entries)} of {len(survey.pieces)} parts done")
    return _finish(run, manifest, survey)


def _surveyed(run: Run, lock: int) -> Survey:
    if run.job.workers is None:
        return make_survey(run)
    survey: Survey
    (survey,) = done_in_processes(lambda _number: lambda _task: make_survey(run), [None], 1, [lock])
    return survey


def _forget_others(run: Run, manifest: Manifest, survey: Survey) -> None:
    """Leave of the parts in the folder those that are entered, and of these those that fit the survey."""
    pieces = {piece.number: piece for piece in survey.pieces}
    for number, entry in list(manifest.entries.items()):
        piece = pieces.get(number)
        if piece is None or (piece.first, piece.count, piece.rejected) != (entry.first, entry.count, entry.rejected):
            del manifest.entries[number]
    kept = {entry.output.name for entry in manifest.entries.values()}
    for path in (*run.folder.glob("part-*.parquet"), *run.folder.glob(".*.new")):
        if path.name not in kept:
            path.unlink()


def _decided(run: Run, survey: Survey, todo: Sequence[Piece], lock: int) -> Iterator[Entry]:
    """The parts, as they are done."""
    if not todo:
        return
    describe = run.library.leaf_in_words if run.job.with_criteria else None
    plan = Plan(run.library.content, describe, known_on=run.job.known_on, as_of=run.job.as_of)
    if run.job.workers is None:
        decider = Decider(run, survey, plan, 0)
        try:
            yield from map(decider.decide, todo)
        finally:
            decider.close()
        return
    run.job.on_stage("choosing versions")
    plan.meet(survey.codes)  # here, so that every process has it
    many = min(run.workers, len(todo))
    yield from done_in_processes(lambda number: Decider(run, survey, plan, number).decide, todo, many, [lock])


def _finish(run: Run, manifest: Manifest, survey: Survey) -> Summary:
    job, entries = run.job, [manifest.entries[piece.number] for piece in survey.pieces]
    tally = read_tallies([run.folder / entry.tally.name for entry in entries])
    out = sum(entry.written for entry in entries)
    expected = tally.governed if job.governed_only else tally.lines
    if tally.lines + survey.rejected != survey.total or out != expected:
        raise AssertionError(f"{survey.total} lines in, {tally.lines} decided, {survey.rejected} rejected, {out} out")
    outside: list[Path] = []
    if job.out.suffix:
        job.on_stage("joining parts")
        _join(run, entries)
        outside.append(job.out)
    for made, name in (("rejects.csv", rejects_path(job.out)), ("quality.csv", quality_path(job.out))):
        if (run.work / made).exists():
            with replaced(name) as new:
                shutil.copyfile(run.work / made, new)
            outside.append(name)
        else:
            name.unlink(missing_ok=True)
    has = {path.name for path in outside}
    summary = summed_up(
        tally,
        total=survey.total,
        rejected=survey.rejected,
        given=survey.given,
        notes=survey.notes,
        out=job.out,
        rejects=rejects_path(job.out) if rejects_path(job.out).name in has else None,
    )
    summary = replace(
        summary, quality=survey.quality, listed=quality_path(job.out) if quality_path(job.out).name in has else None
    )
    proofs = [asdict(written(path, run.folder)) for path in outside]
    manifest.finished = {"summary": _as_json(summary), "files": proofs}
    manifest.write(run.folder)
    _tidy(run.folder, manifest)
    return summary


def _tidy(folder: Path, manifest: Manifest) -> None:
    """Take away what a finished run needs no more: parts that have become one file, and what else a kill left."""
    for path in folder.glob(".*.new"):
        path.unlink()
    if manifest.finished is not None and manifest.finished["summary"]["joined"]:
        shutil.rmtree(folder / TALLIES, ignore_errors=True)
        for path in folder.glob("part-*.parquet"):
            path.unlink()


def _join(run: Run, entries: Sequence[Entry]) -> None:
    """The parts as one file, in the order of the lines; a row group stays one."""
    files = [run.folder / entry.output.name for entry in entries]
    schema = _rows_of(files[0]).schema_arrow.remove_metadata()
    batches = (
        batch.cast(schema)
        for file in map(_rows_of, files)
        for group in range(file.num_row_groups)
        for batch in file.read_row_group(group).combine_chunks().to_batches()
    )
    with replaced(run.job.out) as new:
        if run.job.out.suffix == ".csv":
            write_csv(new, batches, schema)
        else:
            write_parquet(new, batches, schema, {METADATA: orjson.dumps(about_job(run.library, run.job)).decode()})


def _rows_of(path: Path) -> pq.ParquetFile:
    texts = [field.name for field in pq.read_schema(path) if pa.types.is_string(field.type)]
    return pq.ParquetFile(path, read_dictionary=texts)


def _is_complete(folder: Path, manifest: Manifest) -> bool:
    """Whether all that a finished run left is still as it was."""
    finished = manifest.finished or {}
    outside = [Written(**file) for file in finished["files"]]
    in_folder = [] if finished["summary"]["joined"] else [entry.output for entry in manifest.entries.values()]
    return all(is_unchanged(file, folder) for file in (*outside, *in_folder))


def _as_json(summary: Summary) -> dict[str, Any]:
    paths = {
        name: None if path is None else str(path)
        for name in ("out", "rejects", "listed")
        for path in (getattr(summary, name),)
    }
    return {**asdict(summary), **paths, "joined": bool(summary.out.suffix)}


def _told_again(finished: Any) -> Summary:
    """The summary of a run that had been finished."""
    told = dict(finished["summary"])
    told.pop("joined")
    for name in ("by_state", "by_policy", "missing", "quality"):
        told[name] = tuple(map(tuple, told[name]))
    for name in ("out", "rejects", "listed"):
        told[name] = Path(told[name]) if told[name] else None
    note = "All parts had been decided before: nothing was done."
    return Summary(**{**told, "notes": (*told["notes"], note)})
