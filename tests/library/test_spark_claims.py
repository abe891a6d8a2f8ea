"""Claims on Spark: the file, the rejects and the summary of a DuckDB run. Two policies: Spark is slow to begin."""

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import duckdb
import pytest

from medpol.library import Adjudication, PolicyLibrary, adjudicate_claims
from medpol.library.spark_claims import adjudicate_on_spark
from medpol.problems import PolicyRejected

CLAIMS = Path(__file__).parents[2] / "src/medpol/data/claims/demonstration/claims.csv"
POLICIES = ("150.13", "190.22")


@pytest.fixture(scope="module")
def library() -> PolicyLibrary:
    bundled = PolicyLibrary(None)
    content = bundled.content
    few = replace(
        content,
        policies={number: content.policies[number] for number in POLICIES},
        rules=replace(content.rules, assume=()),
    )
    face = SimpleNamespace(content=few, folder=bundled.folder, leaf_in_words=bundled.leaf_in_words)
    return cast(PolicyLibrary, face)


def test_spark_writes_what_duckdb_writes(library: PolicyLibrary, tmp_path: Path) -> None:
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java 17 or 21")
    job = Adjudication(claims=CLAIMS, out=tmp_path / "here.parquet", quality=False)
    here = adjudicate_claims(library, job)
    there = adjudicate_on_spark(library, replace(job, out=tmp_path / "there"), "local[2]")
    one = duckdb.sql(f"FROM '{here.out}' ORDER BY line")
    other = duckdb.sql(f"FROM '{there.out}/*.parquet' ORDER BY line")
    assert other.columns == one.columns
    assert other.fetchall() == one.fetchall()
    assert (there.total, there.rejected, there.missing, there.notes) == (
        here.total,
        here.rejected,
        here.missing,
        here.notes,
    )
    assert [row[:2] for row in there.by_state] == [row[:2] for row in here.by_state]
    assert there.rejects is not None
    assert there.rejects.read_bytes() == (tmp_path / "here.rejects.csv").read_bytes()


def test_a_folder_that_is_there_is_left_alone(library: PolicyLibrary, tmp_path: Path) -> None:
    with pytest.raises(PolicyRejected) as rejected:
        adjudicate_on_spark(library, Adjudication(claims=CLAIMS, out=tmp_path))
    assert [problem.code for problem in rejected.value.problems] == ["MP903"]


def test_without_pyspark(library: PolicyLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    with pytest.raises(PolicyRejected) as rejected:
        adjudicate_on_spark(library, Adjudication(claims=CLAIMS, out=tmp_path / "there"))
    assert [(problem.code, problem.remedy) for problem in rejected.value.problems] == [
        ("MP952", "install medpol[spark]")
    ]
