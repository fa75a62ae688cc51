"""Annotated films become training clips, a head learns valence from them, and a film is annotated with it."""

import csv
import json
from fractions import Fraction

import av
import numpy as np
import pytest
import torch

from seqfer import cli
from seqfer.core import registry
from seqfer.core.emotions import class_list
from seqfer.core.errors import InputError, SettingsError
from seqfer.corpus.manifest import read_manifest
from seqfer.film.clips import _why_none, film_clips
from seqfer.film.detector_choice import choose_detector
from seqfer.film.settings import ClipSettings
from seqfer.models.film_files import add_valence
from seqfer.models.opening import open_model
from seqfer.models.weights import save_encoder
from seqfer.posed import PosedFilm, write_posed_film
from seqfer.raters.people import read_people
from seqfer.traces.trace import Trace
from seqfer.traces.writing import write_csv

SECONDS, FPS = 4.0, 15.0


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """Two films of one person each with the true valence beside them, rated 0.4 s late from 1 s on."""
    folder = tmp_path_factory.mktemp("films")
    for person in (1, 2):
        film = folder / f"film{person}.mp4"
        truths = write_posed_film(film, PosedFilm((person,), SECONDS, person, (320, 240), FPS))
        times = np.array([truth.time_s for truth in truths])
        values = np.array([truth.valence for truth in truths])
        values[times < 1] = np.nan
        write_csv(film.with_suffix(".csv"), [Trace("truth", times + 0.4, times + 0.4, values)])
    return folder


@pytest.fixture(scope="module")
def clips(films):
    """The manifest that prepare-films makes of them."""
    out = films / "films.jsonl"
    words = ["prepare-films", str(films / "film1.mp4"), str(films / "film2.mp4"), "--annotations", str(films)]
    assert cli.main([*words, "--lag", "0.4", "--detector", "haar", "--quiet", "-o", str(out)]) == 0
    return read_manifest(out)


def test_clips_hold_the_rated_frames_with_their_valence(clips, films):
    assert {clip.person for clip in clips.clips} == {"film1", "film2"}
    faces = np.load(films / "films.faces.npy")
    assert faces.shape == (sum(len(clip.frames) for clip in clips.clips), 48, 48)
    for clip in clips.clips:
        with (films / f"{clip.person}.csv").open() as file:
            rows = [row for row in csv.DictReader(file) if row["truth"]]
        assert len(clip.frames) <= len(rows)
        # Ratings are looked up on tenths of a second: each value is near one that was rated.
        rated = np.array([float(row["truth"]) for row in rows])
        assert max(np.abs(rated - value).min() for value in clip.valence) < 0.15
        assert np.corrcoef(clip.valence, rated[-len(clip.valence) :])[0, 1] > 0.9


def test_people_may_be_named(films, tmp_path):
    (tmp_path / "people.csv").write_text("film,person\nfilm1.mp4,Ann\nfilm2,Ann\n")
    assert read_people(tmp_path / "people.csv") == {"film1": "Ann", "film2": "Ann"}
    (tmp_path / "wrong.csv").write_text("name\nx\n")
    with pytest.raises(InputError, match="film and person"):
        read_people(tmp_path / "wrong.csv")


def test_a_film_that_the_peoples_file_forgets_is_refused(films, tmp_path):
    both = [films / "film1.mp4", films / "film2.mp4"]
    (tmp_path / "people.csv").write_text("film,person\nfilm1,Ann\n")
    detector, settings = choose_detector("haar"), ClipSettings(people=str(tmp_path / "people.csv"))
    with pytest.raises(InputError, match="does not name film2"):
        film_clips(both, [films], tmp_path / "a.jsonl", detector, settings)


