"""Charts of valence: scores, densities and traces at their place, undefined ones left out."""

from __future__ import annotations

import math
import re

import pytest

from seqfer.report.charts import Column, Value
from seqfer.report.valence_charts import agreement, clip_trace, differences, fold_scores

NAN = math.nan


def test_scores_of_folds_and_their_mean() -> None:
    columns = [Column("a", [0.8, 0.9], 0.85, 0.01), Column("b", [0.7, NAN], NAN, NAN)]
    drawn = str(fold_scores("CCC", columns, ["repeat 1, fold 1", "repeat 1, fold 2"]))
    assert drawn.count('class="pair"/>') == 1  # the fold that both have
    dots = [float(y) for y in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)" r="4.0" class="m s0 dot"', drawn)]
    (mean,) = re.findall(r'y1="([\d.]+)" x2="[\d.]+" y2="[\d.]+" class="meanline s0"', drawn)
    assert float(mean) == pytest.approx(sum(dots) / 2, abs=0.1)
    assert dots[0] > dots[1]  # the higher score lies higher
    assert "a, repeat 1, fold 2: CCC 0.900" in drawn
    assert "a: mean 0.850; b: mean undefined" in drawn
    assert "nan" not in drawn


def test_the_better_head_is_named_on_its_side() -> None:
    rows = [("a \u2212 b", Value(0.05, 0.01, 0.09), "p = 0.02")]
    higher, lower = (str(differences("CCC", rows, better)) for better in (True, False))
    assert "\u2190 second head better" in higher
    assert "\u2190 first head better" in lower
    assert "a \u2212 b: +0.050, p = 0.02" in higher


def test_frames_are_darker_the_more_there_are() -> None:
    counts = [[16, 0], [0, 4]]
    drawn = str(agreement("LSTM", counts, "CCC 0.9", 1))
    rects = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" [^>]*fill-opacity="([\d.]+)"><title>(\d+) frames', drawn)
    assert [(float(x), float(y), float(o), int(n)) for x, y, o, n in rects] == [
        (40, 8 + 120, 1.0, 16),  # both at -1: lower left
        (40 + 120, 8, pytest.approx(0.12 + 0.88 / 2, abs=0.01), 4),  # by the root
    ]
    assert "LSTM, predicted against true valence: CCC 0.9" in drawn
    assert "<rect" not in str(agreement("LSTM", [[0, 0], [0, 0]], "", 0))


def test_a_trace_runs_from_the_first_to_the_last_frame() -> None:
    drawn = str(clip_trace("clip 3", [1.0, 0.0, -1.0], {0: [0.0, 0.0, 0.0], 7: [0.5] * 3}, "best"))
    assert 'd="M40.0 8.0L171.0 73.0L302.0 138.0" class="meanline"' in drawn
    assert 'class="trace l0"' in drawn
    assert 'class="trace l1"' in drawn  # colours repeat after six
    assert ">frame 3<" in drawn
    assert 'd="M40.0 73.0L48.0 73.0" class="meanline"' in str(clip_trace("c", [0.0], {}, ""))  # one frame: a dash
