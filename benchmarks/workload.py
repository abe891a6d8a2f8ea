"""A workload of any size: claim lines in Parquet and a library of policies, both from a seed.

8,000 codes by Zipf's law, one to four diagnoses, twelve clinical facts that are mostly missing; policies with one
to four versions, a quarter of them without criteria, the others with 3 to 15 leaves, a third with a diagnosis list.
"""

import random
from datetime import date, timedelta
from pathlib import Path

import duckdb

from medpol.model.codes import CodeList, normal, parse_pattern
from medpol.model.criteria import All, AnyOf, AtLeast, Claims, Compare, Criterion, Is, Not, OneOf, Within
from medpol.model.facts import DataDictionary, Fact, FactType
from medpol.model.policy import Policy, Position, ServiceCode, Statement, Status, Version
from medpol.model.rules import Layer, Library, LineOfBusiness, PlanRules

CODES, DIAGNOSES = 8_000, 20_000
NUMBERS = {
    "months_conservative": (0, 24), "ligament_mm": (1, 6), "bmi": (16, 60), "a1c": (4, 14),
    "pain_vas": (0, 10), "odi": (0, 100), "lvef": (10, 70),
}  # fmt: skip
BOOLEANS = ("imaging_confirmed", "prior_surgery", "smoker", "psych_eval")
STAGES = ("0", "I", "II", "III", "IV")
LINES = ("commercial", "medicare", "medicaid", "exchange")
PLACES = ("11", "21", "22", "23", "24", "12", "31", "19")


def dictionary() -> DataDictionary:
    facts = [Fact(name=name, type=FactType.NUMBER, low=low, high=high) for name, (low, high) in NUMBERS.items()]
    facts += [Fact(name=name, type=FactType.BOOLEAN) for name in BOOLEANS]
    facts.append(Fact(name="stage", type=FactType.ORDINAL, levels=STAGES))
    return DataDictionary({fact.name: fact for fact in facts})


def write_claims(path: Path, n: int, seed: int = 1) -> None:
    """`n` claim lines; a pure function of n and the seed."""

    def u(salt: int) -> str:
        return f"(hash(i * 1000003 + {salt * 7919 + seed * 104729}) / 18446744073709551616.0)"

    def zipf(salt: int, most: int) -> str:
        return f"floor(pow({most}, {u(salt)}))::BIGINT"

    def choice(values: tuple[str, ...], where: str) -> str:
        listed = ", ".join(f"'{value}'" for value in values)
        return f"[{listed}][1 + floor({len(values)} * {where})::INT]"

    facts = [
        f"CASE WHEN {u(40 + j)} < absent THEN NULL ELSE round({low} + {high - low} * {u(60 + j)}, 1) END AS {name}"
        for j, (name, (low, high)) in enumerate(NUMBERS.items())
    ]
    facts += [
        f"CASE WHEN {u(80 + j)} < absent THEN NULL ELSE {u(90 + j)} < 0.6 END AS {name}"
        for j, name in enumerate(BOOLEANS)
    ]
    facts.append(f"CASE WHEN {u(100)} < absent THEN NULL ELSE {choice(STAGES, u(101))} END AS stage")
    more = [
        f"CASE WHEN {u(10 + d)} < {share} THEN {_diagnosis(f'd{d}')} END AS diagnosis_{d}"
        for d, share in ((2, 0.6), (3, 0.35), (4, 0.2))
    ]
    connection = duckdb.connect()
    connection.execute(
        f"""COPY (SELECT i // 3 AS claim, floor(2000000 * {u(1)})::INT AS member,
              CASE WHEN {u(2)} < .005 THEN NULL ELSE DATE '1930-01-01' + floor(32000 * {u(3)})::INT END AS birth_date,
              CASE WHEN {u(4)} < .01 THEN NULL WHEN {u(4)} < .5 THEN 'F' ELSE 'M' END AS sex,
              {choice(LINES, u(5))} AS line_of_business, {choice(PLACES, f"pow({u(7)}, 2)")} AS place_of_service,
              DATE '2018-01-01' + floor(3200 * {u(8)})::INT AS service_date, {_code("c")} AS code,
              {_diagnosis("d1")} AS diagnosis_1, {", ".join(more)},
              (1 + floor(4 * pow({u(20)}, 4)))::SMALLINT AS units, round(20 + 5000 * pow({u(21)}, 3), 2) AS billed,
              {", ".join(facts)}
            FROM (SELECT i, {zipf(9, CODES)} AS c, {zipf(10, DIAGNOSES)} AS d1, {zipf(31, DIAGNOSES)} AS d2,
                    {zipf(32, DIAGNOSES)} AS d3, {zipf(33, DIAGNOSES)} AS d4,
                    CASE WHEN {u(30)} < .4 THEN .2 ELSE .93 END AS absent FROM range({n}) r(i)))
            TO '{path}' (FORMAT parquet, COMPRESSION snappy)"""
    )


def _code(k: str) -> str:
    return f"lpad((10000 + {k})::VARCHAR, 5, '0')"


def _diagnosis(k: str) -> str:
    return f"chr((65 + {k} % 26)::INT) || lpad({k}::VARCHAR, 5, '0')"