def test_a_clock_that_does_not_begin_at_0_shifts_no_rating(clips, films, tmp_path):
    """A transport stream's clock begins anywhere; raters saw its first frame at 0:00."""
    with av.open(str(films / "film1.mp4")) as source, av.open(str(tmp_path / "film1.ts"), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.pts, packet.dts = (round(t + 9 / packet.time_base) for t in (packet.pts, packet.dts))
                packet.stream = stream
                target.mux(packet)
    found = film_clips(
        [tmp_path / "film1.ts"], [films], tmp_path / "a.jsonl", choose_detector("haar"), ClipSettings(lag_s=0.4)
    )
    own = [value for clip in clips.clips if clip.person == "film1" for value in clip.valence]
    assert [value for clip in found.clips for value in clip.valence] == pytest.approx(own, abs=0.15)


@pytest.fixture(scope="module")
def folders(films, tmp_path_factory):
    """`P01/video.mp4` and `P02/video.mp4`, and a table of each with a rating of its own, 0.25 and -0.5, in milliseconds."""
    root = tmp_path_factory.mktemp("mirrored")
    for number, value in ((1, 0.25), (2, -0.5)):
        for folder in (f"videos/P0{number}", f"ratings/P0{number}", "flat"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        (root / f"videos/P0{number}/video.mp4").write_bytes((films / f"film{number}.mp4").read_bytes())
        table = "time_s,valence\n" + "".join(f"{time},{value}\n" for time in range(0, 4000, 50))
        for path in (f"ratings/P0{number}/video.csv", f"flat/P0{number}_video.csv"):
            (root / path).write_text(table)
    return root


@pytest.mark.parametrize(
    "ratings",
    [["ratings"], ["flat"], ["ratings/P01", "ratings/P02"], ["ratings/P01/video.csv", "ratings/P02/video.csv"]],
)
def test_videos_of_one_name_in_several_folders_keep_their_own_ratings(folders, tmp_path, ratings):
    films = [folders / f"videos/P0{number}/video.mp4" for number in (1, 2)]
    made = film_clips(
        films, [folders / name for name in ratings], tmp_path / "a.jsonl", choose_detector("haar"), ClipSettings()
    )
    assert {(clip.clip[:9], clip.person, *set(clip.valence)) for clip in made.clips} == {
        ("P01_video", "P01_video", 0.25),
        ("P02_video", "P02_video", -0.5),
    }
    (said,) = [note for note in made.notes if "milliseconds and not as seconds" in note]
    assert said.startswith("2 of 2 videos (P01/video.mp4, P02/video.mp4)")  # once, with a count


def test_people_are_named_by_the_folders_of_their_videos(folders, tmp_path):
    (tmp_path / "people.csv").write_text("film,person\nP01/video.mp4,Ann\nP02/video.mp4,Ben\n")
    films = [folders / f"videos/P0{number}/video.mp4" for number in (1, 2)]
    settings = ClipSettings(people=str(tmp_path / "people.csv"))
    made = film_clips(films, [folders / "flat"], tmp_path / "a.jsonl", choose_detector("haar"), settings)
    assert {clip.person for clip in made.clips} == {"Ann", "Ben"}
    with pytest.raises(InputError, match=r"as several videos are called 'video', P01_video.csv or P01/video.csv"):
        film_clips(films, [tmp_path], tmp_path / "a.jsonl", choose_detector("haar"), ClipSettings())


def test_a_log_of_pagan_belongs_to_the_videos_that_it_names(films, tmp_path):
    rows = ["OriginalName,DatabaseName,Participant,SessionID,Timestamp,VideoTime,Value"]
    for number, value in ((1, 50), (2, -100)):
        rows += [
            f"film{number}.mp4 - 4,x,P1,S1,{1_700_000_000_000 + t},{t},{v}"
            for t, v in ((0, 0), (100, value), (4000, 0))
        ]
    (tmp_path / "project.csv").write_text("\n".join(rows))
    both = [films / "film1.mp4", films / "film2.mp4"]
    made = film_clips(both, [tmp_path], tmp_path / "a.jsonl", choose_detector("haar"), ClipSettings())
    found = {clip.person: {value for value in clip.valence if value} for clip in made.clips}
    assert found == {"film1": {0.5}, "film2": {-1.0}}


def test_what_gives_no_clip_is_said(films, tmp_path):
    detector = choose_detector("haar")
    with pytest.raises(InputError, match="no annotation belongs"):
        film_clips([films / "film1.mp4"], [tmp_path], tmp_path / "a.jsonl", detector, ClipSettings())
    with pytest.raises(InputError, match="check videos, annotations and --lag"):
        film_clips([films / "film1.mp4"], [films], tmp_path / "a.jsonl", detector, ClipSettings(lag_s=100.0))
    with pytest.raises(SettingsError, match="fps"):
        ClipSettings(fps=-1)
    assert not list(tmp_path.iterdir())


def test_why_a_face_gives_no_clip_is_told_with_its_times():
    """The face is seen from 1 to 3 s; the annotation, at 10 Hz, is empty, elsewhere, or there for too few frames."""
    times_s = np.arange(1.0, 3.01, 0.25)
    seen = "the face is visible on 9 frames from 1.0 to 3.0 s"
    assert _why_none(np.full(50, np.nan), times_s, 0) == (
        f"{seen}, and the annotation has no value at video time 0 or later"
    )
    rating = np.full(100, np.nan)
    rating[60:80] = 0.5
    assert _why_none(rating, times_s, 0) == (
        f"{seen}, the annotation has values from 6 to 8 s, and 0 frames have both; 16 uninterrupted ones are needed"
    )
    rating[5:25] = 0.5
    assert "values from 0.5 to 8 s, and 6 frames have both" in _why_none(rating, times_s, 6)


def test_a_head_trained_on_them_annotates_a_film(clips, films, tmp_path, monkeypatch):
    monkeypatch.setenv("SEQFER_CACHE", str(tmp_path / "cache"))
    torch.manual_seed(0)
    classes = class_list("fer2013")
    encoder = registry.find("encoders", "gated").build(classes=7).eval()
    own = tmp_path / "encoder.safetensors"
    save_encoder(own, "gated", encoder, classes, {"temperature": 1.0})
    words = ["train-valence-head", "--data", str(films / "films.jsonl"), "--encoder", str(own), "--head", "lstm"]
    assert cli.main([*words, "--set", "training.epochs=2", "--out", str(tmp_path / "head")]) == 0
    history = json.loads((tmp_path / "head" / "history.json").read_text())
    assert history["clips"] == history["held_back"] == len(clips.clips) // 2
    head = str(tmp_path / "head" / "sequence.safetensors")
    # The head travels with its encoder; an emotion model of the same weights shares it, another one does not.
    assert add_valence(open_model(str(own), kind="video"), head).valence.encoder is None
    assert add_valence(open_model("small", kind="video"), head).valence.encoder is not None
    words = [
        "annotate-video",
        str(films / "film1.mp4"),
        "--model",
        str(own),
        "--detector",
        "haar",
        "--quiet",
        "--valence",
    ]
    for method, source in (("norms", "Russell"), ("model", "regression")):
        out = tmp_path / method
        more = ["--valence-model", head] if method == "model" else []
        assert cli.main([*words, "--valence-method", method, *more, "--out", str(out)]) == 0
        summary = json.loads((out / "summary.json").read_text())
        assert summary["valence"]["method"] == method
        assert source in summary["valence"]["source"]
    rows = [(tmp_path / method / "frames.csv").read_text() for method in ("norms", "model")]
    assert rows[0] != rows[1]


def test_a_video_stored_upside_down_gives_upright_crops(films, clips, tmp_path):
    with av.open(str(films / "film1.mp4")) as given, av.open(str(tmp_path / "film1.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=15, options={"crf": "8"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for number, frame in enumerate(given.decode(video=0)):
            over = av.VideoFrame.from_ndarray(
                np.ascontiguousarray(frame.to_ndarray(format="rgb24")[::-1, ::-1]), format="rgb24"
            )
            over.pts, over.time_base = number, Fraction(1, 15)
            container.mux(stream.encode(over))
        container.mux(stream.encode(None))
    out = tmp_path / "films.jsonl"
    words = ["prepare-films", str(tmp_path / "film1.mp4"), "--annotations", str(films / "film1.csv")]
    assert cli.main([*words, "--lag", "0.4", "--detector", "haar", "--quiet", "-o", str(out)]) == 0
    manifest = read_manifest(out)
    assert any("180 degrees" in note for note in manifest.notes)
    ours, theirs = np.load(tmp_path / "films.faces.npy"), np.load(films / "films.faces.npy")
    count = min(len(ours), sum(len(clip.frames) for clip in clips.clips if clip.person == "film1"))
    assert np.abs(ours[:count].astype(int) - theirs[:count]).mean() < 12


def test_faces_that_are_too_small_or_score_too_low_give_no_clip(films):
    detector = choose_detector("haar")
    for settings in (ClipSettings(min_face_px=300.0), ClipSettings(min_score=1.0)):
        with pytest.raises(InputError, match="no face is found"):
            film_clips([films / "film1.mp4"], [films / "film1.csv"], films / "none.jsonl", detector, settings)


def test_faces_are_searched_at_the_given_size(films, tmp_path):
    sizes = set()
    detector = choose_detector("haar")
    find = detector._find
    detector._find = lambda picture: sizes.add(max(picture.shape)) or find(picture)
    settings = ClipSettings(detect_px=200, rotate="0")
    film_clips([films / "film1.mp4"], [films / "film1.csv"], tmp_path / "some.jsonl", detector, settings)
    assert sizes == {200}
