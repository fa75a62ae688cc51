"""An annotated video as a figure of matplotlib: for each of the longest faces emotion probabilities as stacked bands, and valence, over time."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from seqfer.report.annotate_text import clock
from seqfer.report.colours import colour_of, colours
from seqfer.report.timeline import Axis, stacked
from seqfer.report.words import counted
from seqfer.results._bins import FaceTimeline, Timelines, timelines

if TYPE_CHECKING:
    from seqfer.results.annotation import Annotation

WIDE_IN, FACES, BINS = 8.0, 4, 400  # 800 pixels
BANDS_IN, VALENCE_IN, REST_IN = 1.5, 0.95, 1.0
HATCHES = {"fear": "...", "disgust": "////", "contempt": "---"}  # as in the page


class NotebookFigure(Figure):
    """A figure that a notebook shows also where pyplot was not imported."""

    def _repr_png_(self) -> bytes:
        content = BytesIO()
        self.savefig(content, format="png")
        return content.getvalue()


def draw(video: Annotation) -> Figure:
    """The figure, 800 pixels wide."""
    shown = timelines(video, FACES, BINS)
    valued = "valence" in video.frames
    count = max(1, len(shown.faces))
    heights = [BANDS_IN, VALENCE_IN] if valued else [BANDS_IN]
    figure = NotebookFigure(figsize=(WIDE_IN, count * sum(heights) + REST_IN), dpi=100, layout="constrained")
    axes = figure.subplots(
        count * len(heights), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": heights * count}
    )[:, 0]
    for number, face in enumerate(shown.faces):
        own = axes[number * len(heights) : (number + 1) * len(heights)]
        _bands(own[0], shown, face, video.emotions)
        if valued:
            _valence(own[1], shown, face)
    _frame(figure, axes, video, shown)
    return figure


def _bands(axes: Axes, shown: Timelines, face: FaceTimeline, emotions: tuple[str, ...]) -> None:
    steps = _steps(shown.edges_s)
    below = np.zeros(len(steps))
    for k in stacked(emotions):
        above = below + np.repeat(face.means[:, k], 2)
        axes.fill_between(
            steps,
            below,
            above,
            where=np.isfinite(above),
            facecolor=colour_of(emotions[k]),
            edgecolor="white",
            linewidth=0.4,
            hatch=HATCHES.get(emotions[k]),
        )
        below = above
    track = face.track
    when = f"{clock(track['start_s'], 1)} to {clock(track['end_s'], 1)}"
    axes.set_title(
        f"Face {track['face']}: mostly {track['emotion']}, {counted(track['frames'], 'frame')}, {when}",
        loc="left",
        fontsize=10,
    )
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    axes.set_ylabel("Emotions", fontsize=9)


def _valence(axes: Axes, shown: Timelines, face: FaceTimeline) -> None:
    steps, values = _steps(shown.edges_s), np.repeat(face.valence, 2)
    for sign, name in ((1, "happiness"), (-1, "sadness")):  # the page's colours of pleasant and unpleasant
        axes.fill_between(
            steps,
            0,
            np.where(sign * values > 0, values, 0.0),
            where=np.isfinite(values),
            facecolor=colour_of(name),
            alpha=0.4,
        )
    axes.axhline(0, color=colours()["axis"], linewidth=1)
    axes.plot(steps, values, color=colours()["ink"], linewidth=1.4)
    axes.set_ylim(-1, 1)
    axes.set_yticks([-1, 0, 1], ["−1", "0", "+1"])
    axes.set_ylabel("Valence", fontsize=9)


def _frame(figure: Figure, axes: Any, video: Annotation, shown: Timelines) -> None:
    """Title, legend, axis of times, and what is said where there is no face."""
    for one in axes:
        one.tick_params(labelsize=9, colors=colours()["soft"])
        one.spines[["top", "right"]].set_visible(False)
        one.spines[["left", "bottom"]].set_color(colours()["line"])
        one.set_xlim(shown.edges_s[0], shown.edges_s[-1])
    stills = video.summary.film.kind == "stills"
    first, last = shown.edges_s[[0, -1]]
    if stills:
        axes[-1].xaxis.set_major_locator(MaxNLocator(9, integer=True))
    else:
        ticks = Axis(first, last).ticks()
        axes[-1].set_xticks([first + at / 100 * (last - first) for at, _, _ in ticks], [text for _, text, _ in ticks])
    axes[-1].set_xlabel("Picture" if stills else "Time in the video", fontsize=9)
    rest = f", the {len(shown.faces)} longest of {len(shown.faces) + shown.others} faces" if shown.others else ""
    figure.suptitle(f"{video.summary.film.name}{rest}".replace("$", r"\$"), x=0.01, ha="left", fontsize=11)
    if not shown.faces:
        axes[0].text(0.5, 0.5, "no face was found", ha="center", va="center", transform=axes[0].transAxes)
        return
    names = [video.emotions[k] for k in stacked(video.emotions)]
    patches = [
        Patch(facecolor=colour_of(n), edgecolor="white", linewidth=0.4, hatch=HATCHES.get(n), label=n) for n in names
    ]
    figure.legend(
        handles=patches,
        loc="outside lower center",
        ncols=len(names),
        fontsize=9,
        frameon=False,
        handlelength=1.4,
        columnspacing=1.2,
    )


def _steps(edges_s: np.ndarray) -> np.ndarray:
    """(bin + 1,) -> (2 bin,): begin and end of every bin."""
    return np.repeat(edges_s, 2)[1:-1]
