"""Films of drawn people: the same each time, true to what they say, found by a detector, cheap."""

from __future__ import annotations

import csv
import itertools
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from seqfer import posed
from seqfer.core.errors import InputError
from seqfer.film.one import annotate_film
from seqfer.film.output.reading import read_rows
from seqfer.film.settings import AnnotateSettings, OutputOptions
from seqfer.posed import Absence, Episode, FaceTruth, PosedFilm, posed_frames, write_posed_film, write_truth
from seqfer.tracks.shots import CutDetector
from seqfer.video import open_source

SIZE, FPS, SECONDS, CUT_S = (320, 180), 10.0, 8.0, 6.0
FILM = PosedFilm((1, 2), SECONDS, 1, SIZE, FPS, (CUT_S,), (Absence(2, 1.0, 4.0),))

Frames = list[tuple[float, np.ndarray, list[FaceTruth]]]


@pytest.fixture(scope="module")
def shown() -> Frames:
    return list(posed_frames(FILM))


def truths_of(shown: Frames, person: int) -> list[FaceTruth]:
    return [truth for _, _, truths in shown for truth in truths if truth.person == person]


def test_the_same_film_each_time_and_another_one_of_another_seed(shown: Frames) -> None:
    for (time_s, picture, truths), again in zip(shown[:12], posed_frames(FILM)):
        assert (time_s, truths) == (again[0], again[2])
        assert (picture == again[1]).all()
    other = PosedFilm((1, 2), SECONDS, 2, SIZE, FPS, (CUT_S,), FILM.away)
    valences = [[truth.valence for truth in truths] for _, _, truths in posed_frames(other)]
    assert valences != [[truth.valence for truth in truths] for _, _, truths in shown]


def test_times_shots_and_pictures(shown: Frames) -> None:
    assert [time_s for time_s, _, _ in shown] == pytest.approx(np.arange(80) / FPS)
    assert all(picture.shape == (180, 320, 3) and picture.dtype == np.uint8 for _, picture, _ in shown)
    for number, (time_s, _, truths) in enumerate(shown):
        assert all((t.frame, t.time_s, t.shot) == (number, time_s, 1 + (number >= 60)) for t in truths)


def test_valence_is_in_range_and_that_of_what_is_shown(shown: Frames) -> None:
    truths = truths_of(shown, 1) + truths_of(shown, 2)
    assert len({truth.expression for truth in truths}) >= 4
    for truth in truths:
        person = posed.sample_person(truth.person)
        expected = posed.valence_of({truth.expression: np.array([truth.level])}, person)[0]
        assert truth.valence == pytest.approx(expected)
        assert -1 <= truth.valence <= 1
        assert 0 <= truth.level <= 1
        assert (truth.expression == "neutral") == (truth.level == 0)


def test_the_box_holds_the_skin_and_what_changes_of_it(shown: Frames) -> None:
    for person in FILM.people:
        skin = 255 * np.array(posed.sample_person(person).skin_rgb)
        for truth in truths_of(shown, person)[::7]:
            if truth.x1 < 0 or truth.x2 > SIZE[0]:
                continue
            picture = shown[truth.frame][1].astype(float)
            rows, columns = slice(round(truth.y1), round(truth.y2)), slice(round(truth.x1), round(truth.x2))
            share = picture / np.maximum(picture.sum(axis=2, keepdims=True), 1)  # colour without brightness
            like_skin = np.abs(share - skin / skin.sum()).max(axis=2) < 0.06
            assert like_skin[rows, columns].mean() > 0.5


def test_expressions_change_the_face_and_nothing_else() -> None:
    film = list(posed_frames(PosedFilm((1,), 6.0, 1, (160, 180), 25.0)))
    faces_seen = [truths[0] for _, _, truths in film]
    neutral = {(t.x1, t.y1): t.frame for t in faces_seen if t.level == 0}
    full = next(t for t in faces_seen if t.level > 0.7 and (t.x1, t.y1) in neutral)  # at the same place
    before, now = film[neutral[full.x1, full.y1]][1], film[full.frame][1]
    change = np.abs(now.astype(int) - before).max(axis=2) > 25
    x1, y1, x2, y2 = (round(edge) for edge in (full.x1, full.y1, full.x2, full.y2))
    assert change[y1:y2, x1:x2].mean() > 0.02
    change[y1 - 10 : y2 + 10, x1 - 3 : x2 + 3] = False  # the box begins below the hairline, and chins drop
    assert not change.any()


def test_who_is_away_is_not_drawn_and_has_no_truth(shown: Frames) -> None:
    there = {round(truth.time_s * FPS) for truth in truths_of(shown, 2)}
    assert set(range(11)) | set(range(40, 80)) <= there
    assert not there & set(range(20, 31))
    assert len(truths_of(shown, 1)) == 80
    alone = next(itertools.islice(posed_frames(PosedFilm((1,), 1, 1, SIZE, FPS)), 1))[1]
    wall = alone[20:, -40:].astype(int)  # the seat of the second person, with nobody on it
    assert np.abs(shown[25][1][20:, -40:] - wall).max() <= 1


