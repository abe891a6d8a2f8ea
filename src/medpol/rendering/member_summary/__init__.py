"""What a policy says, for the member: short plain sentences made from the logic, with their reading grade."""

from medpol.rendering.member_summary.dictionary import Plain, Words, load_plain, load_words
from medpol.rendering.member_summary.grading import Graded, graded
from medpol.rendering.member_summary.sentences import Speaker
from medpol.rendering.member_summary.summary import Subject, member_summary

__all__ = [
    "Graded",
    "Plain",
    "Speaker",
    "Subject",
    "Words",
    "graded",
    "load_plain",
    "load_words",
    "member_summary",
]
