"""Make src/medpol/data/code_systems/icd10cm.parquet from editions of ICD-10-CM.

    python tools/make_icd10cm_editions.py OUT DAY=SOURCE …

DAY is the day from which an edition was in force. SOURCE is one of

- a .zip or .txt order file of CMS or CDC: columns 7–14 hold the code, column 15 is 1 where it is billable;
- a wheel of simple-icd-10-cm: its list of codes has no such mark; a code is billable where none is longer (which
  gives CMS's own marks back on the editions of April 2025 and October 2025);
- `~FILE`: an addenda file (lines `Add:` and `Delete:`) applied to the edition before;
- `+CODE,CODE`: the edition before with these codes.

The README beside the Parquet file names every source that was used and the command.
"""

import re
import sys
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

_CHANGE = re.compile(r"^(Add|Delete):\s+([A-Z0-9]+)", re.MULTILINE)


def main(out: Path, editions: list[tuple[date, str]]) -> None:
    """Write one row a code: from which edition on it was billable, and the day before the one that dropped it."""
    since: dict[str, date] = {}
    until: dict[str, date] = {}
    billable: set[str] = set()
    for day, source in sorted(editions):
        now = edition(source, billable)
        back = now & until.keys()
        if back:
            raise SystemExit(f"{day}: codes that came back need rows of their own: {sorted(back)[:5]}")
        since |= dict.fromkeys(now - billable, day)
        until |= dict.fromkeys(billable - now, day - timedelta(days=1))
        print(f"{day}: {len(now):,} billable, {len(now - billable):,} new, {len(billable - now):,} retired")
        billable = now
    codes = sorted(since)
    first, last = min(editions)[0], max(editions)[0]
    covered = date(last.year + (last.month >= 10), 9, 30)
    table = pa.table(
        {
            "code": pa.array(codes, pa.string()),
            "billable_from": pa.array([since[code] for code in codes], pa.date32()),
            "billable_until": pa.array([until.get(code) for code in codes], pa.date32()),
        }
    ).replace_schema_metadata({"covered_from": first.isoformat(), "covered_until": covered.isoformat()})
    pq.write_table(table, out, compression="zstd", compression_level=19)


def edition(source: str, before: set[str]) -> set[str]:
    """The billable codes of one edition."""
    if source.startswith("+"):
        return before | set(source[1:].split(","))
    if source.startswith("~"):
        changes = _CHANGE.findall(Path(source[1:]).read_text("latin-1"))
        added, deleted = ({code for what, code in changes if what == kind} for kind in ("Add", "Delete"))
        return before - deleted | added
    if source.endswith(".whl"):
        return _leaves(_member(Path(source), r"code-list.*[.]txt"))
    path = Path(source)
    text = path.read_text("latin-1") if path.suffix == ".txt" else _member(path, r"order[-_](?!addenda).*[.]txt")
    return {line[6:14].strip() for line in text.splitlines() if line[14:15] == "1"}


def _member(path: Path, pattern: str) -> str:
    with zipfile.ZipFile(path) as archive:
        (name,) = (name for name in archive.namelist() if re.search(pattern, name))
        return archive.read(name).decode("utf-8-sig")


def _leaves(text: str) -> set[str]:
    listed = {line.strip().replace(".", "") for line in text.splitlines()}
    listed = {code for code in listed if re.fullmatch(r"[A-Z][A-Z0-9]{2,6}", code)}
    longer = {code[:end] for code in listed for end in range(3, len(code))}
    return listed - longer


if __name__ == "__main__":
    given = [argument.split("=", 1) for argument in sys.argv[2:]]
    main(Path(sys.argv[1]), [(date.fromisoformat(day), source) for day, source in given])
