"""The rule catalogue: one file a rule, its docstring is its page and its test."""

from medpol.checks.catalogue import BY_CODE, FAMILIES, RULES
from medpol.checks.finding import Edit, Finding, Level, Rule
from medpol.checks.page import Page, page_of
from medpol.checks.run import Report, check_library, check_subject, subject_of
from medpol.checks.subject import Subject

__all__ = [
    "BY_CODE",
    "FAMILIES",
    "RULES",
    "Edit",
    "Finding",
    "Level",
    "Page",
    "Report",
    "Rule",
    "Subject",
    "check_library",
    "check_subject",
    "page_of",
    "subject_of",
]
