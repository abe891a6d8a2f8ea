"""The PRISMA 2020 flow diagram for new reviews (Page et al. 2021, BMJ 372:n71)."""

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from medpol.evidence.base import Flow
from medpol.evidence.plots.picture import BLUE, INK, PALE, SOFT, Picture, bare, canvas

LEFT, RIGHT, WIDE, NARROW = 0.55, 4.35, 3.3, 3.0
LINE, PAD, SPACE = 0.19, 0.11, 0.32
STAGE = {"Identification": 1.0, "Included": 0.66}  # the least height that holds the stage's name


def prisma(flow: Flow, *, title: str = "Study selection (PRISMA 2020)") -> Picture:
    """Boxes from identification to inclusion. Raises ValueError when the numbers do not flow on."""
    wrong = flow.mismatches()
    if wrong:
        raise ValueError("the flow does not add up: " + "; ".join(wrong))
    boxes = _boxes(flow)
    heights = [max(max(len(x), len(y)) * LINE + 2 * PAD, STAGE.get(stage, 0)) for stage, x, y in boxes]
    height = 0.6 + sum(heights) + SPACE * (len(boxes) - 1) + 0.2
    with canvas(7.6, height) as figure:
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, 7.6), ylim=(height, 0))
        bare(axes)
        axes.text(0.15, 0.14, title, fontsize=11, fontweight="bold", va="top")
        y = 0.6
        bands: list[tuple[str, float, float]] = []
        for at, ((stage, left, right), tall) in enumerate(zip(boxes, heights, strict=True)):
            _box(axes, (LEFT, y), WIDE, tall, left)
            if right:
                _box(axes, (RIGHT, y), NARROW, tall, right)
                _arrow(axes, (LEFT + WIDE, y + tall / 2), (RIGHT, y + tall / 2))
            if at:
                _arrow(axes, (LEFT + WIDE / 2, y - SPACE), (LEFT + WIDE / 2, y))
            bands += [(stage, y, y + tall)] if stage else [(*bands.pop()[:2], y + tall)]
            y += tall + SPACE
        for stage, start, end in bands:
            _band(axes, stage, start, end)
    return Picture(title, figure, ("stage", "count"), _twin(flow))


def _boxes(flow: Flow) -> list[tuple[str, list[str], list[str]]]:
    """Stage name (empty: goes on), the lines of the main box and those of the box beside it."""
    removed = [f"duplicates: {flow.duplicates:,}", f"other reasons: {flow.removed_otherwise:,}"]
    reasons = ["Reports excluded", *(f"{why}: {n:,}" for why, n in flow.excluded.items())]
    return [
        (
            "Identification",
            ["Records identified", *(f"{name}: {n:,}" for name, n in flow.identified.items())],
            ["Removed before screening", *removed],
        ),
        ("Screening", [f"Records screened: {flow.screened:,}"], [f"Records excluded: {flow.excluded_screening:,}"]),
        ("", [f"Reports sought: {flow.sought:,}"], [f"Not retrieved: {flow.not_retrieved:,}"]),
        ("", [f"Reports assessed: {flow.assessed:,}"], reasons if flow.excluded else ["Reports excluded: 0"]),
        ("Included", [f"Studies: {flow.included_studies:,}", f"Reports: {flow.included_reports:,}"], []),
    ]


def _band(axes: Axes, stage: str, start: float, end: float) -> None:
    shape = "round,pad=0,rounding_size=0.06"
    axes.add_patch(FancyBboxPatch((0.13, start), 0.26, end - start, boxstyle=shape, facecolor=BLUE, lw=0))
    name = axes.text(0.26, (start + end) / 2, stage, rotation=90, ha="center", va="center")
    name.set(color="white", fontsize=8, fontweight="bold")


def _box(axes: Axes, corner: tuple[float, float], width: float, tall: float, lines: list[str]) -> None:
    x, y = corner
    axes.add_patch(
        FancyBboxPatch(
            (x, y), width, tall, boxstyle="round,pad=0,rounding_size=0.06", facecolor=PALE, edgecolor=SOFT, lw=0.8
        )
    )
    start = y + tall / 2 - LINE * (len(lines) - 1) / 2
    for at, line in enumerate(lines):
        heavy = at == 0 and len(lines) > 1 and ":" not in line
        axes.text(x + 0.14, start + at * LINE, line, va="center", fontweight="bold" if heavy else "normal")


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1, "shrinkA": 0, "shrinkB": 0})


def _twin(flow: Flow) -> tuple[tuple[str, str], ...]:
    rows = [(f"identified, {name}", n) for name, n in flow.identified.items()]
    rows += [("duplicates removed", flow.duplicates), ("removed for other reasons", flow.removed_otherwise)]
    rows += [("screened", flow.screened), ("excluded at screening", flow.excluded_screening), ("sought", flow.sought)]
    rows += [("not retrieved", flow.not_retrieved), ("assessed", flow.assessed)]
    rows += [(f"excluded, {why}", n) for why, n in flow.excluded.items()]
    rows += [("studies included", flow.included_studies), ("reports included", flow.included_reports)]
    return tuple((name, str(n)) for name, n in rows)
