"""A two-trial evidence folder, small enough to read, for tests to break."""

from pathlib import Path

from medpol.evidence import Evidence, load_evidence

REFERENCES = """\
references:
  ash-2019: {title: A trial of thing against usual care, authors: [Ash A], year: 2019, month: 3, pmid: "30000001"}
  elm-2021: {title: Another question altogether, authors: [Elm E], year: 2021, doi: 10.1000/elm}
"""

STUDIES = """\
populations:
  adults:
    label: adults
    intervention: thing
    comparators: [usual care]
    outcomes: [function]
timepoints: {baseline: 0, 6 mo: 6, 1 y: 12, 2 y: 24}
outcomes:
  ODI: {label: disability, domain: function, instrument: odi, response: 10}
  died: {label: deaths, domain: harms}
  happy: {label: satisfaction, domain: satisfaction, instrument: zcq-ps, after_treatment_only: yes}
studies:
  ash:
    name: Ash
    design: rct
    population: adults
    registry: NCT01234567
    randomized: 100
    blinded_assessors: yes
    references: [ash-2019]
    arms:
      thing: {label: thing, treated: 50, withdrew_before: 0, withdrew_after: 5, withdrew_by: 1 y}
      care: {label: usual care, treated: 50, withdrew_before: 0, withdrew_after: 10, withdrew_by: 1 y}
  elm:
    name: Elm
    design: rct
    population: adults
    references: [elm-2021]
    arms:
      thing: {label: thing}
      care: {label: usual care}
"""

HEADER = (
    "study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,as_printed,note"
)
ROWS = (
    "ash,thing,ODI,1 y,failures,50,30,60.0,,,,,,<.001,care,ash-2019,,",
    "ash,care,ODI,1 y,failures,50,12,24.0,,,,,,,,ash-2019,,",
    "ash,thing,ODI,2 y,failures,50,28,,,,,,,<.05,care,ash-2019,,",
    "ash,care,ODI,2 y,failures,50,13,,,,,,,,,ash-2019,,",
    "elm,thing,ODI,1 y,failures,40,20,50.0,,,,,,=.02,care,elm-2021,,",
    "elm,care,ODI,1 y,failures,40,10,25.0,,,,,,,,elm-2021,,",
)

APPRAISAL = """\
relevance:
  ash:
    follow_up: [{key: 1, note: one year}]
design_and_conduct: {}
risk_of_bias:
  - study: ash
    outcome: ODI
    tool: rob2
    domains:
      randomization: {level: low, reason: central}
      deviations: {level: low, reason: blinded}
      missing_data: {level: some_concerns, reason: fifteen lost}
      measurement: {level: low, reason: blinded}
      selection: {level: low, reason: registered}
    overall: some_concerns
conclusions:
  function:
    population: adults
    outcome: ODI
    evidence_is: insufficient
    evidence: [ash, elm]
    statement: Not yet known.
    reasons: [too few patients]
    certainty:
      start: high
      ratings: [{domain: imprecision, levels: -1, reason: wide interval, evidence: [ash]}]
    would_change:
      measure: risk_difference
      timepoint: 2 y
      follow_up_months: 24
      comparators: [usual care]
      blinded_assessors: yes
      max_attrition_pct: 20
      alpha: 0.05
      power: 0.9
      control_pct: 25
      minimal_difference: 15
      exceeds: 5
"""

GUIDELINES = """\
guidelines:
  society:
    issuer: Society
    year: 2020
    reference: ash-2019
    grading: letters
    statements: [{text: Offer the thing, grade: B, about_intervention: yes}]
payer_positions: [{payer: Payer, position: investigational, confidence: high}]
"""

FLOW = """
flow:
  identified: {PubMed: 100}
  duplicates: 10
  screened: 90
  excluded_screening: 80
  assessed: 10
  excluded: {wrong population: 8}
  included_studies: 2
  included_reports: 2
"""


def write(folder: Path, **changes: str) -> Path:
    """The folder on disk; `studies=…` and the like replace a whole file."""
    texts = {
        "references": REFERENCES,
        "studies": STUDIES,
        "appraisal": APPRAISAL,
        "guidelines": GUIDELINES,
        "results": "\n".join([HEADER, *ROWS]) + "\n",
    } | changes
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        ending = "csv" if name == "results" else "yaml"
        (folder / f"{name}.{ending}").write_text(text, encoding="utf-8")
    return folder


def read(folder: Path, **changes: str) -> Evidence:
    return load_evidence(write(folder, **changes))


def with_row(row: str) -> str:
    """results.csv with one more row, which stands in line 8."""
    return "\n".join([HEADER, *ROWS, row]) + "\n"
