"""Random criteria, facts and histories over one dictionary that has every type of fact."""

from datetime import date, timedelta

from hypothesis import strategies as st

from medpol.model.calendar import completed, day_code
from medpol.model.codes import CodeList, normal, parse_pattern
from medpol.model.criteria import (
    All,
    AnyOf,
    AtLeast,
    Because,
    CannotDetermine,
    Claims,
    Compare,
    CompareBy,
    Criterion,
    Is,
    Measure,
    Not,
    OneOf,
    Row,
    Unless,
    Window,
    Within,
)
from medpol.model.facts import DataDictionary, Fact, FactSource, FactType
from medpol.model.request import FactValue, HistoryLine

SERVICE = date(2025, 9, 1)
DIAGNOSES = ("M48.061", "M48.062", "M51.26", "G47.33", "Z00.6", "E78.5")
PROCEDURES = ("62330", "62322", "62323", "E0601", "A7030", "80061")
_PATTERNS = ("M48.0*", "M51.26", "G47.33", "Z00.6", "E78.0-E78.5", "M50*", "E0601", "62322", "62323-62330", "A70*")
_LEVELS = ("C0", "C1", "C2", "C3", "C4a", "C4b")
_VALUES = ("diabetes", "hypertension", "osa", "heart_failure")
_UNITS = ("d", "wk", "mo", "a")


def dictionary() -> DataDictionary:
    """Two or more facts of every type."""
    facts = (
        Fact(name="bmi", type=FactType.NUMBER, unit="kg/m2", low=10, high=100, question="BMI?"),
        Fact(name="odi", type=FactType.NUMBER, unit="%", low=0, high=100, question="ODI?"),
        Fact(name="pain_duration", type=FactType.DURATION, unit="mo", question="How long?"),
        Fact(name="therapy", type=FactType.DURATION, unit="wk", question="How many weeks?"),
        Fact(name="ceap", type=FactType.ORDINAL, levels=_LEVELS, question="CEAP class?"),
        Fact(name="evaluation_date", type=FactType.DATE, question="When evaluated?"),
        Fact(name="surgery_date", type=FactType.DATE, question="When operated?"),
        Fact(name="claudication", type=FactType.BOOLEAN, question="Claudication?"),
        Fact(name="consent", type=FactType.BOOLEAN, source=FactSource.DOCUMENT, question="Consent on file?"),
        Fact(name="exceptional", type=FactType.BOOLEAN, source=FactSource.REVIEWER, question="Exceptional?"),
        Fact(name="comorbidity", type=FactType.SET, values=_VALUES, question="Which?"),
        Fact(name="drug_class", type=FactType.SET, question="Which drugs were tried?"),
        Fact(name="approach", type=FactType.CODE, values=("open", "percutaneous"), question="Which approach?"),
    )
    return DataDictionary({fact.name: fact for fact in facts})


FACTS = dictionary()


def _of_type(facts: DataDictionary, *types: FactType) -> list[Fact]:
    return sorted((fact for fact in facts if fact.type in types), key=lambda fact: fact.name)


# leaves


@st.composite
def _compares(draw: st.DrawFn, facts: DataDictionary) -> Compare:
    types = (FactType.NUMBER, FactType.DURATION, FactType.ORDINAL, FactType.DATE)
    fact = draw(st.sampled_from(_of_type(facts, *types)))
    one, other = draw(_constants(fact)), draw(_constants(fact))
    shape = draw(st.sampled_from(("low", "high", "both", "equal")))
    low_open, high_open = draw(st.booleans()), draw(st.booleans())
    if shape == "both" and one != other:
        low, high = sorted((one, other))
        return Compare(fact=fact.name, low=low, high=high, low_open=low_open, high_open=high_open)
    if shape == "low" and not (low_open and one == _highest(fact)):
        return Compare(fact=fact.name, low=one, low_open=low_open)
    if shape == "high" and not (high_open and one == _lowest(fact)):
        return Compare(fact=fact.name, high=one, high_open=high_open)
    return Compare(fact=fact.name, low=one, high=one)


def _lowest(fact: Fact) -> float | None:
    return 0 if fact.type is FactType.ORDINAL else fact.low


def _highest(fact: Fact) -> float | None:
    return len(fact.levels) - 1 if fact.type is FactType.ORDINAL else fact.high


