"""The report of one video, against values computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from drawn_traces import write_rater, write_run
from scipy.ndimage import gaussian_filter1d

from seqfer.core.errors import InputError, SettingsError
from seqfer.metrics.agreement import icc2k, krippendorff_alpha
from seqfer.metrics.traces import trace_scores
from seqfer.raters.alignment import FilmTraces
from seqfer.raters.evaluation import choose_smoothing, evaluate_film, evaluate_films
from seqfer.raters.films import pair_films
from seqfer.raters.settings import TraceSettings
from seqfer.runs.records import as_json
from seqfer.traces.trace import Trace


def bins(name, values, film=""):
    edges = np.arange(len(values) + 1.0)
    return Trace(name, edges[:-1], edges[1:], np.array(values, float), film)


def test_a_film_worked_by_hand():
    prediction = bins("p", [0.0, 0.5, -0.5, 1.0, math.nan])
    raters = (bins("a", [0.2, 0.5, 0.1, 0.6, 0.3]), bins("b", [0.0, 0.3, -0.1, 0.4, 0.5]))
    result = evaluate_film(FilmTraces("f", prediction, raters, ("p",)), TraceSettings())
    report, aligned = as_json(result.report), result.aligned
    assert aligned.fused.values == pytest.approx([0.1, 0.4, 0.0, 0.5, 0.4])
    (one,) = report["figures"]
    assert one["n"] == 4
    assert one["rmse"] == pytest.approx(math.sqrt((0.1**2 + 0.1**2 + 0.5**2 + 0.5**2) / 4))
    assert one["mae"] == pytest.approx(0.3)
    assert one["sagr"] == pytest.approx(0.5)  # a zero agrees with a zero only
    # means 0.25; variances 0.3125 and 0.0425; covariance (0.2 + 0.5) / 4 - 0.0625
    assert one["ccc"] == pytest.approx(2 * 0.1125 / (0.3125 + 0.0425))
    assert one["pcc"] == pytest.approx(0.1125 / math.sqrt(0.3125 * 0.0425))
    assert report["coverage"] == pytest.approx(
        {"predicted_s": 4, "annotated_s": 5, "both_s": 4, "of_annotated": 0.8, "of_predicted": 1}
    )
    assert report["agreement"]["as_rated"]["icc2k"] == pytest.approx(icc2k(aligned.ratings))
    assert report["agreement"]["as_rated"]["alpha"] == pytest.approx(krippendorff_alpha(aligned.ratings))
    against = report["raters"][0]["against_others"]
    assert against["rmse"] == pytest.approx(math.sqrt((3 * 0.2**2 + 0.2**2 + 0.2**2) / 5))


def test_a_number_of_seconds_as_lag_is_a_number():
    assert TraceSettings(lag="-0.5").fixed_lag_s() == -0.5
    with pytest.raises(SettingsError):
        TraceSettings(lag="inf")


HZ, SECONDS = 20, 120


def face(seed, sd_s=0.0):
    """Valence of a quick face at 20 Hz as a function of time, and what hands that follow it with a Gaussian of this SD say."""
    values = np.random.default_rng(seed).normal(0, 1, HZ * SECONDS)
    values = gaussian_filter1d(values, 0.15 * HZ)
    values *= 0.3 / values.std()
    rated = gaussian_filter1d(values, sd_s * HZ) if sd_s else values
    return lambda t: np.interp(t, np.arange(len(rated)) / HZ, rated)


def study(tmp_path, sds):
    """Videos whose raters follow with these SDs."""
    for k, sd_s in enumerate(sds):
        write_run(tmp_path / "study" / f"f{k}-seqfer", face(k), SECONDS, f"f{k}.mp4", HZ)
        write_rater(tmp_path / "ratings" / f"f{k}_ann.csv", face(k, sd_s), SECONDS, HZ)
    return pair_films(tmp_path / "study", [tmp_path / "ratings"])


@pytest.mark.parametrize("sd_s", [0.0, 0.5, 2.0])
def test_the_sd_of_the_hands_is_found_on_the_other_videos(tmp_path, sd_s):
    settings = TraceSettings(smooth="auto", rate_hz=4.0)
    chosen = choose_smoothing(study(tmp_path, [sd_s] * 3), settings)
    assert chosen.films == {"f0": sd_s, "f1": sd_s, "f2": sd_s}
    assert chosen.on_all_films_s == sd_s
    assert chosen.grid_s == (0, 0.25, 0.5, 1, 2, 4)


def test_the_ratings_of_the_scored_video_do_not_change_its_own_sd(tmp_path):
    pairing = study(tmp_path, [1.0, 1.0, 0.25])
    settings = TraceSettings(smooth="auto", rate_hz=4.0)
    before = choose_smoothing(pairing, settings).films
    assert before["f2"] == 1.0  # the others', though 0.25 would suit it better
    for k in range(3):
        path = tmp_path / "ratings" / f"f{k}_ann.csv"
        kept = path.read_bytes()
        for wild in (face(99), lambda t: -face(3, 4.0)(t), lambda t: np.sign(np.sin(40 * t)), face(k)):
            write_rater(path, wild, SECONDS, HZ)
            assert choose_smoothing(pairing, settings).films[f"f{k}"] == before[f"f{k}"]
        path.write_bytes(kept)


def test_the_videos_of_one_person_do_not_choose_for_each_other(tmp_path):
    pairing = study(tmp_path, [0.25, 0.25, 1.0])
    (tmp_path / "people.csv").write_text("film,person\nf0,Ann\nf1.mp4,Ann\nf2,Ben\n")
    settings = TraceSettings(smooth="auto", rate_hz=4.0, people=str(tmp_path / "people.csv"))
    assert choose_smoothing(pairing, settings).films == {"f0": 1.0, "f1": 1.0, "f2": 0.25}
    (tmp_path / "people.csv").write_text("film,person\nf0,Ann\nf1.mp4,Ann\n")
    with pytest.raises(InputError, match=r"people\.csv: does not name f2"):
        choose_smoothing(pairing, settings)


def test_smoothed_figures_stand_beside_the_unsmoothed_ones(tmp_path):
    pairing = study(tmp_path, [1.0, 1.0])
    plain, _ = evaluate_films(pairing, TraceSettings(rate_hz=4.0, every_s=2.0))
    report, aligned = evaluate_films(pairing, TraceSettings(rate_hz=4.0, every_s=2.0, smooth="1"))
    for before, film in zip(plain.films, report.films, strict=True):
        assert film.figures[:2] == before.figures
        assert [one.smooth_s for one in film.figures] == [None, None, 1.0, 1.0]
        assert [one.every_s for one in film.figures] == [None, 2.0, None, 2.0]
        assert film.figures[2].ccc > 0.99 > film.figures[0].ccc
        assert film.figures[3].ccc > 0.95
        bins = aligned[film.film]
        assert trace_scores(bins.smoothed, bins.fused.values).ccc == film.figures[2].ccc
    assert [kind.smoothed for kind in report.summary] == [None, None, True, True]
    assert report.summary[:2] == plain.summary
    assert "smooth_s" not in as_json(plain.films[0].figures[0])
    assert "smoothing" not in as_json(plain)


def test_one_video_that_is_left_refuses_auto(tmp_path):
    pairing = study(tmp_path, [1.0, 1.0])
    (tmp_path / "ratings" / "f1_ann.csv").write_text("nothing of use\n")
    with pytest.raises(InputError, match=r"--smooth auto needs 2 or more videos .*; got 1 video \(f0\)"):
        evaluate_films(pairing, TraceSettings(smooth="auto"))


def test_pooled_figures_by_hand(tmp_path):
    """Two videos that each agree in shape, at other levels: joined, the levels count."""
    for name, predicted, rated in (("a", [0.1, 0.3], [0.0, 0.2]), ("b", [0.5, 0.7, 0.9], [0.4, 0.6, 0.8])):
        for folder, values in (("study", predicted), ("ratings", rated)):
            (tmp_path / folder).mkdir(exist_ok=True)
            rows = "".join(f"{k},{value}\n" for k, value in enumerate(values))
            (tmp_path / folder / f"{name}.csv").write_text(f"time_s,valence\n{rows}")
    report, _ = evaluate_films(pair_films(tmp_path / "study", [tmp_path / "ratings"]), TraceSettings())
    (kind,) = report.summary
    # each value is 0.1 too high; variances within videos 0.01 and 0.08 / 3, of all five about their mean 0.5 (0.4): 0.08
    assert kind.pooled.n == 5
    assert (kind.pooled.rmse, kind.pooled.mae) == pytest.approx((0.1, 0.1))
    assert kind.pooled.ccc == pytest.approx(2 * 0.08 / (2 * 0.08 + 0.01))
    first, second = 0.02 / (0.02 + 0.01), 2 * 0.08 / 3 / (2 * 0.08 / 3 + 0.01)
    assert kind.mean["ccc"] == pytest.approx((first + second) / 2)
    assert kind.pooled.ccc > kind.mean["ccc"] + 0.15
