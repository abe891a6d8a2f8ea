"""The bundled library: one procedure, different and correct answers by line of business and date; looking things up."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from medpol.engine import Determiner
from medpol.library import Hit, PolicyLibrary, bundled, same_answer
from medpol.loading import parse_json
from medpol.model.policy import State
from medpol.problems import PolicyRejected

SMALL = Path(__file__).parents[1] / "interfaces" / "small"


@cache
def demonstration() -> PolicyLibrary:
    return PolicyLibrary()


def asked(line: str | None, code: str, day: str, **more: Any) -> bytes:
    member = {"id": "T1", "birth_date": "1950-03-02", "sex": "F", "state": "IA", "line_of_business": line}
    service = {"code": code, "date": day, "modifiers": more.pop("modifiers", [])}
    return json.dumps({"member": member, "service": service, "diagnoses": ["M48.062"], **more}).encode()


def answer(line: str | None, code: str, day: str, **more: Any) -> dict[str, Any]:
    dates = {key: date.fromisoformat(more.pop(key)) for key in ("as_of", "known_on") if key in more}
    return demonstration().answer(asked(line, code, day, **more), **dates)


def said(found: Mapping[str, Any]) -> tuple[str, str | None, str | None, str | None]:
    return found["state"], found["position"], found["policy"], found["version"]


IN_A_TRIAL = {"enrolled_in_cms_approved_study": True, "ced_study_design": "rct"}
NOT_IN_A_STUDY = {"enrolled_in_cms_approved_study": False}


@pytest.mark.parametrize(
    ("line", "code", "day", "facts", "expected"),
    [
        # the plan's own policy, whatever Medicare says; from January 2010 on, the code from July 2011 on
        ("commercial", "62330", "2025-09-01", {}, ("not_covered", "investigational", "07.01.89", "2025-07-01")),
        ("commercial", "62330", "2025-09-01", IN_A_TRIAL, ("not_covered", "investigational", "07.01.89", "2025-07-01")),
        ("commercial", "0275T", "2025-06-30", {}, ("not_covered", "investigational", "07.01.89", "2024-07-01")),
        ("commercial", "0274T", "2025-09-01", {}, ("not_covered", "investigational", "07.01.89", "2025-07-01")),
        ("commercial", "0275T", "2011-07-01", {}, ("not_covered", "investigational", "07.01.89", "2010-01-01")),
        ("commercial", "0275T", "2011-06-30", {}, ("no_policy", None, None, None)),
        ("commercial", "0275T", "2009-12-31", {}, ("no_policy", None, None, None)),
        # Medicare: only within an approved study, and nothing national before January 2014
        ("medicare", "0275T", "2015-11-02", IN_A_TRIAL,
         ("approve", "covered_with_evidence_development", "150.13", "2014-01-09")),
        ("medicare", "0275T", "2015-11-02", NOT_IN_A_STUDY, ("not_covered", "non_covered", "150.13", "2014-01-09")),
        ("medicare", "0275T", "2016-12-07", NOT_IN_A_STUDY, ("not_covered", "non_covered", "150.13", "2016-12-07")),
        ("medicare", "0275T", "2014-01-08", {}, ("no_policy", None, None, None)),
        ("medicare_advantage", "62330", "2025-09-01", IN_A_TRIAL,
         ("approve", "covered_with_evidence_development", "150.13", "2016-12-07")),
        ("medicare_advantage", "62330", "2025-09-01", NOT_IN_A_STUDY,
         ("not_covered", "non_covered", "150.13", "2016-12-07")),
        # the contract speaks before either
        ("commercial", "62330", "2025-09-01", {"contract_excludes": True},
         ("not_covered", "contract_exclusion", "COC-1", "2010-01-01")),
        ("medicare_advantage", "62330", "2025-09-01", {"contract_excludes": True, **IN_A_TRIAL},
         ("not_covered", "contract_exclusion", "COC-1", "2010-01-01")),
        # the federal program decides by its own manual
        ("fep", "62330", "2025-09-01", {}, ("no_policy", None, None, None)),
    ],
)  # fmt: skip
def test_the_seed_s_procedure_by_line_and_date(
    line: str, code: str, day: str, facts: dict[str, Any], expected: tuple[str, str | None, str | None, str | None]
) -> None:
    assert said(answer(line, code, day, facts=facts)) == expected


def test_medicare_asks_about_the_study_and_the_plan_does_not() -> None:
    open_ = answer("medicare_advantage", "62330", "2025-09-01")
    assert (open_["state"], open_["policy"]) == ("pend_information", "150.13")
    wanted = {item["fact"] for item in open_["missing"]}
    assert {"enrolled_in_cms_approved_study", "ced_study_design"} <= wanted
    assert "contract_excludes" not in wanted  # the plan assumes it, and the answer says so
    assert "contract_excludes" in open_["assumed"]
    assert answer("commercial", "62330", "2025-09-01")["missing"] == []


def test_a_blinded_trial_claim_settles_itself() -> None:
    found = answer("medicare", "G0276", "2016-02-01", modifiers=["Q0"], diagnoses=["M48.06", "Z00.6"],
                   facts={"clinical_trial_number": "NCT02093520"})  # fmt: skip
    assert (found["state"], found["statement"]) == ("approve", "approved-randomized-study")


def test_another_day_s_policy_and_what_was_known_then() -> None:
    now = answer("medicare", "0275T", "2016-12-07", facts=NOT_IN_A_STUDY)
    then = answer("medicare", "0275T", "2016-12-07", facts=NOT_IN_A_STUDY, as_of="2016-12-06")
    known = answer("medicare", "0275T", "2016-12-07", facts=NOT_IN_A_STUDY, known_on="2016-12-06")
    assert [found["version"] for found in (now, then, known)] == ["2016-12-07", "2014-01-09", "2014-01-09"]
    assert then["receipt"]["as_of"] == known["receipt"]["known_on"] == "2016-12-06"
    assert now["receipt"]["library"] != then["receipt"]["library"] == known["receipt"]["library"]


def test_a_use_outside_the_label_is_flagged_and_decides_nothing() -> None:
    plain = answer("commercial", "62330", "2025-09-01")
    disc = answer("commercial", "62330", "2025-09-01", diagnoses=["M51.26"])
    assert plain["flags"] == []
    assert [flag["id"] for flag in disc["flags"]] == ["disc-herniation"]
    assert disc["flags"][0]["source"]
    assert said(plain) == said(disc)


def test_a_denial_waits_for_a_signature_and_cites_its_source() -> None:
    found = answer("commercial", "62330", "2025-09-01")
    assert (found["final"], found["needs_signature"]) == (False, True)
    assert [(c["policy"], c["statement"]) for c in found["citations"]] == [("07.01.89", "lumbar")]


def test_the_plan_adopts_national_determinations_where_it_has_no_policy() -> None:
    """Sleep apnea devices: no policy of the plan's own, so NCD 240.4 speaks for commercial members too."""
    found = answer("commercial", "E0601", "2025-09-01", diagnoses=["G47.33"])
    assert (found["layer"], found["policy"]) == ("ncd", "240.4")


