"""Rules about the reference list, what it holds, and the citations that lead to it."""

from medpol.checks.finding import Rule
from medpol.checks.references import (
    citation_points_elsewhere,
    cited_not_listed,
    duplicate_entry,
    entry_out_of_style,
    group_author_with_initials,
    incomplete_entry,
    later_report_unused,
    list_against_references,
    malformed_identifier,
    never_discussed,
    newer_than_literature_date,
    newest_review,
    numbers_of_entries,
    retracted,
    year_of_citation,
    year_of_guideline,
)

RULES: tuple[Rule, ...] = (
    duplicate_entry,
    malformed_identifier,
    entry_out_of_style,
    group_author_with_initials,
    incomplete_entry,
    year_of_citation,
    year_of_guideline,
    citation_points_elsewhere,
    cited_not_listed,
    never_discussed,
    list_against_references,
    numbers_of_entries,
    newer_than_literature_date,
    retracted,
    newest_review,
    later_report_unused,
)