def make_library(n: int, seed: int = 7, history: bool = False) -> Library:
    """`n` policies; with `history` half of them also count the member's claims of the last 12 months."""
    rng = random.Random(seed)
    policies = {}
    for number in range(n):
        policy = _policy(f"P{number:04d}", rng, history and number % 2 == 0)
        policies[policy.number] = policy
    lines = {name: LineOfBusiness(name=name, precedence=(Layer(authority="medical_policy"),)) for name in LINES}
    return Library(folder="", rules=PlanRules(plan="W", lines_of_business=lines), facts=dictionary(), policies=policies)


def _policy(number: str, rng: random.Random, history: bool) -> Policy:
    many = min(60, max(1, int(rng.lognormvariate(2.3, 0.9))))
    codes = sorted({10_000 + rng.randrange(100, CODES) for _ in range(many)})
    listed = [_listed(int(DIAGNOSES ** rng.random())) for _ in range(rng.randint(20, 200))]
    scope = OneOf(fact="diagnosis", codes=_list(listed)) if rng.random() < 0.3 else None
    tree = None if rng.random() < 0.27 else _tree(rng, rng.randint(3, 15))
    if history and tree is not None:
        count = Claims(codes=None, within=Within.LENGTH, length=12, unit="mo", high=rng.randint(0, 2))
        tree = All(of=(tree, count))
    later = sorted(date(2018, 1, 1) + timedelta(rng.randint(60, 3100)) for _ in range(rng.randint(0, 3)))
    begins = [date(2017, 1, 1), *later]
    lines = LINES if rng.random() < 0.6 else tuple(rng.sample(LINES, 2))
    applies = [("line_of_business", lines)]
    if rng.random() < 0.3:
        applies.append(("place_of_service", tuple(rng.sample(PLACES, 4))))
    versions = []
    for day in dict.fromkeys(begins):
        positive = Statement(
            id="criteria", position=Position.MEDICALLY_NECESSARY, when=_moved(rng, tree) if tree else None
        )
        negative = rng.choice((Position.NOT_MEDICALLY_NECESSARY, Position.INVESTIGATIONAL))
        version = Version(
            policy=number,
            effective=day,
            status=Status.APPROVED,
            published=day,
            applies_to=tuple(applies),
            scope=scope,
            codes=tuple(ServiceCode(system="cpt", pattern=_pattern(str(code))) for code in codes),
            statements=(positive,) if tree else (),
            default=Statement(id="other", position=negative),
        )
        versions.append(version)
    return Policy(number=number, authority="medical_policy", title=number, versions=tuple(versions))


def _pattern(text: str):
    pattern = parse_pattern(text)
    assert pattern is not None
    return pattern


def _listed(k: int) -> str:
    return normal(f"{chr(65 + k % 26)}{k:05d}")


def _list(codes: list[str]) -> CodeList:
    return CodeList(patterns=tuple(_pattern(code) for code in sorted(set(codes))))


def _tree(rng: random.Random, leaves: int, depth: int = 0) -> Criterion:
    if leaves == 1:
        leaf = _leaf(rng)
        return Not(of=leaf) if rng.random() < 0.1 else leaf
    width = min(leaves, rng.randint(2, 4)) if depth < 2 else leaves
    sizes = [1] * width
    for _ in range(leaves - width):
        sizes[rng.randrange(width)] += 1
    members = tuple(_tree(rng, size, depth + 1) for size in sizes)
    kind = rng.random()
    if kind < 0.5:
        return All(of=members)
    return AnyOf(of=members) if kind < 0.8 or width < 3 else AtLeast(n=2, of=members)


def _leaf(rng: random.Random) -> Criterion:
    kind = rng.random()
    if kind < 0.62:
        name = rng.choice(["age", *NUMBERS])
        low, high = NUMBERS.get(name, (0, 90))
        limit = round(low + (high - low) * rng.uniform(0.1, 0.7), 1)
        is_open = rng.random() < 0.5
        if rng.random() < 0.5:
            return Compare(fact=name, low=limit, low_open=is_open)
        return Compare(fact=name, high=limit, high_open=is_open)
    if kind < 0.9:
        return Is(fact=rng.choice(BOOLEANS))
    if kind < 0.97:
        return Compare(fact="stage", low=rng.randint(1, 3))
    return OneOf(fact="sex", codes=_list([rng.choice("FM")]))


def _moved(rng: random.Random, tree: Criterion) -> Criterion:
    """The tree with some limits moved: what a new version of a policy looks like."""
    match tree:
        case Compare(low=float(low)) if rng.random() < 0.5:
            return Compare(fact=tree.fact, low=round(low * rng.choice((0.9, 1.1)), 1), low_open=tree.low_open)
        case All(of=of):
            return All(of=tuple(_moved(rng, member) for member in of))
        case AnyOf(of=of):
            return AnyOf(of=tuple(_moved(rng, member) for member in of))
        case AtLeast(n=n, of=of):
            return AtLeast(n=n, of=tuple(_moved(rng, member) for member in of))
        case _:
            return tree
