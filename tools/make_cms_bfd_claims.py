"""Make the bundled claims file from CMS's synthetic claims.

    python tools/make_cms_bfd_claims.py FOLDER [OUT.csv]

FOLDER holds the sample files of CMS's Beneficiary FHIR Data server (GitHub CMSgov/beneficiary-fhir-data, commit
62b2d2e8d9, CC0-1.0; synthetic people): the RIF files carrier.csv, dme.csv, outpatient.csv and beneficiary_*.csv, and
the IDR files SYNTHETIC_CLM.csv, SYNTHETIC_CLM_LINE.csv, SYNTHETIC_CLM_PROD.csv and SYNTHETIC_BENE_HSTRY.csv.

One row a line with a HCPCS code. Names and identifiers other than the synthetic member and claim numbers are left
behind. Sex 1 is M and 2 is F, diagnosis version 0 is ICD-10 (CMS, Chronic Conditions Warehouse codebooks:
BENE_SEX_IDENT_CD, ICD_DGNS_VRSN_CD1). The RIF files' state is CMS's SSA code; 22 is Massachusetts.
"""

import sys
from pathlib import Path

import duckdb

OUT = Path(__file__).parents[1] / "src/medpol/data/claims/cms_bfd/claims.csv"
DIAGNOSES = 5  # kept of a claim, after the line's own
COLUMNS = ", ".join(
    (
        "source, member, birth_date, sex, state, line_of_business, claim, line, code, modifier_1, modifier_2",
        "service_date, place_of_service, units, billed",
        *(f"diagnosis_{i + 1}" for i in range(DIAGNOSES)),
    )
)
_CARRIER = (
    "LINE_1ST_EXPNS_DT", "LINE_PLACE_OF_SRVC_CD", "LINE_SRVC_CNT", "LINE_SBMTD_CHRG_AMT", "LINE_NUM", "LINE_ICD_DGNS_CD"
)  # fmt: skip
_RIF = {  # file: first day, place, units, charge, line number, the line's own diagnosis
    "carrier": _CARRIER,
    "dme": _CARRIER,
    "outpatient": ("REV_CNTR_DT", "NULL", "REV_CNTR_UNIT_CNT", "REV_CNTR_TOT_CHRG_AMT", "CLM_LINE_NUM", "NULL"),
}


def main(folder: Path, out: Path) -> None:
    connection = duckdb.connect()
    for name in ("carrier", "dme", "outpatient"):
        _read(connection, name, folder / f"{name}.csv", "|")
    for name in ("CLM", "CLM_LINE", "CLM_PROD", "BENE_HSTRY"):
        _read(connection, name, folder / f"SYNTHETIC_{name}.csv", ",")
    people = " UNION ".join(
        f"SELECT BENE_ID, BENE_BIRTH_DT, BENE_SEX_IDENT_CD, STATE_CODE FROM read_csv('{path}', delim = '|', "
        "all_varchar = true, header = true)"
        for path in sorted(folder.glob("beneficiary_2*.csv"))
    )
    connection.execute(f"CREATE TABLE people AS SELECT BENE_ID, {_any_people()} FROM ({people}) GROUP BY BENE_ID")
    query = f"SELECT {COLUMNS} FROM ({' UNION ALL BY NAME '.join([*map(_rif, _RIF), _idr()])})"
    order = "source, member, service_date, claim, TRY_CAST(line AS INTEGER)"
    connection.execute(f"COPY ({query} ORDER BY {order}) TO '{out}' (FORMAT csv, HEADER)")


def _read(connection: duckdb.DuckDBPyConnection, name: str, path: Path, delimiter: str) -> None:
    source = f"read_csv('{path}', delim = '{delimiter}', all_varchar = true, header = true)"
    connection.execute(f"CREATE TABLE {name} AS SELECT * FROM {source}")


def _any_people() -> str:
    names = ("BENE_BIRTH_DT", "BENE_SEX_IDENT_CD", "STATE_CODE")
    return ", ".join(f"max({name}) AS {name}" for name in names)