def test_without_a_line_of_business_it_is_asked_for() -> None:
    found = answer(None, "62330", "2025-09-01")
    assert (found["state"], [item["fact"] for item in found["missing"]]) == ("pend_information", ["line_of_business"])


def test_every_policy_says_what_it_is() -> None:
    for policy in demonstration().content.policies.values():
        assert policy.notice, policy.number
        assert policy.sources, policy.number
        assert policy.kind in ("transcription", "own")


def test_every_open_list_and_judgement_of_the_library_pends_and_never_denies() -> None:
    """A request that says nothing is denied by nothing but what its code, date and line settle."""
    denied = set()
    for policy in demonstration().content.policies.values():
        for version in policy.versions:
            for code in version.codes:
                for line in demonstration().content.rules.lines_of_business:
                    bare = {"member": {"line_of_business": line},
                            "service": {"code": code.pattern.low, "date": version.effective.isoformat()}}  # fmt: skip
                    found = demonstration().determine(demonstration().read_request(json.dumps(bare).encode()))
                    if found.state is State.NOT_COVERED:
                        holding = [s for s in found.statements if s.truth.name == "YES"]
                        assert holding
                        assert not found.missing
                        denied.add(found.policy)
    assert "07.01.89" in denied
    assert len(denied) < len(demonstration().content.policies) / 2


# looking up


def test_search_by_code_and_by_words() -> None:
    library = PolicyLibrary(SMALL)
    assert list(library.search("g0276")) == [Hit("N-1", "2022-06-01", "code G0276", "HCPCS · trial")]
    assert {hit.policy for hit in library.search("DECOMPRESSION")} == {"P-1", "N-1"}
    assert [hit.where for hit in library.search("not proven")] == ["2024-01-01 statement all-other"]
    assert list(library.search("nothing of the kind")) == []


def test_show_as_data_is_what_show_prints() -> None:
    library = PolicyLibrary(SMALL)
    data = library.as_json("P-1", date(2021, 1, 1))
    assert (data["effective"], data["ends"]) == ("2020-01-01", "2024-01-01")
    assert data["versions"] == ["2020-01-01", "2024-01-01"]
    assert "investigational" in library.show("P-1", date(2021, 1, 1))
    assert library.as_json("P-1")["effective"] == "2024-01-01"


@pytest.mark.parametrize(("number", "day"), [("P-2", None), ("P-1", date(2019, 12, 31))])
def test_what_is_not_there_is_a_problem(number: str, day: date | None) -> None:
    for ask in (PolicyLibrary(SMALL).show, PolicyLibrary(SMALL).as_json):
        with pytest.raises(PolicyRejected) as rejected:
            ask(number, day)
        assert rejected.value.problems[0].code in ("MP901", "MP902")


def test_the_bundled_library_comes_with_the_package() -> None:
    assert (bundled() / "library.yaml").is_file()
    assert (bundled() / "facts.yaml").is_file()


def test_json_is_read_or_rejected_with_its_place() -> None:
    assert parse_json(b'{"a": 1}', "x") == {"a": 1}
    with pytest.raises(PolicyRejected) as rejected:
        parse_json(b'{\n  "a": }', "x")
    assert (rejected.value.problems[0].code, rejected.value.problems[0].place.line) == ("MP601", 2)


def test_the_same_answer_whatever_the_order_of_its_keys() -> None:
    assert same_answer({"a": 1, "b": [1, 2]}, {"b": [1, 2], "a": 1})
    assert not same_answer({"a": [1, 2]}, {"a": [2, 1]})
    assert not same_answer({"a": 1}, {"a": 1, "b": None})


def test_no_denial_rests_on_an_assumption_of_the_plan() -> None:
    library = demonstration()
    content = library.content
    without = Determiner(replace(content, rules=replace(content.rules, assume=())))
    denied = 0
    for case in library.cases():
        request = library.case_request(case)
        if library.determine(request).state is State.NOT_COVERED:
            denied += 1
            assert without.determine(request).state is State.NOT_COVERED, (case.policy, case.name)
    assert denied > 100
