"""`seqfer calibrate-valence`: maps against hand-worked cases, and never a film scored with a map that has seen it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn_traces import wave

from seqfer.core.errors import InputError, SettingsError
from seqfer.metrics.traces import trace_scores
from seqfer.raters.calibration import Film, cross_calibrate, film_folds, fit_films, person_folds
from seqfer.raters.calibration_map import map_as_dict
from seqfer.raters.smoothing import GRID_S


def film(name, predicted, truth):
    return Film(name, np.array(predicted, float), np.array(truth, float), {})


# ---- maps


# ---- cross-validation over films


def test_a_film_with_an_absurd_scale_does_not_get_good_by_itself():
    t = np.arange(200)
    films = [film(f"f{k}", 0.5 * wave(k)(t), wave(k)(t)) for k in range(4)]
    films.append(film("absurd", 0.01 * wave(5)(t) + 0.9, wave(5)(t)))
    for kind in ("affine", "monotone"):
        rows = {row.film: row for row in cross_calibrate(films, kind)}
        own = fit_films(films[-1:], kind)
        assert trace_scores(own(films[-1].predicted), films[-1].truth).rmse < 1e-6  # its own map would make it perfect
        assert rows["absurd"].after.rmse > 0.4
        others = fit_films(films[:-1], kind)
        expected = trace_scores(others(films[-1].predicted), films[-1].truth)
        assert rows["absurd"].after.rmse == expected.rmse
        assert rows["absurd"].map == map_as_dict(others)


@pytest.mark.parametrize("folds", [2, 3, 5])
def test_changing_a_film_changes_no_score_of_its_own_fold_but_its_own(folds):
    rng = np.random.default_rng(1)
    films = [film(f"f{k}", rng.uniform(-1, 1, 40), rng.uniform(-1, 1, 40)) for k in range(5)]
    before = cross_calibrate(films, "affine", folds)
    for k in range(5):
        changed = [*films]
        changed[k] = film(films[k].name, films[k].predicted, -films[k].truth)
        after = cross_calibrate(changed, "affine", folds)
        assert after[k].map == before[k].map
        for one, other in zip(before, after):
            assert (one.map == other.map) == (one.fold == before[k].fold)


def test_ratings_of_the_scored_fold_do_not_change_its_sd():
    rng = np.random.default_rng(2)
    films = []
    for k in range(8):
        quick, slow = rng.uniform(-1, 1, 60), rng.uniform(-1, 1, 60)
        smooth = {0.0: quick, 1.0: (quick + slow) / 2, 2.0: slow}
        films.append(
            replace(film(f"f{k}", quick, slow if k else quick), smoothed=dict(zip(GRID_S, [*smooth.values()] * 2)))
        )
    before = cross_calibrate(films, "affine")
    assert [row.smoothed.smooth_s for row in before] == [GRID_S[2]] * 8  # f0 would like 0 better
    for k in range(8):
        changed = [*films]
        changed[k] = replace(films[k], truth=np.sign(films[k].predicted))
        assert cross_calibrate(changed, "affine")[k].smoothed.smooth_s == before[k].smoothed.smooth_s
    assert all(row.smoothed is None for row in cross_calibrate([film(name, [0, 1], [0, 1]) for name in "ab"], "affine"))


def test_videos_of_one_person_are_in_one_fold():
    films = [
        replace(film(name, [0, 1], [0, 1]), person=person) for name, person in zip("abcd", ["Ann", "Ben", "Ann", "Cem"])
    ]
    assert person_folds(films, 0, 0) == [[0, 2], [1], [3]]
    rows = cross_calibrate(films, "affine")
    assert [row.fold for row in rows] == [1, 2, 1, 3]
    with pytest.raises(SettingsError, match="allowed: 2 to 3"):
        person_folds(films, 4, 0)
    with pytest.raises(InputError, match=r"2 videos of one person \(Ann\)"):
        person_folds([films[0], films[2]], 0, 0)
    alone = [replace(one, person="") for one in films]
    assert person_folds(alone, 2, 7) == film_folds(4, 2, 7)


def test_every_film_is_scored_once():
    for count, folds in ((2, 0), (5, 0), (5, 2), (7, 3)):
        parts = film_folds(count, folds, 0)
        assert sorted(k for part in parts for k in part) == list(range(count))
        assert len(parts) == (folds or count)
        assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_too_few_films_or_folds():
    with pytest.raises(InputError, match="1 video with both"):
        film_folds(1, 0, 0)
    for folds in (1, 6, -1):
        with pytest.raises(SettingsError, match="allowed: 2 to 5"):
            film_folds(5, folds, 0)


def test_films_weigh_the_same_however_long_they_are():
    # the long film says y = x, the short one y = x + 0.4
    long, short = film("long", np.tile([0, 0.5], 500), np.tile([0, 0.5], 500)), film("short", [0, 0.5], [0.4, 0.9])
    line = fit_films([long, short], "affine")
    assert (line.slope, line.intercept) == pytest.approx((1.0, 0.2))


# ---- the command
