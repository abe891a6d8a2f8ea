"""Pictures: the same bytes every time, a table twin that says the same, and refusal of what cannot be drawn."""

import csv
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from lxml import etree

from evidence.small_folder import FLOW as FLOW_TEXT
from evidence.small_folder import STUDIES, read
from medpol.evidence import cumulative as cumulative_rows
from medpol.evidence import effect_sizes, load_evidence, pool, subgroups
from medpol.evidence.plots import (
    KINDS,
    BiasRow,
    Diamond,
    Flow,
    Picture,
    baujat,
    baujat_of,
    baujat_points,
    bias_summary,
    cumulative_of,
    forest,
    forest_of,
    funnel_of,
    policy_picture,
    prisma,
    radial_of,
    rows_of,
    traffic_light,
)

DEMO = Path(__file__).resolve().parents[2] / "src/medpol/data/demonstration/policies/07.01.89/evidence"

# Four trials of the BCG vaccine (Colditz et al. 1994, JAMA 271:698): events and patients per arm.
BCG = effect_sizes(
    "RR",
    study=["Aronson 1948", "Hart 1977", "Madras 1980", "Comstock 1976"],
    ai=[4, 62, 505, 27],
    n1i=[123, 13598, 88391, 16913],
    ci=[11, 248, 499, 29],
    n2i=[139, 12867, 88391, 17854],
)
FIT = pool(BCG, method="REML")
GROUPS = ["old", "old", "new", "new"]

FLOW = Flow(
    identified={"PubMed": 412, "registers": 31},
    duplicates=28,
    screened=415,
    excluded_screening=362,
    not_retrieved=2,
    assessed=51,
    excluded={"wrong intervention": 14, "no comparator": 26},
    included_studies=9,
    included_reports=11,
)
LEVELS = {
    "randomization": "low",
    "deviations": "high",
    "missing_data": "some_concerns",
    "measurement": "no_information",
    "selection": "low",
}
JUDGED = [BiasRow(label="Ash 2019", levels=LEVELS, overall="high")]

DRAWINGS: dict[str, Callable[[], Picture]] = {
    "forest": lambda: forest_of(FIT, groups=GROUPS, subgroups=subgroups(BCG, GROUPS)),
    "cumulative": lambda: cumulative_of(FIT, cumulative_rows(BCG)),
    "funnel": lambda: funnel_of(FIT, filled=[(0.4, 0.5)]),
    "baujat": lambda: baujat_of(FIT),
    "radial": lambda: radial_of(FIT),
    "traffic light": lambda: traffic_light(JUDGED),
    "bias summary": lambda: bias_summary(JUDGED),
    "prisma": lambda: prisma(FLOW),
}


@pytest.mark.parametrize("name", DRAWINGS)
@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_same_input_gives_the_same_bytes(name: str, kind: str) -> None:
    first, second = DRAWINGS[name]().as_bytes(kind), DRAWINGS[name]().as_bytes(kind)
    assert first == second
    assert first.startswith({"svg": b"<?xml", "png": b"\x89PNG"}[kind])


