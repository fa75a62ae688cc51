"""The figure of an annotated video: faces, sizes, times, and what is said without matplotlib."""

from __future__ import annotations

import sys

import pytest
from annotation_tables import annotation

import seqfer
from seqfer.report.colours import colour_of
from seqfer.results._figure import FACES

pytest.importorskip("matplotlib")
from matplotlib.colors import to_hex

SEEN: list[tuple[float, int | None]] = [(0.0, 1), (0.5, 1), (1.0, None), (1.5, 1), (2.0, 2)]


def test_every_face_has_bands_and_a_trace_in_the_colours_of_the_page() -> None:
    figure = annotation(SEEN).plot()
    assert figure.get_figwidth() * figure.dpi == 800
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == [
        "Face 1: mostly happiness, 3 frames, 0:00.0 to 0:01.5",
        "",
        "Face 2: mostly happiness, 1 frame, 0:02.0 to 0:02.0",
        "",
    ]
    legend = {text.get_text(): patch.get_facecolor() for text, patch in zip(*_legend(figure), strict=True)}
    assert {name: to_hex(colour) for name, colour in legend.items()} == {
        name: colour_of(name) for name in annotation(SEEN).emotions
    }
    assert figure._repr_png_().startswith(b"\x89PNG")  # which a notebook shows
    assert [label.get_text() for label in figure.axes[-1].get_xticklabels()][:2] == ["0:00.0", "0:00.5"]


def _legend(figure):  # type: ignore[no-untyped-def]
    (legend,) = figure.legends
    return legend.get_texts(), legend.get_patches()


def test_the_trace_has_a_gap_where_the_face_is_not_seen() -> None:
    trace = annotation(SEEN).plot().axes[1].lines[-1].get_ydata()
    assert [value == value for value in trace] == [True] * 4 + [False] * 2 + [True] * 2 + [False] * 2


def test_without_valence_a_face_is_one_chart_and_stills_are_counted() -> None:
    figure = annotation(SEEN, valence=False, kind="stills").plot()
    assert len(figure.axes) == 2
    assert figure.axes[-1].get_xlabel() == "Picture"


def test_of_many_faces_the_longest_are_shown_and_a_name_is_no_formula() -> None:
    video = annotation([(number / 25, number + 1) for number in range(FACES + 2)], name="$x$_^.mp4")
    figure = video.plot()
    assert len(figure.axes) == 2 * FACES
    figure.canvas.draw()
    assert figure.get_suptitle() == rf"\$x\$_^.mp4, the {FACES} longest of {FACES + 2} faces"


def test_a_video_without_a_face_says_so() -> None:
    assert annotation([(0.0, None), (0.1, None)]).plot().axes[0].texts[0].get_text() == "no face was found"


def test_without_matplotlib_one_line_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]
    for name in (*loaded, "seqfer.results._figure"):
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(seqfer.SettingsError, match=r"plot\(\) needs matplotlib, .*pip install 'seqfer\[notebook\]'"):
        annotation(SEEN).plot()
