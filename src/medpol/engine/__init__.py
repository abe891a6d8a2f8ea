"""Decide policies: one request with its whole trace, or a table of claim lines."""

from medpol.engine.combine import COLUMNS, GOVERNED, elsewhere
from medpol.engine.counts import sides
from medpol.engine.determine import ENGINE, Determiner
from medpol.engine.dialects import DIALECTS, DuckDB, Engine, Rows, Script, Spark, SQLite, respell
from medpol.engine.line_request import request_of
from medpol.engine.lines import lines_of
from medpol.engine.many import adjudicate, decide_batch, prepare_batch
from medpol.engine.one import decide, prepare
from medpol.engine.plan import Plan
from medpol.engine.reads import code_patterns, facts_read, lists_asked
from medpol.engine.selection import ALWAYS, Chain, Selector

__all__ = [
    "ALWAYS",
    "COLUMNS",
    "DIALECTS",
    "ENGINE",
    "GOVERNED",
    "Chain",
    "Determiner",
    "DuckDB",
    "Engine",
    "Plan",
    "Rows",
    "SQLite",
    "Script",
    "Selector",
    "Spark",
    "adjudicate",
    "code_patterns",
    "decide",
    "decide_batch",
    "elsewhere",
    "facts_read",
    "lines_of",
    "lists_asked",
    "prepare",
    "prepare_batch",
    "request_of",
    "respell",
    "sides",
]
