"""Spark gives what DuckDB gives. Few examples: Spark plans and compiles every statement anew."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.test_modes_agree import CODES, a_library, requests, statements
from medpol.engine import COLUMNS, DuckDB, Engine, adjudicate, lines_of
from medpol.model.criteria import Criterion
from medpol.model.policy import Position
from medpol.model.request import Request
from medpol.model.rules import Library
from strategies import FACTS


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java 17 or 21")
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.codegen.wholeStage": "false",  # a few lines are read sooner than code is compiled for them
        "spark.sql.adaptive.enabled": "false",
    }
    builder = sql.SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def test_spark_agrees(session: Any) -> None:
    from medpol.engine.dialects.spark import Spark

    @settings(max_examples=3, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(
        st.fixed_dictionaries(dict.fromkeys(CODES[:2], statements)),
        st.lists(requests(), min_size=12, max_size=20),
        st.sampled_from(["", "layer", "layers"]),
    )
    def agrees(by_code: dict[str, list[tuple[Criterion, Position]]], asked: list[Request], shared: str) -> None:
        library = a_library(by_code, default=True, shared=shared)
        there, here = (answers(engine, library, asked) for engine in (Spark(session), DuckDB(threads=1)))
        assert there == here

    agrees()


def answers(engine: Engine, library: Library, asked: list[Request]) -> list[tuple[Any, ...]]:
    adjudicate(engine, library, lines_of(engine, asked, FACTS), describe=repr)
    return engine.fetch(f"SELECT line, {', '.join(COLUMNS)} FROM answers ORDER BY line")
