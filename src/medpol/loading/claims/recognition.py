"""Which columns of a claims file give which facts: as the map says, else by their usual names."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from medpol.loading.claims.mapping import ClaimsMap, ColumnRule
from medpol.loading.nodes import Sheet, similar
from medpol.model.facts import DataDictionary, FactType
from medpol.problems import Place

USUAL: Mapping[str, tuple[str, ...]] = {
    "code": (
        "code", "proccode", "procedurecode", "procedure", "hcpcs", "hcpcscode", "hcpcscd", "cpt", "cptcode", "cpthcpcs",
        "servicecode", "svccode",
    ),
    "service_date": (
        "servicedate", "dateofservice", "dos", "servicefromdate", "servicefrom", "fromdate", "firstservicedate",
        "svcdate", "linefromdate",
    ),
    "claim": ("claim", "claimid", "claimnumber", "claimno", "clmid"),
    "claim_line": ("line", "claimline", "linenumber", "lineno", "linenum"),
    "member": ("member", "memberid", "patient", "patientid", "beneficiaryid", "beneid"),
    "provider": (
        "provider", "providerid", "npi", "providernpi", "billingnpi", "billingprovidernpi", "billingproviderid",
        "renderingnpi", "renderingprovidernpi", "renderingproviderid",
    ),
    "level": ("level", "spinallevel"),
    "billed": (
        "billed", "billedamount", "billedamt", "amtbilled", "charge", "charges", "chargeamount", "submittedcharge",
    ),
    "birth_date": ("birthdate", "dob", "dateofbirth", "memberdob", "memberbirthdate"),
    "death_date": ("deathdate", "dod", "dateofdeath", "memberdod", "memberdeathdate", "deceaseddate"),
    "age": ("age", "memberage", "patientage"),
    "sex": ("sex", "gender"),
    "line_of_business": ("lineofbusiness", "lob"),
    "plan": ("plan", "planid", "plancode"),
    "state": ("state", "memberstate"),
    "place_of_service": ("placeofservice", "pos", "placeofservicecode", "poscode"),
    "provider_specialty": ("providerspecialty", "providerspecialtycode", "specialty", "specialtycode"),
    "units": ("units", "qty", "quantity", "serviceunits", "unitsofservice"),
    "diagnosis": ("diagnosis", "diagnoses", "dx", "diagnosiscode", "diagnosiscodes", "icd10"),
    "modifier": ("modifier", "modifiers", "mod"),
}  # fmt: skip
"""Usual column names, lower case without anything but letters and digits, the surest first."""

_FIRST_DIAGNOSIS = (
    "primarydiagnosis", "principaldiagnosis", "primarydx", "principaldx", "dxprimary", "primarydiagnosiscode",
    "prncpaldgnscd",
)  # fmt: skip
_NUMBERED = {
    "diagnosis": re.compile(
        r"(?:diagnosis|diag|dx|icd|icd10|icddiag|icddx|icddgnscd|diagnosiscode|diagcode|dxcode)"
        r"0*([1-9][0-9]?)(?:primary|principal)?"
    ),
    "modifier": re.compile(
        r"(?:modifier|mod|hcpcsmodifier|hcpcsmod|cptmodifier|cptmod|cdtmod|proceduremodifier|procmod)0*([1-9])"
    ),
}


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A column as the file names it, its DuckDB type, and its name in the relation it is read from."""

    name: str
    type: str
    sql: str


def squashed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def rules(
    header: Sequence[FileColumn],
    dictionary: DataDictionary,
    claims_map: ClaimsMap,
    wanted: Collection[str],
    sheet: Sheet,
) -> dict[str, ColumnRule]:
    """The rule of every wanted fact that the file can give. Columns that are not there are reported."""
    _report_missing(header, claims_map, sheet)
    found = {name: rule for name, rule in claims_map.columns.items() if name in wanted}
    for name, columns in _recognised(header, dictionary, wanted):
        if name not in claims_map.columns and name not in claims_map.constants and name not in claims_map.ignore:
            found[name] = ColumnRule(columns=columns)
    for name, message in (("code", "no column gives the code"), ("service_date", "no column gives the service date")):
        if name not in found and name not in claims_map.constants:
            sheet.report("MP804", None, message)
    _report_twice(header, found, sheet)
    return found


def _report_missing(header: Sequence[FileColumn], claims_map: ClaimsMap, sheet: Sheet) -> None:
    names = {column.name for column in header}
    for rule in claims_map.columns.values():
        for name in rule.reads:
            if name not in names:
                place = rule.place if rule.place.file else Place(sheet.file)
                sheet.report("MP803", place, f"the file has no column '{name}'{similar(name, names)}")


def _report_twice(header: Sequence[FileColumn], found: Mapping[str, ColumnRule], sheet: Sheet) -> None:
    names = [column.name for column in header]
    used = {name for rule in found.values() for name in rule.reads}
    for name in sorted(used):
        if names.count(name) > 1:
            sheet.report("MP808", None, f"the file has {names.count(name)} columns '{name}'")


def _recognised(
    header: Sequence[FileColumn], dictionary: DataDictionary, wanted: Collection[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    by_name: dict[str, str] = {}
    for column in header:
        by_name.setdefault(squashed(column.name), column.name)
    for fact in wanted:
        declared = dictionary.declared.get(fact)
        if fact in _NUMBERED:
            columns = _several(fact, by_name)
        else:
            usual = (squashed(fact),) if declared else USUAL.get(fact, (squashed(fact),))
            columns = tuple(by_name[name] for name in usual if name in by_name)[:1]
            if declared and declared.type is FactType.SET and not columns:
                columns = _counted(re.compile(re.escape(squashed(fact)) + r"0*([1-9][0-9]?)"), by_name)
        if columns:
            yield fact, columns


def _several(fact: str, by_name: Mapping[str, str]) -> tuple[str, ...]:
    first = [by_name[name] for name in (_FIRST_DIAGNOSIS if fact == "diagnosis" else ()) if name in by_name][:1]
    counted = _counted(_NUMBERED[fact], by_name)
    single = [by_name[name] for name in USUAL[fact] if name in by_name][:1]
    return tuple(dict.fromkeys([*first, *single, *counted]))


def _counted(pattern: re.Pattern[str], by_name: Mapping[str, str]) -> tuple[str, ...]:
    """The columns of a numbered family, by number; of two with one number the first."""
    family: dict[int, str] = {}
    for squashed_name, name in by_name.items():
        if match := pattern.fullmatch(squashed_name):
            family.setdefault(int(match[1]), name)
    return tuple(family[number] for number in sorted(family))
