"""Rules about code lists and coding systems."""

from medpol.checks.codes import (
    added_but_absent,
    category_code,
    code_not_in_text,
    code_without_position,
    malformed_code,
    not_in_any_edition,
    not_yet_valid,
    prefix_of_nothing,
    range_in_text,
    retired_before,
    retired_since,
    setting_of_procedure,
    superseded_still_listed,
    text_code_unlisted,
    two_positions,
    unused_list,
)
from medpol.checks.finding import Rule

RULES: tuple[Rule, ...] = (
    malformed_code,
    retired_before,
    retired_since,
    not_yet_valid,
    not_in_any_edition,
    category_code,
    prefix_of_nothing,
    range_in_text,
    two_positions,
    added_but_absent,
    text_code_unlisted,
    code_not_in_text,
    setting_of_procedure,
    code_without_position,
    unused_list,
    superseded_still_listed,
)
