"""The bundled code systems, read when they are first asked for."""

import csv
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

from medpol.model.code_systems import CodeSystems, DatedCodes

PLACES_COVERED_FROM = date(2016, 1, 1)
"""The oldest day for which the bundled list of places of service is right: 19 began then (its README)."""


@cache
def code_systems() -> CodeSystems:
    """ICD-10-CM by edition and places of service; for the other systems shapes only. Takes about a tenth of a second
    the first time."""
    places, names = _places_of_service()
    return CodeSystems(dated={"icd-10-cm": _icd10cm(), "place-of-service": places}, names={"place-of-service": names})


def icd10cm_file() -> Path:
    """The Parquet file: code, billable_from, billable_until; NULL in the last for a code of the last edition. Its
    metadata has covered_from and covered_until."""
    return _folder() / "icd10cm.parquet"


def places_of_service_file() -> Path:
    """The CSV file: code, name, valid_from (empty: before the day the list covers)."""
    return _folder() / "place_of_service.csv"


@cache
def icd10cm_covered() -> tuple[date, date]:
    """The first and the last day of which an edition of ICD-10-CM is here."""
    import pyarrow.parquet as pq

    metadata = pq.read_schema(icd10cm_file()).metadata
    first, last = (date.fromisoformat(metadata[key].decode()) for key in (b"covered_from", b"covered_until"))
    return first, last


def _folder() -> Path:
    return Path(str(files("medpol"))) / "data" / "code_systems"


def _icd10cm() -> DatedCodes:
    import pyarrow.parquet as pq

    first, last = icd10cm_covered()
    columns = pq.read_table(icd10cm_file()).to_pydict()
    days = zip(columns["billable_from"], columns["billable_until"], strict=True)
    return DatedCodes(periods=dict(zip(columns["code"], days, strict=True)), covered_from=first, covered_until=last)


def _places_of_service() -> tuple[DatedCodes, dict[str, str]]:
    with places_of_service_file().open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    periods = {
        row["code"]: (date.fromisoformat(row["valid_from"]) if row["valid_from"] else None, None) for row in rows
    }
    places = DatedCodes(periods=periods, covered_from=PLACES_COVERED_FROM, covered_until=None)
    return places, {row["code"]: row["name"] for row in rows}
