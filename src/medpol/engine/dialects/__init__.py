"""What differs between SQL engines: a few expressions, and how a table is loaded."""

from medpol.engine.dialects.base import Engine, Rows
from medpol.engine.dialects.duck import DuckDB
from medpol.engine.dialects.lite import SQLite

__all__ = ["DuckDB", "Engine", "Rows", "SQLite"]
