"""Decide policies: one request with its whole trace, or a table of claim lines."""

from medpol.engine.combine import answers_query
from medpol.engine.determine import ENGINE, Determiner
from medpol.engine.dialects import DuckDB, Engine, Rows, SQLite
from medpol.engine.line_request import request_of
from medpol.engine.lines import lines_of
from medpol.engine.many import adjudicate
from medpol.engine.one import decide, prepare

__all__ = [
    "ENGINE",
    "Determiner",
    "DuckDB",
    "Engine",
    "Rows",
    "SQLite",
    "adjudicate",
    "answers_query",
    "decide",
    "lines_of",
    "prepare",
    "request_of",
]
