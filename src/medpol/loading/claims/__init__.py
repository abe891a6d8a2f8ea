"""Claims files → `model.lines.Lines` on DuckDB, with every row accounted for."""

from medpol.loading.claims.mapping import ClaimsMap, read_claims_map
from medpol.loading.claims.table import ClaimsTable, open_claims

__all__ = ["ClaimsMap", "ClaimsTable", "open_claims", "read_claims_map"]
