"""One request: `python benchmarks/decide.py`.

A traced decision of a 15-leaf criterion beside zen-engine's graph of the same criterion with its trace, both in this
process; then the whole request, from JSON bytes to JSON bytes, over the bundled library's own cases.
"""

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import date

import orjson
import zen

from medpol.engine import prepare
from medpol.library import PolicyLibrary
from medpol.model.criteria import All, AnyOf, AtLeast, Compare, Criterion, Is, Not
from medpol.model.request import Request
from medpol.model.truth import Truth

TREE: Criterion = All(
    of=(
        Compare(fact="age", low=18),
        Compare(fact="age", high=80),
        AnyOf(of=(Compare(fact="bmi", low=40), All(of=(Compare(fact="bmi", low=35), Is(fact="diabetes"))))),
        AtLeast(n=2, of=(Is(fact="therapy"), Is(fact="exercise"), Is(fact="analgesics"), Is(fact="injection"))),
        Not(of=Is(fact="smoker")),
        Compare(fact="odi", low=21, low_open=True),
        AnyOf(of=(Compare(fact="pain", low=5), Compare(fact="claudication_months", low=3))),
        Is(fact="imaging"),
        Not(of=Is(fact="pregnant")),
    )
)
NUMBERS = {"age": (10, 90), "bmi": (20, 50), "odi": (0, 80), "pain": (0, 10), "claudication_months": (0, 12)}
BOOLEANS = ("diabetes", "therapy", "exercise", "analgesics", "injection", "smoker", "imaging", "pregnant")


def fact_sets(n: int = 200) -> list[dict[str, float | bool]]:
    """Facts of `n` requests, some missing, by a fixed rule."""
    sets = []
    for i in range(n):
        facts: dict[str, float | bool] = {}
        for j, (name, (low, high)) in enumerate(NUMBERS.items()):
            if (i + j) % 5:
                facts[name] = low + (i * 7919 + j * 104729) % (high - low + 1)
        for j, name in enumerate(BOOLEANS):
            if (i + j) % 4:
                facts[name] = (i * 31 + j * 17) % 3 > 0
        sets.append(facts)
    return sets


def a_request(facts: dict[str, float | bool]) -> Request:
    day = date(2025, 6, 1)
    return Request(id="", system="cpt", code="1", service_date=day, line_of_business="commercial", facts=facts)


def zen_expression(node: Criterion) -> str:
    """The criterion in zen's language: 1 for yes, 0.5 for unknown, 0 for no."""
    match node:
        case Is(fact=fact):
            return f"({fact} == null ? 0.5 : ({fact} ? 1 : 0))"
        case Compare(fact=fact):
            tests = []
            if node.low is not None:
                tests.append(f"{fact} {'>' if node.low_open else '>='} {node.low}")
            if node.high is not None:
                tests.append(f"{fact} {'<' if node.high_open else '<='} {node.high}")
            return f"({fact} == null ? 0.5 : ({' and '.join(tests)} ? 1 : 0))"
        case All(of=of):
            return f"min([{', '.join(map(zen_expression, of))}])"
        case AnyOf(of=of):
            return f"max([{', '.join(map(zen_expression, of))}])"
        case AtLeast(n=2, of=of):
            parts = [zen_expression(member) for member in of]
            pairs = [f"min([{a}, {b}])" for i, a in enumerate(parts) for b in parts[i + 1 :]]
            return f"max([{', '.join(pairs)}])"
        case Not(of=inner):
            return f"(1 - {zen_expression(inner)})"
        case _:
            raise TypeError(type(node))


def zen_graph(node: Criterion) -> str:
    expression = {"id": "1", "key": "truth", "value": zen_expression(node)}
    nodes = [
        {"id": "i", "type": "inputNode", "name": "request", "position": {"x": 0, "y": 0}},
        {"id": "e", "type": "expressionNode", "name": "criteria", "position": {"x": 1, "y": 0},
         "content": {"expressions": [expression]}},
        {"id": "o", "type": "outputNode", "name": "response", "position": {"x": 2, "y": 0}},
    ]  # fmt: skip
    edges = [{"id": a + b, "sourceId": a, "targetId": b, "type": "edge"} for a, b in ("ie", "eo")]
    return orjson.dumps({"nodes": nodes, "edges": edges}).decode()


def per_call(call: Callable[[int], object], n: int, rounds: int = 15) -> float:
    """Median microseconds a call."""
    gc.collect()
    gc.disable()
    took = []
    for _ in range(rounds):
        start = time.perf_counter()
        for i in range(n):
            call(i)
        took.append((time.perf_counter() - start) / n * 1e6)
    gc.enable()
    return statistics.median(took)


def whole_requests(library: PolicyLibrary, payloads: Sequence[bytes], rounds: int = 5) -> list[float]:
    """Milliseconds of each whole request, warm."""
    took = []
    for _ in range(rounds):
        for payload in payloads:
            start = time.perf_counter()
            orjson.dumps(library.answer(payload))
            took.append((time.perf_counter() - start) * 1e3)
    return took[len(payloads) :]


def main() -> None:
    sets = fact_sets()
    requests = [a_request(facts) for facts in sets]
    ask = prepare(TREE)
    decision = zen.ZenEngine().create_decision(zen_graph(TREE))
    full = [{name: facts.get(name) for name in (*NUMBERS, *BOOLEANS)} for facts in sets]
    words = {0: Truth.NO, 0.5: Truth.UNKNOWN, 1: Truth.YES}
    agree = sum(
        words[decision.evaluate(facts)["result"]["truth"]] is ask(request).truth
        for facts, request in zip(full, requests, strict=True)
    )
    ours = per_call(lambda i: ask(requests[i]), len(requests))
    theirs = per_call(lambda i: decision.evaluate(full[i], {"trace": True}), len(full), rounds=5)
    print(f"15 leaves, {len(requests)} requests, {agree} of {len(requests)} answers equal")
    print(f"traced decision: medpol {ours:.1f} µs, zen-engine graph with trace {theirs:.1f} µs: {theirs / ours:.1f} ×")
    library = PolicyLibrary()
    payloads = [orjson.dumps(case.request) for case in library.cases()]
    took = sorted(whole_requests(library, payloads))
    middle, high = took[len(took) // 2], took[int(len(took) * 0.99)]
    print(
        f"whole request (parse, choose, decide, trace, JSON), {len(payloads)} cases of the bundled library: "
        f"median {middle:.3f} ms, p99 {high:.3f} ms, largest {took[-1]:.3f} ms"
    )


if __name__ == "__main__":
    main()
