"""Files → model, or every problem with its line; and the writer back."""

from medpol.loading.cases import Case, load_cases
from medpol.loading.catalogue import CATALOGUE
from medpol.loading.claims import ClaimsMap, ClaimsTable, Part, listed_query, open_claims, parts, read_claims_map
from medpol.loading.code_systems import code_systems
from medpol.loading.criteria import parse_criterion
from medpol.loading.draft import load_draft
from medpol.loading.json_text import parse_json
from medpol.loading.library import load_library
from medpol.loading.narrative import read_narrative, read_section
from medpol.loading.requests import read_request, request_from
from medpol.loading.writer import write_criterion, write_library, write_policy, write_version

__all__ = [
    "CATALOGUE",
    "Case",
    "ClaimsMap",
    "ClaimsTable",
    "Part",
    "code_systems",
    "listed_query",
    "load_cases",
    "load_draft",
    "load_library",
    "open_claims",
    "parse_criterion",
    "parse_json",
    "parts",
    "read_claims_map",
    "read_narrative",
    "read_request",
    "read_section",
    "request_from",
    "write_criterion",
    "write_library",
    "write_policy",
    "write_version",
]
