"""Replay past claims under another version: the scenario chosen, the lines decided twice, the findings written."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from medpol.history import Scenario, between_libraries, from_its_date, on_all_dates, replay, version_changes
from medpol.library.policies import PolicyLibrary
from medpol.loading import CATALOGUE, load_draft
from medpol.model.changes import LibraryChanges, VersionChanges
from medpol.model.facts import DataDictionary
from medpol.model.impact import Basis, Impact
from medpol.model.policy import Policy, Status, Version
from medpol.problems import Place, PolicyRejected, Problem
from medpol.rendering.impact_page import impact_page


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What to replay. Either `policy` with two of its versions, or with one and a draft, or `library_to`.

    `before` and `after` are effective dates. Without `before` it is the approved version ahead of `after`, of a draft
    the latest approved one. `out` takes the changed lines (.parquet or .csv), `page` the report (HTML).
    """

    claims: Path
    claims_map: Path | None = None
    policy: str = ""
    before: date | None = None
    after: date | None = None
    draft: Path | None = None
    library_to: Path | None = None
    as_published: bool = False
    out: Path | None = None
    page: Path | None = None
    threads: int | None = None
    on_stage: Callable[[str], None] = lambda _stage: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What the claims say, and what differs in the texts. `facts` declares what both speak of."""

    impact: Impact
    changes: VersionChanges | LibraryChanges
    facts: DataDictionary


def replay_claims(library: PolicyLibrary, job: Replay) -> Findings:
    """Decide past claims by both sides and write what differs. Raises PolicyRejected for input it cannot use."""
    _refuse(job)
    scenario, basis, names = _scenario(library, job)
    number = library.content.policies.get(job.policy)
    title = (number.number, number.title) if number else ("", "")
    try:
        done = replay(
            scenario, job.claims, basis=basis, title=title, names=names, claims_map=job.claims_map,
            threads=job.threads, on_stage=job.on_stage,
        )  # fmt: skip
    except (duckdb.IOException, duckdb.InvalidInputException) as error:  # damage in a part that was not read before
        raise _rejected(job.claims, "MP909", str(error).splitlines()[0]) from None
    facts = DataDictionary({**scenario.before.facts.declared, **scenario.after.facts.declared})
    found = Findings(impact=done.impact, changes=scenario.changes, facts=facts)
    job.on_stage("writing")
    if job.out:
        _write_lines(done.connection, done.written, job.out)
    if job.page:
        _write(job.page, impact_page(found.impact, found.changes, found.facts, job.claims.name))
    return found


def _scenario(library: PolicyLibrary, job: Replay) -> tuple[Scenario, Basis, tuple[str, str]]:
    """The scenario, and what its two sides are called."""
    if job.library_to is not None:
        other = PolicyLibrary(job.library_to)
        names = library.folder.name, other.folder.name
        if names[0] == names[1]:
            names = str(library.folder), str(other.folder)
        return between_libraries(library.content, other.content), Basis.LIBRARIES, names
    policy = library.policy(job.policy)
    draft = load_draft(job.draft, library.content, policy.number) if job.draft else None
    after = draft or _version(policy, job.after)
    before = _version(policy, job.before) if job.before else _ahead(policy, after, is_draft=draft is not None)
    names = before.effective.isoformat(), f"{after.effective.isoformat()}{' (draft)' if draft else ''}"
    changes = version_changes(before, after)
    if not job.as_published:
        return on_all_dates(library.content, policy.number, changes), Basis.ALL_DATES, names
    if after.effective <= before.effective:
        message = f"{names[1]} does not take effect after {names[0]}, so both cannot be in force on their own dates"
        raise _rejected(Path(after.place.file), "MP962", message)
    return from_its_date(library.content, policy.number, changes), Basis.AS_PUBLISHED, names


def _version(policy: Policy, day: date | None) -> Version:
    found = next((version for version in policy.versions if version.effective == day), None)
    if found is None:
        known = ", ".join(version.effective.isoformat() for version in policy.versions)
        message = f"{policy.number} has no version {day}; its versions are {known}"
        raise _rejected(Path(policy.place.file), "MP961", message)
    return found


def _ahead(policy: Policy, after: Version, *, is_draft: bool) -> Version:
    """The approved version that `after` follows or, as a draft, would follow."""
    approved = [
        v for v in policy.versions if v.status is Status.APPROVED and (is_draft or v.effective < after.effective)
    ]
    if not approved:
        raise _rejected(Path(policy.place.file), "MP962", f"no approved version goes ahead of {after.effective}")
    return max(approved, key=lambda version: version.effective)


def _refuse(job: Replay) -> None:
    """Outputs that would overwrite the claims, or that no format is known for."""
    for path in (job.out, job.page):
        if path is not None and path.resolve() == job.claims.resolve():
            raise _rejected(path, "MP903", "this is the claims file itself")
    if job.out is not None and job.out.suffix not in (".parquet", ".csv"):
        raise _rejected(job.out, "MP908", "its ending names no format")


def _rejected(path: Path, code: str, message: str) -> PolicyRejected:
    return PolicyRejected([Problem(Place(str(path)), code, message, CATALOGUE[code].remedy)])


def _write_lines(connection: duckdb.DuckDBPyConnection, query: str, out: Path) -> None:
    """Write beside the target and move it there when it is whole."""
    options = "FORMAT csv, HEADER" if out.suffix == ".csv" else "FORMAT parquet"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=out.parent, prefix=".medpol-") as folder:
            part = Path(folder) / out.name
            connection.execute(f"COPY ({query}) TO '{str(part).replace(chr(39), chr(39) * 2)}' ({options})")
            part.replace(out)
    except (OSError, duckdb.IOException) as error:
        raise _rejected(out, "MP903", f"cannot be written: {error}") from None


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _rejected(path, "MP903", f"cannot be written: {error}") from None
