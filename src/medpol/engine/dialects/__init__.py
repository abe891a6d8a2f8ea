"""What differs between SQL engines: a few expressions, and how a table is loaded; or the plan written down as text."""

from medpol.engine.dialects.base import Engine, Rows
from medpol.engine.dialects.duck import DuckDB
from medpol.engine.dialects.lite import SQLite
from medpol.engine.dialects.script import Script
from medpol.engine.dialects.spark import Spark
from medpol.engine.dialects.spelling import respell
from medpol.engine.dialects.warehouses import DIALECTS

__all__ = ["DIALECTS", "DuckDB", "Engine", "Rows", "SQLite", "Script", "Spark", "respell"]
