"""Study effects against R's metafor: every measure, every zero-cell rule, both metafor versions."""

import numpy as np
import pytest

from evidence.metafor_reference import METAFOR_5, Ledger, effects, load, numbers, reference, sets
from medpol.evidence import Variant, compare_means, compare_proportions, effect_sizes

RULES = {
    "only_zero": "default_add0.5_only0",
    "all": "add0.5_all",
    "none": "none",
    "drop_double": "drop00",
}


@pytest.mark.parametrize(("name", "measure"), [s for s in sets() if "effects" in reference(*s)])
def test_effects_are_metafors(name: str, measure: str) -> None:
    want, ledger = reference(name, measure)["effects"], Ledger()
    for rule, key in RULES.items():
        answers = want.get(key) or (want if rule == "only_zero" else None)
        if answers:
            ours = effects(name, measure, zero_cells=rule)
            ledger.check(f"{rule} yi", ours.yi, answers["yi"])
            ledger.check(f"{rule} vi", ours.vi, answers["vi"])
    if "vi_unbiased_UB" in want:
        ours = effects(name, measure, variant=Variant(smd_variance="unbiased"))
        ledger.check("unbiased vi", ours.vi, want["vi_unbiased_UB"])
    if "vi_pooled_HO" in want:
        ledger.check(
            "pooled vi", effects(name, measure, variant=Variant(md_variance="pooled")).vi, want["vi_pooled_HO"]
        )
    ledger.settle()


@pytest.mark.parametrize(("name", "measure"), [s for s in sets() if "metafor_5.1-12" in reference(*s)])
def test_newer_formulas_are_metafor_5s(name: str, measure: str) -> None:
    want, ledger = reference(name, measure)["metafor_5.1-12"]["effects"], Ledger()
    ours = effects(name, measure, variant=METAFOR_5)
    ledger.check("yi", ours.yi, want["yi"])
    ledger.check("vi", ours.vi, want["vi"])
    ledger.settle()


@pytest.mark.parametrize(("name", "measure"), [s for s in sets() if "peto_study" in reference(*s)])
def test_peto_effects_are_metafors(name: str, measure: str) -> None:
    want, ledger = reference(name, measure)["peto_study"], Ledger()
    ours = effects(name, "PETO")
    ledger.check("yi", ours.yi, want["yi"])
    ledger.check("vi", ours.vi, want["vi"])
    ledger.settle()


def test_rows_without_an_effect_say_why() -> None:
    ours = effects("edge_zero_cells", "OR", zero_cells="none")
    assert np.isnan(ours.yi).tolist() == [True, True, True, False, True, True]
    assert set(ours.left_out) == {0, 1, 2, 4, 5}
    assert all("zero cells" in why for why in ours.left_out.values())


def test_one_trial_of_two_proportions() -> None:
    """Newcombe 1998 (Stat Med 17:873-890), Table II, and the seed's trial."""
    ledger = Ledger()
    for case in load("single_study_2x2")["cases"]:
        x1, n1, x2, n2 = (case[key] for key in ("x1", "n1", "x2", "n2"))
        ours, label = compare_proportions(x1, n1, x2, n2), f"{x1}/{n1} v {x2}/{n2}"
        risk, tests = case["RD"], case["tests"]
        ledger.check(f"{label} RD", ours.rd, risk["est"])
        ledger.check(f"{label} Wald", ours.wald, risk["wald_ci"])
        ledger.check(f"{label} Newcombe", ours.newcombe, risk["newcombe_ci"])
        ledger.check(f"{label} score", ours.score, risk["miettinen_nurminen_ci"])
        adjusted = effect_sizes("RD", ai=[x1], n1i=[n1], ci=[x2], n2i=[n2])
        ledger.check(
            f"{label} RD for pooling", [adjusted.yi[0], adjusted.vi[0]], [risk["metafor_yi"], risk["metafor_vi"]]
        )
        ledger.check(f"{label} Wilson 1", ours.p1_wilson, case["p1_wilson"])
        ledger.check(f"{label} Wilson 2", ours.p2_wilson, case["p2_wilson"])
        ledger.check(f"{label} Clopper-Pearson", ours.p1_clopper_pearson, case["p1_clopper_pearson"])
        for ratio, key in ((ours.rr, "RR"), (ours.odds, "OR")):
            have = [ratio.log, ratio.variance, ratio.estimate, *ratio.ci, ratio.p]
            want = case[key]
            ledger.check(f"{label} {key}", have, [want["log"], want["var"], want["est"], *want["ci"], want["p"]])
        ledger.check(f"{label} NNT", ours.nnt.value if risk["est"] else None, case["NNT"])
        ledger.check(f"{label} chi2", ours.chi2_p, tests["chi2_uncorrected_p"])
        ledger.check(f"{label} Yates", ours.chi2_yates_p, tests["chi2_yates_p"])
        ledger.check(f"{label} Fisher p", ours.fisher_p, tests["fisher_p"])
        # R's fisher.test finds these with its root finder's default tolerance, 1.2e-4 on 1/OR: see the
        # next test for ours.
        ledger.check(f"{label} Fisher OR", ours.fisher_or, tests["fisher_or"], rtol=1e-3)
        high = None if ours.fisher_ci[1] == np.inf else ours.fisher_ci[1]
        ledger.check(
            f"{label} Fisher CI", [ours.fisher_ci[0], np.nan if high is None else high], tests["fisher_ci"], rtol=1e-2
        )
    ledger.settle()


def test_fisher_limits_solve_their_equations() -> None:
    """At each exact limit the tail probability of the observed table is 2.5% (Cornfield 1956)."""
    from scipy.stats import nchypergeom_fisher

    x1, n1, x2, n2 = 9, 10, 3, 10
    low, high = compare_proportions(x1, n1, x2, n2).fisher_ci
    assert nchypergeom_fisher.sf(x1 - 1, n1 + n2, x1 + x2, n1, low) == pytest.approx(0.025, rel=1e-9)
    assert nchypergeom_fisher.cdf(x1, n1 + n2, x1 + x2, n1, high) == pytest.approx(0.025, rel=1e-9)


def test_one_trial_of_two_means() -> None:
    ledger = Ledger()
    for case in load("single_study_means")["cases"]:
        ours = compare_means(**{key: case[key] for key in ("m1", "sd1", "n1", "m2", "sd2", "n2")})
        for name, test in (("welch", ours.welch), ("pooled", ours.pooled)):
            want = case[name]
            have = [test.se, test.df, test.p, *test.ci]
            ledger.check(name, have, [want["se"], want["df"], want["p"], *want["ci"]])
        have = [ours.md, *ours.z_ci, ours.pooled_sd, ours.cohen_d, ours.hedges_g, ours.hedges_g_variance]
        want = [case["MD"], *case["z_ci"], case["pooled"]["sd"], case["cohen_d"], case["hedges_g"]]
        ledger.check("summary", [*have, ours.glass_delta], [*want, case["hedges_g_var_LS"], case["glass_delta_SMD1"]])
        groups = {f"{key[:-1]}{key[-1]}i": [case[key]] for key in ("m1", "sd1", "n1", "m2", "sd2", "n2")}
        rom = effect_sizes("ROM", **groups)
        ledger.check("ROM", [rom.yi[0], rom.vi[0]], [case["ROM"]["log"], case["ROM"]["var"]])
    ledger.settle()


def test_included_rows_are_metafors() -> None:
    for name, measure in sets():
        want = reference(name, measure)
        if "included" in want:
            assert effects(name, measure).included.tolist() == (numbers(want["included"]) == 1).tolist()
