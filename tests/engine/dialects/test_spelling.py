"""The plan's SQL in other spellings."""

import pytest

from medpol.engine.dialects.spelling import respell
from medpol.engine.dialects.statements import Drop, Make, Rename, read, with_names
from medpol.engine.dialects.warehouses import DIALECTS

CASES = [
    ("snowflake", "(t0 & m0) | u0", "BITOR((BITAND(t0, m0)), u0)"),
    ("snowflake", "a & ~u0 & used0", "BITAND(BITAND(a, BITNOT(u0)), used0)"),
    ("snowflake", "(ys & -ys) AS fy", "(BITAND(ys, -ys)) AS fy"),
    (
        "snowflake",
        "CASE WHEN r0 & 4 <> 0 THEN u0 & 1 ELSE 0 END",
        "CASE WHEN BITAND(r0, 4) <> 0 THEN BITAND(u0, 1) ELSE 0 END",
    ),
    ("snowflake", "e.row IS NOT NULL", "e.row_ IS NOT NULL"),
    ("trino", "us & (fy - 1)", "bitwise_and(us, (fy - 1))"),
    ("bigquery", "CAST(x AS DOUBLE)", "CAST(x AS FLOAT64)"),
    ("postgres", "ROUND(a + 1, 6)", "CAST(ROUND(CAST(a + 1 AS NUMERIC), 6) AS DOUBLE PRECISION)"),
    ("postgres", "x || ' & DOUBLE '", "x || ' & DOUBLE '"),
]


@pytest.mark.parametrize(("dialect", "ours", "theirs"), CASES)
def test_respell(dialect: str, ours: str, theirs: str) -> None:
    assert respell(ours, DIALECTS[dialect].spelling) == theirs


def test_statements_of_the_plan() -> None:
    assert read("CREATE TEMP TABLE hits AS\n SELECT 1") == Make("hits", "SELECT 1", is_view=False)
    assert read("CREATE TEMP VIEW answers AS SELECT 1") == Make("answers", "SELECT 1", is_view=True)
    assert read("DROP TABLE IF EXISTS hits") == Drop("hits")
    assert read("ALTER TABLE decided RENAME TO plain") == Rename("decided", "plain")
    with pytest.raises(ValueError, match="only some engines know"):
        read("VACUUM")


def test_names_stand_after_from_and_join_only() -> None:
    query = "SELECT hits FROM hits h JOIN steps s ON s.hits = h.steps"
    assert with_names(query, {"hits": "a", "steps": "b"}) == "SELECT hits FROM a h JOIN b s ON s.hits = h.steps"
