"""The rule catalogue: one file a rule, its docstring is its page and its test."""

from medpol.checks.catalogue import BY_CODE, FAMILIES, RULES, chosen, takes, unknown_prefixes
from medpol.checks.finding import Edit, Finding, Level, Report, Rule
from medpol.checks.formats import FORMATS
from medpol.checks.page import Page, page_of
from medpol.checks.pages import PAGES
from medpol.checks.run import Checked, check_library, check_subject, subject_of
from medpol.checks.silence import line_at
from medpol.checks.subject import Subject

__all__ = [
    "BY_CODE",
    "FAMILIES",
    "FORMATS",
    "PAGES",
    "RULES",
    "Checked",
    "Edit",
    "Finding",
    "Level",
    "Page",
    "Report",
    "Rule",
    "Subject",
    "check_library",
    "check_subject",
    "chosen",
    "line_at",
    "page_of",
    "subject_of",
    "takes",
    "unknown_prefixes",
]
