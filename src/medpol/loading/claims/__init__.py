"""Claims files → `model.lines.Lines` on DuckDB, with every row accounted for."""

from medpol.loading.claims.inputs import Part, parts
from medpol.loading.claims.mapping import ClaimsMap, read_claims_map
from medpol.loading.claims.table import ClaimsTable, listed_query, open_claims

__all__ = ["ClaimsMap", "ClaimsTable", "Part", "listed_query", "open_claims", "parts", "read_claims_map"]