def test_a_cut_is_one_for_the_cut_detector() -> None:
    for people in ((1,), (3, 4)):
        cuts, detector = [], CutDetector()
        for time_s, picture, _ in posed_frames(PosedFilm(people, 3.0, 0, SIZE, 5.0, (1.0, 2.0))):
            if detector.is_cut(cv2.resize(picture, (64, 36), interpolation=cv2.INTER_AREA)):
                cuts.append(time_s)
        assert cuts == [1.0, 2.0]


def test_a_frame_from_drawn_heads_costs_little() -> None:
    frames = posed_frames(PosedFilm((1,), 6.0, 0, (640, 360), 50.0))
    costs = []
    for _ in range(300):
        started = time.process_time()
        next(frames)
        costs.append(time.process_time() - started)
    assert (
        np.median(costs) < 0.004
    )  # 0.2 ms where it was measured; four times as many pixels stay within 100 frames a second


def test_written_film_and_table(tmp_path: Path) -> None:
    done: list[int] = []
    path = tmp_path / "new" / "film.mp4"
    truths = write_posed_film(path, PosedFilm((3,), 1.0, size=(160, 120), fps=12.5), done.append)
    with open_source(str(path)) as source:
        found = [(frame.time_s, frame.rgb()) for frame in source.frames()]
    assert done == list(range(1, 13))
    assert [time_s for time_s, _ in found] == pytest.approx(np.arange(12) / 12.5, abs=1e-4)
    for (_, picture), (_, drawn, _) in zip(found, posed_frames(PosedFilm((3,), 1.0, 0, (160, 120), 12.5)), strict=True):
        assert np.abs(picture.astype(int) - drawn).mean() < 6
    write_truth(tmp_path / "truth.csv", truths)
    with (tmp_path / "truth.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[:8] == ["frame", "time_s", "person", "x1", "y1", "x2", "y2", "valence"]
    assert [float(row["valence"]) for row in rows] == pytest.approx([truth.valence for truth in truths], abs=1e-6)


def test_annotation_finds_as_many_faces_as_were_drawn(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    truths = write_posed_film(film, PosedFilm(seconds=2.0))
    settings = AnnotateSettings(detector="haar", head="none", valence=True)
    summary = annotate_film(str(film), tmp_path / "out", settings, OutputOptions(faces=False), quiet=True)
    assert summary.faces == 2
    drawn = {(truth.frame, truth.person): truth for truth in truths}
    for row in read_rows(tmp_path / "out"):
        assert row.face is not None
        assert row.box_xyxy_px is not None
        middle = (row.box_xyxy_px[0] + row.box_xyxy_px[2]) / 2
        assert any(drawn[row.frame, person].x1 < middle < drawn[row.frame, person].x2 for person in (1, 2))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"people": ()}, "give one seed or more"),
        ({"people": (1, 1)}, "each once"),
        ({"seconds": 0.0}, "one frame or more"),
        ({"seconds": float("nan")}, "one frame or more"),
        ({"fps": 0.0}, "one frame or more"),
        ({"cuts_s": (30.0,)}, "increasing times within"),
        ({"cuts_s": (5.0, 4.0)}, "increasing times within"),
        ({"away": (Absence(9, 1, 5),)}, "a person of the video"),
        ({"away": (Absence(1, 1, 2),)}, "away for 2.0 s or more"),
        ({"away": (Absence(1, 1, float("nan")),)}, "away for 2.0 s or more"),
        ({"people": tuple(range(9)), "size": (320, 180)}, "use fewer people"),
        ({"size": (640, 20)}, "or a larger picture"),
    ],
)
def test_what_cannot_be_filmed_is_told_in_one_line(values: dict, words: str) -> None:
    with pytest.raises(InputError, match=words) as told:
        PosedFilm(**values)
    assert "\n" not in str(told.value)


def test_a_script_is_the_same_for_all_people():
    script = (Episode(0.5, 2.5, "happiness"), Episode(3.0, 4.0, "sadness", 0.5))
    film = PosedFilm(people=(1, 2), seconds=5.0, fps=10.0, script=script)
    truths = [face for _, _, faces in posed_frames(film) for face in faces]
    for person in film.people:
        mine = {round(one.time_s, 1): one for one in truths if one.person == person}
        assert mine[0.2].valence == mine[2.8].valence == mine[4.5].valence == 0
        assert (mine[1.5].expression, mine[1.5].level) == ("happiness", 1)
        assert mine[1.5].valence > 0.5
        assert mine[3.5].expression == "sadness"
        assert 0.4 < mine[3.5].level < 0.6


@pytest.mark.parametrize(
    "script",
    [
        (Episode(1, 2, "joy"),),
        (Episode(2, 1, "fear"),),
        (Episode(1, 2, "fear", 0.0),),
        (Episode(1, 3, "fear"), Episode(2, 4, "anger")),
    ],
)
def test_scripts_that_cannot_be_drawn(script):
    with pytest.raises(InputError, match="episodes one after the other"):
        PosedFilm(script=script)
