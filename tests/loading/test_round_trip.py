"""What the writer writes, the loader reads back as an equal model."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from medpol.loading import parse_criterion, write_criterion
from medpol.model.codes import CodeList
from medpol.model.criteria import Criterion
from strategies import FACTS, criteria

SLOTS = {"not-loaded": CodeList(name="not-loaded", loaded=False)}
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30).map(str.strip)


@settings(max_examples=400)
@given(criteria())
def test_criteria(criterion: Criterion) -> None:
    text = write_criterion(criterion, FACTS)
    read = parse_criterion(text, FACTS, SLOTS)
    assert read == criterion
    assert write_criterion(read, FACTS) == text


@given(criteria(max_leaves=3), WORDS, WORDS)
def test_labels_of_any_words(criterion: Criterion, label: str, source: str) -> None:
    labelled = replace(criterion, label=label, source=source)
    assert parse_criterion(write_criterion(labelled, FACTS), FACTS, SLOTS) == labelled


def test_labels_inside_and_outside() -> None:
    text = """
        that: {not: {that: claudication, label: inner}, label: middle}
        unless: {that: exceptional, label: waiver}
        label: outer
    """
    criterion = parse_criterion(text, FACTS)
    assert criterion.label == "outer"
    assert parse_criterion(write_criterion(criterion, FACTS), FACTS) == criterion
