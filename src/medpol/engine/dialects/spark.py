"""Apache Spark 4, in ANSI mode.

A temporary table is a checkpointed frame under a name: it is computed once, and what reads it is planned and
compiled on its own. Without that Spark would plan the whole batch as one query, evaluate shared parts again for
each reader, and pass the 64 KB that the JVM allows a compiled method.
"""

from typing import TYPE_CHECKING, Any

from medpol.engine.dialects.arrow import arrow_table
from medpol.engine.dialects.base import Rows
from medpol.engine.dialects.spelling import respell
from medpol.engine.dialects.statements import Drop, Make, Rename, read
from medpol.engine.dialects.warehouses import DATABRICKS, InDialect

if TYPE_CHECKING:  # pyspark is an extra; a session comes from whoever has it
    from pyspark.sql import DataFrame, SparkSession


class Spark(InDialect):
    """An Engine on a Spark session."""

    def __init__(self, session: "SparkSession") -> None:
        super().__init__(DATABRICKS)
        self.session = session

    def execute(self, sql: str) -> None:
        catalog = self.session.catalog
        match read(sql):
            case Make(name=name, query=query, is_view=True):
                self._sql(query).createOrReplaceTempView(name)
            case Make(name=name, query=query):
                self._sql(query).localCheckpoint().createOrReplaceTempView(name)
            case Drop(name=name):
                catalog.dropTempView(name)
            case Rename(old=old, new=new):
                self.session.table(old).createOrReplaceTempView(new)
                catalog.dropTempView(old)

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._sql(sql).collect()]

    def load(self, table: str, rows: Rows) -> None:
        self.session.createDataFrame(arrow_table(rows)).createOrReplaceTempView(table)

    def _sql(self, query: str) -> "DataFrame":
        return self.session.sql(respell(query, self.dialect.spelling))