def _constants(fact: Fact) -> st.SearchStrategy[float]:
    if fact.type is FactType.ORDINAL:
        return st.integers(0, len(fact.levels) - 1)
    if fact.type is FactType.DATE:
        return st.integers(day_code(SERVICE) - 800, day_code(SERVICE) + 100)
    if fact.name in ("age", "age_months", "age_days", "units"):
        return st.integers(0, 90).map(float)
    low, high = fact.low or 0, fact.high or 60
    return st.one_of(st.integers(int(low), int(high)).map(float), st.floats(low, high).map(lambda x: round(x, 2)))


def code_lists(fact: Fact | None = None) -> st.SearchStrategy[CodeList]:
    """Declared values of a fact, or patterns that do not overlap."""
    if fact is not None and fact.values:
        chosen = st.lists(st.sampled_from(fact.values), min_size=1, unique=True)
        return chosen.map(lambda values: _list(normal(value) for value in values))
    return st.lists(st.sampled_from(_PATTERNS), min_size=1, max_size=4, unique=True).map(_list)


def _list(texts) -> CodeList:  # type: ignore[no-untyped-def]
    patterns = (parse_pattern(text) for text in texts)
    return CodeList(patterns=tuple(pattern for pattern in patterns if pattern is not None))


@st.composite
def _one_ofs(draw: st.DrawFn, facts: DataDictionary) -> OneOf:
    fact = draw(st.sampled_from(_of_type(facts, FactType.CODE, FactType.SET)))
    if draw(st.integers(0, 9)) == 0:
        return OneOf(fact=fact.name, codes=CodeList(name="not-loaded", loaded=False))
    return OneOf(fact=fact.name, codes=draw(code_lists(fact)))


@st.composite
def _windows(draw: st.DrawFn, facts: DataDictionary) -> Window:
    """Every form of words: within, at least, between, on, before, after."""
    dates = [fact.name for fact in _of_type(facts, FactType.DATE)]
    event, anchor = draw(st.lists(st.sampled_from(dates), min_size=2, max_size=2, unique=True))
    unit, n = draw(st.sampled_from(_UNITS)), draw(st.integers(1, 24))
    more = n + draw(st.integers(1, 24))
    low, high, unit = draw(
        st.sampled_from(
            ((0, n, unit), (n, None, unit), (n, more, unit), (0, 0, "d"), (1, None, "d"), (0, None, "d")),
        )
    )
    if draw(st.booleans()):
        low, high = None if high is None else -high, -low
    return Window(event=event, anchor=anchor, unit=unit, low=low, high=high)


@st.composite
def _claims(draw: st.DrawFn, facts: DataDictionary) -> Claims:
    within = draw(st.sampled_from(Within))
    length, unit = (draw(st.integers(1, 36)), draw(st.sampled_from(_UNITS))) if within is Within.LENGTH else (0, "")
    n = draw(st.integers(0, 3))
    low, high = draw(st.sampled_from(((n + 1, None), (None, n), (n, n), (n, n + 2))))
    dates = [fact.name for fact in _of_type(facts, FactType.DATE)]
    return Claims(
        codes=draw(st.none() | code_lists()),
        within=within,
        length=length,
        unit=unit,
        before=draw(st.sampled_from(("service_date", *dates))),
        measure=draw(st.sampled_from(Measure)),
        diagnosis=draw(st.none() | code_lists()),
        same=draw(st.sampled_from(((), ("side",), ("level",), ("side", "level")))),
        low=low,
        high=high,
    )


@st.composite
def _tables(draw: st.DrawFn, facts: DataDictionary, conditions: st.SearchStrategy[Criterion]) -> CompareBy:
    fact = draw(st.sampled_from(_of_type(facts, FactType.NUMBER, FactType.DURATION)))
    whens = draw(st.lists(conditions, min_size=1, max_size=3))
    rows = [Row(when=when, then=draw(_constants(fact))) for when in whens]
    op = draw(st.sampled_from((">=", ">", "<=", "<")))
    return CompareBy(fact=fact.name, op=op, rows=(*rows, Row(when=None, then=draw(_constants(fact)))))


def leaves(facts: DataDictionary = FACTS) -> st.SearchStrategy[Criterion]:
    """A leaf of any kind."""
    booleans = [fact.name for fact in _of_type(facts, FactType.BOOLEAN)]
    undecidable = st.sampled_from(Because).map(lambda because: CannotDetermine(because=because, what="a judgement"))
    yes = st.sampled_from(booleans).map(lambda name: Is(fact=name))
    return st.one_of(_compares(facts), yes, _one_ofs(facts), _windows(facts), _claims(facts), undecidable)


