"""Rules about the way from studies over their appraisal and the conclusion to the position."""

from medpol.checks.evidence_to_position import (
    blinding_without_key,
    conclusion_without_study,
    design_against_text,
    discordant_guideline,
    key_likely_missing,
    keys_against_appraisal,
    keys_exclude_each_other,
    outcome_never_reported,
    position_against_conclusion,
    position_without_conclusion,
    study_not_appraised,
    trial_missing_from_text,
    wording_against_position,
)
from medpol.checks.finding import Rule

RULES: tuple[Rule, ...] = (
    position_without_conclusion,
    conclusion_without_study,
    study_not_appraised,
    trial_missing_from_text,
    keys_against_appraisal,
    blinding_without_key,
    key_likely_missing,
    keys_exclude_each_other,
    discordant_guideline,
    position_against_conclusion,
    outcome_never_reported,
    wording_against_position,
    design_against_text,
)
