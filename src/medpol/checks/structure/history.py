"""The review history of a policy in order of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from medpol.checks.months import month_number
from medpol.checks.subject import Subject
from medpol.model.policy import HistoryEntry
from medpol.problems import Place


@dataclass(frozen=True, slots=True)
class Dated:
    """An entry with its month; its place is looked up where it is needed."""

    month: int
    entry: HistoryEntry
    index: int
    subject: Subject

    @property
    def place(self) -> Place:
        return self.subject.place("policy.yaml", "history", self.index, "date")


def dated(subject: Subject) -> list[Dated]:
    """The entries that have a month, as they are written."""
    entries = enumerate(subject.policy.history)
    return [
        Dated(month, entry, index, subject)
        for index, entry in entries
        if (month := month_number(entry.date)) is not None
    ]


def reviews(subject: Subject) -> Iterator[tuple[Dated, Dated]]:
    """Neighbours in time, the later of which is a review; entries of one month count as one."""
    by_month = {entry.month: entry for entry in sorted(dated(subject), key=_order)}
    for earlier, later in pairwise(by_month.values()):
        if "review" in later.entry.action.lower():
            yield earlier, later


def _order(entry: Dated) -> tuple[int, bool]:
    return entry.month, "review" in entry.entry.action.lower()