def test_the_bytes_do_not_depend_on_the_process() -> None:
    code = (
        "import hashlib; from medpol.evidence.plots import forest, rows_of;"
        "p = forest(rows_of(['a', 'b'], [0.1, 0.4], [0.02, 0.05], [70, 30]));"
        "print(hashlib.sha256(p.as_bytes('svg') + p.as_bytes('png')).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


@pytest.mark.parametrize("name", DRAWINGS)
def test_an_svg_holds_its_words_as_text_and_its_title(name: str) -> None:
    picture = DRAWINGS[name]()
    root = etree.fromstring(picture.as_bytes("svg"))
    words = " ".join("".join(t.itertext()) for t in root.iter("{http://www.w3.org/2000/svg}text"))
    assert picture.title in words
    assert b"<dc:date>" not in picture.as_bytes("svg")


def test_the_twin_says_what_the_forest_shows() -> None:
    picture = DRAWINGS["forest"]()
    rows = {row[0]: dict(zip(picture.header, row, strict=True)) for row in picture.rows}
    aronson = rows["Aronson 1948"]
    assert aronson["Group 1"] == "4/123"
    assert float(aronson["Risk ratio"]) == pytest.approx(4 / 123 / (11 / 139), rel=1e-5)
    pooled = next(row for row in rows.values() if row["kind"] == "pooled" and "All studies" in row["row"])
    assert float(pooled["Risk ratio"]) == pytest.approx(math.exp(FIT.estimate), rel=1e-5)
    assert float(pooled["low"]) < float(pooled["Risk ratio"]) < float(pooled["high"])
    assert float(pooled["prediction low"]) < float(pooled["low"])
    weights = [float(row["weight %"]) for row in rows.values() if row["kind"] == "study"]
    assert sum(weights) == pytest.approx(100, abs=0.05)
    assert [row[0] for row in picture.rows if row[1] == "subgroup"] == ["old", "new"]


def test_every_word_stays_inside_the_picture() -> None:
    long = rows_of(
        ["A study with a very long name and many authors et al. 2020", "B"], [0.1, 2.5], [0.02, 0.5], [90, 10]
    )
    diamond = Diamond(label="Random effects", estimate=0.3, low=0.1, high=0.5, prediction=(-1, 2), note="tau² " * 30)
    drawings = [lambda: forest(long, pooled=diamond, title="T" * 60, favours=("a", "b")), *DRAWINGS.values()]
    for draw in drawings:
        figure = draw().figure
        inked = figure.get_tightbbox(figure.canvas.get_renderer())  # inches
        width, height = figure.get_size_inches()
        assert min(inked.x0, inked.y0) >= -0.01
        assert inked.x1 <= width + 0.01
        assert inked.y1 <= height + 0.01


def test_texts_of_the_forest_do_not_overlap() -> None:
    figure = DRAWINGS["forest"]().figure
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    boxes = [t.get_window_extent(renderer) for t in figure.texts]
    for at, box in enumerate(boxes):
        for other in boxes[at + 1 :]:
            across = min(box.x1, other.x1) - max(box.x0, other.x0)
            up = min(box.y1, other.y1) - max(box.y0, other.y0)
            assert across <= 0.5 or up <= 1.5


def test_baujat_points_are_q_and_leave_one_out() -> None:
    y, v = np.array([0.1, 0.9, 0.4]), np.array([0.02, 0.03, 0.05])
    x, influence = baujat_points(y, v)
    w = 1 / v
    mean = w @ y / w.sum()
    assert x.sum() == pytest.approx(float(w @ (y - mean) ** 2))
    without = (w[1:] @ y[1:]) / w[1:].sum()
    assert influence[0] == pytest.approx((mean - without) ** 2 * w[1:].sum())


def test_extreme_intervals_are_cut_and_the_numbers_kept() -> None:
    rows = rows_of(["wide", "narrow", "other"], [0.0, 0.1, 0.2], [1e4, 0.01, 0.01], [1, 50, 49])
    picture = forest(rows)
    low, high = picture.figure.axes[0].get_xlim()
    assert high - low < 5
    assert float(picture.rows[0][4]) == pytest.approx(196, abs=0.1)


BAD: dict[str, Callable[[], object]] = {
    "no study": lambda: forest([]),
    "an infinite interval": lambda: forest(rows_of(["a"], [math.inf], [1.0])),
    "a flow that does not add up": lambda: prisma(
        Flow(identified={"x": 5}, screened=4, excluded_screening=0, assessed=4, included_studies=4, included_reports=4)
    ),
    "no judgement": lambda: traffic_light([]),
    "a missing domain": lambda: traffic_light([BiasRow(label="a", levels={}, overall="low")]),
    "an unequal table": lambda: baujat(["a", "b"], [1.0], [1.0, 2.0]),
    "one study in a Baujat plot": lambda: baujat_points([1.0], [1.0]),
    "a gif": lambda: DRAWINGS["prisma"]().as_bytes("gif"),
    "negative weights": lambda: bias_summary(JUDGED, weights=[-1.0]),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_drawn_is_refused(case: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        BAD[case]()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_drawn_from_a_folder(kind: str, tmp_path: Path) -> None:
    evidence = read(tmp_path, studies=STUDIES + FLOW_TEXT)
    picture = policy_picture(evidence, kind, outcome="ODI", timepoint="1 y")
    assert picture.rows
    written, twin = picture.save(tmp_path / f"{kind}.svg")
    assert written.read_bytes() == picture.as_bytes("svg")
    with twin.open(encoding="utf-8", newline="") as file:
        assert [tuple(row) for row in csv.reader(file)] == [picture.header, *picture.rows]


def test_the_demonstration_s_forest_is_the_recomputed_table_1() -> None:
    picture = policy_picture(load_evidence(DEMO), "forest")
    odi = next(row for row in picture.rows if row[0].startswith("Oswestry"))
    assert odi[2:4] == ("83/143", "35/129")
    assert [float(x) for x in odi[4:7]] == pytest.approx([30.9, 19.3, 41.3], abs=0.05)
    with pytest.raises(ValueError, match="needs two studies; ODI at 1 y has 1"):
        policy_picture(load_evidence(DEMO), "funnel", outcome="ODI")
