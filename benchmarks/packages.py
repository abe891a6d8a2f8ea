"""Random but valid policy libraries of any size, for benchmarks: `write_packages(folder, n, seed)`.

python benchmarks/packages.py FOLDER [N] [SEED]      # writes them, then times load_library
"""

import random
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

PROCEDURES = tuple(str(code) for code in range(62300, 62400)) + tuple(f"E{n:04d}" for n in range(100, 200))
DIAGNOSES = ("M48.061", "M48.062", "M51.2*", "G47.33", "E78.0-E78.5", "I83.001-I83.899", "N18*", "Z00.6", "R73.03")
STATES = ("IA", "SD", "NE", "MN")
SEED = 20250901

LIBRARY = """\
plan: Generated plan
notice: Generated for benchmarks; no medical policy of anyone.
lines_of_business:
  commercial: {precedence: [contract, state_mandate, exclusion, medical_policy]}
  medicare_advantage: {precedence: [contract, medical_policy]}
signers: {roles: [medical director], licences: [MD, DO]}
"""
FACTS = """\
facts:
  bmi: {type: number, unit: kg/m2, range: 10..100, question: What is the body-mass index?}
  odi: {type: number, unit: "%", range: 0..100, question: What is the disability index?}
  pain: {type: duration, unit: mo, question: For how long has there been pain?}
  therapy: {type: duration, unit: wk, question: For how many weeks was therapy given?}
  ceap: {type: ordinal, levels: [C0, C1, C2, C3, C4, C5, C6], question: What is the clinical class?}
  comorbidity: {type: set, values: [diabetes, hypertension, osa], question: Which are documented?}
  approach: {type: code, values: [open, percutaneous], question: Which approach is planned?}
  evaluation_date: {type: date, question: When was the evaluation?}
  injury_date: {type: date, question: When was the injury?}
  claudication: {type: boolean, question: Is there neurogenic claudication?}
  imaging: {type: boolean, source: document, question: Is an imaging report on file?}
  exceptional: {type: boolean, source: reviewer, question: Does the reviewer find the case exceptional?}
"""


def write_packages(folder: Path, n: int, seed: int = SEED, codes: Sequence[str] = PROCEDURES) -> None:
    """A library of `n` policies of about 8 KiB and two versions each; the same seed gives the same files."""
    rng = random.Random(seed)
    (folder / "policies").mkdir(parents=True, exist_ok=True)
    (folder / "library.yaml").write_text(LIBRARY)
    (folder / "facts.yaml").write_text(FACTS)
    for index in range(n):
        number = f"{index // 1000 + 1:02d}.{index % 1000:03d}"
        inside = folder / "policies" / number
        inside.mkdir(exist_ok=True)
        (inside / "policy.yaml").write_text(_policy(number, rng))
        governed = rng.sample(codes, k=min(4, len(codes)))
        for effective in (date(2023, 1, 1), date(2025, 1, 1)):
            (inside / f"{effective}.yaml").write_text(_version(effective, governed, rng))


def _policy(number: str, rng: random.Random) -> str:
    history = "".join(f"  - {{date: {year}-07, action: annual review, note: renewed}}\n" for year in range(2012, 2026))
    return f"""\
number: {number}
authority: medical_policy
title: Generated policy {number}
kind: own
topics: [spine, veins]
sources:
  review: {{title: A review, date: 2025-07, confidence: full_text}}
  codes: {{title: A code table, date: 2025-01, confidence: secondary, note: taken from a secondary list}}
technology:
  name: a procedure
  approach: [percutaneous]
  regions: [lumbar]
  label:
    - id: other-use
      kind: outside_intended_use
      when: {{diagnosis: [{rng.choice(DIAGNOSES)}]}}
      says: another use
      source: review
history:
{history}"""


def _version(effective: date, codes: Sequence[str], rng: random.Random) -> str:
    entries = "".join(
        f"  - {{system: {'hcpcs' if code[0].isalpha() else 'cpt'}, code: {code}, role: {role}, source: codes}}\n"
        for code, role in zip(codes, ("first", "first", "second", "second"), strict=False)
    )
    statements = "".join(_statement(number, rng) for number in range(1, 5))
    return f"""\
effective: {effective}
status: approved
reviewed: {effective.year}-01
applies_to: {{line_of_business: [{rng.choice(("commercial", "medicare_advantage, commercial"))}]}}
codes:
{entries}statements:
{statements}default: {{id: all-other, position: investigational, wording: considered investigational, source: review}}
"""


def _statement(number: int, rng: random.Random) -> str:
    services = rng.choice(("[first]", "[second]", "[first, second]"))
    leaves = "".join(f"        - {_leaf(rng)}\n" for _ in range(rng.randint(8, 11)))
    choices = "".join(f"            - {_leaf(rng)}\n" for _ in range(3))
    return f"""\
  - id: statement-{number}
    position: {rng.choice(("medically_necessary", "not_medically_necessary", "medically_necessary"))}
    wording: considered so when every one of the criteria is met
    services: {services}
    when:
      all:
{leaves}        - at_least: 2
          of:
{choices}    source: review
"""


def _leaf(rng: random.Random) -> str:
    kind = rng.randrange(12)
    dx = ", ".join(rng.sample(DIAGNOSES, k=2))
    return (
        f"age >= {rng.randint(18, 70)}",
        f"{rng.randint(20, 34)} <= bmi < {rng.randint(35, 60)}",
        f"odi > {rng.randint(10, 60)} %",
        f"pain >= {rng.randint(1, 24)} months",
        f"therapy >= {rng.randint(2, 26)}",
        f"ceap >= C{rng.randint(1, 6)}",
        rng.choice(("claudication", "imaging", "not: claudication", "exceptional")),
        f"comorbidity includes [{', '.join(rng.sample(('diabetes', 'hypertension', 'osa'), k=2))}]",
        f"evaluation_date within {rng.randint(1, 24)} months before service_date",
        f"diagnosis: [{dx}]",
        f"state in [{', '.join(rng.sample(STATES, k=3))}]",
        f'claims: {{codes: [62322, 62323], within: {rng.randint(1, 24)} months, count: "<= {rng.randint(1, 3)}"}}',
    )[kind]


def main() -> None:
    """Write a library and say how long loading it takes."""
    from medpol.loading import load_library

    folder = Path(sys.argv[1])
    n = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    write_packages(folder, n, int(sys.argv[3]) if len(sys.argv) > 3 else SEED)
    size = sum(path.stat().st_size for path in folder.rglob("*.yaml"))
    start = time.perf_counter()
    library = load_library(folder)
    seconds = time.perf_counter() - start
    print(f"{len(library.policies)} packages, {size / n / 1024:.1f} KiB each: loaded in {seconds:.2f} s")


if __name__ == "__main__":
    main()
