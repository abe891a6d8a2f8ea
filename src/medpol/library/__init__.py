"""A policy library, what one can ask of it, and claims decided by it: the place where rooms meet."""

from medpol.library.cases import CaseResult, run_cases
from medpol.library.claims import Adjudication, Summary, adjudicate_claims
from medpol.library.explain import Explained, explain_answer, explain_line
from medpol.library.policies import Hit, PolicyLibrary, bundled, parse_json, same_answer

__all__ = [
    "Adjudication",
    "CaseResult",
    "Explained",
    "Hit",
    "PolicyLibrary",
    "Summary",
    "adjudicate_claims",
    "bundled",
    "explain_answer",
    "explain_line",
    "parse_json",
    "run_cases",
    "same_answer",
]