def _groups(facts: DataDictionary, inner: st.SearchStrategy[Criterion]) -> st.SearchStrategy[Criterion]:
    several = st.lists(inner, min_size=1, max_size=4).map(tuple)
    return st.one_of(
        several.map(lambda of: All(of=of)),
        several.map(lambda of: AnyOf(of=of)),
        several.flatmap(lambda of: st.integers(1, len(of)).map(lambda n: AtLeast(n=n, of=of))),
        inner.map(lambda of: Not(of=of)),
        st.tuples(inner, inner).map(lambda pair: Unless(of=pair[0], waiver=pair[1])),
        _tables(facts, inner),
    )


def criteria(facts: DataDictionary = FACTS, max_leaves: int = 12) -> st.SearchStrategy[Criterion]:
    """Trees of any shape, as the loader would make them (no labels, no sources)."""
    return st.recursive(leaves(facts), lambda inner: _groups(facts, inner), max_leaves=max_leaves)


# facts


def values_of(fact: Fact) -> st.SearchStrategy[FactValue]:
    """A value of a fact, in the form of `model.request.FactValue`."""
    match fact.type:
        case FactType.BOOLEAN:
            return st.booleans()
        case FactType.DATE:
            return st.integers(-800, 100).map(lambda days: SERVICE + timedelta(days=days))
        case FactType.CODE | FactType.SET:
            pool = fact.values or (DIAGNOSES if "diagnosis" in fact.name else PROCEDURES)
            codes = [normal(value) for value in pool]
            return st.frozensets(st.sampled_from(codes)) if fact.type is FactType.SET else st.sampled_from(codes)
        case _:
            return _constants(fact)


@st.composite
def facts_for(draw: st.DrawFn, facts: DataDictionary = FACTS) -> dict[str, FactValue]:
    """What is known of a request: any fact may be missing; ages, diagnoses and dates agree with each other."""
    known: dict[str, FactValue] = {}
    for fact in facts.declared.values():
        if draw(st.booleans()):
            known[fact.name] = draw(values_of(fact))
    if draw(st.booleans()):
        birth = SERVICE - timedelta(days=draw(st.integers(0, 36_000)))
        known["birth_date"] = birth
        known |= {
            name: float(completed(birth, SERVICE, unit))
            for name, unit in (("age", "a"), ("age_months", "mo"), ("age_days", "d"))
        }
    diagnoses = draw(st.lists(st.sampled_from([normal(code) for code in DIAGNOSES]), max_size=3))
    if diagnoses:
        known |= {"diagnosis": frozenset(diagnoses), "primary_diagnosis": diagnoses[0]}
    for name, values in {"sex": ("F", "M"), "state": ("IA", "SD"), "place_of_service": ("11", "22")}.items():
        if draw(st.booleans()):
            known[name] = draw(st.sampled_from(values))
    known["modifier"] = draw(st.frozensets(st.sampled_from(("LT", "RT", "50", "KX")), max_size=2))
    known["also_billed"] = draw(st.frozensets(st.sampled_from(PROCEDURES), max_size=2))
    if draw(st.booleans()):
        known["units"] = float(draw(st.integers(1, 9)))
    known["procedure"] = draw(st.sampled_from(PROCEDURES))
    known["service_date"] = SERVICE
    return known


@st.composite
def history_lines(draw: st.DrawFn) -> HistoryLine:
    return HistoryLine(
        code=draw(st.sampled_from(PROCEDURES)),
        date=SERVICE - timedelta(days=draw(st.integers(-30, 1200))),
        units=float(draw(st.integers(0, 4))),
        modifiers=draw(st.frozensets(st.sampled_from(("LT", "RT", "50")), max_size=2)),
        diagnoses=draw(st.frozensets(st.sampled_from([normal(code) for code in DIAGNOSES]), max_size=2)),
        level=draw(st.sampled_from(("", "L4", "L5"))),
        claim=draw(st.sampled_from(("", "A", "B"))),
    )


def histories() -> st.SearchStrategy[tuple[HistoryLine, ...] | None]:
    """None where no history is at hand."""
    return st.none() | st.lists(history_lines(), max_size=6).map(tuple)


def history_starts() -> st.SearchStrategy[date | None]:
    """From when on a history is complete."""
    return st.none() | st.integers(0, 1500).map(lambda days: SERVICE - timedelta(days=days))