def _rif(name: str) -> str:
    day, place, units, charge, line, own = _RIF[name]
    listed = ", ".join(f"CASE WHEN ICD_DGNS_VRSN_CD{i} = '0' THEN ICD_DGNS_CD{i} END" for i in range(1, 13))
    return f"""
        SELECT '{name}' AS source, c.BENE_ID AS member, strptime(p.BENE_BIRTH_DT, '%d-%b-%Y')::DATE AS birth_date,
               {_sex("p.BENE_SEX_IDENT_CD")} AS sex, CASE p.STATE_CODE WHEN '22' THEN 'MA' END AS state,
               'medicare' AS line_of_business, CLM_ID AS claim, {line} AS line, HCPCS_CD AS code,
               HCPCS_1ST_MDFR_CD AS modifier_1, HCPCS_2ND_MDFR_CD AS modifier_2,
               strptime({day}, '%d-%b-%Y')::DATE AS service_date, {place} AS place_of_service, {units} AS units,
               {charge} AS billed, {_diagnoses(f"[{own}, {listed}]")}
        FROM {name} c JOIN people p USING (BENE_ID) WHERE trim(HCPCS_CD) <> ''"""


def _idr() -> str:
    key = "CLM_DT_SGNTR_SK, CLM_NUM_SK, GEO_BENE_SK, CLM_TYPE_CD"
    person = "['BENE_BRTH_DT', 'BENE_SEX_CD', 'GEO_USPS_STATE_CD']"
    order = "CLM_PROD_TYPE_CD DESC, CLM_VAL_SQNC_NUM::INTEGER"
    return f"""
        SELECT 'idr' AS source, c.BENE_SK AS member, b.BENE_BRTH_DT::DATE AS birth_date, {_sex("b.BENE_SEX_CD")} AS sex,
               b.GEO_USPS_STATE_CD AS state, 'medicare' AS line_of_business, CLM_UNIQ_ID AS claim,
               CLM_LINE_NUM AS line, CLM_LINE_HCPCS_CD AS code, HCPCS_1_MDFR_CD AS modifier_1,
               HCPCS_2_MDFR_CD AS modifier_2, CLM_LINE_FROM_DT::DATE AS service_date,
               NULLIF(CLM_POS_CD, '~') AS place_of_service, CLM_LINE_SRVC_UNIT_QTY AS units,
               CLM_LINE_SBMT_CHRG_AMT AS billed, {_diagnoses("list_concat([l.CLM_LINE_DGNS_CD], d.codes)")}
        FROM CLM_LINE l JOIN CLM c USING (CLM_UNIQ_ID)
             JOIN (SELECT BENE_SK, arg_max(COLUMNS({person}), IDR_TRANS_OBSLT_TS)
                   FROM BENE_HSTRY GROUP BY BENE_SK) b ON b.BENE_SK = c.BENE_SK
             LEFT JOIN (SELECT {key}, list(CLM_DGNS_CD ORDER BY {order}) AS codes
                        FROM CLM_PROD WHERE CLM_PROD_TYPE_CD IN ('P', 'D') AND CLM_DGNS_PRCDR_ICD_IND = '0'
                        GROUP BY ALL) d
               ON d.CLM_DT_SGNTR_SK = c.CLM_DT_SGNTR_SK AND d.CLM_NUM_SK = c.CLM_NUM_SK
              AND d.GEO_BENE_SK = c.GEO_BENE_SK AND d.CLM_TYPE_CD = c.CLM_TYPE_CD
        WHERE trim(CLM_LINE_HCPCS_CD) <> ''"""


def _sex(column: str) -> str:
    return f"CASE {column} WHEN '1' THEN 'M' WHEN '2' THEN 'F' END"


def _diagnoses(codes: str) -> str:
    """The first distinct codes of a list, in its order, as columns."""
    kept = f"list_filter({codes}, lambda code: trim(code) <> '')"
    distinct = f"list_filter({kept}, lambda code, i: list_position({kept}, code) = i)"
    return ", ".join(f"({distinct})[{i + 1}] AS diagnosis_{i + 1}" for i in range(DIAGNOSES))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else OUT)
