"""Decide policies: one request with its whole trace, or a table of claim lines."""

from medpol.engine.combine import COLUMNS, GOVERNED, elsewhere
from medpol.engine.determine import ENGINE, Determiner
from medpol.engine.dialects import DuckDB, Engine, Rows, SQLite
from medpol.engine.line_request import request_of
from medpol.engine.lines import lines_of
from medpol.engine.many import adjudicate, decide_batch, prepare_batch
from medpol.engine.one import decide, prepare
from medpol.engine.plan import Plan

__all__ = [
    "COLUMNS",
    "ENGINE",
    "GOVERNED",
    "Determiner",
    "DuckDB",
    "Engine",
    "Plan",
    "Rows",
    "SQLite",
    "adjudicate",
    "decide",
    "decide_batch",
    "elsewhere",
    "lines_of",
    "prepare",
    "prepare_batch",
    "request_of",
]
