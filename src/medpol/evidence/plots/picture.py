"""A finished picture: the figure, and the table a reader who cannot see it gets instead.

Same input, same bytes: no clock, no random ids, one font, no state shared with pyplot.
"""

import csv
import io
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

INK = "#22303c"
SOFT = "#8a97a3"
BLUE = "#2f6690"
RUST = "#b5482a"
SAND = "#e8b44c"
PALE = "#eef2f5"
Transform = Callable[[float], float]
RATIO_TICKS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)

STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.unicode_minus": True,
    "svg.fonttype": "none",
    "svg.hashsalt": "medpol",
    "figure.dpi": 100,
    "savefig.dpi": 160,
}


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A titled figure with its table twin: a header and rows of text, in reading order."""

    title: str
    figure: Figure
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def as_bytes(self, kind: str) -> bytes:
        """The file content for `svg` or `png`. Raises ValueError for another kind."""
        if kind not in ("svg", "png"):
            raise ValueError(f"cannot draw '{kind}'; use svg or png")
        metadata: dict[str, str | None] = {"Title": self.title}
        metadata |= {"Date": None, "Creator": "medpol"} if kind == "svg" else {"Software": None}
        buffer = io.BytesIO()
        with mpl.rc_context(STYLE):
            self.figure.savefig(buffer, format=kind, metadata=metadata, facecolor="white")
        return buffer.getvalue()

    def save(self, path: Path | str) -> tuple[Path, Path]:
        """Write the picture (.svg or .png) and its table beside it (same name, .table.csv); both paths."""
        path = Path(path)
        path.write_bytes(self.as_bytes(path.suffix.lower().removeprefix(".")))
        twin = path.with_suffix(".table.csv")
        twin.write_text(self.table_csv(), encoding="utf-8", newline="")
        return path, twin

    def table_csv(self) -> str:
        """The table twin as CSV."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerows([self.header, *self.rows])
        return buffer.getvalue()


@contextmanager
def canvas(width: float, height: float) -> Iterator[Figure]:
    """A figure of this size in inches, drawn in the house style."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height))
        FigureCanvasAgg(figure)
        yield figure


def text_width(figure: Figure, texts: Sequence[str], *, bold: bool = False, size: float = 9) -> float:
    """The widest of some texts, in inches."""
    agg = figure.canvas
    assert isinstance(agg, FigureCanvasAgg)  # noqa: S101 - canvas() made it
    renderer = agg.get_renderer()  # type: ignore[no-untyped-call]
    widest = 0.0
    for text in texts:
        artist = figure.text(0, 0, text, fontsize=size, fontweight="bold" if bold else "normal")
        widest = max(widest, artist.get_window_extent(renderer).width)
        artist.remove()
    return widest / figure.dpi


def bare(axes: Axes, *, keep: Sequence[str] = ()) -> None:
    """Take away every spine and tick but those named (`bottom`, `left`)."""
    for side, spine in axes.spines.items():
        spine.set_visible(side in keep)
    if "left" not in keep:
        axes.set_yticks([])
    if "bottom" not in keep:
        axes.set_xticks([])


def number(value: float, decimals: int = 2) -> str:
    """A number with a true minus sign and no negative zero."""
    text = f"{value:.{decimals}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return text.replace("-", "−")


def transformed_ticks(axes: Axes, transform: Transform) -> None:
    """Label the x axis, which is on the analysis scale, with the transformed values; round ones for ratios."""
    low, high = axes.get_xlim()
    if abs(transform(0.0) - 1) < 1e-12 and abs(transform(1.0) - math.e) < 1e-12:  # a ratio, whoever computes it
        ticks = [math.log(t) for t in RATIO_TICKS if low <= math.log(t) <= high]
        if len(ticks) > 7:
            ticks = [t for t in ticks if round(t / math.log(10), 9).is_integer()]
        if len(ticks) >= 2:
            axes.set_xticks(ticks, [f"{math.exp(t):g}" for t in ticks])
            return
    ticks = [t for t in axes.get_xticks() if low <= t <= high]
    axes.set_xticks(ticks, [number(transform(float(t))) for t in ticks])
