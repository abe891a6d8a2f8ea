"""A policy library, what one can ask of it, and claims decided by it: the place where rooms meet."""

from medpol.library.cases import CaseResult, run_cases
from medpol.library.checking import Fixed, check_paths, fix_paths
from medpol.library.claims import Adjudication, Summary, adjudicate_claims
from medpol.library.explain import Explained, explain_answer, explain_line
from medpol.library.impact import Findings, Replay, replay_claims
from medpol.library.policies import Hit, PolicyLibrary, bundled, same_answer

__all__ = [
    "Adjudication",
    "CaseResult",
    "Explained",
    "Findings",
    "Fixed",
    "Hit",
    "PolicyLibrary",
    "Replay",
    "Summary",
    "adjudicate_claims",
    "bundled",
    "check_paths",
    "explain_answer",
    "explain_line",
    "fix_paths",
    "replay_claims",
    "run_cases",
    "same_answer",
]
