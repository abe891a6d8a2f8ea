"""Power, information size and sequential boundaries against R (stats, pwr, rpact, RTSA); the next trial."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.small_folder import APPRAISAL, STUDIES, read
from medpol.evidence import (
    adjusted_information,
    boundaries,
    cohen_h,
    crossing,
    detectable_mean,
    detectable_proportion,
    diversity,
    information_means,
    information_proportions,
    load_evidence,
    n_arcsine,
    n_means,
    n_proportions,
    next_trial,
    power_arcsine,
    power_means,
    power_proportions,
    sequential_analysis,
    trial_power,
)

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "../shared/evidence"
DEMO = ROOT / "src/medpol/data/demonstration/policies/07.01.89/evidence"


def reference(name: str) -> dict:
    path = REFERENCE / f"{name}.json"
    if not path.exists():
        pytest.skip(f"{name}.json is not beside the repository")
    return json.loads(path.read_text(encoding="utf-8"))


def test_sizes_of_two_proportions_are_r_s() -> None:
    for case in reference("power")["prop_n"]:
        options = {"power": case["power"], "alpha": case["alpha"], "sides": 2 if case["alt"] == "two.sided" else 1}
        p1, p2 = case["p1"], case["p2"]
        # uniroot's tolerance limits the reference, not the closed form
        assert n_proportions(p1, p2, **options) == pytest.approx(case["n_per_group_power.prop.test"], rel=1e-7)
        assert n_arcsine(p1, p2, **options) == pytest.approx(case["n_per_group_pwr_arcsine"], rel=1e-8)
        assert cohen_h(p1, p2) == pytest.approx(case["h"], rel=1e-12)


def test_power_is_r_s() -> None:
    file = reference("power")
    for case in file["prop_power"]:
        p1, p2, n = case["p1"], case["p2"], case["n_per_group"]
        assert power_proportions(p1, p2, n) == pytest.approx(case["power_power.prop.test"], rel=1e-12)
        strict = power_proportions(p1, p2, n, both_tails=True)
        assert strict == pytest.approx(case["power_power.prop.test_strict"], rel=1e-12)
        assert power_arcsine(p1, p2, n) == pytest.approx(case["power_pwr_arcsine"], rel=1e-12)
    for case in file["t_power"]:
        found = power_means(case["delta"], case["sd"], case["n1"], case["n2"])
        assert found == pytest.approx(case["power"], rel=1e-10)
    for case in file["t_n"]:  # R solves for n to 1.2e-4 (uniroot's default)
        assert n_means(case["delta"], case["sd"], power=case["power"]) == pytest.approx(case["n_per_group"], abs=2e-4)


def test_required_information_is_the_reference() -> None:
    file = reference("required_information_size")
    for case in file["binary"]:
        control = case["control_risk"]
        found = information_proportions(control, control * (1 - case["RRR"]), alpha=case["alpha"], beta=case["beta"])
        assert found == pytest.approx(case["RIS_unadjusted_total"], rel=1e-12)
        assert adjusted_information(found, case["D2"]) == pytest.approx(case["DARIS_total"], rel=1e-12)
    for case in file["continuous"]:
        found = information_means(case["delta"], case["sd"], alpha=case["alpha"], beta=case["beta"])
        assert adjusted_information(found, case["D2"]) == pytest.approx(case["DARIS"], rel=1e-12)


def test_boundaries_are_rpact_s() -> None:
    """rpact solves each stage to about 1e-8 of alpha (it spends .02499999), worth up to 2e-7 in z."""
    for design in reference("sequential_boundaries")["designs"]:
        found = boundaries(design["information"], design["type"], alpha=design["alpha_two_sided"])
        assert found.z == pytest.approx(design["z"], abs=3e-7)
        assert found.alpha_spent == pytest.approx(design["cumulative_alpha_spent"], abs=2e-8)


@pytest.mark.parametrize("spending", ["asOF", "asP", "OF", "P"])
@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=5, unique=True).map(sorted))
def test_boundaries_spend_exactly_alpha(spending: str, looks: list[int]) -> None:
    found = boundaries(looks, spending)
    assert found.alpha_spent[-1] == pytest.approx(0.025, abs=1e-9)
    assert list(found.alpha_spent) == sorted(found.alpha_spent)


@settings(deadline=None, max_examples=20)
@given(st.floats(0, 4), st.floats(0, 1))
def test_more_drift_crosses_more_often(drift: float, more: float) -> None:
    looks = (0.3, 0.6, 1.0)
    z = boundaries(looks).z
    assert crossing(looks, z, drift=drift)[-1] <= crossing(looks, z, drift=drift + more)[-1] + 1e-12


def _random_effects(yi: np.ndarray, vi: np.ndarray) -> tuple[float, float, float]:
    """DerSimonian–Laird: variance of the common and of the random effect, I²."""
    w = 1 / vi
    q = float(w @ (yi - w @ yi / w.sum()) ** 2)
    tau2 = max(0.0, (q - len(yi) + 1) / (w.sum() - (w**2).sum() / w.sum()))
    i2 = max(0.0, (q - len(yi) + 1) / q)
    return 1 / w.sum(), 1 / (1 / (vi + tau2)).sum(), i2


def _perioperative_oxygen() -> tuple[dict, np.ndarray, np.ndarray]:
    file = reference("tsa_perioOxy")
    cells = np.array([[r["eI"], r["nI"], r["eC"], r["nC"]] for r in file["input"]], dtype=float)
    zero = (cells[:, [0, 2]] == 0).any(axis=1)
    a, n1, c, n2 = (cells[:, 0] + 0.5 * zero, cells[:, 1] + zero, cells[:, 2] + 0.5 * zero, cells[:, 3] + zero)
    ratio = np.log(a / n1 / (c / n2)), 1 / a - 1 / n1 + 1 / c - 1 / n2
    odds = np.log(a * (n2 - c) / (c * (n1 - a))), 1 / a + 1 / (n1 - a) + 1 / c + 1 / (n2 - c)
    return file, np.array(ratio), np.array(odds)


def test_required_information_of_the_trial_sequential_analysis() -> None:
    file, ratio, odds = _perioperative_oxygen()
    rows = file["input"]
    control = sum(r["eC"] for r in rows) / sum(r["nC"] for r in rows)
    for run in file["runs"]:
        setting = run["settings"]
        factor = setting["mc"]
        treated = control * factor
        if setting["outcome"] == "OR":
            treated = factor * control / (1 - control) / (1 + factor * control / (1 - control))
        needed = information_proportions(control, treated, alpha=setting["alpha"], beta=setting["beta"])
        assert math.ceil(needed) == run["RIS"]
        if run["HARIS"] is None:
            continue
        common, random, i2 = _random_effects(*(odds if setting["outcome"] == "OR" else ratio))
        heterogeneity = diversity(common, random) if setting["random_adj"] == "D2" else i2
        # RTSA rounds up before and after the adjustment
        assert math.ceil(adjusted_information(run["RIS"], heterogeneity)) == run["HARIS"]


def test_boundaries_of_the_trial_sequential_analysis() -> None:
    """RTSA integrates on a coarser grid: its root is good to 2e-4, its boundaries to 5e-4 below z = 5.

    Beyond z = 5 a look has under 1e-7 of alpha to spend, and RTSA's solver stops within 0.02 of it.
    """
    for run in reference("tsa_perioOxy")["runs"]:
        required = run["HARIS"] or run["RIS"]
        steps = [step for step in run["cumulative"] if step["z_fixed"] is not None]
        z = [step["z_random"] for step in steps]
        found = sequential_analysis(z, [step["sma_timing"] * required for step in steps], required)
        assert found.required / required == pytest.approx(run["root"], abs=2e-4)
        compared = 0
        for bound, step in zip(found.boundary, steps, strict=True):
            if bound is not None and step["upper"] is not None and step["upper"] < 20:
                assert bound == pytest.approx(step["upper"], abs=5e-4 if bound < 5 else 0.02)
                compared += 1
        assert compared >= 1 or run["root"] < 1
        assert found.crossed is None


@settings(deadline=None)
@given(control=st.floats(0.05, 0.6), n1=st.integers(20, 400), n2=st.integers(20, 400))
def test_the_detectable_rise_has_the_power_asked_for(control: float, n1: int, n2: int) -> None:
    rise = detectable_proportion(control, n1, n2)
    if rise is not None:
        assert power_proportions(control + rise, control, n1, n2) == pytest.approx(0.8, abs=1e-6)
    assert power_means(detectable_mean(3.0, n1, n2), 3.0, n1, n2) == pytest.approx(0.8, abs=1e-6)


def test_no_trial_of_the_demonstration_satisfies_the_rules_so_the_new_one_stands_alone() -> None:
    evidence = load_evidence(DEMO)
    trial = next_trial(evidence, evidence.appraisal.conclusion("lumbar-function"))
    assert trial.prior_estimate is None
    assert {x.name: bool(x.misses) for x in trial.existing} == {
        "MiDAS ENCORE": True,
        "MOTION": True,
        "Brown 2012": True,
    }
    assert "27% lost, over 20%" in trial.existing[0].misses
    assert (trial.smallest.n_per_arm, trial.smallest.n_recruited) == (207, 259)
    # alone, and asked only to exclude 0, it is the textbook trial of two proportions
    textbook = n_proportions(0.271, 0.421, power=0.9)
    assert trial.smallest.n_per_arm == pytest.approx(textbook, rel=0.02)
    assert any("about half" in text for text in trial.assumptions)


def test_a_trial_that_satisfies_the_rules_is_pooled_and_makes_the_next_one_smaller(tmp_path: Path) -> None:
    evidence = read(tmp_path / "with")
    trial = next_trial(evidence, evidence.appraisal.conclusion("function"))
    assert [x.name for x in trial.existing if x.counts] == ["Ash"]
    assert trial.prior_estimate == pytest.approx(30.0)


def test_power_rises_to_the_target_exactly_at_the_smallest_size(tmp_path: Path) -> None:
    alone = read(tmp_path / "alone", studies=STUDIES.replace("blinded_assessors: yes", "blinded_assessors: no"))
    trial = next_trial(alone, alone.appraisal.conclusion("function"))
    pooled = read(tmp_path / "pooled")
    smaller = next_trial(pooled, pooled.appraisal.conclusion("function"))
    assert smaller.smallest.n_per_arm < trial.smallest.n_per_arm
    gap, z = 0.10, 1.959964 + 1.281552  # 15 points true, 5 to be exceeded
    formula = z**2 * (0.4 * 0.6 + 0.25 * 0.75) / gap**2
    assert trial.smallest.n_per_arm == math.ceil(formula)


def test_a_sufficient_conclusion_has_no_next_trial(tmp_path: Path) -> None:
    text = APPRAISAL.replace("evidence_is: insufficient", "evidence_is: sufficient\n    improves: yes")
    evidence = read(tmp_path, appraisal=text)
    with pytest.raises(ValueError, match="states no"):
        next_trial(evidence, evidence.appraisal.conclusion("function"))


def test_the_power_of_the_existing_trials() -> None:
    found = {(p.outcome, p.timepoint): p for p in trial_power(load_evidence(DEMO))}
    odi = found["ODI", "1 y"]
    assert odi.n == (143, 129)
    assert power_proportions((odi.control_pct + odi.detectable_points) / 100, 35 / 129, 143, 129) == pytest.approx(0.8)


@pytest.mark.parametrize(
    "call",
    [
        lambda: n_proportions(0.3, 0.3),
        lambda: power_proportions(1.2, 0.3, 10),
        lambda: power_means(1, 0, 10),
        lambda: adjusted_information(100, 1),
        lambda: boundaries([0.5, 0.5]),
        lambda: boundaries([]),
        lambda: n_proportions(0.3, 0.4, alpha=0),
        lambda: information_proportions(0.2, 0.2),
    ],
)
def test_input_without_an_answer_is_refused(call) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        call()
