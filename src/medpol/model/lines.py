"""What a batch knows of its claim lines: which SQL expression gives which fact."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """A relation of claim lines and the meaning of its columns. A fact that is not named is not known.

    The relation has at least `line` (a unique whole number), `code` (normal form), `service_date` and
    `line_of_business`; for claims counts also `member` and `claim`. `numbers` are facts as numbers (ordinals by
    level, booleans 0 or 1), `dates` are dates, `codes` give a code fact's column or a set fact's several, in
    normal form. `known_sets` says when a set is known though all its columns are empty: a condition, or ''
    for always. `history` is a relation line, member, claim, code, date, units, left_side, right_side, level,
    where `line` −1 stands for "earlier than any line of the batch"; `history_diagnoses` (row, code) goes with
    its `row`. `history_since` is a date expression from which on the history is complete.
    """

    table: str
    numbers: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    known_sets: Mapping[str, str] = field(default_factory=dict)
    history: str = ""
    history_diagnoses: str = ""
    history_known: str = ""
    history_since: str = ""
    level: str = ""
