"""Whatever a table holds, `medpol meta` either answers without a gap or names the bad cells."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medpol.evidence import INTERVALS, MEASURES, METHODS, effects_of_table, meta_analysis, read_meta_table
from medpol.problems import PolicyRejected

SANE = {"n": "5 9 20 44", "s": "0.1 1 3.5", "t": "0.2 1 7", "v": "0.01 0.1 2", "r": "-0.9 0 0.3", "m": "0.5 0.5 2 7.1"}
ODD = ["", "NA", "x", "-1", "0", "1e300", "inf", "1,5", "2.5", "1e-9"]
NUMBERS = ("estimate", "se", "ci_low", "ci_high", "p", "tau2", "q", "q_p", "i2", "h2")


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, str]:
    measure = draw(st.sampled_from(list(MEASURES)))
    columns = MEASURES[measure].columns
    odd = draw(st.booleans())
    lines = [",".join(("study", *columns))]
    for row in range(draw(st.integers(1, 6))):
        cells = [draw(st.sampled_from(SANE.get(name[0], "0 0 1 3 4").split())) for name in columns]
        if odd and draw(st.booleans()):
            cells[draw(st.integers(0, len(cells) - 1))] = draw(st.sampled_from(ODD))
        lines.append(",".join((f"S{row}", *cells)))
    return measure, "\n".join(lines)


@pytest.mark.filterwarnings("error")
@settings(deadline=None, max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables(), st.sampled_from([*METHODS, "MH", "PETO"]), st.sampled_from(list(INTERVALS)))
def test_an_answer_or_the_bad_cells(tmp_path: Path, drawn: tuple[str, str], method: str, ci: str) -> None:
    measure, text = drawn
    path = tmp_path / "data.csv"
    path.write_text(text, encoding="utf-8")
    try:
        effects = effects_of_table(read_meta_table(path), measure)
        answer = meta_analysis(effects, method=method, ci=ci).as_json()
    except PolicyRejected:
        return
    json.dumps(answer, allow_nan=False)
    assert all(isinstance(answer[name], int | float) for name in NUMBERS)


@given(st.binary(max_size=300))
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    with pytest.raises(PolicyRejected):
        effects_of_table(read_meta_table(path), "OR")
